//! What is asked for.

use deserr::Deserr;
use edgeos_app::payments::Purchase;
use edgeos_domain::{
    ApplicationId, AttendeeId, Currency, InvalidCurrency, Order, OrderLine, PaymentChange, PopupId,
    ProductId, Quantity,
};
use edgeos_ports::PaymentFilter;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{Limit, Skip},
    error::ApiError,
    shape::{
        Amount, Fault, Filled, Flag, FromText, Id, List, Parsed, Patch, Rate, Sent, Step, Text,
        Whole, Wrong, choice,
    },
};

choice! {
    /// How far a payment is.
    PaymentStatus(edgeos_domain::PaymentStatus) {
        "pending" => Pending, "approved" => Approved, "rejected" => Rejected,
        "expired" => Expired, "cancelled" => Cancelled,
    }
}

choice! {
    /// Through whom the money came.
    PaymentSource(edgeos_domain::PaymentSource) { "SimpleFI" => SimpleFi, "Stripe" => Stripe }
}

type CurrencyText = Parsed<Currency>;
type Lines = List<PaymentProductRequest, { Order::LINES_MAX }>;

impl FromText for Currency {
    // With room for the blanks around it.
    const MAX: usize = 100;
    type Refusal = InvalidCurrency;

    fn from_text(text: &str) -> Result<Self, InvalidCurrency> {
        Self::parse(text)
    }
}

/// An order.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct PaymentCreate {
    pub(super) application_id: Id,
    /// At least one.
    pub(super) products: Lines,
    /// A code that takes a percentage off.
    #[deserr(default)]
    coupon_code: Option<Text<1000>>,
    /// Whether the lines state all tickets that the application shall hold, instead of adding to them.
    #[deserr(default)]
    #[schema(default = false)]
    pub(super) edit_passes: Flag,
    /// Whether what is bought is to be insured.
    #[deserr(default)]
    #[schema(default = false)]
    insurance: Flag,
}

/// A line of an order.
#[derive(Debug, Clone, Copy, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct PaymentProductRequest {
    product_id: Id,
    attendee_id: Id,
    #[deserr(default = Whole::new(1))]
    #[schema(default = 1)]
    quantity: Whole<1, { Quantity::MAX as i64 }>,
    /// What a patron gives instead of the price of a patron product, at least that.
    #[deserr(default)]
    custom_amount: Option<Amount<10, 2>>,
}

/// The application whose fee is paid.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ApplicationFeeCreate {
    pub(super) application_id: Id,
}

/// A change of a payment.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct PaymentUpdate {
    #[deserr(default)]
    status: Sent<PaymentStatus>,
    /// The provider's name for it.
    #[deserr(default)]
    external_id: Patch<Filled<255>>,
    #[deserr(default)]
    source: Patch<PaymentSource>,
    /// USD per unit of the currency.
    #[deserr(default)]
    rate: Patch<Rate>,
    #[deserr(default)]
    currency: Sent<CurrencyText>,
}

/// Which payments, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct PaymentQuery {
    /// Those to this event.
    #[deserr(default)]
    popup_id: Option<Id>,
    /// Those by this application.
    #[deserr(default)]
    application_id: Option<Id>,
    /// The one that the provider calls so.
    #[deserr(default)]
    external_id: Option<Text<255>>,
    #[deserr(default)]
    payment_status: Option<PaymentStatus>,
    #[deserr(default)]
    pub(super) skip: Skip,
    #[deserr(default)]
    pub(super) limit: Limit,
}

impl From<PaymentQuery> for PaymentFilter {
    fn from(query: PaymentQuery) -> Self {
        Self {
            popup: query.popup_id.map(|id| PopupId(id.0)),
            application: query.application_id.map(|id| ApplicationId(id.0)),
            external_id: query.external_id.map(Text::into_inner),
            status: query.payment_status.map(Into::into),
        }
    }
}

impl TryFrom<PaymentCreate> for Purchase {
    type Error = ApiError;

    fn try_from(body: PaymentCreate) -> Result<Self, ApiError> {
        if body.products.0.is_empty() {
            let place = vec![Step::from("body"), Step::from("products")];
            let msg = "List should have at least 1 item";
            return Err(Wrong::at(place, Fault::ValueError, msg).into());
        }
        Ok(Self {
            application: ApplicationId(body.application_id.0),
            lines: body.products.0.into_iter().map(OrderLine::from).collect(),
            coupon_code: body.coupon_code.map(Text::into_inner).filter(|code| !code.is_empty()),
            edit_passes: body.edit_passes.0,
            insurance: body.insurance.0,
        })
    }
}

impl From<PaymentProductRequest> for OrderLine {
    fn from(line: PaymentProductRequest) -> Self {
        let quantity = i64::try_from(line.quantity.count()).unwrap_or(i64::MAX);
        Self {
            product: ProductId(line.product_id.0),
            attendee: AttendeeId(line.attendee_id.0),
            quantity: Quantity::new(quantity).expect("it was read within these bounds"),
            custom_amount: line.custom_amount.map(|amount| amount.0),
        }
    }
}

impl From<PaymentUpdate> for PaymentChange {
    fn from(body: PaymentUpdate) -> Self {
        Self {
            status: body.status.map(Into::into),
            external_id: body.external_id.map(Filled::into_inner).into(),
            source: body.source.map(Into::into).into(),
            rate: body.rate.map(|rate| rate.0).into(),
            currency: body.currency.map(|currency| currency.0),
        }
    }
}

impl Serialize for PaymentProductRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("PaymentProductRequest", 4)?;
        line.serialize_field("product_id", &self.product_id.0)?;
        line.serialize_field("attendee_id", &self.attendee_id.0)?;
        line.serialize_field("quantity", &self.quantity.count())?;
        match self.custom_amount {
            Some(Amount(amount)) => line.serialize_field("custom_amount", &amount.to_string())?,
            None => line.skip_field("custom_amount")?,
        }
        line.end()
    }
}
