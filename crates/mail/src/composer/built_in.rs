//! The words that come with the program.

use edgeos_domain::MailTemplate;

/// Names and sources of templates.
macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../templates/mail/", $name)))),*]
    };
}

/// Every file of the built-in mails.
pub(super) const SOURCES: &[(&str, &str)] = sources![
    "frame.html",
    "frame.txt",
    "parts.html",
    "code.html",
    "application.html",
    "application.txt",
    "login_code_user.html",
    "login_code_user.txt",
    "login_code_human.html",
    "login_code_human.txt",
    "application_received.html",
    "application_received.txt",
    "application_accepted.html",
    "application_accepted.txt",
    "application_accepted_with_discount.html",
    "application_accepted_with_discount.txt",
    "application_accepted_with_incentive.html",
    "application_accepted_with_incentive.txt",
    "application_accepted_scholarship_rejected.html",
    "application_accepted_scholarship_rejected.txt",
    "application_rejected.html",
    "application_rejected.txt",
];

/// The subject of `template`, itself a template; `None` when there is no such mail.
pub(super) fn subject(template: MailTemplate) -> Option<&'static str> {
    match template {
        MailTemplate::LoginCodeUser => Some("Login code for {{ frame.name }}"),
        MailTemplate::LoginCodeHuman => {
            Some("{% if is_new %}Verification{% else %}Login{% endif %} code for {{ frame.name }}")
        }
        MailTemplate::ApplicationReceived => Some("{{ popup_name }}: application received"),
        MailTemplate::ApplicationAccepted => Some("{{ popup_name }}: application accepted"),
        MailTemplate::ApplicationAcceptedWithDiscount => {
            Some("{{ popup_name }}: application accepted, scholarship granted")
        }
        MailTemplate::ApplicationAcceptedWithIncentive => {
            Some("{{ popup_name }}: application accepted, scholarship and grant awarded")
        }
        MailTemplate::ApplicationAcceptedScholarshipRejected => {
            Some("{{ popup_name }}: application accepted, decision on your scholarship")
        }
        MailTemplate::ApplicationRejected => Some("{{ popup_name }}: application update"),
        MailTemplate::PaymentConfirmed
        | MailTemplate::AbandonedCart
        | MailTemplate::EditPassesConfirmed => None,
    }
}

/// The variables that `template` should not be without.
pub(super) fn required(template: MailTemplate) -> &'static [&'static str] {
    match template {
        MailTemplate::LoginCodeUser | MailTemplate::LoginCodeHuman => {
            &["auth_code", "expiration_minutes"]
        }
        MailTemplate::ApplicationReceived => &["popup_name", "email"],
        MailTemplate::ApplicationAcceptedWithDiscount => &["popup_name", "discount_percentage"],
        MailTemplate::ApplicationAcceptedWithIncentive => {
            &["popup_name", "discount_percentage", "incentive_amount", "incentive_currency"]
        }
        MailTemplate::ApplicationAccepted
        | MailTemplate::ApplicationAcceptedScholarshipRejected
        | MailTemplate::ApplicationRejected => &["popup_name"],
        MailTemplate::PaymentConfirmed
        | MailTemplate::AbandonedCart
        | MailTemplate::EditPassesConfirmed => &[],
    }
}
