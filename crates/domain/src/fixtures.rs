//! Values that many tests start from.

use chrono::{DateTime, TimeZone, Utc};
use uuid::Uuid;

use crate::{
    ApplicationFee, ApplicationId, Attendee, AttendeeCategory, AttendeeId, CheckInCode, Email,
    Popup, PopupId, PopupSlug, PopupStatus, TenantId,
};

pub(crate) const TENANT: TenantId = TenantId(Uuid::from_u128(0x7e));

pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2030, 6, 10, 12, 0, 0).unwrap()
}

/// An active popup with every switch off.
pub(crate) fn popup() -> Popup {
    Popup {
        id: PopupId(Uuid::from_u128(0x90)),
        tenant: TENANT,
        name: "Summit".to_owned(),
        slug: PopupSlug::parse("summit").unwrap(),
        tagline: None,
        location: None,
        start_date: None,
        end_date: None,
        status: PopupStatus::Active,
        allows_spouse: false,
        allows_children: false,
        allows_coupons: false,
        allows_scholarship: false,
        allows_incentive: false,
        image_url: None,
        icon_url: None,
        express_checkout_background: None,
        web_url: None,
        blog_url: None,
        twitter_url: None,
        terms_and_conditions_url: None,
        payment_key: None,
        invoice_company_name: None,
        invoice_company_address: None,
        invoice_company_email: None,
        fee: ApplicationFee::default(),
        created_at: noon(),
        updated_at: noon(),
    }
}

/// An attendee of the popup, with an address unless it is empty.
pub(crate) fn attendee(category: AttendeeCategory, email: &str) -> Attendee {
    Attendee {
        id: AttendeeId(Uuid::from_u128(0xa7)),
        tenant: TENANT,
        application: ApplicationId(Uuid::from_u128(0xa9)),
        popup: PopupId(Uuid::from_u128(0x90)),
        human: None,
        name: "Bo".to_owned(),
        category,
        email: Email::optional(email).unwrap(),
        gender: None,
        check_in_code: CheckInCode::stored("SUMQWERTYAS".to_owned()),
        poap_url: None,
        created_at: noon(),
        updated_at: noon(),
    }
}
