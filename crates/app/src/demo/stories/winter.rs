//! A gathering that isn't announced yet; some know of it already.

use edgeos_domain::{CompanionCategory, ReviewDecision::Yes};

use super::super::story::{Act, Guest, Story};

pub(super) static STORIES: [Story; 2] = [
    Story {
        who: "leif",
        acts: &[(
            -4,
            Act::ApplyWith(&[Guest {
                name: "Sigríður Magnúsdóttir",
                category: CompanionCategory::Spouse,
                email: "sigridur@magnusson.example.com",
            }]),
        )],
    },
    Story {
        who: "dmitri",
        acts: &[(-3, Act::Apply), (-2, Act::Vote("lin", Yes, "Can drive in snow."))],
    },
];
