use edgeos_domain::{
    ApprovalStrategy, PopupId, Strategy, StrategyId, StrategyRules, StrategyType, TenantId,
};
use edgeos_ports::{ApprovalStrategies, StoreError};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::{
    PgTx,
    entity::approval_strategy::{ActiveModel, Column, Entity, Model},
    error::{store_error, stored},
};

impl ApprovalStrategies for PgTx {
    async fn strategy(&mut self, popup: PopupId) -> Result<Option<ApprovalStrategy>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0));
        let row = query.one(&self.db).await.map_err(store_error)?;
        row.map(ApprovalStrategy::try_from).transpose()
    }

    async fn put_strategy(
        &mut self,
        strategy: &ApprovalStrategy,
    ) -> Result<ApprovalStrategy, StoreError> {
        let replace = OnConflict::columns([Column::TenantId, Column::PopupId])
            .update_columns([
                Column::StrategyType,
                Column::RequiredApprovals,
                Column::AcceptThreshold,
                Column::RejectThreshold,
                Column::StrongYesWeight,
                Column::YesWeight,
                Column::NoWeight,
                Column::StrongNoWeight,
                Column::UpdatedAt,
            ])
            .to_owned();
        let row = Entity::insert(row(strategy)).on_conflict(replace);
        row.exec_with_returning(&self.db).await.map_err(store_error)?.try_into()
    }

    async fn delete_strategy(&mut self, popup: PopupId) -> Result<bool, StoreError> {
        let deletion = Entity::delete_many()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0));
        Ok(deletion.exec(&self.db).await.map_err(store_error)?.rows_affected == 1)
    }
}

fn row(strategy: &ApprovalStrategy) -> ActiveModel {
    let rules = strategy.strategy.rules();
    ActiveModel {
        tenant_id: Set(strategy.tenant.0),
        id: Set(strategy.id.0),
        popup_id: Set(strategy.popup.0),
        strategy_type: Set(rules.strategy_type.as_str().to_owned()),
        required_approvals: Set(rules.required_approvals),
        accept_threshold: Set(rules.accept_threshold),
        reject_threshold: Set(rules.reject_threshold),
        strong_yes_weight: Set(rules.strong_yes_weight),
        yes_weight: Set(rules.yes_weight),
        no_weight: Set(rules.no_weight),
        strong_no_weight: Set(rules.strong_no_weight),
        created_at: Set(strategy.created_at),
        updated_at: Set(strategy.updated_at),
    }
}

impl TryFrom<Model> for ApprovalStrategy {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let strategy_type = StrategyType::parse(&row.strategy_type).ok_or("unknown strategy type");
        Ok(Self {
            id: StrategyId(row.id),
            tenant: TenantId(row.tenant_id),
            popup: PopupId(row.popup_id),
            strategy: Strategy::stored(StrategyRules {
                strategy_type: stored("approvalstrategies", row.id, strategy_type)?,
                required_approvals: row.required_approvals,
                accept_threshold: row.accept_threshold,
                reject_threshold: row.reject_threshold,
                strong_yes_weight: row.strong_yes_weight,
                yes_weight: row.yes_weight,
                no_weight: row.no_weight,
                strong_no_weight: row.strong_no_weight,
            }),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
