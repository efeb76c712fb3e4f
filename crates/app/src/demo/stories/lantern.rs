//! One evening for which nobody has to be chosen.

use super::super::story::{Act, Basket, Story, basket, own};

pub(super) static STORIES: [Story; 7] = [
    Story {
        who: "adaeze",
        acts: &[(-30, Act::Apply), (-30, Act::Buy(basket(&[own("lantern-ticket")])))],
    },
    Story {
        who: "leif",
        acts: &[
            (-28, Act::Apply),
            (
                -28,
                Act::Buy(Basket {
                    coupon: Some("GLOW10"),
                    ..basket(&[own("lantern-ticket"), own("supper"), own("lantern-kit")])
                }),
            ),
            (-28, Act::PaidByCard),
        ],
    },
    Story {
        who: "dmitri",
        acts: &[
            (-25, Act::Apply),
            (
                -24,
                Act::Buy(Basket {
                    coupon: Some("SOUP50"),
                    ..basket(&[own("lantern-ticket"), own("supper")])
                }),
            ),
            (-24, Act::PaidInCoin("USDC", 100)),
        ],
    },
    // Nobody reads the mails to this address.
    Story { who: "blank", acts: &[(-22, Act::Apply)] },
    Story {
        who: "carmen",
        acts: &[(-21, Act::Apply), (-21, Act::Buy(basket(&[own("lantern-ticket")])))],
    },
    Story {
        who: "tomas",
        acts: &[(-19, Act::Apply), (-19, Act::Buy(basket(&[own("lantern-ticket")])))],
    },
    Story { who: "nadia", acts: &[(-2, Act::Draft)] },
];

/// Who applied after the organiser was warned.
pub(super) static AFTER_THE_WARNING: [Story; 1] =
    [Story { who: "rex", acts: &[(-20, Act::Apply)] }];
