use edgeos_ports::{AttendeeView, HeldProduct};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::answer::{Instant, Money};

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
    products: Vec<HeldProductPublic>,
}

/// A product in somebody's hands: all that is known of the product, and how many.
#[derive(Debug, Serialize)]
struct HeldProductPublic {
    tenant_id: Uuid,
    popup_id: Uuid,
    name: String,
    slug: String,
    price: Money<2>,
    compare_price: Option<Money<2>>,
    description: Option<String>,
    image_url: Option<String>,
    category: String,
    attendee_category: Option<String>,
    duration_type: Option<String>,
    start_date: Option<Instant>,
    end_date: Option<Instant>,
    is_active: bool,
    exclusive: bool,
    max_quantity: Option<i32>,
    insurance_percentage: Option<Money<2>>,
    id: Uuid,
    quantity: i32,
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

impl From<HeldProduct> for HeldProductPublic {
    fn from(product: HeldProduct) -> Self {
        Self {
            tenant_id: product.tenant.0,
            popup_id: product.popup.0,
            name: product.name,
            slug: product.slug,
            price: product.price.into(),
            compare_price: product.compare_price.map(Into::into),
            description: product.description,
            image_url: product.image_url,
            category: product.category,
            attendee_category: product.attendee_category,
            duration_type: product.duration_type,
            start_date: product.start_date.map(Into::into),
            end_date: product.end_date.map(Into::into),
            is_active: product.is_active,
            exclusive: product.exclusive,
            max_quantity: product.max_quantity,
            insurance_percentage: product.insurance_percentage.map(Into::into),
            id: product.id.0,
            quantity: product.quantity,
        }
    }
}
