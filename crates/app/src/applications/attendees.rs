use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{
    Application, Attendee, AttendeeCategory, AttendeeId, CheckInCode, Companion, CompanionChanges,
    Email, Human, HumanId, Popup, PresentCompanion, replace_companions,
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
    insert(tx, env, popup, main).await?;
    let humans = humans(tx, &companions).await?;
    add(tx, env, popup, application, companions, &humans, now).await
}

/// A new list of companions on its way into the store.
#[derive(Debug)]
pub(super) struct Replacement {
    present: Vec<HeldAttendee>,
    humans: HashMap<Email, HumanId>,
    changes: CompanionChanges,
}

impl Replacement {
    /// What it takes to replace the companions of `application`, which is locked, by `wanted`.
    pub(super) async fn plan(
        tx: &mut impl Attendees,
        application: &Application,
        wanted: Vec<Companion>,
        human: &Human,
        popup: &Popup,
    ) -> Result<Self, AppError> {
        let humans = humans(tx, &wanted).await?;
        let present = tx.lock_attendees_of(&[application.id]).await?;
        let companions: Vec<_> = present
            .iter()
            .filter_map(|held| PresentCompanion::of(&held.attendee, held.ties.any()))
            .collect();
        let mut attendees = present.iter().map(|held| &held.attendee);
        let main = attendees.find(|attendee| attendee.category == AttendeeCategory::Main);
        let main = main.and_then(|main| main.email.as_ref()).unwrap_or(&human.email);
        let changes = replace_companions(&companions, wanted, main, popup)?;
        Ok(Self { present, humans, changes })
    }

    /// Carries the plan out on `application`.
    pub(super) async fn carry_out(
        self,
        tx: &mut impl Attendees,
        env: &dyn Environment,
        popup: &Popup,
        application: &Application,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let Self { present, humans, changes } = self;
        tx.delete_attendees(&changes.deleted).await?;

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

        add(tx, env, popup, application, changes.added, &humans, now).await
    }
}

/// Stores `companions` of `application` in their order; `humans` says who they are.
pub(super) async fn add(
    tx: &mut impl Attendees,
    env: &dyn Environment,
    popup: &Popup,
    application: &Application,
    companions: Vec<Companion>,
    humans: &HashMap<Email, HumanId>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let mut at = now;
    for companion in companions {
        // Lists show them in the order of their creation.
        at += TimeDelta::microseconds(1);
        let human = companion.email.as_ref().and_then(|email| humans.get(email).copied());
        let id = AttendeeId(env.uuid());
        insert(tx, env, popup, |code| {
            Attendee::companion(id, application, companion.clone(), human, code, at)
        })
        .await?;
    }
    Ok(())
}

async fn humans(
    tx: &mut impl Attendees,
    companions: &[Companion],
) -> Result<HashMap<Email, HumanId>, AppError> {
    let emails: Vec<_> = companions.iter().filter_map(|one| one.email.clone()).collect();
    Ok(tx.humans_with(&emails).await?.into_iter().collect())
}

/// Stores the attendee that `build` makes of a check-in code that nobody else has.
async fn insert(
    tx: &mut impl Attendees,
    env: &dyn Environment,
    popup: &Popup,
    build: impl Fn(CheckInCode) -> Attendee + Send,
) -> Result<(), AppError> {
    for _ in 0..DRAWS {
        let mut random = [0; 8];
        env.fill(&mut random);
        if tx.insert_attendee(&build(CheckInCode::new(&popup.slug, random))).await? {
            return Ok(());
        }
    }
    let exhausted = Source::from("every check-in code that was drawn is taken");
    Err(StoreError::Failed(exhausted).into())
}
