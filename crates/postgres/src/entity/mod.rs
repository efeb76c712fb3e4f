//! Rows as the tables have them. They don't leave this crate.

pub(crate) mod application;
pub(crate) mod application_review;
pub(crate) mod application_snapshot;
pub(crate) mod approval_strategy;
pub(crate) mod attendee;
pub(crate) mod audit_entry;
pub(crate) mod cart;
pub(crate) mod check_in;
pub(crate) mod coupon;
pub(crate) mod email_template;
pub(crate) mod field_config;
pub(crate) mod form_field;
pub(crate) mod form_section;
pub(crate) mod group;
pub(crate) mod human;
pub(crate) mod outbox_mail;
pub(crate) mod payment;
pub(crate) mod payment_product;
pub(crate) mod popup;
pub(crate) mod popup_reviewer;
pub(crate) mod product;
pub(crate) mod tenant;
pub(crate) mod tenant_credential;
pub(crate) mod tenant_label;
pub(crate) mod user;
