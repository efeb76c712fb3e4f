//! People known to a tenant.

use std::sync::Arc;

use edgeos_domain::{Email, HttpUrl, Human, HumanId, Patch, PopupId, Profile, ProfileChange};
use edgeos_ports::{
    Environment, Governor, HumanFilter, Humans, Page, Paging, Participant, Reader, Resource, Store,
    StoreError, Transaction, Writer,
};

use crate::{
    AppError,
    applications::{ApplicationTx, reject_open_applications},
    audit::{self, Action, Subject},
    idempotency::{Once, Repeatable},
};

/// Humans as staff manage them, and each human the own record.
#[derive(Clone)]
pub struct ManageHumans<S> {
    store: S,
    env: Arc<dyn Environment>,
}

/// Which humans staff want to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HumanSearch {
    /// Part of the first, last or full name or the e-mail, in any letter case.
    pub text: Option<String>,
    /// The popup that `incomplete_application` is about; counts for nothing else.
    pub popup: Option<PopupId>,
    /// Only humans with an application that they haven't submitted.
    pub incomplete_application: bool,
}

/// Somebody whom staff enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHuman {
    /// See [`Human::email`].
    pub email: Email,
    /// What is known about the person.
    pub profile: ProfileChange,
    /// See [`Human::picture_url`].
    pub picture_url: Option<HttpUrl>,
}

/// What a request changes about a human; `None` and `Keep` change nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HumanChange {
    /// See [`Human::profile`].
    pub profile: ProfileChange,
    /// See [`Human::picture_url`].
    pub picture_url: Patch<HttpUrl>,
    /// See [`Human::red_flag`].
    pub red_flag: Option<bool>,
}

impl<S: Store<Tx: ApplicationTx>> ManageHumans<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the humans, by e-mail.
    ///
    /// # Errors
    ///
    /// `Refused` for incomplete applications to no popup in particular.
    pub async fn list(
        &self,
        by: &Reader,
        search: HumanSearch,
        paging: Paging,
    ) -> Result<Page<Human>, AppError> {
        let drafting = search.popup.filter(|_| search.incomplete_application);
        if search.incomplete_application && drafting.is_none() {
            return Err(AppError::Refused("incomplete_application needs a popup_id".into()));
        }
        let filter = HumanFilter { search: search.text, drafting };
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.humans(&filter, paging).await?)
    }

    /// The human `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: HumanId) -> Result<Human, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.human(id).await?.ok_or(AppError::NotFound(Resource::Human))
    }

    /// Enters somebody, who gets the tickets that others hold for the address.
    ///
    /// # Errors
    ///
    /// `Conflict` when the tenant knows the address; what [`Repeatable`] may refuse.
    pub async fn create(
        &self,
        by: &Governor,
        new: NewHuman,
        once: Option<&Repeatable<'_, Human>>,
    ) -> Result<Once<Human>, AppError> {
        let id = HumanId(self.env.uuid());
        let profile = Profile::default().changed(new.profile);
        let human = Human::new(id, by.tenant(), new.email, profile, new.picture_url);
        let mut tx = self.store.begin(&by.scope()).await?;
        if let Some(answer) = Repeatable::claim(once, &mut tx, &*self.env).await? {
            return Ok(Once::Repeated(answer));
        }
        if !insert_new(&mut tx, &human).await? {
            let known = "a person with this e-mail address exists already";
            return Err(AppError::Conflict(known.into()));
        }
        Repeatable::settle(once, &mut tx, &*self.env, &human).await?;
        tx.commit().await?;
        Ok(Once::Done(human))
    }

    /// Changes what `change` mentions. A red flag that is newly set rejects what waits for a decision or the
    /// fee; clearing it brings nothing back.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn update(
        &self,
        by: &Writer,
        id: HumanId,
        change: HumanChange,
    ) -> Result<Human, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let before = tx.lock_human(id).await?.ok_or(AppError::NotFound(Resource::Human))?;
        let after = changed(before.clone(), change);
        tx.update_human(&after).await?;
        if after.red_flag != before.red_flag {
            let action = if after.red_flag { Action::RedFlagSet } else { Action::RedFlagCleared };
            let subject = Subject::Human(id);
            audit::record_on(&mut tx, &*self.env, by.actor(), by.tenant(), subject, action).await?;
        }
        if after.red_flag && !before.red_flag {
            reject_open_applications(&mut tx, &*self.env, &after).await?;
        }
        tx.commit().await?;
        Ok(after)
    }

    /// One's own record, without what only staff know.
    ///
    /// # Errors
    ///
    /// `NotFound` when the record is gone.
    pub async fn me(&self, by: &Participant) -> Result<Human, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        let human = tx.human(by.human()).await?.ok_or(AppError::NotFound(Resource::Human))?;
        Ok(Human { red_flag: false, ..human })
    }

    /// Changes one's own record.
    ///
    /// # Errors
    ///
    /// `NotFound` when the record is gone.
    pub async fn update_me(
        &self,
        by: &Participant,
        profile: ProfileChange,
        picture_url: Patch<HttpUrl>,
    ) -> Result<Human, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let before = tx.lock_human(by.human()).await?;
        let before = before.ok_or(AppError::NotFound(Resource::Human))?;
        let after = changed(before, HumanChange { profile, picture_url, red_flag: None });
        tx.update_human(&after).await?;
        tx.commit().await?;
        Ok(Human { red_flag: false, ..after })
    }
}

/// The human with the address of `told`, locked; or else `told`, stored. Whether the latter: then the attendees
/// of the same address have to be linked.
pub(crate) async fn known_or_new(
    tx: &mut impl Humans,
    told: Human,
) -> Result<(Human, bool), AppError> {
    let missing = || AppError::NotFound(Resource::Human);
    if let Some(known) = tx.human_by_email(&told.email).await? {
        return Ok((tx.lock_human(known.id).await?.ok_or_else(missing)?, false));
    }
    if tx.insert_human_if_new(&told).await? {
        return Ok((told, true));
    }
    let known = tx.human_by_email(&told.email).await?.ok_or_else(missing)?;
    Ok((tx.lock_human(known.id).await?.ok_or_else(missing)?, false))
}

/// Stores somebody new to the tenant, who gets the attendees of the same address that are nobody's yet;
/// `false`, and nothing changes, when the tenant knows the address.
async fn insert_new(tx: &mut impl Humans, human: &Human) -> Result<bool, StoreError> {
    let is_new = tx.insert_human_if_new(human).await?;
    if is_new {
        tx.link_attendees(human.id, &human.email).await?;
    }
    Ok(is_new)
}

fn changed(human: Human, change: HumanChange) -> Human {
    Human {
        profile: human.profile.changed(change.profile),
        picture_url: change.picture_url.map(String::from).over(human.picture_url),
        red_flag: change.red_flag.unwrap_or(human.red_flag),
        ..human
    }
}
