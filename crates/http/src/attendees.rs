use edgeos_ports::AttendeeView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{answer::Instant, products::ProductWithQuantity};

/// Somebody whom an application brings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendeePublic {
    tenant_id: Uuid,
    application_id: Uuid,
    /// Who it is, when that is known.
    human_id: Option<Uuid>,
    name: String,
    /// `main`, `spouse` or `kid`.
    category: String,
    email: Option<String>,
    gender: Option<String>,
    /// What is scanned at the door.
    check_in_code: String,
    poap_url: Option<String>,
    id: Uuid,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
    /// What was bought for them: products, each with a `quantity`.
    #[schema(value_type = Vec<serde_json::Value>, default = json!([]))]
    products: Vec<ProductWithQuantity>,
}

impl From<AttendeeView> for AttendeePublic {
    fn from(view: AttendeeView) -> Self {
        let AttendeeView { attendee, products } = view;
        Self {
            tenant_id: attendee.tenant.0,
            application_id: attendee.application.0,
            human_id: attendee.human.map(|human| human.0),
            name: attendee.name,
            category: attendee.category.as_str().to_owned(),
            email: attendee.email.map(|email| email.as_str().to_owned()),
            gender: attendee.gender,
            check_in_code: attendee.check_in_code.as_str().to_owned(),
            poap_url: attendee.poap_url,
            id: attendee.id.0,
            created_at: Some(attendee.created_at.into()),
            updated_at: Some(attendee.updated_at.into()),
            products: products.into_iter().map(Into::into).collect(),
        }
    }
}
