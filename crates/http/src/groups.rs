//! Groups: `staff` is what the backoffice does with them, `my` what their leaders do, `public` what visitors see.

mod input;
mod my;
mod output;
mod public;
mod staff;

use deserr::Deserr;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shape::{Id, Wrong};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        // Fixed segments come before variable ones.
        .service(my::list_my_groups)
        .service(my::get_my_group)
        .service(my::update_my_group)
        .service(my::add_group_members_batch)
        .service(my::add_group_member)
        .service(my::update_group_member)
        .service(my::remove_group_member)
        .service(public::get_group_public)
        .service(staff::list_groups)
        .service(staff::create_group)
        .service(staff::get_group)
        .service(staff::update_group)
        .service(staff::delete_group)
        .service(staff::list_group_leaders)
        .service(staff::add_group_leader)
        .service(staff::remove_group_leader);
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct GroupPath {
    group_id: Id,
}

/// A group, and somebody who is or will be something in it.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct GroupPersonPath {
    group_id: Id,
    human_id: Id,
}
