use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_snapshots")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub event: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: String,
    pub telegram: Option<String>,
    pub gender: Option<String>,
    pub age: Option<String>,
    pub residence: Option<String>,
    pub referral: Option<String>,
    pub info_not_shared: Vec<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub custom_fields: Json,
    pub status: String,
    pub created_at: DateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
