//! Invoices as PDF documents, and the images on top of them from the web.
//!
//! What an invoice says is decided elsewhere, to the last decimal. This is how it looks, and how an image is fetched
//! from wherever an organiser says without reaching anything that isn't public.

mod address;
mod document;
mod fonts;
mod picture;
mod printer;
mod sheet;
mod table;
mod text;
mod web;

pub use crate::{
    printer::PdfPrinter,
    web::{OwnFiles, WebPictures},
};
