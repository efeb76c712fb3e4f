//! The sections of an application form, as organisers arrange them.

use std::sync::Arc;

use edgeos_domain::{
    FormRefusal, FormSection, FormSectionChange, InvalidFormPart, NewFormSection, PopupId,
    SectionId,
};
use edgeos_ports::{
    Environment, FormSections, Forms, Page, Paging, Popups, Reader, Resource, Store, StoreError,
    Transaction, Writer,
};

use crate::AppError;

/// Sections of forms as staff manage them.
#[derive(Clone)]
pub struct ManageFormSections<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S: Store<Tx: FormSections + Forms + Popups>> ManageFormSections<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the sections, of `popup` alone if it is given, by their order.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<FormSection>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.form_sections(popup, paging).await?)
    }

    /// The section `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: SectionId) -> Result<FormSection, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.form_section(id).await?.ok_or(AppError::NotFound(Resource::FormSection))
    }

    /// Adds a section to a form.
    ///
    /// # Errors
    ///
    /// `NotFound(Popup)`; `Invalid`; `Refused` when the form has as many sections as it can.
    pub async fn create(&self, by: &Writer, new: NewFormSection) -> Result<FormSection, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        // Locked, so that nobody else adds one at the same time.
        tx.lock_popup(new.popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let section = new.into_section(SectionId(self.env.uuid()), by.tenant())?;
        tx.form(section.popup).await?.check_room_for_section()?;
        tx.insert_form_section(&section).await?;
        tx.commit().await?;
        Ok(section)
    }

    /// Changes what `change` mentions.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Invalid`.
    pub async fn update(
        &self,
        by: &Writer,
        id: SectionId,
        change: FormSectionChange,
    ) -> Result<FormSection, AppError> {
        let missing = || AppError::NotFound(Resource::FormSection);
        let mut tx = self.store.begin(&by.scope()).await?;
        let popup = tx.form_section(id).await?.ok_or_else(missing)?.popup;
        tx.hold_popup(popup).await?.ok_or_else(missing)?;
        let section = tx.lock_form_section(id).await?.ok_or_else(missing)?.changed(change)?;
        tx.update_form_section(&section).await?;
        tx.commit().await?;
        Ok(section)
    }

    /// Deletes a section. Its questions stay, in no section.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Refused` for one that came with the popup.
    pub async fn delete(&self, by: &Writer, id: SectionId) -> Result<(), AppError> {
        let missing = || AppError::NotFound(Resource::FormSection);
        let mut tx = self.store.begin(&by.scope()).await?;
        let popup = tx.form_section(id).await?.ok_or_else(missing)?.popup;
        // Locked, so that nobody else moves a question here at the same time.
        tx.lock_popup(popup).await?.ok_or_else(missing)?;
        tx.lock_form_section(id).await?.ok_or_else(missing)?.check_deletable()?;
        tx.delete_form_section(id).await?;
        Ok(tx.commit().await?)
    }
}

/// The heading of `section`; the question that is asked there belongs to `popup`, which is held.
pub(crate) async fn section_label(
    tx: &mut impl FormSections,
    popup: PopupId,
    section: Option<SectionId>,
) -> Result<Option<String>, AppError> {
    let Some(id) = section else { return Ok(None) };
    let section = tx.form_section(id).await?.filter(|section| section.popup == popup);
    Ok(Some(section.ok_or(FormRefusal::SectionElsewhere)?.label))
}

/// A section can go while a question comes, when somebody works on the database itself.
pub(crate) fn section_gone(error: StoreError) -> AppError {
    match error {
        StoreError::Missing(Resource::FormSection) => FormRefusal::SectionElsewhere.into(),
        error => error.into(),
    }
}

impl From<FormRefusal> for AppError {
    fn from(refusal: FormRefusal) -> Self {
        match refusal {
            FormRefusal::SectionElsewhere
            | FormRefusal::SectionProtected
            | FormRefusal::TooManySections
            | FormRefusal::TooManyFields => Self::refused(refusal),
        }
    }
}

impl From<InvalidFormPart> for AppError {
    fn from(invalid: InvalidFormPart) -> Self {
        Self::Invalid { field: invalid.field(), reason: invalid.to_string() }
    }
}
