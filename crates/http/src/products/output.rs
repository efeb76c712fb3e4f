//! What is shown of a product.

use edgeos_domain::Product;
use edgeos_ports::HeldProduct;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ProductCategory, TicketAttendeeCategory, TicketDuration};
use crate::answer::{Instant, Money};

/// Something that an event sells.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductPublic {
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
    created_at: Instant,
    updated_at: Instant,
}

/// A product in somebody's hands, and how many units of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductWithQuantity {
    #[serde(flatten)]
    #[schema(inline)]
    product: ProductPublic,
    #[schema(default = 1)]
    quantity: u32,
}

impl From<Product> for ProductPublic {
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
            created_at: product.created_at.into(),
            updated_at: product.updated_at.into(),
        }
    }
}

impl From<HeldProduct> for ProductWithQuantity {
    fn from(held: HeldProduct) -> Self {
        Self { product: held.product.into(), quantity: held.quantity }
    }
}
