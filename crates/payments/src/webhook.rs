//! What SimpleFI announces: the body of `POST {notification_url}`.

use chrono::{DateTime, NaiveDateTime, Utc};
use edgeos_ports::{InstallmentEvent, PaymentEvent, ProviderEvent, RequestStatus};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::json::{BadField, Object};

/// The header in which SimpleFI may sign an announcement: lower-case hex of HMAC-SHA256 over the body, with
/// the account's key.
pub const SIGNATURE_HEADER: &str = "X-SimpleFI-Signature";

/// The currency of cards.
const CARD_CURRENCY: &str = "USD";

/// Numbers from here on don't fit their columns.
const TOO_LARGE: Decimal = Decimal::from_parts(1_410_065_408, 2, 0, false, 0);

/// Longest identifiers and currencies, as their columns hold them, in characters.
const ID_MAX: usize = 255;
const CURRENCY_MAX: usize = 10;

/// A body that isn't an announcement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// Not one JSON object.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// A field that this event needs is missing, or not what it must be.
    #[error("{0} is missing or not valid")]
    Field(String),
}

impl From<BadField> for InvalidEvent {
    fn from(bad: BadField) -> Self {
        Self::Field(bad.0)
    }
}

/// What `body` announces. Nothing vouches for it yet. Fields that nobody needs may be missing or of any kind.
///
/// # Errors
///
/// [`InvalidEvent`].
pub fn parse_event(body: &[u8]) -> Result<ProviderEvent, InvalidEvent> {
    let event = Object::parse(body).ok_or(InvalidEvent::NotAnObject)?;
    // A kind that is longer than any that we know is one that we don't know.
    let kind = event.text("event_type", usize::MAX)?;
    match kind.as_str() {
        "new_payment" | "new_card_payment" => payment(&event.object("data")?),
        "installment_plan_activated" => Ok(ProviderEvent::PlanActivated {
            plan: event.text("entity_id", ID_MAX)?,
            installments: plan(&event)?.count("number_of_installments")?,
        }),
        "installment_plan_completed" => Ok(ProviderEvent::PlanCompleted {
            plan: event.text("entity_id", ID_MAX)?,
            paid: plan(&event)?.count("paid_installments_count")?,
        }),
        "installment_plan_cancelled" => {
            Ok(ProviderEvent::PlanCancelled { plan: event.text("entity_id", ID_MAX)? })
        }
        _ => Ok(ProviderEvent::Other),
    }
}

fn plan(event: &Object) -> Result<Object, BadField> {
    event.object("data")?.object("installment_plan")
}

fn payment(data: &Object) -> Result<ProviderEvent, InvalidEvent> {
    let request = data.object("payment_request")?;
    let external_id = request.text("id", ID_MAX)?;
    let status = RequestStatus::of(&request.text("status", usize::MAX)?);
    // Nobody needs to know in what something wasn't paid.
    let paid = match status {
        RequestStatus::Approved => data.optional_object("new_payment")?,
        _ => None,
    };
    let currency = match &paid {
        Some(paid) => paid.optional_label("coin", CURRENCY_MAX)?,
        None => None,
    };
    let currency = currency.unwrap_or_else(|| CARD_CURRENCY.to_owned());

    let Some(plan) = request.optional_text("installment_plan_id", ID_MAX)? else {
        let rate = match status {
            RequestStatus::Approved => rate(&request, &currency)?,
            _ => None,
        };
        let event = PaymentEvent { external_id, status, currency, rate };
        return Ok(ProviderEvent::Payment(event));
    };
    let of_coins = paid.filter(|paid| paid.has("hash"));
    let (mut amount, mut paid_at) = (None, None);
    if let Some(paid) = of_coins {
        // Of a coin that is worth next to nothing, there may be more than the column holds.
        amount = bounded(&paid, "amount").unwrap_or(None);
        let time = paid.optional_text("paid_at", usize::MAX).unwrap_or(None);
        paid_at = time.as_deref().and_then(instant);
    }
    if amount.is_none() && status == RequestStatus::Approved {
        amount = Some(bounded(&request, "amount_paid")?.ok_or_else(|| request.bad("amount_paid"))?);
    }
    let event = InstallmentEvent { plan, external_id, status, amount, currency, paid_at };
    Ok(ProviderEvent::Installment(event))
}

/// What the first transaction in `currency` tells; 1 without one. A rate that no column holds is left out: the money
/// is there all the same.
fn rate(request: &Object, currency: &str) -> Result<Option<Decimal>, BadField> {
    for transaction in request.objects("transactions")? {
        let coin = transaction.optional_label("coin", CURRENCY_MAX)?;
        if coin.as_deref() == Some(currency) {
            let Some(price) = transaction.optional_object("price_details")? else { break };
            if price.has("rate") {
                let rate = bounded(&price, "rate").unwrap_or(None);
                return Ok(rate.filter(|rate| !rate.is_zero()));
            }
            break;
        }
    }
    Ok(Some(Decimal::ONE))
}

/// A number as its column keeps it: eight decimals.
fn bounded(object: &Object, name: &str) -> Result<Option<Decimal>, BadField> {
    let Some(number) = object.optional_number(name)? else { return Ok(None) };
    let number = number.round_dp_with_strategy(8, RoundingStrategy::MidpointAwayFromZero);
    let fits = number >= Decimal::ZERO && number < TOO_LARGE;
    if fits { Ok(Some(number)) } else { Err(object.bad(name)) }
}

/// A time, in UTC if it doesn't say otherwise.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let with_zone = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let without = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    with_zone.or_else(|_| without().map(|time| time.and_utc())).ok()
}

#[cfg(test)]
mod tests;
