use edgeos_domain::{Application, Human, MailTemplate, Popup};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::{Value, json};

use crate::event_variables::{event_variables, number};

/// The variables of the mail that tells `human` about `application`.
pub(super) fn context(
    template: MailTemplate,
    popup: &Popup,
    human: &Human,
    application: &Application,
    group_discount: Option<Decimal>,
) -> Value {
    let mut context = Value::Object(event_variables(popup));
    context["first_name"] = json!(human.profile.first_name);
    context["last_name"] = json!(human.profile.last_name);
    let scholarship = &application.scholarship;
    match template {
        MailTemplate::ApplicationReceived => {
            context["email"] = json!(human.email.as_str());
            let submitted_at = application.progress.submitted_at();
            let minute = submitted_at.map(|at| at.format("%B %d, %Y, %H:%M UTC").to_string());
            context["submitted_at"] = json!(minute);
        }
        MailTemplate::ApplicationAccepted => {
            let discount = group_discount.filter(|discount| *discount > Decimal::ZERO);
            context["discount_assigned"] = json!(discount.map(number));
        }
        MailTemplate::ApplicationAcceptedWithDiscount => {
            context["discount_percentage"] = json!(scholarship.discount_percentage.map(number));
        }
        MailTemplate::ApplicationAcceptedWithIncentive => {
            context["discount_percentage"] = json!(scholarship.discount_percentage.map(number));
            context["incentive_amount"] =
                json!(scholarship.incentive_amount.and_then(|amount| amount.to_f64()));
            let currency = scholarship.incentive_currency.as_deref();
            context["incentive_currency"] = json!(currency.unwrap_or("USD"));
        }
        MailTemplate::ApplicationAcceptedScholarshipRejected
        | MailTemplate::ApplicationRejected
        | MailTemplate::PaymentConfirmed
        | MailTemplate::AbandonedCart
        | MailTemplate::EditPassesConfirmed
        | MailTemplate::LoginCodeUser
        | MailTemplate::LoginCodeHuman => {}
    }
    context
}
