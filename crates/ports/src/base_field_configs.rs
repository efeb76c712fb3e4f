use edgeos_domain::{FieldConfig, FieldConfigId, PopupId};

use crate::{StoreError, Transaction};

/// How the popups of the transaction's tenant put built-in questions.
#[trait_variant::make(Send)]
pub trait BaseFieldConfigs: Transaction {
    /// The configurations of `popup`, by their position, then by id.
    async fn field_configs(&mut self, popup: PopupId) -> Result<Vec<FieldConfig>, StoreError>;

    /// The configuration `id`.
    async fn field_config(&mut self, id: FieldConfigId) -> Result<Option<FieldConfig>, StoreError>;

    /// As [`field_config`](Self::field_config), locked until the transaction ends. To be asked once the popup
    /// is held.
    async fn lock_field_config(
        &mut self,
        id: FieldConfigId,
    ) -> Result<Option<FieldConfig>, StoreError>;

    /// Stores what an organiser can change about `config`. [`Missing`](StoreError::Missing) for a section that
    /// the popup hasn't.
    async fn update_field_config(&mut self, config: &FieldConfig) -> Result<(), StoreError>;
}
