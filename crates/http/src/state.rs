//! What handlers reach.

use std::sync::{Arc, atomic::AtomicBool};

use edgeos_app::{
    application_reviews::ReviewApplications,
    applications::ManageApplications,
    approval_strategies::ManageStrategies,
    attendees::ManageAttendees,
    audit::AuditTrail,
    base_field_configs::ManageFieldConfigs,
    carts::KeepCarts,
    check_ins::ManageCheckIns,
    coupons::ManageCoupons,
    credentials::ManageCredentials,
    dashboard::ShowDashboard,
    directory::AttendeeDirectory,
    email_templates::ManageEmailTemplates,
    emails::ManageEmails,
    expired::DeleteExpired,
    form_fields::ManageFormFields,
    form_sections::ManageFormSections,
    groups::{LeadGroups, ManageGroups, ShownGroups},
    humans::ManageHumans,
    invoices::MakeInvoices,
    outbox::MailUpkeep,
    participations::OwnParticipation,
    payments::ManagePayments,
    popup_reviewers::ManageReviewers,
    popups::{ManagePopups, ShownPopups},
    products::ManageProducts,
    sessions::Sessions,
    sign_in::SignIn,
    tenant_hosts::TenantHosts,
    tenants::ManageTenants,
    uploads::OfferUploads,
    users::ManageUsers,
};
use edgeos_mail::{SmtpMailer, TemplateComposer};
use edgeos_ports::{Environment, FileStorage};
use edgeos_postgres::PgStore;
use edgeos_redis::RedisLimits;

use crate::{call::TrustedProxies, cors::Origins, directory::Exports};

/// The use cases, and what surrounds them.
pub(crate) struct AppState {
    /// Clock and randomness.
    pub(crate) env: Arc<dyn Environment>,
    /// The store, for the health check.
    pub(crate) store: PgStore,
    /// Where attempts are counted, if it is elsewhere.
    pub(crate) redis: Option<Arc<RedisLimits>>,
    /// Hands mails to the mail server; `None` when mail is off.
    pub(crate) mailer: Option<Arc<SmtpMailer>>,
    /// Whether the mail server answered when it was asked last.
    pub(crate) mail_works: AtomicBool,
    /// Where uploads go; `None` when storage is off.
    pub(crate) storage: Option<Arc<dyn FileStorage>>,
    /// Whether storage answered when it was asked last.
    pub(crate) storage_works: AtomicBool,
    /// Where direct logins to the database go.
    pub(crate) database: DatabaseAddress,
    /// Longest body of a request, in bytes.
    pub(crate) body_limit: usize,
    /// Who is believed about where requests come from.
    pub(crate) trusted_proxies: TrustedProxies,
    /// Which pages may read answers.
    pub(crate) origins: Origins,
    /// How many exports may run.
    pub(crate) exports: Exports,

    /// Who bears which token.
    pub(crate) sessions: Sessions<PgStore>,
    /// Signing in and out.
    pub(crate) sign_in: SignIn<PgStore>,
    /// Deletes codes, tokens and repeat keys that are over.
    pub(crate) expired: DeleteExpired<PgStore>,
    /// Which tenant a slug or a host leads to.
    pub(crate) hosts: TenantHosts<PgStore>,
    /// Organisations.
    pub(crate) tenants: ManageTenants<PgStore>,
    /// Direct logins to the database.
    pub(crate) credentials: ManageCredentials<PgStore>,
    /// Backoffice users.
    pub(crate) users: ManageUsers<PgStore>,
    /// Events, for staff.
    pub(crate) popups: ManagePopups<PgStore>,
    /// Events, for everybody else.
    pub(crate) shown_popups: ShownPopups<PgStore>,
    /// What events sell.
    pub(crate) products: ManageProducts<PgStore>,
    /// Codes that take a percentage off.
    pub(crate) coupons: ManageCoupons<PgStore>,
    /// How events decide about applications.
    pub(crate) strategies: ManageStrategies<PgStore>,
    /// Whose votes events wait for.
    pub(crate) reviewers: ManageReviewers<PgStore>,
    /// Groups, for staff.
    pub(crate) groups: ManageGroups<PgStore>,
    /// Groups, for their leaders.
    pub(crate) led_groups: LeadGroups<PgStore>,
    /// Groups, for everybody else.
    pub(crate) shown_groups: ShownGroups<PgStore>,
    /// The parts of application forms.
    pub(crate) form_sections: ManageFormSections<PgStore>,
    /// Their questions.
    pub(crate) form_fields: ManageFormFields<PgStore>,
    /// How the built-in ones are put.
    pub(crate) field_configs: ManageFieldConfigs<PgStore>,
    /// People known to organisations.
    pub(crate) humans: ManageHumans<PgStore>,
    /// Applications.
    pub(crate) applications: ManageApplications<PgStore>,
    /// Votes on them.
    pub(crate) application_reviews: ReviewApplications<PgStore>,
    /// Payments.
    pub(crate) payments: ManagePayments<PgStore>,
    /// Invoices for payments.
    pub(crate) invoices: MakeInvoices<PgStore>,
    /// Popups in numbers.
    pub(crate) dashboard: ShowDashboard<PgStore>,
    /// The people whom they bring.
    pub(crate) attendees: ManageAttendees<PgStore>,
    /// Who comes and goes at the door.
    pub(crate) check_ins: ManageCheckIns<PgStore>,
    /// Unfinished purchases.
    pub(crate) carts: KeepCarts<PgStore>,
    /// Organisers' words for mails.
    pub(crate) email_templates: ManageEmailTemplates<PgStore, SmtpMailer, TemplateComposer>,
    /// What became of mails.
    pub(crate) emails: ManageEmails<PgStore>,
    /// Addresses of storage.
    pub(crate) uploads: OfferUploads,
    /// Clears the outbox of what is over.
    pub(crate) mail_upkeep: MailUpkeep<PgStore>,
    /// How people take part in events.
    pub(crate) participations: OwnParticipation<PgStore>,
    /// Who takes part in an event, for those who do.
    pub(crate) directory: AttendeeDirectory<PgStore>,
    /// What was done.
    pub(crate) audit_trail: AuditTrail<PgStore>,
}

/// Where the database is, as people with a login of their own reach it.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseAddress {
    /// Host name or address.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
    /// Name of the database.
    pub(crate) name: String,
}
