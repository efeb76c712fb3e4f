use edgeos_domain::{FieldId, FormField};

use crate::{Page, Paging, StoreError, Transaction};

/// The organisers' own questions in the forms of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait FormFields: Transaction {
    /// One page of the questions of all popups, by their position, then by id; those whose label or name
    /// contains `search`, in any letter case.
    async fn form_fields(
        &mut self,
        search: Option<&str>,
        paging: Paging,
    ) -> Result<Page<FormField>, StoreError>;

    /// The question `id`.
    async fn form_field(&mut self, id: FieldId) -> Result<Option<FormField>, StoreError>;

    /// As [`form_field`](Self::form_field), locked until the transaction ends. To be asked once the popup is
    /// held.
    async fn lock_form_field(&mut self, id: FieldId) -> Result<Option<FormField>, StoreError>;

    /// Stores a new question, unless the popup has one of its name: then `false`, and nothing changes.
    /// [`Missing`](StoreError::Missing) for a section that the popup hasn't.
    async fn insert_form_field(&mut self, field: &FormField) -> Result<bool, StoreError>;

    /// Stores `field` anew, under the name that it has. [`Missing`](StoreError::Missing) for a section that the
    /// popup hasn't.
    async fn update_form_field(&mut self, field: &FormField) -> Result<(), StoreError>;

    /// Deletes the question `id`, but no answers to it; whether there was one.
    async fn delete_form_field(&mut self, id: FieldId) -> Result<bool, StoreError>;
}
