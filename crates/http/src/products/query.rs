//! Which products are asked for.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use edgeos_domain::PopupId;
use edgeos_ports::{ProductFilter, ProductSort, ProductSortKey};
use serde_json::json;
use utoipa::IntoParams;

use super::ProductCategory;
use crate::{
    answer::{Limit, Skip},
    shape::{Choice, Described, Flag, Id, Text, Wrong, described, read_choice},
};

/// In which direction a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SortOrder {
    Ascending,
    #[default]
    Descending,
}

/// Which products, in which order, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProductQuery {
    /// What this event sells.
    #[deserr(default)]
    popup_id: Option<Id>,
    /// Only what can, or can't, be ordered.
    #[deserr(default)]
    is_active: Option<Flag>,
    #[deserr(default)]
    category: Option<ProductCategory>,
    /// Part of the name.
    #[deserr(default)]
    search: Option<Text<255>>,
    /// `name`, `price`, `attendee_category` or `is_active`; the oldest come first otherwise.
    #[deserr(default)]
    sort_by: Option<Text<255>>,
    #[deserr(default)]
    sort_order: SortOrder,
    #[deserr(default)]
    pub(super) skip: Skip,
    #[deserr(default)]
    pub(super) limit: Limit,
}

/// Which products, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct PortalProductQuery {
    /// What this event sells; otherwise what active events sell, and those in which the person takes part.
    #[deserr(default)]
    popup_id: Option<Id>,
    /// Only what can, or can't, be ordered.
    #[deserr(default)]
    is_active: Option<Flag>,
    #[deserr(default)]
    category: Option<ProductCategory>,
    #[deserr(default)]
    pub(super) skip: Skip,
    #[deserr(default)]
    pub(super) limit: Limit<1000>,
}

impl ProductQuery {
    /// Which products, and in which order.
    pub(super) fn into_parts(self) -> (ProductFilter, Option<ProductSort>) {
        let key = match self.sort_by.as_deref() {
            Some("name") => Some(ProductSortKey::Name),
            Some("price") => Some(ProductSortKey::Price),
            Some("attendee_category") => Some(ProductSortKey::AttendeeCategory),
            Some("is_active") => Some(ProductSortKey::IsActive),
            _ => None,
        };
        let descending = self.sort_order == SortOrder::Descending;
        let filter = ProductFilter {
            popup: self.popup_id.map(|id| PopupId(id.0)),
            is_active: self.is_active.map(Into::into),
            category: self.category.map(Into::into),
            search: self.search.and_then(Text::filled),
        };
        (filter, key.map(|by| ProductSort { by, descending }))
    }
}

impl From<PortalProductQuery> for ProductFilter {
    fn from(query: PortalProductQuery) -> Self {
        Self {
            popup: query.popup_id.map(|id| PopupId(id.0)),
            is_active: query.is_active.map(Into::into),
            category: query.category.map(Into::into),
            search: None,
        }
    }
}

impl Choice for SortOrder {
    const WORDS: &'static [&'static str] = &["asc", "desc"];

    fn from_word(word: &str) -> Option<Self> {
        match word {
            "asc" => Some(Self::Ascending),
            "desc" => Some(Self::Descending),
            _ => None,
        }
    }
}

impl Deserr<Wrong> for SortOrder {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        read_choice(value, location)
    }
}

impl Described for SortOrder {
    fn describe() -> serde_json::Value {
        json!({ "type": "string", "enum": Self::WORDS, "default": "desc" })
    }
}

described!([] SortOrder);
