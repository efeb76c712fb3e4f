//! What people see of an event.

use edgeos_app::popups::StaffPopup;
use edgeos_domain::Popup;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::PopupStatus;
use crate::answer::{Instant, LocalTime, Money};

/// An event as the backoffice sees it.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's switches")]
pub(crate) struct PopupAdmin {
    name: String,
    tagline: Option<String>,
    location: Option<String>,
    slug: String,
    tenant_id: Uuid,
    start_date: Option<LocalTime>,
    end_date: Option<LocalTime>,
    status: PopupStatus,
    allows_spouse: bool,
    allows_children: bool,
    allows_coupons: bool,
    allows_scholarship: bool,
    allows_incentive: bool,
    image_url: Option<String>,
    icon_url: Option<String>,
    express_checkout_background: Option<String>,
    web_url: Option<String>,
    blog_url: Option<String>,
    twitter_url: Option<String>,
    /// The end of the key to the payment provider, masked; null for viewers.
    simplefi_api_key: Option<String>,
    terms_and_conditions_url: Option<String>,
    invoice_company_name: Option<String>,
    invoice_company_address: Option<String>,
    invoice_company_email: Option<String>,
    requires_application_fee: bool,
    application_fee_amount: Option<Money<2>>,
    id: Uuid,
    created_at: Instant,
    updated_at: Instant,
}

/// An event as everybody sees it.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's switches")]
pub(crate) struct PopupPublic {
    id: Uuid,
    name: String,
    tagline: Option<String>,
    location: Option<String>,
    slug: String,
    status: PopupStatus,
    start_date: Option<LocalTime>,
    end_date: Option<LocalTime>,
    image_url: Option<String>,
    icon_url: Option<String>,
    express_checkout_background: Option<String>,
    web_url: Option<String>,
    blog_url: Option<String>,
    twitter_url: Option<String>,
    allows_spouse: bool,
    allows_children: bool,
    allows_coupons: bool,
    allows_scholarship: bool,
    terms_and_conditions_url: Option<String>,
    invoice_company_name: Option<String>,
    requires_application_fee: bool,
    application_fee_amount: Option<Money<2>>,
}

impl From<StaffPopup> for PopupAdmin {
    fn from(StaffPopup { popup, masked_key }: StaffPopup) -> Self {
        Self {
            name: popup.name,
            tagline: popup.tagline,
            location: popup.location,
            slug: popup.slug.as_str().to_owned(),
            tenant_id: popup.tenant.0,
            start_date: popup.start_date.map(LocalTime),
            end_date: popup.end_date.map(LocalTime),
            status: popup.status.into(),
            allows_spouse: popup.allows_spouse,
            allows_children: popup.allows_children,
            allows_coupons: popup.allows_coupons,
            allows_scholarship: popup.allows_scholarship,
            allows_incentive: popup.allows_incentive,
            image_url: popup.image_url,
            icon_url: popup.icon_url,
            express_checkout_background: popup.express_checkout_background,
            web_url: popup.web_url,
            blog_url: popup.blog_url,
            twitter_url: popup.twitter_url,
            simplefi_api_key: masked_key,
            terms_and_conditions_url: popup.terms_and_conditions_url,
            invoice_company_name: popup.invoice_company_name,
            invoice_company_address: popup.invoice_company_address,
            invoice_company_email: popup.invoice_company_email,
            requires_application_fee: popup.fee.required(),
            application_fee_amount: popup.fee.amount().map(Money),
            id: popup.id.0,
            created_at: popup.created_at.into(),
            updated_at: popup.updated_at.into(),
        }
    }
}

impl From<Popup> for PopupPublic {
    fn from(popup: Popup) -> Self {
        Self {
            id: popup.id.0,
            name: popup.name,
            tagline: popup.tagline,
            location: popup.location,
            slug: popup.slug.as_str().to_owned(),
            status: popup.status.into(),
            start_date: popup.start_date.map(LocalTime),
            end_date: popup.end_date.map(LocalTime),
            image_url: popup.image_url,
            icon_url: popup.icon_url,
            express_checkout_background: popup.express_checkout_background,
            web_url: popup.web_url,
            blog_url: popup.blog_url,
            twitter_url: popup.twitter_url,
            allows_spouse: popup.allows_spouse,
            allows_children: popup.allows_children,
            allows_coupons: popup.allows_coupons,
            allows_scholarship: popup.allows_scholarship,
            terms_and_conditions_url: popup.terms_and_conditions_url,
            invoice_company_name: popup.invoice_company_name,
            requires_application_fee: popup.fee.required(),
            application_fee_amount: popup.fee.amount().map(Money),
        }
    }
}
