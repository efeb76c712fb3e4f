//! What staff write about a product.

use deserr::Deserr;
use edgeos_domain::{NewProduct, PopupId, Product, ProductChange};
use utoipa::ToSchema;

use super::{ProductCategory, TicketAttendeeCategory, TicketDuration};
use crate::shape::{
    Count, Filled, Flag, Id, LinkText, List, Moment, Patch, Percentage, Price, Sent, Text, Wrong,
};

const NAME_MAX: usize = Product::NAME_MAX;
const DESCRIPTION_MAX: usize = Product::DESCRIPTION_MAX;

/// The most rows that a batch has.
const MAX_ROWS: usize = 1000;

/// What is kept of a name that is too long for a product, so that its row can be told apart.
const LONG_NAME_MAX: usize = 10_000;

/// Declares a new product as it is sent: besides what is given, the fields that every product has.
macro_rules! new_product {
    ($(#[$meta:meta])* $sent:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Deserr, ToSchema)]
        #[deserr(error = Wrong)]
        pub(crate) struct $sent {
            $($(#[$field_meta])* $field: $type,)*
            /// What to make the slug of; the name, unless something is given.
            #[deserr(default)]
            slug: Option<Text<255>>,
            /// What one unit costs, in USD.
            price: Price,
            /// What it is said to have cost before.
            #[deserr(default)]
            compare_price: Option<Price>,
            #[deserr(default)]
            description: Option<Text<{ DESCRIPTION_MAX }>>,
            #[deserr(default)]
            image_url: Option<LinkText>,
            #[deserr(default = ProductCategory(edgeos_domain::ProductCategory::Ticket))]
            #[schema(default = "ticket")]
            category: ProductCategory,
            /// To whom a ticket is offered.
            #[deserr(default)]
            attendee_category: Option<TicketAttendeeCategory>,
            /// How long a ticket admits.
            #[deserr(default)]
            duration_type: Option<TicketDuration>,
            #[deserr(default)]
            start_date: Option<Moment>,
            #[deserr(default)]
            end_date: Option<Moment>,
            /// Whether it can be ordered.
            #[deserr(default = Flag(true))]
            #[schema(default = true)]
            is_active: Flag,
            /// Whether an attendee who gets this ticket gets no other with the same order.
            #[deserr(default)]
            #[schema(default = false)]
            exclusive: Flag,
            /// How many units there are over all buyers; null is any number.
            #[deserr(default)]
            max_quantity: Option<Count>,
            /// What insuring it costs, in percent of the price.
            #[deserr(default)]
            insurance_percentage: Option<Percentage>,
        }

        impl From<$sent> for NewProduct {
            fn from(sent: $sent) -> Self {
                Self {
                    name: sent.name.into_inner(),
                    slug: sent.slug.map(Text::into_inner),
                    price: sent.price.0,
                    compare_price: sent.compare_price.map(|price| price.0),
                    description: sent.description.map(Text::into_inner),
                    image_url: sent.image_url.and_then(LinkText::link),
                    category: sent.category.0,
                    attendee_category: sent.attendee_category.map(Into::into),
                    duration_type: sent.duration_type.map(Into::into),
                    start_date: sent.start_date.map(|time| time.0),
                    end_date: sent.end_date.map(|time| time.0),
                    is_active: sent.is_active.0,
                    exclusive: sent.exclusive.0,
                    max_quantity: sent.max_quantity.map(Count::count32),
                    insurance_percentage: sent.insurance_percentage.map(|share| share.0),
                }
            }
        }
    };
}

new_product! {
    /// A new product.
    ProductCreate {
        popup_id: Id,
        name: Filled<{ NAME_MAX }>,
    }
}

new_product! {
    /// A new product among many.
    ProductBatchItem {
        /// One of more than 255 characters fails, without the others.
        name: Filled<{ LONG_NAME_MAX }>,
    }
}

/// Many new products of one event.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ProductBatch {
    popup_id: Id,
    products: List<ProductBatchItem, { MAX_ROWS }>,
}

/// A change of a product.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ProductUpdate {
    /// Another name brings another slug, unless one is given.
    #[deserr(default)]
    name: Sent<Filled<{ NAME_MAX }>>,
    /// What to make the slug of.
    #[deserr(default)]
    slug: Sent<Filled<255>>,
    #[deserr(default)]
    price: Sent<Price>,
    #[deserr(default)]
    compare_price: Patch<Price>,
    #[deserr(default)]
    description: Patch<Text<{ DESCRIPTION_MAX }>>,
    #[deserr(default)]
    image_url: Patch<LinkText>,
    #[deserr(default)]
    category: Sent<ProductCategory>,
    #[deserr(default)]
    attendee_category: Patch<TicketAttendeeCategory>,
    #[deserr(default)]
    duration_type: Patch<TicketDuration>,
    #[deserr(default)]
    start_date: Patch<Moment>,
    #[deserr(default)]
    end_date: Patch<Moment>,
    #[deserr(default)]
    is_active: Sent<Flag>,
    #[deserr(default)]
    exclusive: Sent<Flag>,
    /// Below what is sold already, nothing more is sold and nothing is taken away.
    #[deserr(default)]
    max_quantity: Patch<Count>,
    #[deserr(default)]
    insurance_percentage: Patch<Percentage>,
}

impl ProductCreate {
    /// Who sells it, and the product.
    pub(super) fn into_parts(self) -> (PopupId, NewProduct) {
        (PopupId(self.popup_id.0), self.into())
    }
}

impl ProductBatch {
    /// Who sells them, and the products.
    pub(super) fn into_parts(self) -> (PopupId, Vec<NewProduct>) {
        (PopupId(self.popup_id.0), self.products.0.into_iter().map(Into::into).collect())
    }
}

impl From<ProductUpdate> for ProductChange {
    fn from(update: ProductUpdate) -> Self {
        Self {
            name: update.name.map(Filled::into_inner),
            slug: update.slug.map(Filled::into_inner),
            price: update.price.map(|price| price.0),
            compare_price: update.compare_price.map(|price| price.0).into(),
            description: update.description.map(Text::into_inner).into(),
            image_url: update.image_url.into(),
            category: update.category.map(Into::into),
            attendee_category: update.attendee_category.map(Into::into).into(),
            duration_type: update.duration_type.map(Into::into).into(),
            start_date: update.start_date.map(|time| time.0).into(),
            end_date: update.end_date.map(|time| time.0).into(),
            is_active: update.is_active.map(Into::into),
            exclusive: update.exclusive.map(Into::into),
            max_quantity: update.max_quantity.map(Count::count32).into(),
            insurance_percentage: update.insurance_percentage.map(|share| share.0).into(),
        }
    }
}
