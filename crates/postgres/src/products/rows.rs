//! Products as rows, and back.

use edgeos_domain::{
    AttendeeCategory, Percentage, Period, PopupId, Price, Product, ProductCategory, ProductId,
    ProductKind, ProductSlug, TenantId, TicketDuration,
};
use edgeos_ports::StoreError;

use crate::{
    entity::product::{self, Model},
    error::stored,
};

impl TryFrom<Model> for Product {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let kind = ProductKind::new(
            row.category.into(),
            row.attendee_category.map(Into::into),
            row.duration_type.map(Into::into),
        );
        let compare_price = row.compare_price.map(Price::new).transpose();
        let insurance = row.insurance_percentage.map(Percentage::new).transpose();
        let max_quantity = row.max_quantity.map(u32::try_from).transpose();
        Ok(Self {
            id: ProductId(row.id),
            tenant: TenantId(row.tenant_id),
            popup: PopupId(row.popup_id),
            name: row.name,
            slug: ProductSlug::stored(row.slug),
            price: stored("products", row.id, Price::new(row.price))?,
            compare_price: stored("products", row.id, compare_price)?,
            description: row.description,
            image_url: row.image_url,
            kind: stored("products", row.id, kind)?,
            period: Period::stored(row.start_date, row.end_date),
            is_active: row.is_active,
            exclusive: row.exclusive,
            max_quantity: stored("products", row.id, max_quantity)?,
            insurance_percentage: stored("products", row.id, insurance)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<product::Category> for ProductCategory {
    fn from(category: product::Category) -> Self {
        match category {
            product::Category::Ticket => Self::Ticket,
            product::Category::Housing => Self::Housing,
            product::Category::Merch => Self::Merch,
            product::Category::Other => Self::Other,
            product::Category::Patreon => Self::Patreon,
        }
    }
}

impl From<product::AttendeeCategory> for AttendeeCategory {
    fn from(category: product::AttendeeCategory) -> Self {
        match category {
            product::AttendeeCategory::Main => Self::Main,
            product::AttendeeCategory::Spouse => Self::Spouse,
            product::AttendeeCategory::Kid => Self::Kid,
        }
    }
}

impl From<product::Duration> for TicketDuration {
    fn from(duration: product::Duration) -> Self {
        match duration {
            product::Duration::Day => Self::Day,
            product::Duration::Week => Self::Week,
            product::Duration::Month => Self::Month,
            product::Duration::Full => Self::Full,
        }
    }
}
