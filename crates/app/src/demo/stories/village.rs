//! The village that is to come: applications in every state, and most of what can be bought.

use edgeos_domain::{
    CompanionCategory,
    ReviewDecision::{No, StrongNo, StrongYes, Yes},
};
use edgeos_ports::RequestStatus;

use super::super::{
    carts::Filling,
    groups::{BOAT, GUILD, STUDIO},
    story::{Act, Basket, Guest, Line, Story, Who, basket, own},
};
use crate::applications::HandDecision;

const PARTNER: CompanionCategory = CompanionCategory::Spouse;
const KID: CompanionCategory = CompanionCategory::Kid;

/// Who applied while that cost something.
pub(super) static WITH_FEE: [Story; 2] = [
    Story {
        who: "kofi",
        acts: &[
            (-88, Act::Apply),
            (-88, Act::OpenFee),
            (-88, Act::PaidByCard),
            (-85, Act::Vote("lin", Yes, "Built the stove that everybody talks about.")),
            (-84, Act::Vote("robin", Yes, "Agreed.")),
            (-83, Act::Vote("dana", Yes, "With pleasure.")),
            (-82, Act::Buy(basket(&[own("village-pass"), own("shuttle")]))),
            (-82, Act::PaidByCard),
        ],
    },
    // She hasn't noticed yet that the fee was dropped, and that sending the form again is enough.
    Story { who: "ida", acts: &[(-80, Act::Apply)] },
];

/// Everybody else.
pub(super) static STORIES: [Story; 28] = [
    Story {
        who: "ines",
        acts: &[
            (
                -70,
                Act::ApplyWith(&[
                    // Nobody knows this address yet: it waits for its owner to sign in.
                    Guest {
                        name: "Rui Carvalho",
                        category: PARTNER,
                        email: "rui.carvalho@example.com",
                    },
                    Guest { name: "Leonor Carvalho", category: KID, email: "" },
                ]),
            ),
            (-69, Act::Vote("dana", StrongYes, "Ran the print studio two years in a row.")),
            (-68, Act::Vote("robin", Yes, "We need her.")),
            (
                -66,
                Act::Buy(Basket {
                    coupon: Some("LAKE20"),
                    insured: true,
                    ..basket(&[
                        own("village-pass"),
                        Line(Who::Spouse, "partner-pass", 1, None),
                        Line(Who::Kid(0), "kids-pass", 1, None),
                        Line(Who::Applicant, "lake-cabin", 6, None),
                        Line(Who::Applicant, "t-shirt", 2, None),
                    ])
                }),
            ),
            (-66, Act::PaidByCard),
        ],
    },
    Story {
        who: "tomas",
        acts: &[
            (-65, Act::ApplyThrough(STUDIO)),
            (-64, Act::Buy(basket(&[own("village-pass"), own("t-shirt")]))),
            (-64, Act::PaidInCoin("ETH", 250_000)),
        ],
    },
    Story {
        who: "amara",
        acts: &[
            (-62, Act::ApplyForScholarship("My fellowship ends in spring.")),
            (-61, Act::Vote("dana", StrongYes, "Her field recordings are wonderful.")),
            (-60, Act::Vote("robin", StrongYes, "Yes, and let's help.")),
            (-59, Act::Grant("lin", 50, None)),
            (-57, Act::Buy(basket(&[own("week-pass")]))),
            (-57, Act::PaidByCard),
        ],
    },
    Story {
        who: "jonas",
        acts: &[
            (-62, Act::Apply),
            (-60, Act::Vote("robin", StrongYes, "Brings half the workshop.")),
            (-58, Act::Buy(Basket { insured: true, ..basket(&[own("suite-pass")]) })),
            (-58, Act::PaidInCoin("USDC", 100)),
        ],
    },
    Story {
        who: "mei",
        acts: &[
            (-58, Act::Draft),
            (-57, Act::Submit),
            (-56, Act::Vote("lin", StrongYes, "The best letter of all.")),
            (-55, Act::Vote("robin", Yes, "")),
            (-54, Act::Buy(Basket { coupon: Some("FIRST30"), ..basket(&[own("village-pass")]) })),
            (-54, Act::PaidByCard),
        ],
    },
    Story {
        who: "yusuf",
        acts: &[
            (-57, Act::Apply),
            (-56, Act::Vote("dana", No, "Wants to sell us something.")),
            (-55, Act::Vote("robin", StrongNo, "An advertisement in disguise.")),
        ],
    },
    Story {
        who: "lucia",
        acts: &[
            (-56, Act::ApplyForScholarship("I study, and the train alone is a month's rent.")),
            (-55, Act::Grant("dana", 80, Some(200))),
            (-54, Act::Vote("dana", Yes, "Curious about everything.")),
            (-53, Act::Vote("lin", Yes, "")),
            (-53, Act::Vote("robin", Yes, "Lovely.")),
            (-50, Act::Buy(basket(&[own("week-pass"), own("tent-pitch")]))),
            (-50, Act::PaidByCard),
        ],
    },
    Story {
        who: "noor",
        acts: &[
            (-55, Act::ApplyForScholarship("It would make the decision easier.")),
            (-54, Act::Vote("robin", StrongYes, "A poet!")),
            (-52, Act::Refuse("dana")),
            (-50, Act::Buy(basket(&[Line(Who::Applicant, "day-pass", 2, None)]))),
            (-49, Act::Unpaid(RequestStatus::Expired)),
        ],
    },
    Story {
        who: "pavel",
        acts: &[
            (-54, Act::Apply),
            (-53, Act::Decide("dana", HandDecision::Accept, "An old friend of the house.")),
            (-52, Act::Buy(basket(&[own("month-pass")]))),
            (-52, Act::Agrees(4)),
            (-52, Act::Installment(375)),
            (-22, Act::Installment(375)),
        ],
    },
    Story {
        who: "aino",
        acts: &[
            (-53, Act::Apply),
            (-52, Act::Vote("robin", StrongYes, "Master of the loom.")),
            (-51, Act::Buy(basket(&[own("village-pass")]))),
            (-51, Act::Agrees(3)),
            (-51, Act::Installment(200)),
            (-31, Act::Installment(200)),
            (-11, Act::Installment(200)),
            (-11, Act::PlanPaid(3)),
        ],
    },
    Story {
        who: "greta",
        acts: &[
            (-50, Act::ApplyThrough(GUILD)),
            (
                -49,
                Act::Buy(basket(&[own("suite-pass"), Line(Who::Applicant, "enamel-mug", 2, None)])),
            ),
            (-49, Act::PaidByCard),
        ],
    },
    Story {
        who: "ravi",
        acts: &[
            (-48, Act::Added("pavel", BOAT)),
            (-47, Act::Buy(Basket { coupon: Some("GUEST100"), ..basket(&[own("village-pass")]) })),
        ],
    },
    Story {
        who: "elena",
        acts: &[
            (-47, Act::ApplyThrough(BOAT)),
            (
                -5,
                Act::Fill(Filling {
                    passes: &[(Who::Applicant, "village-pass")],
                    housing: Some("tent-pitch"),
                    merch: &[("t-shirt", 1)],
                    coupon: Some("LAKE20"),
                    step: "confirm",
                }),
            ),
        ],
    },
    Story {
        who: "rex",
        acts: &[(-40, Act::Apply), (-39, Act::Vote("dana", Yes, "Sounds nice enough."))],
    },
    Story {
        who: "samir",
        acts: &[
            (-35, Act::Imported(150)),
            (
                -34,
                Act::Buy(basket(&[
                    own("village-pass"),
                    Line(Who::Applicant, "lake-cabin", 6, None),
                ])),
            ),
            (-34, Act::PaidByCard),
            // Less than before: the rest becomes credit.
            (-15, Act::Buy(Basket { instead: true, ..basket(&[own("week-pass")]) })),
        ],
    },
    Story {
        who: "max",
        acts: &[
            (-33, Act::Apply),
            (-32, Act::Vote("robin", StrongYes, "A name like a train, and a good cook.")),
            (-31, Act::Buy(Basket { insured: true, ..basket(&[own("week-pass")]) })),
            (-31, Act::PaidByCard),
            // More than before: the difference is paid.
            (-14, Act::Buy(Basket { instead: true, ..basket(&[own("village-pass")]) })),
            (-14, Act::PaidByCard),
        ],
    },
    Story {
        who: "marek",
        acts: &[
            (-30, Act::Apply),
            (-29, Act::Vote("robin", StrongYes, "Asked how he can help.")),
            (
                -28,
                Act::Buy(basket(&[
                    Line(Who::Applicant, "friend-of-the-village", 1, Some(2500)),
                    own("village-pass"),
                ])),
            ),
            (-28, Act::PaidByCard),
        ],
    },
    Story {
        who: "adaeze",
        acts: &[
            (-26, Act::ApplyWith(&[Guest { name: "Chidi Nwosu", category: KID, email: "" }])),
            (-25, Act::Vote("robin", StrongYes, "Knows every tree by name.")),
            (
                -24,
                Act::Buy(Basket {
                    coupon: Some("EARLY40"),
                    ..basket(&[own("village-pass"), Line(Who::Kid(0), "kids-pass", 1, None)])
                }),
            ),
            (-24, Act::PaidInCoin("ETH", 261_050)),
        ],
    },
    Story { who: "maeve", acts: &[(-20, Act::Withdrawn)] },
    Story {
        who: "wren",
        acts: &[
            (-18, Act::Apply),
            (-17, Act::Vote("robin", StrongYes, "Tunes pianos.")),
            (-16, Act::Buy(basket(&[own("village-pass")]))),
            (-16, Act::Unpaid(RequestStatus::Rejected)),
            (0, Act::Buy(Basket { coupon: Some("LAKE20"), ..basket(&[own("village-pass")]) })),
        ],
    },
    Story {
        who: "farah",
        acts: &[
            (-16, Act::Apply),
            (-15, Act::Vote("lin", StrongYes, "Has cooked for two hundred.")),
            (-15, Act::Vote("robin", Yes, "")),
            (-14, Act::Buy(basket(&[own("closing-weekend")]))),
            (-14, Act::Unpaid(RequestStatus::Cancelled)),
            (
                0,
                Act::Fill(Filling {
                    passes: &[(Who::Applicant, "village-pass")],
                    housing: None,
                    merch: &[],
                    coupon: None,
                    step: "passes",
                }),
            ),
        ],
    },
    Story {
        who: "hugo",
        acts: &[
            (-13, Act::Apply),
            (-12, Act::Decide("lin", HandDecision::Reject, "Wrong year in the letter.")),
            (-12, Act::Decide("lin", HandDecision::Reopen, "It was our form that was wrong.")),
        ],
    },
    Story { who: "oscar", acts: &[(-10, Act::Draft)] },
    Story {
        who: "hana",
        acts: &[
            (-9, Act::Apply),
            (-8, Act::Vote("dana", Yes, "Good idea with the kites.")),
            (-7, Act::Vote("lin", Yes, "Robin, what do you think?")),
        ],
    },
    Story {
        who: "felix",
        acts: &[
            (-8, Act::Apply),
            (-7, Act::Vote("dana", Yes, "Why not?")),
            (-6, Act::Vote("lin", No, "Too much for one evening.")),
        ],
    },
    Story {
        who: "theo",
        acts: &[
            (-7, Act::ApplyForScholarship("Between two jobs, and full of plans.")),
            (-6, Act::Vote("dana", StrongYes, "Plans indeed.")),
        ],
    },
    Story {
        who: "zoe",
        acts: &[
            (-6, Act::Apply),
            (-5, Act::Vote("dana", StrongYes, "Sails, and teaches it.")),
            (-4, Act::Vote("lin", Yes, "One more voice and she's in.")),
        ],
    },
    Story { who: "bruno", acts: &[(-3, Act::Apply)] },
];
