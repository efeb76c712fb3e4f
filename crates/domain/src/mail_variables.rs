//! What mails are about, and what their templates may show.

use self::VariableGroup::{Applicant, Event, General, Payment, Scholarship};
use crate::MailTemplate;

/// What a mail belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailCategory {
    /// An application.
    Application,
    /// A payment.
    Payment,
    /// Signing in.
    Login,
}

/// Under which heading an editor lists a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableGroup {
    /// The person.
    Applicant,
    /// This and that.
    General,
    /// Reductions and grants.
    Scholarship,
    /// What was bought.
    Payment,
    /// The popup.
    Event,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableType {
    /// A text.
    Text,
    /// A number: whole ones as such, amounts of money with two decimals.
    Number,
    /// A list.
    Array,
}

/// Something that a template may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailVariable {
    /// What templates call it.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it is, in a sentence.
    pub description: &'static str,
    /// Where an editor lists it.
    pub group: VariableGroup,
    /// What it holds.
    pub kind: VariableType,
    /// Whether every mail of the type has it.
    pub required: bool,
}

impl MailTemplate {
    /// The templates that a popup may replace, in the order of lists.
    pub fn customisable() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|template| !template.is_login())
    }

    /// What the mail belongs to.
    #[must_use]
    pub fn category(self) -> MailCategory {
        match self {
            Self::LoginCodeUser | Self::LoginCodeHuman => MailCategory::Login,
            Self::PaymentConfirmed | Self::AbandonedCart | Self::EditPassesConfirmed => {
                MailCategory::Payment
            }
            Self::ApplicationReceived
            | Self::ApplicationAccepted
            | Self::ApplicationRejected
            | Self::ApplicationAcceptedWithDiscount
            | Self::ApplicationAcceptedWithIncentive
            | Self::ApplicationAcceptedScholarshipRejected => MailCategory::Application,
        }
    }

    /// What people call the mail, and when it is sent.
    #[must_use]
    pub fn label_and_description(self) -> (&'static str, &'static str) {
        match self {
            Self::LoginCodeUser => {
                ("Login code (staff)", "Sent when somebody of the backoffice asks for a code.")
            }
            Self::LoginCodeHuman => {
                ("Login code (portal)", "Sent when somebody of the portal asks for a code.")
            }
            Self::ApplicationReceived => {
                ("Application received", "Sent when an application is in review.")
            }
            Self::ApplicationAccepted => (
                "Application accepted",
                "Sent when an application is accepted and no scholarship was decided on.",
            ),
            Self::ApplicationRejected => {
                ("Application rejected", "Sent when an application is not accepted.")
            }
            Self::ApplicationAcceptedWithDiscount => (
                "Application accepted, with scholarship",
                "Sent when an application is accepted and its scholarship reduces the price.",
            ),
            Self::ApplicationAcceptedWithIncentive => (
                "Application accepted, with scholarship and grant",
                "Sent when an application is accepted and its scholarship comes with a grant.",
            ),
            Self::ApplicationAcceptedScholarshipRejected => (
                "Application accepted, scholarship not granted",
                "Sent when an application is accepted and its scholarship is not granted.",
            ),
            Self::PaymentConfirmed => ("Payment confirmed", "Sent when a purchase is paid."),
            Self::AbandonedCart => (
                "Abandoned cart",
                "For orders that wait for payment. It is not sent yet; its words can be prepared.",
            ),
            Self::EditPassesConfirmed => {
                ("Pass changes confirmed", "Sent when a change of passes is done.")
            }
        }
    }

    /// The built-in subject, in the template language.
    #[must_use]
    pub fn subject(self) -> &'static str {
        match self {
            Self::LoginCodeUser => "Login code for {{ tenant_name }}",
            Self::LoginCodeHuman => {
                "{% if is_new %}Verification{% else %}Login{% endif %} code for {{ tenant_name }}"
            }
            Self::ApplicationReceived => "{{ popup_name }}: application received",
            Self::ApplicationAccepted => "{{ popup_name }}: application accepted",
            Self::ApplicationAcceptedWithDiscount => {
                "{{ popup_name }}: application accepted, scholarship granted"
            }
            Self::ApplicationAcceptedWithIncentive => {
                "{{ popup_name }}: application accepted, scholarship and grant awarded"
            }
            Self::ApplicationAcceptedScholarshipRejected => {
                "{{ popup_name }}: application accepted, decision on your scholarship"
            }
            Self::ApplicationRejected => "{{ popup_name }}: application update",
            Self::PaymentConfirmed => "{{ popup_name }}: payment confirmed",
            Self::AbandonedCart => "{{ popup_name }}: complete your purchase",
            Self::EditPassesConfirmed => "{{ popup_name }}: pass changes confirmed",
        }
    }

    /// What its templates may show: what is its own, then, unless it is a login mail, what is known of the
    /// popup.
    #[must_use]
    pub fn variables(self) -> Vec<MailVariable> {
        let own: &[&[MailVariable]] = match self {
            Self::LoginCodeUser => &[&[USER_NAME], LOGIN],
            Self::LoginCodeHuman => &[&[optional(FIRST_NAME)], LOGIN],
            Self::ApplicationReceived => &[NAMES, &[EMAIL, SUBMITTED_AT, PORTAL_URL]],
            Self::ApplicationAccepted => &[NAMES, &[DISCOUNT_ASSIGNED, PORTAL_URL]],
            Self::ApplicationRejected => &[NAMES],
            Self::ApplicationAcceptedWithDiscount => &[NAMES, &[DISCOUNT_PERCENTAGE, PORTAL_URL]],
            Self::ApplicationAcceptedWithIncentive => {
                &[NAMES, &[DISCOUNT_PERCENTAGE, INCENTIVE_AMOUNT, INCENTIVE_CURRENCY, PORTAL_URL]]
            }
            Self::ApplicationAcceptedScholarshipRejected => &[NAMES, &[PORTAL_URL]],
            Self::PaymentConfirmed => &[
                &[FIRST_NAME, PAYMENT_ID, AMOUNT, CURRENCY, PRODUCTS],
                &[DISCOUNT_VALUE, ORIGINAL_AMOUNT, ATTENDEES, ORDER_SUMMARY, PORTAL_URL],
            ],
            Self::AbandonedCart => &[
                &[FIRST_NAME, AMOUNT, CURRENCY, PRODUCTS],
                &[DISCOUNT_VALUE, ORIGINAL_AMOUNT, ORDER_SUMMARY, CHECKOUT_URL],
            ],
            Self::EditPassesConfirmed => &[
                &[FIRST_NAME, PAYMENT_ID, AMOUNT, CURRENCY, PRODUCTS],
                &[CREDIT_APPLIED, REMAINING_CREDIT, ATTENDEES, ORDER_SUMMARY, PORTAL_URL],
            ],
        };
        let event = if self.is_login() { &[] } else { EVENT };
        own.iter().copied().chain([event]).flatten().copied().collect()
    }
}

const fn variable(
    name: &'static str,
    label: &'static str,
    description: &'static str,
    group: VariableGroup,
) -> MailVariable {
    MailVariable { name, label, description, group, kind: VariableType::Text, required: false }
}

const fn required(variable: MailVariable) -> MailVariable {
    MailVariable { required: true, ..variable }
}

const fn optional(variable: MailVariable) -> MailVariable {
    MailVariable { required: false, ..variable }
}

const fn number(variable: MailVariable) -> MailVariable {
    MailVariable { kind: VariableType::Number, ..variable }
}

const fn array(variable: MailVariable) -> MailVariable {
    MailVariable { kind: VariableType::Array, ..variable }
}

const FIRST_NAME: MailVariable =
    required(variable("first_name", "First name", "The person's first name.", Applicant));
const LAST_NAME: MailVariable =
    required(variable("last_name", "Last name", "The person's last name.", Applicant));
const NAMES: &[MailVariable] = &[FIRST_NAME, LAST_NAME];
const EMAIL: MailVariable =
    required(variable("email", "E-mail", "The address that the mail goes to.", Applicant));
const SUBMITTED_AT: MailVariable = variable(
    "submitted_at",
    "Submitted",
    "When the application was submitted: November 22, 2026, 06:19 UTC.",
    General,
);
const PORTAL_URL: MailVariable =
    variable("portal_url", "Portal", "The address of the organisation's portal.", General);
const DISCOUNT_ASSIGNED: MailVariable = number(variable(
    "discount_assigned",
    "Group discount",
    "What members of the person's group get off the price, in percent.",
    General,
));
const DISCOUNT_PERCENTAGE: MailVariable = required(number(variable(
    "discount_percentage",
    "Reduction",
    "What the scholarship takes off the price, in percent; 100 = the ticket is free.",
    Scholarship,
)));
const INCENTIVE_AMOUNT: MailVariable = required(number(variable(
    "incentive_amount",
    "Grant",
    "The amount of the grant.",
    Scholarship,
)));
const INCENTIVE_CURRENCY: MailVariable = required(variable(
    "incentive_currency",
    "Currency of the grant",
    "The currency of the grant: USD.",
    Scholarship,
));
const PAYMENT_ID: MailVariable =
    required(variable("payment_id", "Payment", "What identifies the payment.", Payment));
const AMOUNT: MailVariable =
    required(number(variable("amount", "Total", "What is to be paid or was paid.", Payment)));
const CURRENCY: MailVariable =
    required(variable("currency", "Currency", "The currency of the amounts: USD.", Payment));
const PRODUCTS: MailVariable = array(variable(
    "products",
    "Products",
    "What is bought; each has a name, a price for one, and a quantity.",
    Payment,
));
const DISCOUNT_VALUE: MailVariable = number(variable(
    "discount_value",
    "Discount",
    "What is taken off the price, in percent.",
    Payment,
));
const ORIGINAL_AMOUNT: MailVariable = number(variable(
    "original_amount",
    "Price before discount",
    "The price before anything is taken off.",
    Payment,
));
const ATTENDEES: MailVariable = array(variable(
    "attendees",
    "Attendees",
    "Who comes along; each has a name, a category, and products.",
    Payment,
));
const ORDER_SUMMARY: MailVariable = variable(
    "order_summary",
    "Summary of the order",
    "A line of HTML for each product: its name, the attendee, the price.",
    Payment,
);
const CHECKOUT_URL: MailVariable =
    variable("checkout_url", "Payment link", "Where the order can be paid.", General);
const CREDIT_APPLIED: MailVariable =
    number(variable("credit_applied", "Credit used", "The credit that was used.", Payment));
const REMAINING_CREDIT: MailVariable =
    number(variable("remaining_credit", "Remaining credit", "The credit that is left.", Payment));
const USER_NAME: MailVariable = variable("user_name", "Name", "The user's full name.", Applicant);
const LOGIN: &[MailVariable] = &[
    required(variable("auth_code", "Code", "The six digits.", General)),
    number(variable("expiration_minutes", "Minutes", "How long the code is valid.", General)),
];
const EVENT: &[MailVariable] = &[
    required(variable("popup_name", "Event", "The name of the event.", Event)),
    variable("popup_image_url", "Picture", "The address of the event's picture.", Event),
    variable("popup_icon_url", "Icon", "The address of the event's icon.", Event),
    variable("popup_web_url", "Website", "The address of the event's website.", Event),
    variable("popup_blog_url", "Blog", "The address of the event's blog.", Event),
    variable("popup_twitter_url", "Twitter", "The address of the event's Twitter page.", Event),
    variable("popup_start_date", "Start", "The first day: June 05, 2026.", Event),
    variable("popup_end_date", "End", "The last day: June 28, 2026.", Event),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_mails_can_be_customised_and_know_the_event() {
        assert_eq!(MailTemplate::customisable().count(), 9);
        for template in MailTemplate::customisable() {
            let variables = template.variables();
            assert_eq!(&variables[variables.len() - 8..], EVENT, "{template:?}");
            assert_ne!(template.category(), MailCategory::Login);
            let mut names: Vec<_> = variables.iter().map(|variable| variable.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), variables.len(), "{template:?}");
        }
    }

    #[test]
    fn login_mails_know_no_event() {
        let names = |template: MailTemplate| -> Vec<_> {
            template.variables().iter().map(|variable| variable.name).collect()
        };
        assert_eq!(
            names(MailTemplate::LoginCodeUser),
            ["user_name", "auth_code", "expiration_minutes"]
        );
        assert_eq!(names(MailTemplate::LoginCodeHuman)[0], "first_name");
    }
}
