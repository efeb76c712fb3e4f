//! An organisation to look at.

use std::sync::Arc;

use chrono::{Days, NaiveTime};
use edgeos_domain::{
    ApprovalStrategy, Form, NewPopup, NewTenant, Popup, PopupId, PopupReviewer, PopupStatus,
    ReviewerId, Role, SectionKind, StaffEmail, Strategy, StrategyId, StrategyRules, StrategyType,
    Tenant, TenantId, User, UserId, WeightMultiplier,
};
use edgeos_ports::{
    ApprovalStrategies, Change, Credentials, Environment, Forms, Key, PlatformStore,
    PopupReviewers, Popups, Store, StoreError, TenantScope, Tenants, Transaction, Users,
};

use crate::{
    AppError, credentials::issue_missing, keys::Keyring, popups::key_place, tenants::PlatformHosts,
};

/// The slug of the organisation.
const SLUG: &str = "demo";

/// The slug that follows from the event's name.
const EVENT: &str = "summer-village";

/// The event's key at the payment provider: the one of development takes any.
const PAYMENT_KEY: &str = "demo";

/// The people who work there. All addresses are of a domain that belongs to nobody.
const PEOPLE: [(&str, &str, Role); 3] = [
    ("admin@demo.example.com", "Dana Admin", Role::Admin),
    ("reviewer@demo.example.com", "Robin Reviewer", Role::Admin),
    ("viewer@demo.example.com", "Vic Viewer", Role::Viewer),
];

/// Makes the organisation `demo`: three people, and one event whose applications two of them review.
#[derive(Clone)]
pub struct SeedDemo<S> {
    store: S,
    env: Arc<dyn Environment>,
    keys: Arc<Keyring>,
    hosts: PlatformHosts,
}

/// What is there after seeding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoReport {
    /// How many tenants, users and events were made now; 0 when all were there.
    pub created: u32,
    /// Who may sign in to the backoffice.
    pub people: Vec<String>,
}

impl<S> SeedDemo<S>
where
    S: Store<Tx: Popups + Forms + ApprovalStrategies + PopupReviewers>
        + PlatformStore<PlatformTx: Tenants + Users + Credentials>,
{
    /// Seeds into `store`.
    pub fn new(
        store: S,
        env: Arc<dyn Environment>,
        keys: Arc<Keyring>,
        hosts: PlatformHosts,
    ) -> Self {
        Self { store, env, keys, hosts }
    }

    /// Makes what is missing; what is there stays as it is, and a deleted demo stays deleted. To be called
    /// under the migration lock.
    ///
    /// # Errors
    ///
    /// `Refused` when an organisation `demo` exists that is no demonstration.
    pub async fn seed(&self) -> Result<DemoReport, AppError> {
        let mut created = 0;
        let tenant = self.tenant(&mut created).await?;
        let users = self.users(tenant.id, &mut created).await?;
        self.event(&tenant, &users, &mut created).await?;
        Ok(DemoReport { created, people: PEOPLE.map(|(email, ..)| email.to_owned()).to_vec() })
    }

    async fn tenant(&self, created: &mut u32) -> Result<Tenant, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        if let Some(tenant) = tx.tenant_of_slug(SLUG).await? {
            let refusal = "there is an organisation with the slug demo that is no demonstration";
            return if tenant.is_demo {
                Ok(tenant)
            } else {
                Err(AppError::Refused(refusal.into()))
            };
        }
        drop(tx);

        let new = NewTenant {
            name: "Demo".to_owned(),
            sender_email: None,
            sender_name: Some("Demo Village".to_owned()),
            image_url: None,
            icon_url: None,
            logo_url: None,
        };
        let tenant =
            new.into_tenant(TenantId(self.env.uuid())).map_err(AppError::invalid("name"))?;
        let tenant = Tenant { is_demo: true, ..tenant };
        let mut tx = self.store.begin_platform(Some(tenant.id)).await?;
        let labels = tenant.host_labels(&self.hosts.portal);
        tx.insert_tenant(&tenant, &labels).await.map_err(|error| match error {
            StoreError::Taken(Key::TenantSlug) => AppError::Refused(
                "the demonstration was deleted; restore it to have it back".into(),
            ),
            error => error.into(),
        })?;
        issue_missing(&mut tx, &*self.env, &self.keys, tenant.id, false).await?;
        tx.announce(Change::Tenant(tenant.id)).await?;
        tx.commit().await?;
        *created += 1;
        Ok(tenant)
    }

    async fn users(&self, tenant: TenantId, created: &mut u32) -> Result<Vec<User>, AppError> {
        let mut tx = self.store.begin_platform(Some(tenant)).await?;
        let mut users = Vec::new();
        for (address, name, role) in PEOPLE {
            let email = StaffEmail::parse(address).map_err(AppError::invalid("email"))?;
            let user = if let Some(user) = tx.user_by_email(&email).await? {
                user
            } else {
                let user = User {
                    id: UserId(self.env.uuid()),
                    email,
                    full_name: Some(name.to_owned()),
                    role,
                    tenant: Some(tenant),
                    deleted: false,
                };
                tx.insert_user(&user).await?;
                *created += 1;
                user
            };
            users.push(user);
        }
        tx.commit().await?;
        Ok(users)
    }

    /// The event, its form, strategy and reviewers: all at once, or nothing of it.
    async fn event(
        &self,
        tenant: &Tenant,
        users: &[User],
        created: &mut u32,
    ) -> Result<(), AppError> {
        let mut tx = self.store.begin(&TenantScope::of_worker(tenant.id)).await?;
        if tx.popup_by_slug(EVENT).await?.is_some() {
            return Ok(());
        }
        let now = self.env.now();
        let id = PopupId(self.env.uuid());
        let payment_key = Some(self.keys.seal(&*self.env, &key_place(id), PAYMENT_KEY));
        let popup = self.new_event().into_popup(id, tenant.id, [0; 4], now)?;
        let popup = Popup { payment_key, ..popup };
        let sections = SectionKind::newly_needed(None, &popup);
        let rules = StrategyRules {
            strategy_type: StrategyType::Threshold,
            required_approvals: 2,
            ..StrategyRules::default()
        };
        let strategy = ApprovalStrategy {
            id: StrategyId(self.env.uuid()),
            tenant: tenant.id,
            popup: id,
            strategy: Strategy::new(rules)?,
            created_at: now,
            updated_at: now,
        };
        tx.insert_popup(&popup).await?;
        tx.put_strategy(&strategy).await?;
        let form = Form::default().additions(&popup, &sections, || self.env.uuid());
        tx.insert_form_parts(&form).await?;
        for user in users.iter().filter(|user| user.is_active_admin_of(tenant.id)) {
            let reviewer = PopupReviewer {
                id: ReviewerId(self.env.uuid()),
                tenant: tenant.id,
                popup: id,
                user: user.id,
                is_required: false,
                weight_multiplier: WeightMultiplier::ONE,
                created_at: now,
            };
            tx.insert_reviewer(&reviewer).await?;
        }
        tx.commit().await?;
        *created += 1;
        Ok(())
    }

    fn new_event(&self) -> NewPopup {
        let today = self.env.now().date_naive();
        let at_midnight = |days| Some((today + Days::new(days)).and_time(NaiveTime::MIN));
        NewPopup {
            name: "Summer Village".to_owned(),
            tagline: Some("A week of work, talks and long dinners".to_owned()),
            location: Some("By the lake".to_owned()),
            start_date: at_midnight(60),
            end_date: at_midnight(66),
            status: PopupStatus::Active,
            allows_spouse: true,
            allows_children: true,
            allows_coupons: true,
            allows_scholarship: true,
            allows_incentive: true,
            image_url: None,
            icon_url: None,
            express_checkout_background: None,
            web_url: None,
            blog_url: None,
            twitter_url: None,
            terms_and_conditions_url: None,
            invoice_company_name: None,
            invoice_company_address: None,
            invoice_company_email: None,
            requires_application_fee: false,
            application_fee_amount: None,
        }
    }
}
