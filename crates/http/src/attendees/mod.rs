//! Attendees: `my` is what humans do with those of their own application, `staff` what the backoffice does with
//! everybody's.

mod input;
mod my;
mod output;
mod staff;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use self::{output::AttendeePublic, staff::AttendeePath};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        // Fixed segments come before variable ones.
        .service(my::list_my_tickets)
        .service(my::decline_my_participation)
        .service(my::add_my_attendee)
        .service(my::update_my_attendee)
        .service(my::delete_my_attendee)
        .service(staff::list_attendees)
        .service(staff::get_by_check_in_code)
        .service(staff::get_tickets_by_email)
        .service(staff::get_attendee)
        .service(staff::update_attendee)
        .service(staff::delete_attendee);
}
