//! What is shown of a payment.

use edgeos_domain::{ApplicationId, Discount, PaymentId, PaymentTerms, Quote, Rate};
use edgeos_ports::{PaymentLineView, PaymentView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::{PaymentCreate, PaymentProductRequest, PaymentStatus};
use crate::answer::{Instant, Money};

/// A payment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentPublic {
    tenant_id: Uuid,
    application_id: Uuid,
    /// The provider's name for it.
    external_id: Option<String>,
    /// How far it is.
    #[schema(default = "pending")]
    status: &'static str,
    /// What is due in USD, insurance included.
    #[schema(default = "0")]
    amount: Money<2>,
    /// How much of the amount is insurance.
    #[schema(default = "0")]
    insurance_amount: Money<2>,
    /// USD until it is paid; then what the customer paid in.
    #[schema(default = "USD")]
    currency: String,
    /// USD per unit of the currency.
    rate: Option<Money<8>>,
    /// Through whom the money came.
    source: Option<&'static str>,
    /// Where the customer pays.
    checkout_url: Option<String>,
    coupon_id: Option<Uuid>,
    coupon_code: Option<String>,
    /// What was taken off, in percent.
    discount_value: Option<Money<2>>,
    #[schema(default = false)]
    edit_passes: bool,
    #[schema(default = false)]
    is_installment_plan: bool,
    installments_total: Option<u32>,
    #[schema(default = 0)]
    installments_paid: Option<u32>,
    group_id: Option<Uuid>,
    /// `pass_purchase` or `application_fee`.
    #[schema(default = "pass_purchase")]
    payment_type: &'static str,
    id: Uuid,
    /// What is paid for, as it was when the payment was made.
    #[schema(default = json!([]))]
    products_snapshot: Vec<PaymentProductResponse>,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
}

/// A product of a payment, as it was when the payment was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentProductResponse {
    product_id: Uuid,
    attendee_id: Uuid,
    quantity: i32,
    product_name: String,
    product_description: Option<String>,
    product_price: Money<2>,
    product_category: String,
    attendee_name: Option<String>,
    created_at: Instant,
}

/// What an order would cost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentPreview {
    application_id: Uuid,
    products: Vec<PaymentProductRequest>,
    /// The list price.
    original_amount: Money<2>,
    /// What is due; below zero after a change of passes that leaves credit.
    amount: Money<2>,
    /// How much of the amount is insurance.
    #[schema(default = "0")]
    insurance_amount: Money<2>,
    #[schema(default = "USD")]
    currency: &'static str,
    #[schema(default = false)]
    edit_passes: bool,
    coupon_id: Option<Uuid>,
    coupon_code: Option<String>,
    /// What is taken off, in percent.
    discount_value: Option<String>,
    group_id: Option<Uuid>,
    #[schema(default = false)]
    scholarship_discount: bool,
    status: Option<String>,
    external_id: Option<String>,
    checkout_url: Option<String>,
}

/// How far a payment is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentStatusCheck {
    id: Uuid,
    status: PaymentStatus,
}

/// An order as it was sent, to be shown again.
#[derive(Debug)]
pub(super) struct Echo {
    application: ApplicationId,
    lines: Vec<PaymentProductRequest>,
    edit_passes: bool,
}

impl Echo {
    pub(super) fn of(body: &PaymentCreate) -> Self {
        Self {
            application: ApplicationId(body.application_id.0),
            lines: body.products.0.clone(),
            edit_passes: body.edit_passes.0,
        }
    }

    pub(super) fn priced(self, quote: &Quote) -> PaymentPreview {
        let coupon = match &quote.discount {
            Some(Discount::Coupon(coupon)) => Some(coupon),
            _ => None,
        };
        PaymentPreview {
            application_id: self.application.0,
            products: self.lines,
            original_amount: quote.original_amount.into(),
            amount: quote.amount.into(),
            insurance_amount: quote.insurance_amount.into(),
            currency: "USD",
            edit_passes: self.edit_passes,
            coupon_id: coupon.map(|coupon| coupon.id.0),
            coupon_code: coupon.map(|coupon| coupon.code.clone()),
            discount_value: Some(quote.discount_value().to_string()),
            group_id: quote.group.map(|group| group.0),
            scholarship_discount: matches!(quote.discount, Some(Discount::Scholarship(_))),
            status: None,
            external_id: None,
            checkout_url: None,
        }
    }
}

impl PaymentStatusCheck {
    pub(super) fn new((id, status): (PaymentId, edgeos_domain::PaymentStatus)) -> Self {
        Self { id: id.0, status: status.into() }
    }
}

impl From<PaymentView> for PaymentPublic {
    fn from(PaymentView { payment, lines }: PaymentView) -> Self {
        let status = payment.status().as_str();
        let PaymentTerms { currency, rate, source } = payment.terms;
        Self {
            tenant_id: payment.tenant.0,
            application_id: payment.application.0,
            external_id: payment.external_id,
            status,
            amount: payment.amount.into(),
            insurance_amount: payment.insurance_amount.into(),
            currency: currency.as_str().to_owned(),
            rate: rate.map(Rate::get).map(Into::into),
            source: source.map(edgeos_domain::PaymentSource::as_str),
            checkout_url: payment.checkout_url,
            coupon_id: payment.coupon.map(|coupon| coupon.0),
            coupon_code: payment.coupon_code,
            discount_value: payment.discount_value.map(Into::into),
            edit_passes: payment.edit_passes,
            is_installment_plan: payment.installments.agreed,
            installments_total: payment.installments.total,
            installments_paid: payment.installments.paid,
            group_id: payment.group.map(|group| group.0),
            payment_type: payment.payment_type.as_str(),
            id: payment.id.0,
            products_snapshot: lines.into_iter().map(Into::into).collect(),
            created_at: Some(payment.created_at.into()),
            updated_at: Some(payment.updated_at.into()),
        }
    }
}

impl From<PaymentLineView> for PaymentProductResponse {
    fn from(PaymentLineView { line, attendee_name }: PaymentLineView) -> Self {
        Self {
            product_id: line.product.0,
            attendee_id: line.attendee.0,
            quantity: line.quantity,
            product_name: line.name,
            product_description: line.description,
            product_price: line.price.into(),
            product_category: line.category,
            attendee_name,
            created_at: line.created_at.into(),
        }
    }
}
