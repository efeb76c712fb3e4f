use std::fmt;

use chrono::{DateTime, Utc};
use edgeos_domain::Invoice;

use crate::Source;

/// An image from the web, as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// What its bytes are.
    pub format: PictureFormat,
    /// The file. Nobody has looked beyond its first bytes.
    pub bytes: Vec<u8>,
}

/// The kinds of images that are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
}

/// Gets images that organisers name. An organiser may name anything, so whatever isn't on the public internet is out
/// of reach, except what the installation itself stores.
#[async_trait::async_trait]
pub trait Pictures: Send + Sync {
    /// The image at `address`. Answers within five seconds.
    ///
    /// # Errors
    ///
    /// Why there is none; a reason for the log.
    async fn picture(&self, address: &str) -> Result<Picture, Source>;
}

/// Makes PDF documents of invoices.
#[async_trait::async_trait]
pub trait InvoicePrinter: Send + Sync {
    /// The document for `invoice`, created at `now`, with `head` across the top of its first page; without it where
    /// it can't be printed. The same in gives the same out.
    ///
    /// # Errors
    ///
    /// Why there is none.
    async fn print(
        &self,
        invoice: Invoice,
        head: Option<Picture>,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, Source>;
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size_bytes = self.bytes.len();
        f.debug_struct("Picture").field("format", &self.format).field("size", &size_bytes).finish()
    }
}
