use std::fmt;

use edgeos_ports::{Key, Resource, StoreError};
use sea_orm::{DbErr, RuntimeErr, sqlx};
use uuid::Uuid;

/// The port's word for what the database said.
pub(crate) fn store_error(error: DbErr) -> StoreError {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) =
        &error
    else {
        return StoreError::Failed(error.into());
    };
    match &**cause {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_) => StoreError::Unavailable(error.into()),
        sqlx::Error::Database(refusal) => {
            let constraint = refusal.constraint().unwrap_or_default();
            match refusal.code().as_deref().unwrap_or_default() {
                "23505" => StoreError::Taken(taken(constraint)),
                "23503" => StoreError::Missing(missing(constraint)),
                "23514" => StoreError::OutOfBounds(constraint.to_owned()),
                // Too long, out of range, not in the encoding.
                "22001" | "22003" | "22021" | "22P05" => {
                    StoreError::OutOfBounds("a value is too long or out of range".to_owned())
                }
                // Lock not available, statement timeout, deadlock, serialization failure.
                "55P03" | "57014" | "40P01" | "40001" => StoreError::Busy(error.into()),
                // Too many connections, shutting down, starting up.
                "53300" | "57P01" | "57P02" | "57P03" => StoreError::Unavailable(error.into()),
                _ => StoreError::Failed(error.into()),
            }
        }
        _ => StoreError::Failed(error.into()),
    }
}

/// As [`store_error`], for what doesn't come by way of sea-orm.
pub(crate) fn sqlx_error(error: sqlx::Error) -> StoreError {
    store_error(db_error(error))
}

/// sqlx's error as sea-orm would report it.
pub(crate) fn db_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// A stored value has passed the rule of the domain already; one that doesn't pass is a defect.
pub(crate) fn stored<T>(
    table: &str,
    id: Uuid,
    value: Result<T, impl fmt::Display>,
) -> Result<T, StoreError> {
    value.map_err(|rule| StoreError::Failed(format!("{table} {id}: {rule}").into()))
}

/// Whose uniqueness `constraint` keeps.
fn taken(constraint: &str) -> Key {
    match constraint {
        "uq_tenants_slug" | "tenant_labels_pkey" => Key::TenantSlug,
        "uq_tenants_custom_domain" => Key::CustomDomain,
        "uq_users_email" => Key::UserEmail,
        "uq_humans_email" => Key::HumanEmail,
        "uq_popups_slug" => Key::PopupSlug,
        "uq_approvalstrategies_popup_id" => Key::Strategy,
        "uq_popupreviewers_popup_id_user_id" => Key::Reviewer,
        "uq_products_popup_id_slug" => Key::ProductSlug,
        "uq_coupons_popup_id_code" => Key::CouponCode,
        "uq_groups_popup_id_slug" => Key::GroupSlug,
        "uq_groups_popup_id_ambassador_id_ambassador" => Key::AmbassadorGroup,
        "uq_applications_human_id_popup_id" => Key::Application,
        "uq_attendees_application_id_main" => Key::MainAttendee,
        "uq_attendees_application_id_spouse" => Key::Spouse,
        "uq_attendees_application_id_email" => Key::AttendeeEmail,
        "uq_attendees_check_in_code" => Key::CheckInCode,
        "uq_tenant_credentials_credential_type" => Key::Credential,
        "uq_email_templates_popup_id_template_type" => Key::EmailTemplate,
        "uq_payments_external_id" => Key::ExternalPayment,
        "uq_payments_application_id_pending_fee" => Key::PendingFee,
        "idempotency_keys_pkey" => Key::IdempotencyKey,
        _ => Key::Other,
    }
}

/// What a row refers to that isn't there.
fn missing(constraint: &str) -> Resource {
    let Some(reference) = constraint.strip_prefix("fk_") else { return Resource::Other };
    // `fk_<table>_<columns>`: the columns tell what is referred to.
    let column = |name: &str| reference.ends_with(name);
    match () {
        () if column("_tenant_id") => Resource::Tenant,
        () if column("_group_id") => Resource::Group,
        () if column("_section_id") => Resource::FormSection,
        () if column("_application_id") || column("_application_id_popup_id") => {
            Resource::Application
        }
        () if column("_popup_id") => Resource::Popup,
        () if column("_human_id") || column("_ambassador_id") => Resource::Human,
        () if column("_user_id") || column("_reviewer_id") => Resource::User,
        () if column("_product_id") => Resource::Product,
        () if column("_coupon_id") => Resource::Coupon,
        () if column("_attendee_id") => Resource::Attendee,
        () if column("_payment_id") => Resource::Payment,
        () => Resource::Other,
    }
}
