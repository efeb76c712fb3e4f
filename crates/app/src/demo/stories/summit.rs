//! What happened long ago, and is put away.

use edgeos_domain::ReviewDecision::{StrongNo, Yes};

use super::super::story::{Act, Story, Who, basket, own};

pub(super) static STORIES: [Story; 6] = [
    Story {
        who: "samir",
        acts: &[
            (-470, Act::Apply),
            (-469, Act::Vote("dana", Yes, "The very first!")),
            (-468, Act::Buy(basket(&[own("summit-ticket"), own("summit-book")]))),
            (-468, Act::PaidByCard),
            (-400, Act::Scan(Who::Applicant)),
        ],
    },
    Story {
        who: "aino",
        acts: &[
            (-465, Act::Apply),
            (-464, Act::Vote("dana", Yes, "")),
            (-460, Act::Buy(basket(&[own("summit-ticket")]))),
            (-460, Act::PaidByCard),
            (-400, Act::Scan(Who::Applicant)),
        ],
    },
    Story {
        who: "pavel",
        acts: &[
            (-460, Act::Apply),
            (-459, Act::Vote("dana", Yes, "")),
            (-455, Act::Buy(basket(&[own("summit-ticket")]))),
            (-455, Act::PaidInCoin("ETH", 190_000)),
            (-399, Act::Scan(Who::Applicant)),
        ],
    },
    Story {
        who: "greta",
        acts: &[
            (-455, Act::Apply),
            (-454, Act::Vote("lin", Yes, "")),
            (-450, Act::Buy(basket(&[own("summit-day")]))),
            (-450, Act::PaidByCard),
            (-396, Act::Scan(Who::Applicant)),
        ],
    },
    Story {
        who: "yusuf",
        acts: &[(-450, Act::Apply), (-449, Act::Vote("dana", StrongNo, "Not even then."))],
    },
    Story {
        who: "jonas",
        acts: &[(-445, Act::Apply), (-444, Act::Vote("dana", Yes, "Never bought a ticket."))],
    },
];
