//! What happens in the village.

mod camp;
mod lantern;
mod residency;
mod summit;
mod village;
mod winter;

use super::{
    DemoStore, coupons, forms, groups, mail,
    people::{self, VILLAGERS},
    popups::{self, CAMP, LANTERN, RESIDENCY, SUMMIT, VILLAGE, WINTER},
    products::{self, GOODS},
    stage::Stage,
    story::Story,
};
use crate::AppError;

/// When everything was set up. Lists show events in the order of their creation, so that those that one looks for
/// come first.
const SET_UP: i64 = -530;

/// When the village gave up its fee.
const WITHOUT_FEE: i64 = -75;

/// Fills the village, in the order in which things need each other.
pub(super) async fn fill<S: DemoStore>(stage: &mut Stage<S>) -> Result<(), AppError> {
    let events = popups::of_village();
    for event in &events {
        popups::set_up(stage, "dana", event, SET_UP).await?;
    }
    forms::fill(stage, "dana", SET_UP).await?;
    products::fill(stage, "dana", &GOODS, SET_UP).await?;
    coupons::fill(stage, "lin", SET_UP).await?;
    people::fill(stage, &VILLAGERS).await?;
    groups::fill(stage, "lin", SET_UP).await?;
    mail::fill(stage, SET_UP).await?;

    tell(stage, SUMMIT, &summit::STORIES).await?;
    tell(stage, CAMP, &camp::STORIES).await?;
    tell(stage, VILLAGE, &village::WITH_FEE).await?;
    for event in &events {
        popups::drop_fee(stage, "dana", event, WITHOUT_FEE).await?;
    }
    tell(stage, VILLAGE, &village::STORIES).await?;
    tell(stage, RESIDENCY, &residency::STORIES).await?;
    tell(stage, LANTERN, &lantern::STORIES).await?;
    tell(stage, WINTER, &winter::STORIES).await?;
    people::warn(stage).await?;
    tell(stage, LANTERN, &lantern::AFTER_THE_WARNING).await?;
    for event in &events {
        popups::conclude(stage, "dana", event).await?;
    }
    Ok(())
}

async fn tell<S: DemoStore>(
    stage: &mut Stage<S>,
    popup: &'static str,
    stories: &'static [Story],
) -> Result<(), AppError> {
    for story in stories {
        let number = VILLAGERS.iter().position(|person| person.word == story.who);
        story.tell(stage, popup, number.unwrap_or_default()).await?;
    }
    Ok(())
}
