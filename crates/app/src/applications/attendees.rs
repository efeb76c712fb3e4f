use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{
    Application, Attendee, AttendeeId, CheckInCode, Companion, CompanionChanges, Email, Human,
    HumanId, Popup, PresentCompanion, replace_companions,
};
use edgeos_ports::{Attendees, Environment, HeldAttendee, Source, StoreError};

use crate::AppError;

/// How often a check-in code is drawn until one is found that nobody has.
const DRAWS: usize = 5;

/// Stores the main attendee of a new application, then `companions` in their order.
pub(super) async fn bring(
    tx: &mut impl Attendees,
    env: &dyn Environment,
    popup: &Popup,
    human: &Human,
    application: &Application,
    companions: Vec<Companion>,
) -> Result<(), AppError> {
    let now = application.created_at;
    let id = AttendeeId(env.uuid());
    let main = |code| Attendee::main(id, application.id, popup.id, human, code, now);
    let main = insert(tx, env, popup, main).await?;
    add(tx, env, popup, &main, companions, now).await
}

/// What it takes to replace the companions among `present` by `wanted`, if they are mentioned.
pub(super) fn plan(
    present: &[HeldAttendee],
    wanted: Option<Vec<Companion>>,
    human: &Human,
    popup: &Popup,
) -> Result<CompanionChanges, AppError> {
    let Some(wanted) = wanted else { return Ok(CompanionChanges::default()) };
    let companions: Vec<_> = present
        .iter()
        .filter_map(|held| PresentCompanion::of(&held.attendee, held.stays))
        .collect();
    let main = main_of(present).and_then(|main| main.email.as_ref()).unwrap_or(&human.email);
    Ok(replace_companions(&companions, wanted, main, popup)?)
}

/// Carries `changes` out on the attendees `present`.
pub(super) async fn carry_out(
    tx: &mut impl Attendees,
    env: &dyn Environment,
    popup: &Popup,
    present: &[HeldAttendee],
    changes: CompanionChanges,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    tx.delete_attendees(&changes.deleted).await?;

    let emails = changes.updated.iter().filter_map(|(_, companion)| companion.email.clone());
    let humans = humans(tx, emails.collect()).await?;
    let updated = changes.updated.into_iter().filter_map(|(id, companion)| {
        let before = present.iter().find(|held| held.attendee.id == id)?.attendee.clone();
        let human = if companion.email == before.email {
            before.human
        } else {
            companion.email.as_ref().and_then(|email| humans.get(email).copied())
        };
        let Companion { name, email, gender, .. } = companion;
        Some(Attendee { name, email, gender, human, updated_at: now, ..before })
    });
    tx.update_attendees(&updated.collect::<Vec<_>>()).await?;

    let Some(main) = main_of(present) else { return Ok(()) };
    add(tx, env, popup, main, changes.added, now).await
}

fn main_of(present: &[HeldAttendee]) -> Option<&Attendee> {
    let is_main = |held: &&HeldAttendee| PresentCompanion::of(&held.attendee, held.stays).is_none();
    present.iter().find(is_main).map(|held| &held.attendee)
}

async fn add(
    tx: &mut impl Attendees,
    env: &dyn Environment,
    popup: &Popup,
    main: &Attendee,
    companions: Vec<Companion>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let emails = companions.iter().filter_map(|companion| companion.email.clone()).collect();
    let humans = humans(tx, emails).await?;
    let mut at = now;
    for companion in companions {
        // Lists show them in the order of their creation.
        at += TimeDelta::microseconds(1);
        let human = companion.email.as_ref().and_then(|email| humans.get(email).copied());
        let id = AttendeeId(env.uuid());
        insert(tx, env, popup, |code| {
            Attendee::companion(id, main, companion.clone(), human, code, at)
        })
        .await?;
    }
    Ok(())
}

async fn humans(
    tx: &mut impl Attendees,
    emails: Vec<Email>,
) -> Result<HashMap<Email, HumanId>, AppError> {
    Ok(tx.humans_with(&emails).await?.into_iter().collect())
}

/// Stores the attendee that `build` makes of a check-in code that nobody else has.
async fn insert(
    tx: &mut impl Attendees,
    env: &dyn Environment,
    popup: &Popup,
    build: impl Fn(CheckInCode) -> Attendee + Send,
) -> Result<Attendee, AppError> {
    for _ in 0..DRAWS {
        let mut random = [0; 8];
        env.fill(&mut random);
        let attendee = build(CheckInCode::new(&popup.slug, random));
        if tx.insert_attendee(&attendee).await? {
            return Ok(attendee);
        }
    }
    let exhausted = Source::from("every check-in code that was drawn is taken");
    Err(StoreError::Failed(exhausted).into())
}
