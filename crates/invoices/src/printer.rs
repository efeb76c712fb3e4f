use std::sync::Arc;

use chrono::{DateTime, Utc};
use edgeos_domain::Invoice;
use edgeos_ports::{InvoicePrinter, Picture, Source};
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

use crate::{
    document::document,
    picture::{Unprintable, printable},
};

/// Documents that are made at the same time at most: each may hold an image, unfolded, in memory.
const TURNS: usize = 2;

/// Prints invoices as PDF, on threads of its own.
#[derive(Debug, Clone)]
pub struct PdfPrinter {
    turns: Arc<Semaphore>,
}

/// A document that wasn't made.
#[derive(Debug, thiserror::Error)]
enum Unmade {
    /// What goes on top can't be printed.
    #[error(transparent)]
    Image(#[from] Unprintable),
    /// It can't be written.
    #[error("the document can't be written: {0}")]
    Unwritten(String),
    /// The work broke off.
    #[error("the document was given up")]
    GivenUp(#[from] JoinError),
}

impl Default for PdfPrinter {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(TURNS)) }
    }
}

impl PdfPrinter {
    async fn make(
        &self,
        invoice: &Arc<Invoice>,
        head: Option<Picture>,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, Unmade> {
        let invoice = invoice.clone();
        let turn = self.turns.clone().acquire_owned().await.expect("it is never closed");
        let made = spawn_blocking(move || {
            let _turn = turn;
            let head = head.map(printable).transpose()?;
            document(&invoice, head, now).map_err(Unmade::Unwritten)
        });
        made.await?
    }
}

#[async_trait::async_trait]
impl InvoicePrinter for PdfPrinter {
    async fn print(
        &self,
        invoice: Invoice,
        head: Option<Picture>,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, Source> {
        let invoice = Arc::new(invoice);
        if let Some(picture) = head {
            match self.make(&invoice, Some(picture), now).await {
                Ok(document) => return Ok(document),
                Err(unmade) => tracing::warn!(payment.id = %invoice.payment,
                    "the invoice for payment {} goes without its image: {unmade}", invoice.payment),
            }
        }
        Ok(self.make(&invoice, None, now).await?)
    }
}

#[cfg(test)]
mod tests;
