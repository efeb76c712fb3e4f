use edgeos_domain::{DirectoryCompanion, DirectoryEntry, Masked, MaskedText, Product};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    answer::Instant,
    products::{ProductCategory, TicketDuration},
    shape::{Described, described},
};

/// Stands for what somebody keeps back.
pub(super) const MASK: &str = "*";

/// Somebody who takes part. `*` stands for what they don't tell.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendeesDirectoryEntry {
    /// The application.
    id: Uuid,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    telegram: Option<String>,
    role: Option<String>,
    organization: Option<String>,
    residence: Option<String>,
    age: Option<String>,
    gender: Option<String>,
    picture_url: Option<String>,
    #[schema(default = false)]
    brings_kids: BringsKids,
    /// The passes.
    #[schema(default = json!([]))]
    participation: Vec<DirectoryProduct>,
    /// The begin of the earliest pass.
    check_in: Option<Instant>,
    /// The end of the latest pass.
    check_out: Option<Instant>,
    /// Who comes along.
    #[schema(default = json!([]))]
    associated_attendees: Vec<AssociatedAttendee>,
}

/// Yes, no, or `*`.
#[derive(Debug)]
pub(crate) struct BringsKids(Masked<bool>);

/// A pass.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DirectoryProduct {
    id: Uuid,
    name: String,
    slug: String,
    #[schema(value_type = Option<String>)]
    category: Option<ProductCategory>,
    #[schema(value_type = Option<String>)]
    duration_type: Option<TicketDuration>,
    start_date: Option<Instant>,
    end_date: Option<Instant>,
}

/// Somebody who comes along.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssociatedAttendee {
    name: String,
    /// `spouse` or `kid`.
    category: String,
    /// Always null: nobody asked them.
    gender: Option<String>,
    /// Always null: nobody asked them.
    email: Option<String>,
}

impl Serialize for BringsKids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Masked::Shown(brings) => serializer.serialize_bool(brings),
            Masked::Hidden => serializer.serialize_str(MASK),
        }
    }
}

impl Described for BringsKids {
    fn describe() -> Value {
        json!({ "anyOf": [{ "type": "boolean" }, { "type": "string" }] })
    }
}

described!([] BringsKids);

/// The text, or what stands for it.
pub(super) fn unmasked(text: MaskedText) -> Option<String> {
    match text {
        Masked::Shown(text) => text,
        Masked::Hidden => Some(MASK.to_owned()),
    }
}

impl From<DirectoryEntry> for AttendeesDirectoryEntry {
    fn from(entry: DirectoryEntry) -> Self {
        Self {
            id: entry.id.0,
            first_name: unmasked(entry.first_name),
            last_name: unmasked(entry.last_name),
            email: unmasked(entry.email),
            telegram: unmasked(entry.telegram),
            role: unmasked(entry.role),
            organization: unmasked(entry.organization),
            residence: unmasked(entry.residence),
            age: unmasked(entry.age),
            gender: unmasked(entry.gender),
            picture_url: entry.picture_url,
            brings_kids: BringsKids(entry.brings_kids),
            participation: entry.participation.into_iter().map(Into::into).collect(),
            check_in: entry.check_in.map(Into::into),
            check_out: entry.check_out.map(Into::into),
            associated_attendees: entry.associated_attendees.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Product> for DirectoryProduct {
    fn from(pass: Product) -> Self {
        Self {
            id: pass.id.0,
            category: Some(pass.category().into()),
            duration_type: pass.duration_type().map(Into::into),
            name: pass.name,
            slug: pass.slug.as_str().to_owned(),
            start_date: pass.period.start().map(Into::into),
            end_date: pass.period.end().map(Into::into),
        }
    }
}

impl From<DirectoryCompanion> for AssociatedAttendee {
    fn from(companion: DirectoryCompanion) -> Self {
        Self {
            name: companion.name,
            category: companion.category.as_str().to_owned(),
            gender: None,
            email: None,
        }
    }
}
