//! A camp that is over: all of it, from the first letter to the last goodbye.

use edgeos_domain::{
    CompanionCategory,
    ReviewDecision::{No, StrongNo, StrongYes, Yes},
};

use super::super::{
    groups::CHOIR,
    story::{Act, Basket, Guest, Line, Story, Who, basket, own},
};
use crate::applications::HandDecision;

pub(super) static STORIES: [Story; 12] = [
    Story {
        who: "carmen",
        acts: &[
            (
                -95,
                Act::ApplyWith(&[
                    Guest {
                        name: "Tariq Aziz",
                        category: CompanionCategory::Spouse,
                        email: "tariq.aziz@example.com",
                    },
                    Guest { name: "Alba Ruiz", category: CompanionCategory::Kid, email: "" },
                ]),
            ),
            (-94, Act::Vote("dana", Yes, "Sings.")),
            (-93, Act::Vote("lin", StrongYes, "And how!")),
            (
                -90,
                Act::Buy(Basket {
                    coupon: Some("BLOSSOM20"),
                    ..basket(&[
                        own("camp-pass"),
                        Line(Who::Spouse, "camp-partner", 1, None),
                        Line(Who::Kid(0), "camp-kid", 1, None),
                        Line(Who::Applicant, "camp-tent", 5, None),
                    ])
                }),
            ),
            (-90, Act::PaidByCard),
            (-40, Act::Scan(Who::Applicant)),
            (-40, Act::Scan(Who::Spouse)),
            (-40, Act::Scan(Who::Kid(0))),
            (-38, Act::Scan(Who::Applicant)),
            (-36, Act::Scan(Who::Applicant)),
            (-35, Act::Leave(Who::Applicant)),
        ],
    },
    Story {
        who: "dmitri",
        acts: &[
            (-90, Act::Apply),
            (-89, Act::Vote("lin", Yes, "Has an axe.")),
            (-88, Act::Vote("robin", Yes, "And knows which end to hold.")),
            (-80, Act::Buy(basket(&[Line(Who::Applicant, "camp-day", 3, None)]))),
            (-80, Act::PaidByCard),
            (-39, Act::Scan(Who::Applicant)),
            (-37, Act::Scan(Who::Applicant)),
            (-37, Act::Leave(Who::Applicant)),
        ],
    },
    Story {
        who: "nadia",
        acts: &[
            (-85, Act::ApplyThrough(CHOIR)),
            (-84, Act::Buy(basket(&[own("camp-pass"), own("camp-hoodie")]))),
            (-84, Act::PaidInCoin("ETH", 239_900)),
            (-38, Act::Scan(Who::Applicant)),
        ],
    },
    Story {
        who: "bruno",
        acts: &[
            (-84, Act::Added("carmen", CHOIR)),
            (-82, Act::Buy(basket(&[own("camp-pass")]))),
            (-82, Act::PaidByCard),
        ],
    },
    Story {
        who: "owen",
        acts: &[
            (-83, Act::Apply),
            (-82, Act::Vote("dana", No, "No.")),
            (-81, Act::Vote("lin", StrongNo, "Was rude on the telephone.")),
            (-80, Act::Vote("robin", No, "Not this time.")),
        ],
    },
    // One voice short when the camp began, and still.
    Story {
        who: "sanna",
        acts: &[
            (-78, Act::Apply),
            (-77, Act::Vote("dana", Yes, "Could help in the kitchen.")),
            (-76, Act::Vote("lin", No, "The kitchen is full.")),
        ],
    },
    Story {
        who: "vera",
        acts: &[
            (-75, Act::Apply),
            (-74, Act::Vote("dana", Yes, "")),
            (-73, Act::Vote("robin", Yes, "Said that she may not make it.")),
        ],
    },
    Story {
        who: "hugo",
        acts: &[
            (-72, Act::Apply),
            (-71, Act::Vote("dana", Yes, "")),
            (-70, Act::Vote("lin", Yes, "")),
            (-69, Act::Buy(basket(&[own("camp-pass")]))),
            (-69, Act::Agrees(2)),
            (-69, Act::Installment(120)),
            (-50, Act::PlanCancelled),
        ],
    },
    Story {
        who: "rosa",
        acts: &[
            (-70, Act::Apply),
            (-69, Act::Vote("robin", StrongYes, "Weaves.")),
            (-68, Act::Vote("dana", Yes, "")),
            (-67, Act::Buy(basket(&[own("camp-pass")]))),
            (-67, Act::PaidByCard),
            (-37, Act::Scan(Who::Applicant)),
        ],
    },
    Story {
        who: "adaeze",
        acts: &[
            (-66, Act::Apply),
            (-65, Act::Decide("dana", HandDecision::Reject, "Too late for the tents.")),
            (-64, Act::Decide("dana", HandDecision::Reopen, "A tent has turned up.")),
            (-63, Act::Vote("lin", StrongYes, "Finally!")),
            (-62, Act::Vote("robin", Yes, "")),
            (-61, Act::Buy(basket(&[own("camp-pass")]))),
            (-61, Act::PaidByCard),
            (-36, Act::Scan(Who::Applicant)),
        ],
    },
    Story {
        who: "leif",
        acts: &[
            (-60, Act::Apply),
            (-59, Act::Vote("lin", Yes, "")),
            (-58, Act::Vote("dana", Yes, "")),
            (-57, Act::Buy(basket(&[own("camp-day")]))),
            (-57, Act::PaidByCard),
            (-35, Act::Scan(Who::Applicant)),
        ],
    },
    Story {
        who: "ravi",
        acts: &[
            (-58, Act::Apply),
            (-57, Act::Vote("lin", Yes, "")),
            (-56, Act::Vote("robin", StrongYes, "")),
            (-55, Act::Buy(basket(&[own("camp-pass")]))),
            (-55, Act::PaidByCard),
        ],
    },
];
