use std::collections::HashMap;

use edgeos_domain::{FormSection, PopupId, SectionId};

use crate::{Page, Paging, StoreError, Transaction};

/// The sections of the forms of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait FormSections: Transaction {
    /// One page of the sections, of `popup` alone if it is given, by their order, then by id.
    async fn form_sections(
        &mut self,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<FormSection>, StoreError>;

    /// The section `id`.
    async fn form_section(&mut self, id: SectionId) -> Result<Option<FormSection>, StoreError>;

    /// As [`form_section`](Self::form_section), locked until the transaction ends. To be asked once the popup
    /// is held.
    async fn lock_form_section(&mut self, id: SectionId)
    -> Result<Option<FormSection>, StoreError>;

    /// The labels of those of the sections `ids` that exist.
    async fn section_labels(
        &mut self,
        ids: &[SectionId],
    ) -> Result<HashMap<SectionId, String>, StoreError>;

    /// Stores a new section.
    async fn insert_form_section(&mut self, section: &FormSection) -> Result<(), StoreError>;

    /// Stores label, description and order of `section` anew.
    async fn update_form_section(&mut self, section: &FormSection) -> Result<(), StoreError>;

    /// Deletes the section `id`; what was asked there is asked in no section from now on.
    async fn delete_form_section(&mut self, id: SectionId) -> Result<(), StoreError>;
}
