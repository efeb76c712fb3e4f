use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{
    Application, Attendee, AttendeeCategory, AttendeeId, CheckInCode, Companion, CompanionChanges,
    Email, Human, HumanId, Popup, PresentCompanion, replace_companions,
};
use edgeos_ports::{Attendees, Environment, HeldAttendee, Source, StoreError};

use super::refusal::brought_meanwhile;
use crate::AppError;

/// How often a check-in code is drawn until one is found that nobody has.
const DRAWS: usize = 5;

/// Who comes along, and who of them is known.
#[derive(Debug)]
pub(super) struct Party<'a> {
    pub(super) companions: Vec<Companion>,
    /// See [`humans`].
    pub(super) humans: &'a HashMap<Email, HumanId>,
}

/// Who has which of the addresses of `companions`, and of `applicant` if that may be somebody new. All of them are
/// locked at once, before any row of a human is: who enters two people who bring each other waits for who does
/// the same the other way round.
pub(super) async fn humans(
    tx: &mut impl Attendees,
    applicant: Option<&Email>,
    companions: &[Companion],
) -> Result<HashMap<Email, HumanId>, AppError> {
    let emails = companions.iter().filter_map(|one| one.email.as_ref());
    let emails: Vec<_> = emails.chain(applicant).cloned().collect();
    Ok(tx.humans_with(&emails).await?.into_iter().collect())
}

/// Stores the main attendee of a new application, then who comes along, in their order.
pub(super) async fn bring(
    tx: &mut impl Attendees,
    env: &dyn Environment,
    popup: &Popup,
    human: &Human,
    application: &Application,
    party: Party<'_>,
) -> Result<(), AppError> {
    let now = application.created_at;
    let id = AttendeeId(env.uuid());
    let main = |code| Attendee::main(id, application.id, popup.id, human, code, now);
    insert(tx, env, popup, main).await?;
    add(tx, env, popup, application, party, now).await
}

/// A new list of companions on its way into the store.
#[derive(Debug)]
pub(super) struct Replacement<'a> {
    present: Vec<HeldAttendee>,
    humans: &'a HashMap<Email, HumanId>,
    changes: CompanionChanges,
}

impl<'a> Replacement<'a> {
    /// What it takes to replace the companions of `application`, which is locked, by `wanted`.
    pub(super) async fn plan(
        tx: &mut impl Attendees,
        application: &Application,
        wanted: Party<'a>,
        human: &Human,
        popup: &Popup,
    ) -> Result<Self, AppError> {
        let Party { companions: wanted, humans } = wanted;
        let present = tx.lock_attendees_of(&[application.id]).await?;
        let companions: Vec<_> = present
            .iter()
            .filter_map(|held| PresentCompanion::of(&held.attendee, held.ties.any()))
            .collect();
        let mut attendees = present.iter().map(|held| &held.attendee);
        let main = attendees.find(|attendee| attendee.category == AttendeeCategory::Main);
        let main = main.map_or(Some(&human.email), |main| main.email.as_ref());
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
        let updated: Vec<_> = updated.collect();
        tx.update_attendees(&updated).await.map_err(brought_meanwhile)?;

        let added = Party { companions: changes.added, humans };
        add(tx, env, popup, application, added, now).await
    }
}

/// Stores who comes along by `application`, in their order.
pub(super) async fn add(
    tx: &mut impl Attendees,
    env: &dyn Environment,
    popup: &Popup,
    application: &Application,
    party: Party<'_>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let Party { companions, humans } = party;
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
        let attendee = build(CheckInCode::new(&popup.slug, random));
        if tx.insert_attendee(&attendee).await.map_err(brought_meanwhile)? {
            return Ok(());
        }
    }
    let exhausted = Source::from("every check-in code that was drawn is taken");
    Err(StoreError::Failed(exhausted).into())
}
