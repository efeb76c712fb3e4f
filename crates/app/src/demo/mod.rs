//! Organisations to look at.
//!
//! Everything in them comes about as it would in earnest: the use cases run, at the times that the catalogue names,
//! on an environment of their own. So prices, statuses, snapshots, counters and codes are what they would be, and
//! what a rule forbids can't be told. Each organisation is one transaction, and is never touched again.

mod applications;
mod carts;
mod check_ins;
mod coupons;
mod forms;
mod groups;
mod harbour;
mod made;
mod mail;
mod organisations;
mod people;
mod popups;
mod products;
mod provider;
mod purchases;
mod scale;
mod script;
mod stage;
mod stories;
mod story;

use std::sync::Arc;

use edgeos_domain::{Tenant, TenantId, User, UserId};
use edgeos_ports::{
    AuditLog, BaseFieldConfigs, Change, Credentials, Crowds, EmailTemplates, Environment,
    FormFields, FormSections, GroupProducts, Key, OneTransaction, PaymentTenants, PlatformStore,
    PopupReviewers, Store, StoreError, Tenants, Transaction, Users,
};

pub use self::made::Made;
use self::{
    organisations::{ORGANISATIONS, Organisation, Staff, admin},
    script::{Script, Unforeseeable},
    stage::{Stage, staff_email},
};
use crate::{
    AppError, attempts::Attempts, check_ins::CheckInTx, credentials::issue_missing,
    groups::GroupTx, keys::Keyring, payments::PaymentTx, tenants::PlatformHosts,
};

/// Everything that happens in a demonstration.
pub trait DemoTx:
    BaseFieldConfigs
    + CheckInTx
    + Crowds
    + EmailTemplates
    + FormFields
    + FormSections
    + GroupProducts
    + GroupTx
    + PaymentTx
    + PopupReviewers
{
}

impl<T> DemoTx for T where
    T: BaseFieldConfigs
        + CheckInTx
        + Crowds
        + EmailTemplates
        + FormFields
        + FormSections
        + GroupProducts
        + GroupTx
        + PaymentTx
        + PopupReviewers
{
}

/// Where a demonstration can be made.
pub trait DemoStore:
    OneTransaction
    + Store<Tx: DemoTx>
    + PlatformStore<PlatformTx: AuditLog + Credentials + PaymentTenants + Tenants + Users>
{
}

impl<S> DemoStore for S where
    S: OneTransaction
        + Store<Tx: DemoTx>
        + PlatformStore<PlatformTx: AuditLog + Credentials + PaymentTenants + Tenants + Users>
{
}

/// Makes the organisations of the catalogue.
pub struct SeedDemo<S> {
    store: S,
    world: Arc<dyn Environment>,
    keys: Arc<Keyring>,
    attempts: Attempts,
    hosts: PlatformHosts,
}

/// What is there after seeding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoReport {
    /// What was made now; nothing when all was there.
    pub made: Made,
    /// Who may sign in to the backoffice: address, role, and the slug of the organisation.
    pub staff: Vec<(&'static str, &'static str, &'static str)>,
    /// Who may sign in to a portal: address, and the slug of the organisation.
    pub people: Vec<(&'static str, &'static str)>,
}

/// What the catalogue tells can't happen, or the store fails. Nothing of the organisation is left.
#[derive(Debug, thiserror::Error)]
#[error("the demonstration can't go on at {place}")]
pub struct DemoError {
    /// How far it was: `demo/summer-village/ines/3`.
    pub place: String,
    /// Why.
    #[source]
    pub source: AppError,
}

impl<S: DemoStore> SeedDemo<S> {
    /// Seeds into `store`, today in `world`. `attempts` should be without limits.
    pub fn new(
        store: S,
        world: Arc<dyn Environment>,
        keys: Arc<Keyring>,
        attempts: Attempts,
        hosts: PlatformHosts,
    ) -> Self {
        Self { store, world, keys, attempts, hosts }
    }

    /// Makes the organisations that aren't there. What is there stays as it is, whatever it is called now, and a
    /// deleted one stays deleted. To be called under the migration lock.
    ///
    /// # Errors
    ///
    /// [`DemoError`]; with `Refused` when somebody else has a slug or an address of the catalogue.
    pub async fn seed(&self) -> Result<DemoReport, DemoError> {
        let mut made = Made::default();
        for organisation in &ORGANISATIONS {
            let script = Arc::new(Script::new(self.world.clone()));
            let filled = self.organisation(organisation, &script).await;
            made.add(filled.map_err(|source| DemoError { place: script.place(), source })?);
        }
        Ok(report(made))
    }

    /// Makes `tenants` organisations with about `humans` people in all, for long lists and heavy loads. What is there
    /// stays as it is. To be called under the migration lock.
    ///
    /// # Errors
    ///
    /// As for [`seed`](Self::seed).
    pub async fn scale(&self, humans: u64, tenants: u64) -> Result<Made, DemoError> {
        let mut made = Made::default();
        for number in 1..=tenants {
            let script = Arc::new(Script::new(self.world.clone()));
            let (slug, address) = (scale::slug(number), scale::address(number));
            let staff = [Staff { word: "ada", ..admin(&address, "Ada Many") }];
            let size = humans / tenants + u64::from(number <= humans % tenants);
            let filled =
                self.organisation(&scale::organisation(&slug, &staff, size), &script).await;
            made.add(filled.map_err(|source| DemoError { place: script.place(), source })?);
        }
        Ok(made)
    }

    /// Whether there is any organisation, be it a demonstration or not.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn is_populated(&self) -> Result<bool, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        Ok(!tx.every_tenant().await?.is_empty())
    }

    /// What [`seed`](Self::seed) made before, as far as any of it is there.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn seeded(&self) -> Result<Option<DemoReport>, AppError> {
        let script = Script::new(self.world.clone());
        let mut tx = self.store.begin_platform(None).await?;
        for organisation in &ORGANISATIONS {
            if tx.tenant(identifier(organisation, &script)).await?.is_some() {
                return Ok(Some(report(Made::default())));
            }
        }
        Ok(None)
    }

    async fn organisation(
        &self,
        organisation: &Organisation<'_>,
        script: &Arc<Script>,
    ) -> Result<Made, AppError> {
        let id = identifier(organisation, script);
        if self.is_there(organisation, id).await? {
            return Ok(Made::default());
        }
        let store = self.store.in_one_transaction().await?;
        script.turn_to(organisation.founded, 9 * 60);
        let tenant = self.found(&store, organisation, id, script).await?;
        let mut stage = Stage::new(store, script, &self.keys, &self.attempts, tenant);
        stage.made.count("organisations");
        self.employ(&mut stage, organisation).await?;
        Box::pin(organisation.story.fill(&mut stage)).await?;
        mail::deliver(&stage).await?;
        if organisation.deleted {
            self.close(&stage).await?;
        }
        stage.draw_for("the end");
        stage.store.finish().await?;
        Ok(stage.made)
    }

    /// Whether the organisation was made before. It is known by its identifier, whatever became of it.
    async fn is_there(
        &self,
        organisation: &Organisation<'_>,
        id: TenantId,
    ) -> Result<bool, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        if tx.tenant(id).await?.is_some() {
            return Ok(true);
        }
        match tx.tenant_of_slug(organisation.slug).await? {
            None => Ok(false),
            Some(tenant) if tenant.is_demo => Ok(true),
            Some(_) => Err(slug_taken(organisation)),
        }
    }

    async fn found(
        &self,
        store: &S,
        organisation: &Organisation<'_>,
        id: TenantId,
        script: &Arc<Script>,
    ) -> Result<Tenant, AppError> {
        let tenant = organisation.tenant(id)?;
        let mut tx = store.begin_platform(Some(id)).await?;
        let labels = tenant.host_labels(&self.hosts.portal);
        tx.insert_tenant(&tenant, &labels).await.map_err(|error| match error {
            StoreError::Taken(Key::TenantSlug) => slug_taken(organisation),
            error => error.into(),
        })?;
        if !organisation.deleted {
            let secret = Unforeseeable(script.clone());
            issue_missing(&mut tx, &secret, &self.keys, id, false).await?;
        }
        tx.announce(Change::Tenant(id)).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    async fn employ(
        &self,
        stage: &mut Stage<S>,
        organisation: &Organisation<'_>,
    ) -> Result<(), AppError> {
        let tenant = stage.tenant.id;
        let mut tx = stage.store.begin_platform(Some(tenant)).await?;
        for staff in organisation.staff {
            stage.draw_for(staff.email);
            let user = User {
                id: UserId(stage.script.uuid()),
                email: staff_email(staff.email)?,
                full_name: Some(staff.name.to_owned()),
                role: staff.role,
                tenant: Some(tenant),
                deleted: staff.deleted,
            };
            tx.insert_user(&user).await.map_err(|error| match error {
                StoreError::Taken(Key::UserEmail) => {
                    AppError::Refused(format!("{} belongs to somebody else", staff.email).into())
                }
                error => error.into(),
            })?;
            stage.users.insert(staff.word, user);
            stage.made.count("users");
        }
        Ok(tx.commit().await?)
    }

    async fn close(&self, stage: &Stage<S>) -> Result<(), AppError> {
        let deleted = stage.tenant.clone().into_deleted();
        let mut tx = stage.store.begin_platform(Some(deleted.id)).await?;
        tx.update_tenant(&deleted, &deleted.host_labels(&self.hosts.portal)).await?;
        tx.announce(Change::Tenant(deleted.id)).await?;
        Ok(tx.commit().await?)
    }
}

fn report(made: Made) -> DemoReport {
    DemoReport { made, staff: organisations::staff(), people: organisations::people() }
}

/// The same on every day.
fn identifier(organisation: &Organisation<'_>, script: &Script) -> TenantId {
    script.draw_for(organisation.slug);
    TenantId(script.uuid())
}

fn slug_taken(organisation: &Organisation<'_>) -> AppError {
    let slug = organisation.slug;
    let refusal = format!("there is an organisation with the slug {slug} that is no demonstration");
    AppError::Refused(refusal.into())
}
