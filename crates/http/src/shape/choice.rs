use deserr::{IntoValue, Value, ValuePointerRef};

use super::{Fault, Wrong};

/// One of a few words.
pub(crate) trait Choice: Sized {
    /// All words, in the order of the contract.
    const WORDS: &'static [&'static str];

    /// What `word` stands for.
    fn from_word(word: &str) -> Option<Self>;
}

/// The choice that `value` names.
pub(crate) fn read_choice<C: Choice, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
) -> Result<C, Wrong> {
    if let Value::String(word) = &value
        && let Some(choice) = C::from_word(word)
    {
        return Ok(choice);
    }
    let words = C::WORDS.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
    let msg = format!("Input should be one of {words}");
    Err(Wrong::kind(location, Fault::Enum, &msg, value).ctx("expected", words))
}

/// Declares an enumeration of the contract over one of the domain: its name there, and the word of each variant.
///
/// ```ignore
/// choice! {
///     /// What a user may do.
///     UserRole(edgeos_domain::Role) { "superadmin" => Superadmin, "admin" => Admin, "viewer" => Viewer }
/// }
/// ```
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident($domain:ty) { $($word:literal => $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $domain);

        impl $name {
            /// The word for it.
            pub(crate) fn word(self) -> &'static str {
                type Domain = $domain;
                match self.0 {
                    $(Domain::$variant => $word,)+
                }
            }
        }

        impl $crate::shape::Choice for $name {
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn from_word(word: &str) -> Option<Self> {
                type Domain = $domain;
                match word {
                    $($word => Some(Self(Domain::$variant)),)+
                    _ => None,
                }
            }
        }

        impl deserr::Deserr<$crate::shape::Wrong> for $name {
            fn deserialize_from_value<V: deserr::IntoValue>(
                value: deserr::Value<V>,
                location: deserr::ValuePointerRef<'_>,
            ) -> Result<Self, $crate::shape::Wrong> {
                $crate::shape::read_choice(value, location)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use choice;
