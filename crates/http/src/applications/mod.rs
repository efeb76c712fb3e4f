//! Applications: `my` is what humans do with their own, `staff` what the backoffice does with everybody's.

mod input;
mod my;
mod output;
mod staff;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use self::{my::MyPath, output::ApplicationPublic, staff::ApplicationPath};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        // Fixed segments come before variable ones.
        .service(my::list_my_applications)
        .service(my::get_my_application)
        .service(my::create_my_application)
        .service(my::update_my_application)
        .service(staff::list_applications)
        .service(staff::create_application_admin)
        .service(staff::get_application)
        .service(staff::review_scholarship)
        .service(staff::decide_application)
        .service(staff::recalculate_applications);
}
