//! Products as rows, and back.

use edgeos_domain::{
    AttendeeCategory, Percentage, Period, PopupId, Price, Product, ProductCategory, ProductId,
    ProductKind, ProductSlug, TenantId, TicketDuration,
};
use edgeos_ports::StoreError;

use sea_orm::ActiveValue::Set;

use crate::{
    entity::product::{self, ActiveModel, Model},
    error::stored,
};

pub(super) fn row(product: &Product) -> Result<ActiveModel, StoreError> {
    let max_quantity = product.max_quantity.map(i32::try_from).transpose();
    Ok(ActiveModel {
        tenant_id: Set(product.tenant.0),
        id: Set(product.id.0),
        popup_id: Set(product.popup.0),
        name: Set(product.name.clone()),
        slug: Set(product.slug.as_str().to_owned()),
        price: Set(product.price.amount()),
        compare_price: Set(product.compare_price.map(Price::amount)),
        description: Set(product.description.clone()),
        category: Set(product.category().into()),
        attendee_category: Set(product.attendee_category().map(Into::into)),
        start_date: Set(product.period.start()),
        end_date: Set(product.period.end()),
        is_active: Set(product.is_active),
        exclusive: Set(product.exclusive),
        duration_type: Set(product.duration_type().map(Into::into)),
        max_quantity: Set(stored("products", product.id.0, max_quantity)?),
        insurance_percentage: Set(product.insurance_percentage.map(Percentage::get)),
        image_url: Set(product.image_url.clone()),
        created_at: Set(product.created_at),
        updated_at: Set(product.updated_at),
    })
}

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

impl From<ProductCategory> for product::Category {
    fn from(value: ProductCategory) -> Self {
        match value {
            ProductCategory::Ticket => Self::Ticket,
            ProductCategory::Housing => Self::Housing,
            ProductCategory::Merch => Self::Merch,
            ProductCategory::Other => Self::Other,
            ProductCategory::Patreon => Self::Patreon,
        }
    }
}

impl From<AttendeeCategory> for product::AttendeeCategory {
    fn from(value: AttendeeCategory) -> Self {
        match value {
            AttendeeCategory::Main => Self::Main,
            AttendeeCategory::Spouse => Self::Spouse,
            AttendeeCategory::Kid => Self::Kid,
        }
    }
}

impl From<TicketDuration> for product::Duration {
    fn from(value: TicketDuration) -> Self {
        match value {
            TicketDuration::Day => Self::Day,
            TicketDuration::Week => Self::Week,
            TicketDuration::Month => Self::Month,
            TicketDuration::Full => Self::Full,
        }
    }
}
