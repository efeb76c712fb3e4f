use edgeos_ports::{AttendeeView, CodeHolder, HeldProduct, Ticket};
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
    /// Where the attendee takes part; only in the look-up by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    popup_id: Option<Uuid>,
    /// What the event is called; only in the look-up by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    popup_name: Option<String>,
    /// How far the application is; only in the look-up by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    application_status: Option<String>,
}

/// What lets somebody into an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendeeWithTickets {
    id: Uuid,
    name: String,
    #[schema(required)]
    email: Option<String>,
    /// `main`, `spouse` or `kid`.
    category: String,
    /// What is scanned at the door.
    check_in_code: String,
    popup_id: Uuid,
    popup_name: String,
    popup_slug: Option<String>,
    /// By name.
    products: Vec<TicketProduct>,
}

/// A product as a ticket shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketProduct {
    name: String,
    category: Option<String>,
    start_date: Option<Instant>,
    end_date: Option<Instant>,
    /// How many the attendee holds.
    #[schema(default = 1)]
    quantity: u32,
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
            popup_id: None,
            popup_name: None,
            application_status: None,
        }
    }
}

impl From<CodeHolder> for AttendeePublic {
    fn from(holder: CodeHolder) -> Self {
        Self {
            popup_id: Some(holder.view.attendee.popup.0),
            popup_name: Some(holder.popup_name),
            application_status: Some(holder.application_status.as_str().to_owned()),
            ..holder.view.into()
        }
    }
}

impl From<Ticket> for AttendeeWithTickets {
    fn from(ticket: Ticket) -> Self {
        let Ticket { attendee, popup_name, popup_slug, products } = ticket;
        Self {
            id: attendee.id.0,
            name: attendee.name,
            email: attendee.email.map(|email| email.as_str().to_owned()),
            category: attendee.category.as_str().to_owned(),
            check_in_code: attendee.check_in_code.as_str().to_owned(),
            popup_id: attendee.popup.0,
            popup_name,
            popup_slug: Some(popup_slug),
            products: products.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<HeldProduct> for TicketProduct {
    fn from(held: HeldProduct) -> Self {
        let HeldProduct { product, quantity } = held;
        Self {
            category: Some(product.category().as_str().to_owned()),
            name: product.name,
            start_date: product.period.start().map(Into::into),
            end_date: product.period.end().map(Into::into),
            quantity,
        }
    }
}
