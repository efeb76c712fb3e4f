//! The questions of an application form, and the form as it is handed out.

use std::{collections::HashSet, sync::Arc};

use edgeos_domain::{
    FieldConfigId, FieldId, FormField, NewFormField, Popup, PopupId, Question, QuestionChange,
    derive_field_name,
};
use edgeos_ports::{
    BaseFieldConfigs, Environment, FormFields, FormSections, Forms, Page, Paging, Participant,
    Popups, Reader, Resource, Store, Transaction, Writer,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    AppError,
    base_field_configs::change_config,
    form_sections::{section_gone, section_label},
};

/// How many names are tried for a question, when others take them at the same moment.
const MAX_NAMES: usize = 10;

/// Questions of forms as staff manage them, and forms as everybody sees them.
#[derive(Clone)]
pub struct ManageFormFields<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S> ManageFormFields<S>
where
    S: Store<Tx: BaseFieldConfigs + FormFields + FormSections + Forms + Popups>,
{
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the questions. Of `popup`: built-in ones and its own, as [`Form::questions`] says; without
    /// it: those that organisers have added to any form, by their position, found by label and name.
    ///
    /// [`Form::questions`]: edgeos_domain::Form::questions
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        popup: Option<PopupId>,
        search: Option<&str>,
        paging: Paging,
    ) -> Result<Page<Question>, AppError> {
        let mut tx = self.store.begin_snapshot(&by.scope()).await?;
        if let Some(popup) = popup {
            return Ok(Page::of(tx.form(popup).await?.questions(search), paging));
        }
        let page = tx.form_fields(search, paging).await?;
        let sections: Vec<_> = page.items.iter().filter_map(|field| field.section).collect();
        let labels = tx.section_labels(&sections).await?;
        Ok(page.map(|field| {
            let label = field.section.and_then(|id| labels.get(&id).cloned());
            Question::own(field, label)
        }))
    }

    /// The question `id`: an own one, or the configuration of a built-in one.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: Uuid) -> Result<Question, AppError> {
        let mut tx = self.store.begin_snapshot(&by.scope()).await?;
        if let Some(field) = tx.form_field(FieldId(id)).await? {
            let label = section_label(&mut tx, field.popup, field.section).await?;
            return Ok(Question::own(field, label));
        }
        let config = tx.field_config(FieldConfigId(id)).await?;
        let config = config.ok_or(AppError::NotFound(Resource::FormField))?;
        let label = section_label(&mut tx, config.popup, config.section).await?;
        Question::built_in(config, label).ok_or(AppError::NotFound(Resource::FormField))
    }

    /// Adds a question to a form. The key of its answers follows from its label.
    ///
    /// # Errors
    ///
    /// `NotFound(Popup)`; `Invalid`; `Refused` for a section of another form, and when the form has as many
    /// questions as it can; `Conflict` when no free name was found.
    pub async fn create(&self, by: &Writer, new: NewFormField) -> Result<Question, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        // Locked, so that nobody else adds one at the same time.
        tx.lock_popup(new.popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let form = tx.form(new.popup).await?;
        let mut taken: HashSet<_> = form.fields.iter().map(|field| field.name.clone()).collect();
        let name = derive_field_name(&new.label, |name| taken.contains(name));
        let mut field = new.into_field(FieldId(self.env.uuid()), by.tenant(), name)?;
        form.check_room_for_field(field.section)?;
        for _ in 0..MAX_NAMES {
            if tx.insert_form_field(&field).await.map_err(section_gone)? {
                tx.commit().await?;
                let section = field.section.and_then(|id| form.section(id));
                let label = section.map(|section| section.label.clone());
                return Ok(Question::own(field, label));
            }
            // Whoever works on the database itself asks nobody.
            taken.insert(field.name);
            field.name = derive_field_name(&field.label, |name| taken.contains(name));
        }
        Err(AppError::Conflict("other questions take every name for this one, try again".into()))
    }

    /// Changes what `change` mentions; of a built-in question only what isn't fixed.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Invalid`; `Refused` for a section of another form.
    pub async fn update(
        &self,
        by: &Writer,
        id: Uuid,
        change: QuestionChange,
    ) -> Result<Question, AppError> {
        let missing = || AppError::NotFound(Resource::FormField);
        let mut tx = self.store.begin(&by.scope()).await?;
        let question = if let Some(field) = tx.form_field(FieldId(id)).await? {
            tx.hold_popup(field.popup).await?.ok_or_else(missing)?;
            let field = tx.lock_form_field(field.id).await?.ok_or_else(missing)?;
            change_field(&mut tx, field, change).await?
        } else {
            let changed = change_config(&mut tx, FieldConfigId(id), change).await?;
            let (config, label) = changed.ok_or_else(missing)?;
            Question::built_in(config, label).ok_or_else(missing)?
        };
        tx.commit().await?;
        Ok(question)
    }

    /// Deletes an own question. Answers to it stay where they are.
    ///
    /// # Errors
    ///
    /// `NotFound`, for built-in questions as well.
    pub async fn delete(&self, by: &Writer, id: FieldId) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        if !tx.delete_form_field(id).await? {
            return Err(AppError::NotFound(Resource::FormField));
        }
        Ok(tx.commit().await?)
    }

    /// The form of `popup` as clients draw it, see [`Form::schema`](edgeos_domain::Form::schema).
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn schema(&self, by: &Reader, popup: PopupId) -> Result<Value, AppError> {
        let mut tx = self.store.begin_snapshot(&by.scope()).await?;
        let popup = tx.popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        Ok(tx.form(popup.id).await?.schema(&popup))
    }

    /// As [`schema`](Self::schema), for people who apply.
    ///
    /// # Errors
    ///
    /// `NotFound`, for a closed popup as well.
    pub async fn portal_schema(&self, by: &Participant, popup: PopupId) -> Result<Value, AppError> {
        let mut tx = self.store.begin_snapshot(&by.reading()).await?;
        let open = |popup: &Popup| !popup.is_closed();
        let popup = tx.popup(popup).await?.filter(open);
        let popup = popup.ok_or(AppError::NotFound(Resource::Popup))?;
        Ok(tx.form(popup.id).await?.schema(&popup))
    }
}

/// `field`, which is locked, after `change`, stored.
async fn change_field(
    tx: &mut (impl FormFields + FormSections),
    field: FormField,
    change: QuestionChange,
) -> Result<Question, AppError> {
    let field = field.changed(change)?;
    let label = section_label(tx, field.popup, field.section).await?;
    tx.update_form_field(&field).await.map_err(section_gone)?;
    Ok(Question::own(field, label))
}
