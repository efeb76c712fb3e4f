//! Events: set up and changed by staff, shown to everybody else.

use std::sync::Arc;

use edgeos_domain::{
    ApprovalStrategy, Form, InvalidPopup, NewPopup, Patch, Popup, PopupChange, PopupId, Role,
    SectionKind, StrategyId, TenantId, mask_payment_key, payment_key_change,
};
use edgeos_ports::{
    ApprovalStrategies, Class, Deletion, Environment, Forms, Humans, Key, Page, Paging,
    Participant, PlatformStore, Popups, Reader, Resource, RevokedTokens, Staff, Store, StoreError,
    TenantScope, Tenants, Transaction, Users, Writer,
};

use crate::{AppError, keys::Keyring, sessions::Sessions};

/// The most popups that visitors and humans are shown.
const MAX_SHOWN: u64 = 1000;

/// Events as staff manage them.
#[derive(Clone)]
pub struct ManagePopups<S> {
    store: S,
    env: Arc<dyn Environment>,
    keys: Arc<Keyring>,
}

/// Events as the portal shows them.
#[derive(Clone)]
pub struct ShownPopups<S> {
    store: S,
    sessions: Sessions<S>,
}

/// A popup as one of the staff may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffPopup {
    /// The popup.
    pub popup: Popup,
    /// The end of its payment key, masked; `None` without a key, and for viewers.
    pub masked_key: Option<String>,
}

impl<S: Store<Tx: Popups + Forms + ApprovalStrategies>> ManagePopups<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>, keys: Arc<Keyring>) -> Self {
        Self { store, env, keys }
    }

    /// One page of the popups whose name contains `search`, oldest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        search: Option<&str>,
        paging: Paging,
    ) -> Result<Page<StaffPopup>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let page = tx.popups(search, paging).await?;
        Ok(page.map(|popup| self.shown_to(by, popup)))
    }

    /// The popup `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: PopupId) -> Result<StaffPopup, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let popup = tx.popup(id).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        Ok(self.shown_to(by, popup))
    }

    /// Sets up a popup that accepts every application, with a form of the built-in questions.
    ///
    /// # Errors
    ///
    /// `Invalid` for dates, fee or payment key; `Refused` when another popup has the slug.
    pub async fn create(
        &self,
        by: &Writer,
        new: NewPopup,
        payment_key: Option<String>,
    ) -> Result<StaffPopup, AppError> {
        let (id, now) = (PopupId(self.env.uuid()), self.env.now());
        let mut random = [0; 4];
        self.env.fill(&mut random);
        let popup = new.into_popup(id, by.tenant(), random, now)?;
        let written = payment_key.as_deref().map_or(Patch::Keep, Patch::Set);
        let popup = self.with_key(popup, written)?;
        let strategy = StrategyId(self.env.uuid());
        let strategy = ApprovalStrategy::of_new_popup(strategy, popup.tenant, id, now);
        let sections = SectionKind::newly_needed(None, &popup);
        let form = Form::default().additions(&popup, &sections, || self.env.uuid());

        let mut tx = self.store.begin(&by.scope()).await?;
        tx.insert_popup(&popup).await.map_err(taken)?;
        tx.put_strategy(&strategy).await?;
        tx.insert_form_parts(&form).await?;
        tx.commit().await?;
        Ok(self.shown_to(by, popup))
    }

    /// Changes what `change` mentions, and the payment key as `payment_key` says. What the form lacks for a
    /// feature that is switched on comes with it; nothing goes when one is switched off.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Invalid` for slug, dates, fee or payment key; `Refused` when another popup has the slug.
    pub async fn update(
        &self,
        by: &Writer,
        id: PopupId,
        change: PopupChange,
        payment_key: Patch<String>,
    ) -> Result<StaffPopup, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let before = tx.lock_popup(id).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let after = before.clone().changed(change, self.env.now())?;
        let written = match &payment_key {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(key) => Patch::Set(key.as_str()),
        };
        let after = self.with_key(after, written)?;
        tx.update_popup(&after).await.map_err(taken)?;
        let sections = SectionKind::newly_needed(Some(&before), &after);
        if !sections.is_empty() {
            let form = tx.form(id).await?;
            let added = form.additions(&after, &sections, || self.env.uuid());
            tx.insert_form_parts(&added).await?;
        }
        tx.commit().await?;
        Ok(self.shown_to(by, after))
    }

    /// Deletes the popup `id` with its catalogue, groups, form, templates, reviewers, applications and carts.
    /// People stay.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Conflict` when there is a payment, or somebody holds a product: money stays traceable.
    pub async fn delete(&self, by: &Writer, id: PopupId) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        match tx.delete_popup(id).await? {
            Deletion::Done => Ok(tx.commit().await?),
            Deletion::Missing => Err(AppError::NotFound(Resource::Popup)),
            Deletion::InUse => Err(AppError::Conflict(
                "this event has payments or sold products and can't be deleted; archive it instead"
                    .into(),
            )),
        }
    }

    fn shown_to<C: Class>(&self, by: &Staff<C>, popup: Popup) -> StaffPopup {
        let masked_key = match by.actor().role {
            Role::Viewer => None,
            Role::Superadmin | Role::Admin => self.key(&popup).map(|key| mask_payment_key(&key)),
        };
        StaffPopup { popup, masked_key }
    }

    /// `popup` with the payment key that `written` makes of its present one.
    fn with_key(&self, popup: Popup, written: Patch<&str>) -> Result<Popup, AppError> {
        let present = self.key(&popup);
        let payment_key = match payment_key_change(written, present.as_deref())
            .map_err(AppError::invalid("simplefi_api_key"))?
        {
            Patch::Keep => popup.payment_key,
            Patch::Clear => None,
            Patch::Set(key) => Some(self.keys.seal(&*self.env, &key_place(popup.id), &key)),
        };
        Ok(Popup { payment_key, ..popup })
    }

    fn key(&self, popup: &Popup) -> Option<String> {
        payment_key(&self.keys, popup)
    }
}

impl<S> ShownPopups<S>
where
    S: Store<Tx: Popups + Humans> + PlatformStore<PlatformTx: Users + Tenants + RevokedTokens>,
{
    /// The use cases over `store`; `sessions` know the tenants.
    pub fn new(store: S, sessions: Sessions<S>) -> Self {
        Self { store, sessions }
    }

    /// The active popups of the human's tenant, oldest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn for_human(&self, by: &Participant) -> Result<Vec<Popup>, AppError> {
        self.shown(&by.reading()).await
    }

    /// The active popup of the human's tenant with this slug.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn by_slug(&self, by: &Participant, slug: &str) -> Result<Popup, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        let popup = tx.popup_by_slug(slug).await?.filter(Popup::is_shown);
        popup.ok_or(AppError::NotFound(Resource::Popup))
    }

    /// The active popups of a tenant, oldest first, for anybody; none of a tenant that is deleted or doesn't
    /// exist.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn for_visitors(&self, tenant: TenantId) -> Result<Vec<Popup>, AppError> {
        let tenant = self.sessions.tenant(tenant).await?;
        match tenant.and_then(|tenant| TenantScope::of_visitor(&tenant)) {
            Some(scope) => self.shown(&scope).await,
            None => Ok(Vec::new()),
        }
    }

    async fn shown(&self, scope: &TenantScope) -> Result<Vec<Popup>, AppError> {
        let mut tx = self.store.begin(scope).await?;
        Ok(tx.shown_popups(MAX_SHOWN).await?)
    }
}

/// The payment key of `popup` in clear. One that can't be read any more counts as an empty one, so that the popup
/// can still be edited, and given a new key.
pub(crate) fn payment_key(keys: &Keyring, popup: &Popup) -> Option<String> {
    let sealed = popup.payment_key.as_deref()?;
    let opened = keys.open(&key_place(popup.id), sealed);
    Some(opened.unwrap_or_else(|error| {
        tracing::error!(popup.id = %popup.id, "the payment key of popup {}: {error}", popup.id);
        String::new()
    }))
}

/// Where the payment key of a popup is stored: what it is sealed for.
pub(crate) fn key_place(popup: PopupId) -> String {
    format!("popups.simplefi_api_key:{popup}")
}

/// Whoever was faster has the slug.
fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(Key::PopupSlug) => {
            AppError::Refused("another event has this slug already".into())
        }
        error => error.into(),
    }
}

impl From<InvalidPopup> for AppError {
    fn from(invalid: InvalidPopup) -> Self {
        Self::Invalid { field: invalid.field(), reason: invalid.to_string() }
    }
}
