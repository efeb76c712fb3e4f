//! A week that costs something to apply for, and that two people have to agree on.

use edgeos_domain::ReviewDecision::{No, StrongYes, Yes};
use edgeos_ports::RequestStatus;

use super::super::{
    carts::Filling,
    story::{Act, Basket, Story, Who, basket, own},
};
use crate::applications::HandDecision;

pub(super) static STORIES: [Story; 8] = [
    Story {
        who: "tariq",
        acts: &[
            (-28, Act::Apply),
            (-28, Act::OpenFee),
            (-28, Act::PaidByCard),
            (-27, Act::Vote("dana", Yes, "The opera for bicycles has to exist.")),
            (-26, Act::Vote("robin", StrongYes, "Absolutely.")),
            (-25, Act::Buy(Basket { insured: true, ..basket(&[own("residency")]) })),
            (-25, Act::PaidByCard),
        ],
    },
    Story {
        who: "ines",
        acts: &[
            (-26, Act::Apply),
            (-26, Act::OpenFee),
            (-26, Act::PaidInCoin("ETH", 248_000)),
            (-25, Act::Vote("dana", StrongYes, "Again, gladly.")),
            (-24, Act::Vote("robin", Yes, "Of course.")),
            (-23, Act::Buy(basket(&[own("long-residency"), own("studio-key")]))),
            (-23, Act::PaidByCard),
        ],
    },
    Story {
        who: "sanna",
        acts: &[
            (-22, Act::Apply),
            (-22, Act::OpenFee),
            (-22, Act::PaidByCard),
            (-20, Act::Vote("robin", Yes, "A clear plan.")),
            (-19, Act::Vote("dana", Yes, "")),
            (
                -9,
                Act::Fill(Filling {
                    passes: &[(Who::Applicant, "residency")],
                    housing: None,
                    merch: &[],
                    coupon: None,
                    step: "confirm",
                }),
            ),
        ],
    },
    Story {
        who: "owen",
        acts: &[
            (-18, Act::Apply),
            (-18, Act::OpenFee),
            (-18, Act::PaidByCard),
            (-17, Act::Vote("dana", No, "This is a shop, not a project.")),
            (-16, Act::Decide("dana", HandDecision::Reject, "Talked it over with Robin.")),
        ],
    },
    Story {
        who: "vera",
        acts: &[
            (-12, Act::Apply),
            (-12, Act::OpenFee),
            (-12, Act::PaidByCard),
            (-10, Act::Vote("dana", StrongYes, "Forty years of maps!")),
        ],
    },
    Story {
        who: "hugo",
        acts: &[(-11, Act::Apply), (-11, Act::OpenFee), (-10, Act::Unpaid(RequestStatus::Expired))],
    },
    Story { who: "rosa", acts: &[(-1, Act::Apply), (0, Act::OpenFee)] },
    Story { who: "nadia", acts: &[(-1, Act::Draft)] },
];
