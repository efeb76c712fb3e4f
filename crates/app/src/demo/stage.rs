use std::{collections::HashMap, fmt::Display, sync::Arc};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use edgeos_domain::{
    CouponPercent, Email, GroupId, Human, Link, Percentage, Popup, PopupId, Price, ProductId, Role,
    StaffEmail, Tenant, User, UserId,
};
use edgeos_ports::{
    Environment, Govern, Governor, Participant, Resource, UserActor, Write, Writer,
};
use rust_decimal::Decimal;

use super::{
    DemoStore, Made,
    provider::Nowhere,
    script::{Script, Unforeseeable},
};
use crate::{
    AppError,
    application_reviews::ReviewApplications,
    applications::ManageApplications,
    approval_strategies::ManageStrategies,
    attempts::Attempts,
    base_field_configs::ManageFieldConfigs,
    carts::KeepCarts,
    check_ins::ManageCheckIns,
    checkout_addresses::CheckoutAddresses,
    coupons::{CouponGuesses, ManageCoupons},
    form_fields::ManageFormFields,
    form_sections::ManageFormSections,
    groups::{LeadGroups, ManageGroups},
    humans::ManageHumans,
    keys::Keyring,
    payments::ManagePayments,
    popup_reviewers::ManageReviewers,
    popups::ManagePopups,
    products::ManageProducts,
};

/// One organisation while it is filled: what the people in it can do, and what they have made so far.
pub(super) struct Stage<S> {
    pub(super) script: Arc<Script>,
    pub(super) store: S,
    pub(super) keys: Arc<Keyring>,
    pub(super) tenant: Tenant,

    pub(super) popups: ManagePopups<S>,
    /// As `popups`, for secrets.
    pub(super) accounts: ManagePopups<S>,
    pub(super) strategies: ManageStrategies<S>,
    pub(super) reviewers: ManageReviewers<S>,
    pub(super) sections: ManageFormSections<S>,
    pub(super) fields: ManageFormFields<S>,
    pub(super) field_configs: ManageFieldConfigs<S>,
    pub(super) products: ManageProducts<S>,
    pub(super) coupons: ManageCoupons<S>,
    pub(super) groups: ManageGroups<S>,
    pub(super) led_groups: LeadGroups<S>,
    pub(super) people: ManageHumans<S>,
    pub(super) applications: ManageApplications<S>,
    pub(super) reviews: ReviewApplications<S>,
    pub(super) payments: ManagePayments<S>,
    pub(super) check_ins: ManageCheckIns<S>,
    pub(super) carts: KeepCarts<S>,

    /// Users by their word in the catalogue.
    pub(super) users: HashMap<&'static str, User>,
    /// Humans by their word in the catalogue.
    pub(super) humans: HashMap<&'static str, Human>,
    /// Popups by slug.
    pub(super) events: HashMap<&'static str, Popup>,
    /// Products by the slugs of popup and product.
    pub(super) goods: HashMap<(&'static str, &'static str), ProductId>,
    /// Groups by slug.
    pub(super) circles: HashMap<&'static str, GroupId>,
    pub(super) made: Made,
}

impl<S: DemoStore> Stage<S> {
    /// The stage of `tenant`, which is in `store` already.
    pub(super) fn new(
        store: S,
        script: &Arc<Script>,
        keys: &Arc<Keyring>,
        attempts: &Attempts,
        tenant: Tenant,
    ) -> Self {
        let env: Arc<dyn Environment> = script.clone();
        let secret: Arc<dyn Environment> = Arc::new(Unforeseeable(script.clone()));
        let guesses = CouponGuesses::new(attempts.clone());
        let addresses = CheckoutAddresses {
            backend_url: "https://api.example.com".to_owned(),
            portal_url: "https://portal.example.com".to_owned(),
        };
        let payments = ManagePayments::new(
            store.clone(),
            env.clone(),
            keys.clone(),
            Arc::new(Nowhere),
            addresses,
            guesses.clone(),
        );
        Self {
            popups: ManagePopups::new(store.clone(), env.clone(), keys.clone()),
            accounts: ManagePopups::new(store.clone(), secret, keys.clone()),
            strategies: ManageStrategies::new(store.clone(), env.clone()),
            reviewers: ManageReviewers::new(store.clone(), env.clone()),
            sections: ManageFormSections::new(store.clone(), env.clone()),
            fields: ManageFormFields::new(store.clone(), env.clone()),
            field_configs: ManageFieldConfigs::new(store.clone()),
            products: ManageProducts::new(store.clone(), env.clone()),
            coupons: ManageCoupons::new(store.clone(), env.clone(), guesses),
            groups: ManageGroups::new(store.clone(), env.clone()),
            led_groups: LeadGroups::new(store.clone(), env.clone()),
            people: ManageHumans::new(store.clone(), env.clone()),
            applications: ManageApplications::new(store.clone(), env.clone()),
            reviews: ReviewApplications::new(store.clone(), env.clone()),
            payments,
            check_ins: ManageCheckIns::new(store.clone(), env.clone(), attempts.clone()),
            carts: KeepCarts::new(store.clone(), env),
            script: script.clone(),
            store,
            keys: keys.clone(),
            tenant,
            users: HashMap::new(),
            humans: HashMap::new(),
            events: HashMap::new(),
            goods: HashMap::new(),
            circles: HashMap::new(),
            made: Made::default(),
        }
    }

    /// What is drawn from now on is drawn for `what` of this organisation.
    pub(super) fn draw_for(&self, what: impl Display) {
        self.script.draw_for(&format!("{}/{what}", self.tenant.slug.as_str()));
    }

    /// The user `name` at work.
    pub(super) fn writer(&self, name: &str) -> Result<Writer, AppError> {
        let user = self.users.get(name).ok_or(AppError::NotFound(Resource::User))?;
        let (id, role, tenant) = (user.id, user.role, user.tenant);
        let actor = UserActor { id, role, tenant, request: None };
        let staff = actor.admit::<Write>()?.in_own_tenant();
        staff.ok_or(AppError::NotFound(Resource::Tenant))
    }

    /// A superadmin at work, for what nobody else may do. It is nobody in particular, so nothing that is remembered
    /// with its author can be done like this.
    pub(super) fn governor(&self) -> Result<Governor, AppError> {
        let id = UserId(self.script.uuid());
        let actor = UserActor { id, role: Role::Superadmin, tenant: None, request: None };
        let staff = actor.admit::<Govern>()?.in_chosen_tenant(&self.tenant);
        staff.ok_or(AppError::NotFound(Resource::Tenant))
    }

    /// The human `who`.
    pub(super) fn human(&self, who: &str) -> Result<&Human, AppError> {
        self.humans.get(who).ok_or(AppError::NotFound(Resource::Human))
    }

    /// The human `who` in the portal.
    pub(super) fn participant(&self, who: &str) -> Result<Participant, AppError> {
        Ok(Participant::authenticated(self.human(who)?.id, self.tenant.id))
    }

    pub(super) fn popup(&self, slug: &str) -> Result<PopupId, AppError> {
        let popup = self.events.get(slug).ok_or(AppError::NotFound(Resource::Popup))?;
        Ok(popup.id)
    }

    pub(super) fn product(
        &self,
        popup: &'static str,
        slug: &'static str,
    ) -> Result<ProductId, AppError> {
        let product = self.goods.get(&(popup, slug)).copied();
        product.ok_or(AppError::NotFound(Resource::Product))
    }

    pub(super) fn group(&self, slug: &str) -> Result<GroupId, AppError> {
        self.circles.get(slug).copied().ok_or(AppError::NotFound(Resource::Group))
    }

    /// So many `hours` after midnight, `day` days from today.
    pub(super) fn at(&self, day: i64, hours: i64) -> DateTime<Utc> {
        self.script.midnight(day) + TimeDelta::hours(hours)
    }

    /// As [`at`](Self::at), without the zone.
    pub(super) fn naive_at(&self, day: i64, hours: i64) -> NaiveDateTime {
        self.at(day, hours).naive_utc()
    }
}

pub(super) fn email(address: &str) -> Result<Email, AppError> {
    Email::parse(address).map_err(AppError::invalid("email"))
}

/// An address on the demonstration's own website.
pub(super) fn link(path: &str) -> Result<Option<Link>, AppError> {
    Link::optional(&format!("https://demo.example.com/{path}")).map_err(AppError::invalid("link"))
}

/// A price of so many dollars.
pub(super) fn price(dollars: i64) -> Result<Price, AppError> {
    Price::new(Decimal::from(dollars)).map_err(AppError::invalid("price"))
}

pub(super) fn percentage(percent: i64) -> Result<Percentage, AppError> {
    Percentage::new(Decimal::from(percent)).map_err(AppError::invalid("percentage"))
}

pub(super) fn coupon_percent(percent: i64) -> Result<CouponPercent, AppError> {
    CouponPercent::new(percent).map_err(AppError::invalid("discount_value"))
}

pub(super) fn staff_email(address: &str) -> Result<StaffEmail, AppError> {
    StaffEmail::parse(address).map_err(AppError::invalid("email"))
}
