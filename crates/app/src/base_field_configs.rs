//! How events put the built-in questions of their forms.

use edgeos_domain::{FieldConfig, FieldConfigId, PopupId, QuestionChange, built_in};
use edgeos_ports::{BaseFieldConfigs, FormSections, Popups, Resource, Store, Transaction, Writer};

use crate::{
    AppError,
    form_sections::{section_gone, section_label},
};

/// Configurations of built-in questions as staff manage them.
#[derive(Clone)]
pub struct ManageFieldConfigs<S> {
    store: S,
}

impl<S: Store<Tx: BaseFieldConfigs + FormSections + Popups>> ManageFieldConfigs<S> {
    /// The use cases over `store`.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// The configurations of `popup`, by their position; none of a popup that doesn't exist.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(&self, by: &Writer, popup: PopupId) -> Result<Vec<FieldConfig>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let mut configs = tx.field_configs(popup).await?;
        configs.retain(|config| built_in(&config.field_name).is_some());
        Ok(configs)
    }

    /// Changes what `change` mentions; type and necessity stay.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Invalid`; `Refused` for a section of another form.
    pub async fn update(
        &self,
        by: &Writer,
        id: FieldConfigId,
        change: QuestionChange,
    ) -> Result<FieldConfig, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let missing = AppError::NotFound(Resource::FieldConfig);
        let (config, _) = change_config(&mut tx, id, change).await?.ok_or(missing)?;
        tx.commit().await?;
        Ok(config)
    }
}

/// The configuration `id` after `change`, stored, and the heading of its section; `None` when there is none.
pub(crate) async fn change_config(
    tx: &mut (impl BaseFieldConfigs + FormSections + Popups),
    id: FieldConfigId,
    change: QuestionChange,
) -> Result<Option<(FieldConfig, Option<String>)>, AppError> {
    let Some(found) = tx.field_config(id).await? else { return Ok(None) };
    if built_in(&found.field_name).is_none() || tx.hold_popup(found.popup).await?.is_none() {
        return Ok(None);
    }
    let Some(config) = tx.lock_field_config(id).await? else { return Ok(None) };
    let config = config.changed(change)?;
    let label = section_label(tx, config.popup, config.section).await?;
    tx.update_field_config(&config).await.map_err(section_gone)?;
    Ok(Some((config, label)))
}
