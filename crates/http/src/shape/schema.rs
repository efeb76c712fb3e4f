//! How the types of this module appear in the API's description: in place, not under a name of their own.
//!
//! `utoipa` refers to whatever isn't built in by name, so the description travels in the name
//! (`inline:{"type":"string"}`), and `openapi::contract_style` puts it where the name stood.

use serde_json::Value;

/// Decimals as text, as the contract describes them.
pub(crate) const DECIMAL_PATTERN: &str = r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$";

/// Begins the names that are descriptions.
pub(crate) const INLINE: &str = "inline:";

/// A type that the document describes in place.
pub(crate) trait Described {
    /// Its JSON schema.
    fn describe() -> Value;
}

/// Gives a [`Described`] type the traits that `utoipa` asks for. The list names what it refers to.
macro_rules! described {
    ([$($generics:tt)*] $type:ty $(, $refers_to:ty)*) => {
        impl<$($generics)*> utoipa::__dev::ComposeSchema for $type {
            fn compose(
                _: Vec<utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>>,
            ) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let name = <Self as utoipa::ToSchema>::name();
                utoipa::openapi::Ref::from_schema_name(name).into()
            }
        }

        impl<$($generics)*> utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                let schema = <Self as $crate::shape::Described>::describe();
                format!("{}{schema}", $crate::shape::INLINE).into()
            }

            #[expect(clippy::allow_attributes, reason = "types without parts use nothing")]
            #[allow(unused_variables, reason = "types without parts use nothing")]
            fn schemas(
                schemas: &mut Vec<(
                    String,
                    utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>,
                )>,
            ) {
                $(
                    let name = <$refers_to as utoipa::ToSchema>::name().into_owned();
                    schemas.push((name, <$refers_to as utoipa::PartialSchema>::schema()));
                    <$refers_to as utoipa::ToSchema>::schemas(schemas);
                )*
            }
        }
    };
}
pub(crate) use described;

/// A reference to `T`'s description.
pub(crate) fn reference<T: utoipa::ToSchema>() -> Value {
    serde_json::json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
}
