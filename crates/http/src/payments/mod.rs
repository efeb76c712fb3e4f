//! Payments: orders, fees, and what the provider announces.

mod input;
mod invoices;
mod my;
mod output;
mod staff;
mod webhook;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(my::preview_my_payment)
        .service(my::create_my_application_fee)
        .service(my::create_my_payment)
        .service(my::get_my_latest_payment)
        .service(my::list_my_payments)
        .service(invoices::get_my_invoice)
        .service(webhook::simplefi_webhook)
        .service(staff::list_payments)
        .service(staff::get_payment)
        .service(invoices::get_payment_invoice)
        .service(staff::update_payment);
}
