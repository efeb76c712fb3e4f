use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "approvalstrategies")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub popup_id: Uuid,
    pub strategy_type: String,
    pub required_approvals: i32,
    pub accept_threshold: i32,
    pub reject_threshold: i32,
    pub strong_yes_weight: i32,
    pub yes_weight: i32,
    pub no_weight: i32,
    pub strong_no_weight: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
