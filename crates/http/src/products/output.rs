//! What is shown of a product.

use edgeos_app::products::BatchRow;
use edgeos_domain::{NewProduct, PopupId, Product, ProductId, TenantId};
use edgeos_ports::HeldProduct;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ProductCategory, TicketAttendeeCategory, TicketDuration};
use crate::answer::{Instant, Money};

/// Something that an event sells.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductPublic {
    #[serde(flatten)]
    #[schema(inline)]
    product: ProductFields,
    created_at: Instant,
    updated_at: Instant,
}

/// A product in somebody's hands, and how many units of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductWithQuantity {
    #[serde(flatten)]
    #[schema(inline)]
    product: ProductFields,
    created_at: Instant,
    updated_at: Instant,
    #[schema(default = 1)]
    quantity: u32,
}

/// What became of a row of a batch: the product, or what was sent of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductBatchResult {
    #[serde(flatten)]
    #[schema(inline)]
    product: ProductFields,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
    success: bool,
    err_msg: Option<String>,
    /// Which row, from 1.
    row_number: u32,
}

/// What every product shows.
#[derive(Debug, Serialize, ToSchema)]
struct ProductFields {
    tenant_id: Uuid,
    popup_id: Uuid,
    name: String,
    slug: String,
    /// What one unit costs, in USD.
    price: Money<2>,
    /// What it is said to have cost before.
    compare_price: Option<Money<2>>,
    description: Option<String>,
    image_url: Option<String>,
    #[schema(default = "ticket")]
    category: ProductCategory,
    /// To whom a ticket is offered.
    attendee_category: Option<TicketAttendeeCategory>,
    /// How long a ticket admits.
    duration_type: Option<TicketDuration>,
    start_date: Option<Instant>,
    end_date: Option<Instant>,
    /// Whether it can be ordered.
    #[schema(default = true)]
    is_active: bool,
    /// Whether an attendee who gets this ticket gets no other with the same order.
    #[schema(default = false)]
    exclusive: bool,
    /// How many units there are over all buyers; null is any number.
    max_quantity: Option<u32>,
    /// What insuring it costs, in percent of the price.
    insurance_percentage: Option<Money<2>>,
    id: Uuid,
}

impl From<Product> for ProductPublic {
    fn from(product: Product) -> Self {
        Self {
            created_at: product.created_at.into(),
            updated_at: product.updated_at.into(),
            product: product.into(),
        }
    }
}

impl From<HeldProduct> for ProductWithQuantity {
    fn from(HeldProduct { product, quantity }: HeldProduct) -> Self {
        Self {
            created_at: product.created_at.into(),
            updated_at: product.updated_at.into(),
            product: product.into(),
            quantity,
        }
    }
}

impl ProductBatchResult {
    /// What became of row number `row` for `popup` of `tenant`.
    pub(super) fn new(row: u32, result: BatchRow, tenant: TenantId, popup: PopupId) -> Self {
        match result {
            BatchRow::Stored(product) => Self {
                created_at: Some(product.created_at.into()),
                updated_at: Some(product.updated_at.into()),
                product: product.into(),
                success: true,
                err_msg: None,
                row_number: row,
            },
            BatchRow::Failed { sent, placeholder, reason } => Self {
                product: ProductFields::of_failed(placeholder, tenant, popup, sent),
                created_at: None,
                updated_at: None,
                success: false,
                err_msg: Some(reason),
                row_number: row,
            },
        }
    }
}

impl ProductFields {
    /// What is shown of something that didn't become a product.
    fn of_failed(id: ProductId, tenant: TenantId, popup: PopupId, sent: NewProduct) -> Self {
        Self {
            tenant_id: tenant.0,
            popup_id: popup.0,
            name: sent.name,
            slug: String::new(),
            price: sent.price.amount().into(),
            compare_price: None,
            description: None,
            image_url: None,
            category: sent.category.into(),
            attendee_category: None,
            duration_type: None,
            start_date: None,
            end_date: None,
            is_active: sent.is_active,
            exclusive: false,
            max_quantity: None,
            insurance_percentage: None,
            id: id.0,
        }
    }
}

impl From<Product> for ProductFields {
    fn from(product: Product) -> Self {
        Self {
            tenant_id: product.tenant.0,
            popup_id: product.popup.0,
            category: product.category().into(),
            attendee_category: product.attendee_category().map(Into::into),
            duration_type: product.duration_type().map(Into::into),
            name: product.name,
            slug: product.slug.as_str().to_owned(),
            price: product.price.amount().into(),
            compare_price: product.compare_price.map(|price| price.amount().into()),
            description: product.description,
            image_url: product.image_url,
            start_date: product.period.start().map(Into::into),
            end_date: product.period.end().map(Into::into),
            is_active: product.is_active,
            exclusive: product.exclusive,
            max_quantity: product.max_quantity,
            insurance_percentage: product.insurance_percentage.map(|share| share.get().into()),
            id: product.id.0,
        }
    }
}
