//! Every operation of the API. A resource adds its line here.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    application_reviews, applications, approval_strategies, attendees, audit_entries, auth,
    base_field_configs, carts, check_ins, coupons, credentials, dashboard, directory,
    email_templates, emails, form_fields, form_sections, groups, humans, participations, payments,
    popup_reviewers, popups, products, tenants, uploads, users,
};

/// The operations, below either prefix.
pub(crate) fn operations(config: &mut ServiceConfig<'_>) {
    config
        .configure(auth::routes)
        .configure(tenants::routes)
        .configure(credentials::routes)
        .configure(users::routes)
        .configure(popups::routes)
        .configure(approval_strategies::routes)
        .configure(popup_reviewers::routes)
        .configure(products::routes)
        .configure(coupons::routes)
        .configure(groups::routes)
        .configure(form_sections::routes)
        .configure(form_fields::routes)
        .configure(base_field_configs::routes)
        .configure(humans::routes)
        // Before what names an application.
        .configure(application_reviews::routes)
        .configure(directory::routes)
        .configure(participations::routes)
        // Before what names a popup.
        .configure(attendees::routes)
        .configure(applications::routes)
        .configure(check_ins::routes)
        .configure(carts::routes)
        .configure(payments::routes)
        .configure(audit_entries::routes)
        .configure(dashboard::routes)
        .configure(email_templates::routes)
        .configure(emails::routes)
        .configure(uploads::routes);
}
