//! Payments and their lines as rows, and back.

use edgeos_domain::{
    ApplicationId, AttendeeId, CouponId, Currency, GroupId, Installments, Payment, PaymentId,
    PaymentProgress, PaymentSource, PaymentStatus, PaymentTerms, PaymentType, PopupId, ProductId,
    Rate, TenantId, TraceStep, Units,
};
use edgeos_ports::{PaymentLine, StoreError};
use sea_orm::{ActiveValue::Set, Value};

use super::settlement;
use crate::{
    entity::{
        payment::{ActiveModel, Model},
        payment_product,
    },
    error::stored,
};

pub(super) fn inserted(payment: &Payment, trace: &[TraceStep]) -> Result<ActiveModel, StoreError> {
    let Payment { id, tenant, application, popup, .. } = *payment;
    let (total, paid) = installments(payment)?;
    Ok(ActiveModel {
        tenant_id: Set(tenant.0),
        id: Set(id.0),
        application_id: Set(application.0),
        popup_id: Set(popup.0),
        external_id: Set(payment.external_id.clone()),
        status: Set(payment.status().as_str().to_owned()),
        amount: Set(payment.amount),
        insurance_amount: Set(payment.insurance_amount),
        currency: Set(payment.terms.currency.as_str().to_owned()),
        rate: Set(payment.terms.rate.map(Rate::get)),
        source: Set(payment.terms.source.map(|source| source.as_str().to_owned())),
        checkout_url: Set(payment.checkout_url.clone()),
        coupon_id: Set(payment.coupon.map(|coupon| coupon.0)),
        coupon_code: Set(payment.coupon_code.clone()),
        discount_value: Set(payment.discount_value),
        discount_amount: Set(payment.discount_amount),
        edit_passes: Set(payment.edit_passes),
        group_id: Set(payment.group.map(|group| group.0)),
        is_installment_plan: Set(payment.installments.agreed),
        installments_total: Set(total),
        installments_paid: Set(paid),
        installments_completed: Set(payment.installments.completed),
        once_approved: Set(payment.progress.once_approved()),
        money_came: Set(Some(payment.progress.money_came())),
        payment_type: Set(payment.payment_type.as_str().to_owned()),
        settlement: Set(payment
            .settlement
            .as_ref()
            .map(|plan| settlement::with_trace(plan, trace))),
        created_at: Set(payment.created_at),
        updated_at: Set(payment.updated_at),
    })
}

/// The values of the statement that stores a payment anew.
pub(super) fn updated(payment: &Payment) -> Result<[Value; 16], StoreError> {
    let (total, paid) = installments(payment)?;
    Ok([
        payment.tenant.0.into(),
        payment.id.0.into(),
        payment.external_id.clone().into(),
        payment.checkout_url.clone().into(),
        payment.status().as_str().into(),
        payment.terms.currency.as_str().into(),
        payment.terms.rate.map(Rate::get).into(),
        payment.terms.source.map(PaymentSource::as_str).into(),
        payment.installments.agreed.into(),
        total.into(),
        paid.into(),
        payment.settlement.as_ref().map(settlement::to_json).into(),
        payment.updated_at.into(),
        payment.installments.completed.into(),
        payment.progress.once_approved().into(),
        payment.progress.money_came().into(),
    ])
}

fn installments(payment: &Payment) -> Result<(Option<i32>, Option<i32>), StoreError> {
    let Installments { total, paid, .. } = payment.installments;
    let number = |number: Option<u32>| {
        number
            .map(i32::try_from)
            .transpose()
            .map_err(|error| StoreError::OutOfBounds(error.to_string()))
    };
    Ok((number(total)?, number(paid)?))
}

pub(super) fn line(payment: &Payment, line: &PaymentLine) -> payment_product::ActiveModel {
    payment_product::ActiveModel {
        tenant_id: Set(payment.tenant.0),
        payment_id: Set(payment.id.0),
        product_id: Set(line.product.0),
        attendee_id: Set(line.attendee.0),
        quantity: Set(line.quantity),
        product_name: Set(line.name.clone()),
        product_description: Set(line.description.clone()),
        product_price: Set(line.price),
        product_category: Set(line.category.clone()),
        created_at: Set(line.created_at),
    }
}

/// What a line sells, if it is anything.
pub(super) fn units(line: &payment_product::Model) -> Option<Units> {
    let quantity = u32::try_from(line.quantity).ok().filter(|quantity| *quantity > 0)?;
    let (attendee, product) = (AttendeeId(line.attendee_id), ProductId(line.product_id));
    Some(Units { attendee, product, quantity, paid: None })
}

impl From<payment_product::Model> for PaymentLine {
    fn from(row: payment_product::Model) -> Self {
        Self {
            product: ProductId(row.product_id),
            attendee: AttendeeId(row.attendee_id),
            quantity: row.quantity,
            name: row.product_name,
            description: row.product_description,
            price: row.product_price,
            category: row.product_category,
            created_at: row.created_at,
        }
    }
}

impl TryFrom<Model> for Payment {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let number = |number: Option<i32>| number.map(u32::try_from).transpose();
        let status = PaymentStatus::parse(&row.status).ok_or("unknown status");
        let payment_type = PaymentType::parse(&row.payment_type).ok_or("unknown type");
        // An organisation's own login writes what it likes; what is no plan counts as none.
        let settlement = row.settlement.as_ref().and_then(|plan| {
            settlement::from_json(plan)
                .inspect_err(|error| {
                    tracing::warn!(payment.id = %row.id, %error, "the plan of a payment can't be read");
                })
                .ok()
        });
        // Rows of before the column say so by their plan alone.
        let settled = settlement.as_ref().is_some_and(|plan| plan.settled);
        Ok(Self {
            id: PaymentId(row.id),
            tenant: TenantId(row.tenant_id),
            application: ApplicationId(row.application_id),
            popup: PopupId(row.popup_id),
            payment_type: stored("payments", row.id, payment_type)?,
            external_id: row.external_id,
            checkout_url: row.checkout_url,
            amount: row.amount,
            insurance_amount: row.insurance_amount,
            progress: PaymentProgress::stored(stored("payments", row.id, status)?)
                .after_approval(row.once_approved || settled, row.money_came),
            terms: PaymentTerms {
                currency: Currency::stored(row.currency),
                // Older databases hold rates of 0, which tell nothing.
                rate: row.rate.and_then(|rate| Rate::new(rate).ok()),
                source: row.source.as_deref().and_then(PaymentSource::parse),
            },
            installments: Installments {
                agreed: row.is_installment_plan,
                total: stored("payments", row.id, number(row.installments_total))?,
                paid: stored("payments", row.id, number(row.installments_paid))?,
                completed: row.installments_completed,
            },
            coupon: row.coupon_id.map(CouponId),
            coupon_code: row.coupon_code,
            discount_value: row.discount_value,
            discount_amount: row.discount_amount,
            edit_passes: row.edit_passes,
            group: row.group_id.map(GroupId),
            settlement,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
