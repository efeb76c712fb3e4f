use deserr::Deserr;
use edgeos_domain::{
    Attendee, AttendeeCategory, AttendeeChange, Email, InvalidEmail, NewAttendee, Patch,
};
use utoipa::ToSchema;

use crate::shape::{self, Filled, FromText, Parsed, Sent, Text, Wrong};

type NameText = Filled<{ Attendee::NAME_MAX }>;
type GenderText = Text<{ Attendee::GENDER_MAX }>;
type AddressText = Parsed<Address>;

/// The address of an attendee; blank is none.
#[derive(Debug)]
pub(crate) struct Address(Option<Email>);

impl FromText for Address {
    const MAX: usize = 255;
    type Refusal = InvalidEmail;

    fn from_text(text: &str) -> Result<Self, InvalidEmail> {
        Email::optional(text).map(Self)
    }
}

/// A category that nobody has.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("must be main, spouse or kid")]
pub(crate) struct NoCategory;

impl FromText for AttendeeCategory {
    const MAX: usize = 50;
    type Refusal = NoCategory;

    fn from_text(text: &str) -> Result<Self, NoCategory> {
        Self::parse(text).ok_or(NoCategory)
    }
}

/// Somebody to be added to one's own application.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct AttendeeCreate {
    name: NameText,
    /// `spouse` or `kid`.
    #[schema(value_type = String)]
    category: Parsed<AttendeeCategory>,
    #[deserr(default)]
    #[schema(value_type = Option<String>)]
    email: Option<AddressText>,
    #[deserr(default)]
    gender: Option<GenderText>,
}

/// A change of an attendee.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct AttendeeUpdate {
    #[deserr(default)]
    name: Sent<NameText>,
    /// Null or empty for none.
    #[deserr(default)]
    #[schema(value_type = Option<String>)]
    email: shape::Patch<AddressText>,
    #[deserr(default)]
    gender: shape::Patch<GenderText>,
}

impl From<AttendeeCreate> for NewAttendee {
    fn from(body: AttendeeCreate) -> Self {
        Self {
            name: body.name.into_inner(),
            category: body.category.0,
            email: body.email.and_then(|email| email.0.0),
            gender: body.gender.and_then(|gender| filled(&gender)),
        }
    }
}

impl From<AttendeeUpdate> for AttendeeChange {
    fn from(body: AttendeeUpdate) -> Self {
        let email = body.email.change().map(|sent| sent.and_then(|email| email.0.0));
        let gender = body.gender.change().map(|sent| sent.and_then(|gender| filled(&gender)));
        Self {
            name: body.name.map(NameText::into_inner),
            email: Patch::from(email),
            gender: Patch::from(gender),
        }
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
