use edgeos_domain::{Form, PopupId};

use crate::{StoreError, Transaction};

/// The application forms of the popups of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Forms: Transaction {
    /// The form of `popup`: sections by their order, custom questions and configurations by their position,
    /// all then by id. Empty for a popup that doesn't exist.
    async fn form(&mut self, popup: PopupId) -> Result<Form, StoreError>;

    /// Stores sections, questions and configurations that are new. [`Taken`](StoreError::Taken) when a
    /// popup has a question or a configuration of one of the names.
    async fn insert_form_parts(&mut self, parts: &Form) -> Result<(), StoreError>;
}
