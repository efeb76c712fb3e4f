//! Which adapters serve the use cases. The only place that names them.

use std::{
    net::Ipv4Addr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use anyhow::Context;
use chrono::TimeDelta;
use edgeos_app::{
    Hearing,
    application_reviews::ReviewApplications,
    applications::ManageApplications,
    approval_strategies::ManageStrategies,
    attempts::{AttemptLimits, Attempts},
    attendees::ManageAttendees,
    audit::AuditTrail,
    base_field_configs::ManageFieldConfigs,
    carts::KeepCarts,
    check_ins::ManageCheckIns,
    checkout_addresses::CheckoutAddresses,
    coupons::{CouponGuesses, ManageCoupons},
    credentials::ManageCredentials,
    dashboard::ShowDashboard,
    demo::SeedDemo,
    directory::AttendeeDirectory,
    email_templates::ManageEmailTemplates,
    emails::ManageEmails,
    expired::DeleteExpired,
    form_fields::ManageFormFields,
    form_sections::ManageFormSections,
    groups::{LeadGroups, ManageGroups, ShownGroups},
    humans::ManageHumans,
    invoices::MakeInvoices,
    keys::Keyring,
    outbox::{DeliverMail, MailBranding, MailUpkeep, SenderRules},
    participations::OwnParticipation,
    payments::ManagePayments,
    popup_reviewers::ManageReviewers,
    popups::{ManagePopups, ShownPopups},
    products::ManageProducts,
    sessions::Sessions,
    sign_in::SignIn,
    tenant_hosts::TenantHosts,
    tenants::{ManageTenants, PlatformHosts},
    tokens::Tokens,
    uploads::{OfferUploads, RemoveOrphans},
    users::ManageUsers,
};
use edgeos_domain::HostName;
use edgeos_invoices::{OwnFiles, PdfPrinter, WebPictures};
use edgeos_mail::{
    Encryption, SmtpCredentials, SmtpMailer, SmtpSettings, TemplateComposer, inbox::Inbox,
};
use edgeos_payments::{SimpleFi, SimpleFiSettings};
use edgeos_ports::{Environment, FileStorage, Limits, PaymentProvider};
use edgeos_postgres::PgStore;
use edgeos_redis::{LocalLimits, RedisLimits};
use edgeos_storage::{S3Settings, S3Storage};
use url::Url;

use crate::{
    call::TrustedProxies,
    cors::Origins,
    directory::Exports,
    environment::Machine,
    settings::{Secret, Settings, Smtp, Stage, Storage},
    state::{AppState, DatabaseAddress},
    workers::Delivery,
};

/// How long Redis may be silent.
const REDIS_PATIENCE: Duration = Duration::from_millis(500);

/// The sender in development, where no mail leaves the server.
const NOBODY: &str = "noreply@example.com";

/// A server before it listens.
pub(crate) struct Wired {
    /// What handlers reach.
    pub(crate) state: AppState,
    /// Whether announcements arrive.
    pub(crate) hearing: Arc<Hearing>,
    /// Where mail goes in development.
    pub(crate) inbox: Option<Inbox>,
    /// Takes mail from the outbox to the mail server; `None` when mail is off.
    pub(crate) delivery: Option<Delivery>,
    /// Deletes uploads that nobody shows; `None` unless that is wanted.
    pub(crate) orphans: Option<RemoveOrphans<PgStore>>,
}

/// Puts the parts together that `settings` ask for. Connects to nothing that it could do without.
///
/// # Errors
///
/// An address that can't be used.
pub(crate) async fn wire(settings: &Settings) -> anyhow::Result<Wired> {
    let env: Arc<dyn Environment> = Arc::new(Machine);
    let store = PgStore::connect(&settings.postgres);
    let keys = keyring(settings);
    let lifetime = TimeDelta::from_std(settings.token_lifetime).context("the token lifetime")?;
    let tokens = Tokens::new(keys.clone(), env.clone(), lifetime);
    let hearing = Arc::new(Hearing::default());
    let sessions = Sessions::new(store.clone(), tokens.clone(), hearing.clone());

    let (limits, redis) = limits(settings).await?;
    let attempts = Attempts::new(limits, attempt_limits(settings));
    let (mailer, inbox) = mail(settings, env.clone()).await?;
    let (composer, branding) =
        (TemplateComposer::new(settings.renderer.clone()), branding(settings));
    let storage = storage(&settings.storage).await?;
    let invoices = invoices(&settings.storage, storage.clone(), &store, &env)?;
    let delivery = mailer.clone().map(|mailer| {
        let (composer, branding) = (composer.clone(), branding.clone());
        let files = invoices.clone();
        DeliverMail::new(store.clone(), mailer, composer, files, env.clone(), branding)
    });
    let orphans = storage.clone().filter(|_| settings.storage.orphan_cleanup);
    let orphans = orphans.map(|storage| RemoveOrphans::new(store.clone(), storage, env.clone()));
    let uploads =
        OfferUploads::new(storage.clone(), settings.storage.files(), attempts.clone(), env.clone());
    let mail_upkeep = MailUpkeep::new(store.clone(), env.clone());
    let sign_in = SignIn::new(
        store.clone(),
        sessions.clone(),
        tokens,
        keys.clone(),
        attempts.clone(),
        env.clone(),
        mailer.is_some(),
    );
    let email_templates = ManageEmailTemplates::new(
        store.clone(),
        mailer.clone(),
        composer,
        attempts.clone(),
        env.clone(),
        branding,
    );

    let hosts = platform_hosts(settings)?;
    let guesses = CouponGuesses::new(attempts.clone());
    let payments = payments(settings, &store, &env, &keys, &guesses)?;

    let state = AppState {
        mail_works: AtomicBool::new(true),
        storage,
        storage_works: AtomicBool::new(true),
        database: DatabaseAddress {
            host: settings.postgres.host.clone(),
            port: settings.postgres.port,
            name: settings.postgres.database.clone(),
        },
        body_limit: settings.body_limit,
        trusted_proxies: TrustedProxies::new(settings.trusted_proxies.clone()),
        origins: Origins::new(settings),
        exports: Exports::beside(settings.postgres.pool_size),
        redis,
        mailer,

        shown_popups: ShownPopups::new(store.clone(), sessions.clone()),
        shown_groups: ShownGroups::new(store.clone(), sessions.clone()),
        sessions,
        sign_in,
        expired: DeleteExpired::new(store.clone(), env.clone()),
        hosts: TenantHosts::new(store.clone(), hosts.portal.clone(), &hearing),
        tenants: ManageTenants::new(store.clone(), env.clone(), keys.clone(), hosts),
        credentials: ManageCredentials::new(store.clone(), env.clone(), keys.clone()),
        users: ManageUsers::new(store.clone(), env.clone()),
        popups: ManagePopups::new(store.clone(), env.clone(), keys),
        products: ManageProducts::new(store.clone(), env.clone()),
        coupons: ManageCoupons::new(store.clone(), env.clone(), guesses),
        strategies: ManageStrategies::new(store.clone(), env.clone()),
        reviewers: ManageReviewers::new(store.clone(), env.clone()),
        groups: ManageGroups::new(store.clone(), env.clone()),
        led_groups: LeadGroups::new(store.clone(), env.clone()),
        form_sections: ManageFormSections::new(store.clone(), env.clone()),
        form_fields: ManageFormFields::new(store.clone(), env.clone()),
        field_configs: ManageFieldConfigs::new(store.clone()),
        humans: ManageHumans::new(store.clone(), env.clone()),
        applications: ManageApplications::new(store.clone(), env.clone()),
        application_reviews: ReviewApplications::new(store.clone(), env.clone()),
        payments,
        invoices,
        dashboard: ShowDashboard::new(store.clone()),
        attendees: ManageAttendees::new(store.clone(), env.clone(), attempts.clone()),
        check_ins: ManageCheckIns::new(store.clone(), env.clone(), attempts),
        carts: KeepCarts::new(store.clone(), env.clone()),
        email_templates,
        emails: ManageEmails::new(store.clone(), env.clone()),
        uploads,
        mail_upkeep,
        participations: OwnParticipation::new(store.clone()),
        directory: AttendeeDirectory::new(store.clone()),
        audit_trail: AuditTrail::new(store.clone()),
        env,
        store,
    };
    Ok(Wired { state, hearing, inbox, delivery, orphans })
}

fn payments(
    settings: &Settings,
    store: &PgStore,
    env: &Arc<dyn Environment>,
    keys: &Arc<Keyring>,
    guesses: &CouponGuesses,
) -> anyhow::Result<ManagePayments<PgStore>> {
    Ok(ManagePayments::new(
        store.clone(),
        env.clone(),
        keys.clone(),
        payment_provider(settings)?,
        checkout_addresses(settings),
        guesses.clone(),
    ))
}

fn checkout_addresses(settings: &Settings) -> CheckoutAddresses {
    CheckoutAddresses {
        backend_url: base(&settings.backend_url),
        portal_url: base(&settings.portal_url),
    }
}

/// The keys that follow from the secrets of `settings`.
pub(crate) fn keyring(settings: &Settings) -> Arc<Keyring> {
    let previous = settings.secret_key_previous.as_ref().map(Secret::expose);
    Arc::new(Keyring::new(settings.secret_key.expose(), previous))
}

/// Where the parts of the installation are.
///
/// # Errors
///
/// An address without a host that tenants could have one below.
pub(crate) fn platform_hosts(settings: &Settings) -> anyhow::Result<PlatformHosts> {
    let portal = host("PORTAL_URL", &settings.portal_url)?;
    let reserved = vec![
        portal.clone(),
        host("BACKOFFICE_URL", &settings.backoffice_url)?,
        host("BACKEND_URL", &settings.backend_url)?,
    ];
    Ok(PlatformHosts { portal, reserved })
}

/// The way to the mail server that is configured; in development without one, to an inbox of our own.
async fn mail(
    settings: &Settings,
    env: Arc<dyn Environment>,
) -> anyhow::Result<(Option<Arc<SmtpMailer>>, Option<Inbox>)> {
    let (smtp, inbox) = match &settings.smtp {
        Some(smtp) => (smtp_settings(smtp), None),
        None if settings.stage == Stage::Dev => {
            let (inbox, address) =
                Inbox::start((Ipv4Addr::LOCALHOST, 0)).await.context("no inbox can be opened")?;
            (SmtpSettings::plain(address.ip().to_string(), address.port()), Some(inbox))
        }
        None => {
            tracing::warn!("mail is off: set SMTP_HOST and SENDER_EMAIL, or nobody can sign in");
            return Ok((None, None));
        }
    };
    Ok((Some(Arc::new(SmtpMailer::new(smtp, env)?)), inbox))
}

/// Where attempts are counted, and the Redis where they are counted for all servers, if there is one.
async fn limits(
    settings: &Settings,
) -> anyhow::Result<(Arc<dyn Limits>, Option<Arc<RedisLimits>>)> {
    let Some(url) = &settings.redis_url else {
        return Ok((Arc::new(LocalLimits::default()), None));
    };
    let authority = settings.redis_authority.as_deref();
    let redis = Arc::new(RedisLimits::connect(url.expose(), authority, REDIS_PATIENCE).await?);
    Ok((redis.clone(), Some(redis)))
}

/// The storage that `settings` name; `None` when it is off.
async fn storage(settings: &Storage) -> anyhow::Result<Option<Arc<dyn FileStorage>>> {
    let Some((access_key, secret_key)) = settings.keys() else {
        if let Some(missing) = settings.missing_half() {
            tracing::warn!("uploads are off: {missing} is not set, though the other half is");
        }
        return Ok(None);
    };
    let storage = S3Settings {
        endpoint: settings.endpoint.clone(),
        signing_endpoint: settings.signing_url.clone(),
        region: settings.region.clone(),
        bucket: settings.bucket.clone(),
        access_key: access_key.to_owned(),
        secret_key: secret_key.to_owned(),
    };
    let storage =
        S3Storage::new(&storage).await.context("addresses for uploads can't be signed")?;
    Ok(Some(Arc::new(storage)))
}

/// The way to the payment provider that `settings` name.
///
/// # Errors
///
/// When encryption can't be set up.
pub fn payment_provider(settings: &Settings) -> anyhow::Result<Arc<dyn PaymentProvider>> {
    let simplefi = SimpleFiSettings::new(settings.simplefi_url.clone());
    let simplefi = SimpleFi::new(simplefi, Arc::new(Machine)).context("the payment provider")?;
    Ok(Arc::new(simplefi))
}

/// What makes invoices, with images from the web and from `storage`.
///
/// # Errors
///
/// When encryption can't be set up.
fn invoices(
    settings: &Storage,
    storage: Option<Arc<dyn FileStorage>>,
    store: &PgStore,
    env: &Arc<dyn Environment>,
) -> anyhow::Result<MakeInvoices<PgStore>> {
    let own = storage.map(|storage| OwnFiles { files: settings.files(), storage });
    let pictures = WebPictures::new(own).context("images")?;
    let (pictures, printer) = (Arc::new(pictures), Arc::new(PdfPrinter::default()));
    Ok(MakeInvoices::new(store.clone(), env.clone(), pictures, printer))
}

fn branding(settings: &Settings) -> MailBranding {
    let email = settings.sender_email.clone().unwrap_or_else(|| NOBODY.to_owned());
    MailBranding {
        project_name: settings.project_name.clone(),
        portal_url: base(&settings.portal_url),
        backoffice_url: base(&settings.backoffice_url),
        sender: SenderRules {
            email,
            name: settings.sender_name.clone(),
            domains: settings.mail_sender_domains.clone(),
        },
    }
}

/// An address that paths can be appended to.
fn base(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

fn smtp_settings(smtp: &Smtp) -> SmtpSettings {
    let encryption = match (smtp.implicit_tls, smtp.start_tls) {
        (true, _) => Encryption::Implicit,
        (false, true) => Encryption::StartTls,
        (false, false) => Encryption::None,
    };
    let credentials = smtp.user.as_ref().zip(smtp.password.as_ref());
    let credentials = credentials.map(|(user, password)| SmtpCredentials {
        user: user.clone(),
        password: password.expose().to_owned(),
    });
    let authority = smtp.authority.clone();
    SmtpSettings { authority, ..SmtpSettings::new(&smtp.host, smtp.port, encryption, credentials) }
}

/// What makes the demonstrations in the database of `settings`.
///
/// # Errors
///
/// An address that can't be used.
pub(crate) fn seed_demo(settings: &Settings) -> anyhow::Result<SeedDemo<PgStore>> {
    // Like migrations, demonstrations are the owner's business, who takes the server's role for it.
    let store = PgStore::connect(&settings.postgres.of_owner());
    let attempts = Attempts::new(Arc::new(LocalLimits::default()), AttemptLimits::unlimited());
    let (keys, hosts) = (keyring(settings), platform_hosts(settings)?);
    Ok(SeedDemo::new(store, Arc::new(Machine), keys, attempts, hosts))
}

fn attempt_limits(settings: &Settings) -> AttemptLimits {
    let (standard, set) = (AttemptLimits::default(), settings.rate_limits);
    AttemptLimits {
        login: standard.login.or(Some(set.login)),
        login_total: standard.login_total.or(Some(set.login_total)),
        address: standard.address.or(Some(set.address)),
        coupon: standard.coupon.or(Some(set.coupon)),
        check_in: standard.check_in.or(Some(set.check_in)),
        upload: standard.upload.or(Some(set.upload)),
        test_mail: standard.test_mail.or(Some(set.test_mail)),
    }
}

fn host(variable: &str, url: &Url) -> anyhow::Result<HostName> {
    let host = url.host_str().unwrap_or_default();
    HostName::parse(host).with_context(|| format!("{variable} has no usable host: {host}"))
}
