use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "formfields")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub popup_id: Uuid,
    pub name: String,
    pub label: String,
    pub field_type: String,
    pub section_id: Option<Uuid>,
    pub position: i32,
    pub required: bool,
    pub options: Option<Vec<String>>,
    pub placeholder: Option<String>,
    pub help_text: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
