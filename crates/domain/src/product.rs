//! What a popup sells.

mod kind;
mod slug;

use chrono::{DateTime, Utc};

pub use self::{
    kind::{InvalidProductKind, ProductCategory, ProductKind, TicketDuration},
    slug::ProductSlug,
};
use crate::{
    AttendeeCategory, InvalidPeriod, InvalidText, Link, Patch, Percentage, Period, PopupId, Price,
    ProductId, TenantId, required_text, verbatim_text,
};

/// Something that a popup sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Identifies the product within the tenant.
    pub id: ProductId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Who sells it. Never changes.
    pub popup: PopupId,
    /// What people read; never blank.
    pub name: String,
    /// Stands for the product; one product of the popup per slug.
    pub slug: ProductSlug,
    /// What one unit costs.
    pub price: Price,
    /// What it is said to have cost before; only shown, and possibly lower than the price.
    pub compare_price: Option<Price>,
    /// What people read about it.
    pub description: Option<String>,
    /// A picture of it.
    pub image_url: Option<String>,
    /// What kind of thing it is.
    pub kind: ProductKind,
    /// When it is for, not when it is sold.
    pub period: Period,
    /// Whether it can be ordered.
    pub is_active: bool,
    /// Whether an attendee who gets this ticket gets no other with the same order.
    pub exclusive: bool,
    /// How many units there are over all buyers, those already sold included; `None` is any number.
    pub max_quantity: Option<u32>,
    /// What insuring it costs, in percent of the price; `None` if it can't be insured.
    pub insurance_percentage: Option<Percentage>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When anything about it changed last.
    pub updated_at: DateTime<Utc>,
}

/// Something to be sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProduct {
    /// See [`Product::name`].
    pub name: String,
    /// What to make the slug of; the name, unless something is given.
    pub slug: Option<String>,
    /// See [`Product::price`].
    pub price: Price,
    /// See [`Product::compare_price`].
    pub compare_price: Option<Price>,
    /// See [`Product::description`].
    pub description: Option<String>,
    /// See [`Product::image_url`].
    pub image_url: Option<Link>,
    /// See [`Product::category`].
    pub category: ProductCategory,
    /// See [`Product::attendee_category`].
    pub attendee_category: Option<AttendeeCategory>,
    /// See [`Product::duration_type`].
    pub duration_type: Option<TicketDuration>,
    /// See [`Product::period`].
    pub start_date: Option<DateTime<Utc>>,
    /// See [`Product::period`].
    pub end_date: Option<DateTime<Utc>>,
    /// See [`Product::is_active`].
    pub is_active: bool,
    /// See [`Product::exclusive`].
    pub exclusive: bool,
    /// See [`Product::max_quantity`].
    pub max_quantity: Option<u32>,
    /// See [`Product::insurance_percentage`].
    pub insurance_percentage: Option<Percentage>,
}

/// What a request changes about a product; `None` and `Keep` change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductChange {
    /// See [`Product::name`]. Another name brings another slug, unless one is given.
    pub name: Option<String>,
    /// What to make the slug of.
    pub slug: Option<String>,
    /// See [`Product::price`].
    pub price: Option<Price>,
    /// See [`Product::compare_price`].
    pub compare_price: Patch<Price>,
    /// See [`Product::description`].
    pub description: Patch<String>,
    /// See [`Product::image_url`].
    pub image_url: Patch<Link>,
    /// See [`Product::category`].
    pub category: Option<ProductCategory>,
    /// See [`Product::attendee_category`].
    pub attendee_category: Patch<AttendeeCategory>,
    /// See [`Product::duration_type`].
    pub duration_type: Patch<TicketDuration>,
    /// See [`Product::period`].
    pub start_date: Patch<DateTime<Utc>>,
    /// See [`Product::period`].
    pub end_date: Patch<DateTime<Utc>>,
    /// See [`Product::is_active`].
    pub is_active: Option<bool>,
    /// See [`Product::exclusive`].
    pub exclusive: Option<bool>,
    /// See [`Product::max_quantity`].
    pub max_quantity: Patch<u32>,
    /// See [`Product::insurance_percentage`].
    pub insurance_percentage: Patch<Percentage>,
}

/// Which rule a product, new or changed, would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProduct {
    /// A name that can't be stored.
    #[error(transparent)]
    Name(InvalidText),
    /// A description that can't be stored.
    #[error(transparent)]
    Description(InvalidText),
    /// Something that only tickets have.
    #[error(transparent)]
    Kind(#[from] InvalidProductKind),
    /// It would end before it starts.
    #[error(transparent)]
    Period(#[from] InvalidPeriod),
}

impl InvalidProduct {
    /// The field to blame, as the contract names it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Name(_) => "name",
            Self::Description(_) => "description",
            Self::Kind(InvalidProductKind::AttendeeCategory) => "attendee_category",
            Self::Kind(InvalidProductKind::DurationType) => "duration_type",
            Self::Period(_) => "end_date",
        }
    }
}

impl NewProduct {
    /// The product of `popup` that is made of this, with the slug that it asks for.
    ///
    /// # Errors
    ///
    /// The first [`InvalidProduct`] that applies, in the order of its variants.
    pub fn into_product(
        self,
        id: ProductId,
        tenant: TenantId,
        popup: PopupId,
        now: DateTime<Utc>,
    ) -> Result<Product, InvalidProduct> {
        let name = name(&self.name)?;
        let slug = self.slug.filter(|slug| !slug.trim().is_empty());
        let slug = ProductSlug::wanted(slug.as_deref().unwrap_or(&name));
        Ok(Product {
            id,
            tenant,
            popup,
            slug,
            price: self.price,
            compare_price: self.compare_price,
            description: self.description.as_deref().map(description).transpose()?,
            image_url: self.image_url.map(String::from),
            kind: ProductKind::new(self.category, self.attendee_category, self.duration_type)?,
            period: Period::new(self.start_date, self.end_date)?,
            is_active: self.is_active,
            exclusive: self.exclusive,
            max_quantity: self.max_quantity,
            insurance_percentage: self.insurance_percentage,
            created_at: now,
            updated_at: now,
            name,
        })
    }
}

impl Product {
    /// The longest name, in characters.
    pub const NAME_MAX: usize = 255;
    /// The longest description, in characters.
    pub const DESCRIPTION_MAX: usize = 10_000;

    /// The slug that `change` asks for; `None` when the present one stays.
    #[must_use]
    pub fn wanted_slug(&self, change: &ProductChange) -> Option<ProductSlug> {
        match (&change.slug, &change.name) {
            (Some(slug), _) => (slug != self.slug.as_str()).then(|| ProductSlug::wanted(slug)),
            (None, Some(name)) => (name.trim() != self.name).then(|| ProductSlug::wanted(name)),
            (None, None) => None,
        }
    }

    /// This product after `change`, but for the slug: which one is free isn't known here, see
    /// [`wanted_slug`](Self::wanted_slug).
    ///
    /// # Errors
    ///
    /// The first [`InvalidProduct`] that applies, in the order of its variants.
    pub fn changed(
        self,
        change: ProductChange,
        now: DateTime<Utc>,
    ) -> Result<Self, InvalidProduct> {
        let name = match change.name {
            Some(new) => name(&new)?,
            None => self.name,
        };
        let description = match change.description {
            Patch::Set(text) => Some(description(&text)?),
            Patch::Clear => None,
            Patch::Keep => self.description,
        };
        Ok(Self {
            name,
            price: change.price.unwrap_or(self.price),
            compare_price: change.compare_price.over(self.compare_price),
            description,
            image_url: change.image_url.map(String::from).over(self.image_url),
            kind: self.kind.changed(
                change.category,
                change.attendee_category,
                change.duration_type,
            )?,
            period: self.period.changed(change.start_date, change.end_date)?,
            is_active: change.is_active.unwrap_or(self.is_active),
            exclusive: change.exclusive.unwrap_or(self.exclusive),
            max_quantity: change.max_quantity.over(self.max_quantity),
            insurance_percentage: change.insurance_percentage.over(self.insurance_percentage),
            updated_at: now,
            ..self
        })
    }

    /// What kind of thing it is, in one word.
    #[must_use]
    pub fn category(&self) -> ProductCategory {
        self.kind.category()
    }

    /// To whom the portal offers this ticket; `None` for other things, and for a ticket that it offers to
    /// nobody.
    #[must_use]
    pub fn attendee_category(&self) -> Option<AttendeeCategory> {
        self.kind.attendee_category()
    }

    /// How long this ticket admits; `None` for other things.
    #[must_use]
    pub fn duration_type(&self) -> Option<TicketDuration> {
        self.kind.duration_type()
    }
}

fn name(text: &str) -> Result<String, InvalidProduct> {
    required_text(text, Product::NAME_MAX).map_err(InvalidProduct::Name)
}

fn description(text: &str) -> Result<String, InvalidProduct> {
    verbatim_text(text.trim(), Product::DESCRIPTION_MAX).map_err(InvalidProduct::Description)
}

#[cfg(test)]
mod tests;
