//! Values as answers show them, and the frame of every list.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Timelike, Utc};
use deserr::{Deserr, IntoValue, ValuePointerRef};
use edgeos_ports::Page;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Array, ObjectBuilder, Ref, RefOr, schema::Schema},
};

use crate::shape::{DECIMAL_PATTERN, Described, Whole, Wrong, described};

/// How many entries of a list to leave out: none, unless asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Skip(Whole<0, { i64::MAX }>);

/// How many entries of a list to show, 1 to 1000: 100 or another `DEFAULT`, unless asked otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit<const DEFAULT: i64 = 100>(Whole<1, 1000>);

/// An amount: text with exactly `SCALE` decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Money<const SCALE: u32>(pub(crate) Decimal);

/// An instant in UTC: `2026-05-01T23:59:59Z`, with six more digits where there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) DateTime<Utc>);

/// A date and time without a zone: `2026-06-15T09:00:00`, with six more digits where there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LocalTime(pub(crate) NaiveDateTime);

/// A stretch of a list, and where it lies.
#[derive(Debug, Serialize)]
pub(crate) struct ListModel<T> {
    results: Vec<T>,
    paging: Paging,
}

/// Where a stretch of a list lies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Paging {
    /// Entries at most.
    limit: u64,
    /// Entries left out first.
    offset: u64,
    /// Entries of the whole list.
    total: u64,
}

/// The stretch that `skip` and `limit` name.
pub(crate) fn paging<const DEFAULT: i64>(
    skip: Skip,
    limit: Limit<DEFAULT>,
) -> edgeos_ports::Paging {
    edgeos_ports::Paging { skip: skip.0.count(), limit: limit.0.count() }
}

impl Default for Skip {
    fn default() -> Self {
        Self(Whole::new(0))
    }
}

impl<const DEFAULT: i64> Default for Limit<DEFAULT> {
    fn default() -> Self {
        Self(Whole::new(DEFAULT))
    }
}

impl Deserr<Wrong> for Skip {
    fn deserialize_from_value<V: IntoValue>(
        value: deserr::Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        Whole::deserialize_from_value(value, location).map(Self)
    }
}

impl<const DEFAULT: i64> Deserr<Wrong> for Limit<DEFAULT> {
    fn deserialize_from_value<V: IntoValue>(
        value: deserr::Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        Whole::deserialize_from_value(value, location).map(Self)
    }
}

impl<T> ListModel<T> {
    /// `page` as the answer to `paging`.
    pub(crate) fn new<E: Into<T>>(page: Page<E>, paging: edgeos_ports::Paging) -> Self {
        Self {
            results: page.items.into_iter().map(Into::into).collect(),
            paging: Paging { limit: paging.limit, offset: paging.skip, total: page.total },
        }
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

impl From<NaiveDateTime> for LocalTime {
    fn from(time: NaiveDateTime) -> Self {
        Self(time)
    }
}

impl<const SCALE: u32> From<Decimal> for Money<SCALE> {
    fn from(amount: Decimal) -> Self {
        Self(amount)
    }
}

impl<const SCALE: u32> Serialize for Money<SCALE> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut amount =
            self.0.round_dp_with_strategy(SCALE, RoundingStrategy::MidpointAwayFromZero);
        amount.rescale(SCALE);
        serializer.collect_str(&amount)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits =
            if self.0.nanosecond() < 1000 { SecondsFormat::Secs } else { SecondsFormat::Micros };
        serializer.serialize_str(&self.0.to_rfc3339_opts(digits, true))
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let format =
            if self.0.nanosecond() < 1000 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.6f" };
        serializer.collect_str(&self.0.format(format))
    }
}

impl Described for Skip {
    fn describe() -> Value {
        json!({ "type": "integer", "minimum": 0, "default": 0 })
    }
}

impl<const DEFAULT: i64> Described for Limit<DEFAULT> {
    fn describe() -> Value {
        json!({ "type": "integer", "minimum": 1, "maximum": 1000, "default": DEFAULT })
    }
}

impl<const SCALE: u32> Described for Money<SCALE> {
    fn describe() -> Value {
        json!({ "type": "string", "pattern": DECIMAL_PATTERN })
    }
}

impl Described for Instant {
    fn describe() -> Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

impl Described for LocalTime {
    fn describe() -> Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

described!([] Skip);
described!([const DEFAULT: i64] Limit<DEFAULT>);
described!([const SCALE: u32] Money<SCALE>);
described!([] Instant);
described!([] LocalTime);

// Written out because the derived description repeats the entry instead of referring to it.
impl<T: ToSchema> utoipa::__dev::ComposeSchema for ListModel<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .property("results", Array::new(Ref::from_schema_name(T::name())))
            .property("paging", Ref::from_schema_name(Paging::name()))
            .required("results")
            .required("paging")
            .into()
    }
}

impl<T: ToSchema> ToSchema for ListModel<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        schemas.push((Paging::name().into_owned(), Paging::schema()));
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn amounts_have_the_scale_of_their_column() {
        for (amount, shown) in
            [("299", "299.00"), ("0", "0.00"), ("10.555", "10.56"), ("-1.5", "-1.50")]
        {
            assert_eq!(json!(Money::<2>(amount.parse().unwrap())), shown);
        }
    }

    #[test]
    fn times_show_fractions_only_where_there_are_any() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let whole = day.and_hms_opt(6, 37, 56).unwrap();
        let fraction = day.and_hms_micro_opt(6, 37, 56, 871_000).unwrap();
        assert_eq!(json!(Instant(whole.and_utc())), "2026-11-22T06:37:56Z");
        assert_eq!(json!(Instant(fraction.and_utc())), "2026-11-22T06:37:56.871000Z");
        assert_eq!(json!(LocalTime(whole)), "2026-11-22T06:37:56");
        assert_eq!(json!(LocalTime(fraction)), "2026-11-22T06:37:56.871000");
    }
}
