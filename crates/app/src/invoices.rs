//! Invoices, made whenever somebody wants one; nothing of them is kept.

use std::{fmt, sync::Arc};

use edgeos_domain::{Application, Invoice, InvoiceLine, MailTemplate, PaymentId};
use edgeos_ports::{
    Applications, Attachment, Environment, Humans, InvoicePrinter, MailAttachments, Participant,
    PaymentLineView, PaymentView, Payments, Picture, Pictures, Popups, QueuedMail, Reader,
    Resource, Source, Store, StoreError, TenantScope,
};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::{AppError, slots::Slots};

/// Invoices that are made for people at the same time, each with an image in memory; further ones have to come again.
/// Those of mails wait for their turn.
const AT_ONCE: usize = 16;

/// What an invoice rests on.
pub trait InvoiceTx: Applications + Humans + Payments + Popups {}

impl<T> InvoiceTx for T where T: Applications + Humans + Payments + Popups {}

/// Makes invoices, for staff, for whoever paid, and for the mail that confirms a payment.
#[derive(Clone)]
pub struct MakeInvoices<S> {
    store: S,
    env: Arc<dyn Environment>,
    pictures: Arc<dyn Pictures>,
    printer: Arc<dyn InvoicePrinter>,
    slots: Slots,
}

/// An invoice, and the image that goes on top of it.
struct Draft {
    invoice: Invoice,
    head: Option<String>,
}

impl<S: Store<Tx: InvoiceTx>> MakeInvoices<S> {
    /// The use cases over `store`.
    pub fn new(
        store: S,
        env: Arc<dyn Environment>,
        pictures: Arc<dyn Pictures>,
        printer: Arc<dyn InvoicePrinter>,
    ) -> Self {
        Self { store, env, pictures, printer, slots: Slots::new(AT_ONCE) }
    }

    /// The invoice for the payment `id`, as PDF.
    ///
    /// # Errors
    ///
    /// `NotFound` for the payment, then for the invoice: there is one when the payment is approved and its popup says
    /// who issues it. `Unavailable` while too many are being made.
    pub async fn of_tenant(&self, by: &Reader, id: PaymentId) -> Result<Vec<u8>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let view = tx.payment_view(id).await?.ok_or(AppError::NotFound(Resource::Payment))?;
        let application = tx.application(view.payment.application).await?;
        self.available(tx, view, application).await
    }

    /// The invoice for the payment `id` of an application of the human's own, as PDF.
    ///
    /// # Errors
    ///
    /// As [`of_tenant`](Self::of_tenant); somebody else's payment counts as missing.
    pub async fn mine(&self, by: &Participant, id: PaymentId) -> Result<Vec<u8>, AppError> {
        let missing = || AppError::NotFound(Resource::Payment);
        let mut tx = self.store.begin(&by.reading()).await?;
        let view = tx.payment_view(id).await?.ok_or_else(missing)?;
        let application = tx.application(view.payment.application).await?;
        let own = application.filter(|application| application.human == by.human());
        let own = own.ok_or_else(missing)?;
        self.available(tx, view, Some(own)).await
    }

    /// The invoice for a payment, which ends the transaction.
    async fn available(
        &self,
        mut tx: S::Tx,
        view: PaymentView,
        application: Option<Application>,
    ) -> Result<Vec<u8>, AppError> {
        let draft = draft(&mut tx, view, application).await?;
        drop(tx);
        let draft = draft.ok_or(AppError::NotFound(Resource::Invoice))?;
        let busy = || AppError::Unavailable("too many invoices are being made".into());
        let _slot = self.slots.take().ok_or_else(busy)?;
        self.print(draft).await
    }

    /// Prints `draft`. No transaction is open meanwhile: the image comes from anywhere.
    async fn print(&self, draft: Draft) -> Result<Vec<u8>, AppError> {
        let Draft { invoice, head } = draft;
        let payment = invoice.payment;
        let head = match &head {
            Some(address) => self.head(address, payment).await,
            None => None,
        };
        self.printer.print(invoice, head, self.env.now()).await.map_err(|error| {
            tracing::error!(payment.id = %payment, error = &*error as &dyn std::error::Error,
                "the invoice for payment {payment} can't be printed");
            AppError::Unavailable("the invoice can't be printed".into())
        })
    }

    async fn head(&self, address: &str, payment: PaymentId) -> Option<Picture> {
        match self.pictures.picture(address).await {
            Ok(picture) => Some(picture),
            Err(error) => {
                tracing::warn!(payment.id = %payment, error = &*error as &dyn std::error::Error,
                    "the invoice for payment {payment} goes without its image");
                None
            }
        }
    }

    async fn attachment(&self, mail: &QueuedMail) -> Result<Option<Attachment>, AppError> {
        let Some((scope, id)) = paid(mail) else { return Ok(None) };
        let mut tx = self.store.begin(&scope).await?;
        let view = tx.payment_view(id).await?;
        let Some(view) = view.filter(|view| view.payment.amount > Decimal::ZERO) else {
            return Ok(None);
        };
        let application = tx.application(view.payment.application).await?;
        let draft = draft(&mut tx, view, application).await?;
        drop(tx);
        let Some(draft) = draft else { return Ok(None) };
        Ok(Some(Attachment {
            file_name: file_name(id),
            content_type: "application/pdf".to_owned(),
            bytes: self.print(draft).await?,
        }))
    }
}

impl<S: Store<Tx: InvoiceTx> + 'static> MailAttachments for MakeInvoices<S> {
    async fn attachments_of(&self, mail: &QueuedMail) -> Result<Vec<Attachment>, Source> {
        Ok(self.attachment(mail).await?.into_iter().collect())
    }
}

impl<S> fmt::Debug for MakeInvoices<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MakeInvoices").finish_non_exhaustive()
    }
}

/// What the invoice for the payment `id` is called as a file.
#[must_use]
pub fn file_name(id: PaymentId) -> String {
    format!("invoice-{id}.pdf")
}

/// The payment that `mail` confirms, and where it is.
fn paid(mail: &QueuedMail) -> Option<(TenantScope, PaymentId)> {
    let confirms = matches!(
        MailTemplate::parse(&mail.template)?,
        MailTemplate::PaymentConfirmed | MailTemplate::EditPassesConfirmed
    );
    let id = mail.context.get("payment_id").and_then(Value::as_str)?;
    let id = Uuid::try_parse(id).ok().filter(|_| confirms)?;
    Some((TenantScope::of_worker(mail.tenant?), PaymentId(id)))
}

/// The invoice for a payment of `application`, if there is one.
async fn draft(
    tx: &mut impl InvoiceTx,
    view: PaymentView,
    application: Option<Application>,
) -> Result<Option<Draft>, StoreError> {
    let PaymentView { payment, lines } = view;
    let Some(application) = application else { return Ok(None) };
    let Some(popup) = tx.popup(payment.popup).await? else { return Ok(None) };
    let Some(human) = tx.human(application.human).await? else { return Ok(None) };
    let lines = printed(lines);
    let invoice = Invoice::of(&popup, &payment, &lines, &human.profile);
    Ok(invoice.map(|invoice| Draft { invoice, head: popup.image_url }))
}

/// The lines in the order in which an invoice has them.
fn printed(mut views: Vec<PaymentLineView>) -> Vec<InvoiceLine> {
    // Those that were sold together are in the order of their names.
    views.sort_by_cached_key(|view| (view.line.created_at, view.line.name.clone()));
    let line = |view: PaymentLineView| InvoiceLine {
        quantity: view.line.quantity,
        name: view.line.name,
        price: view.line.price,
    };
    views.into_iter().map(line).collect()
}
