//! Mails made of templates, sent over SMTP; and an inbox that receives them, for development and tests.
//!
//! What is sent, when and in whose name is decided elsewhere.

mod composer;
mod document;
pub mod inbox;
mod message;
mod smtp;

pub use crate::{
    composer::{TemplateComposer, render_for_another},
    message::is_address,
    smtp::{Encryption, SmtpCredentials, SmtpMailer, SmtpSettings},
};
