use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub slug: String,
    pub deleted: bool,
    pub sender_email: Option<String>,
    pub sender_name: Option<String>,
    pub image_url: Option<String>,
    pub icon_url: Option<String>,
    pub logo_url: Option<String>,
    pub custom_domain: Option<String>,
    pub custom_domain_active: bool,
    pub created_at: DateTimeUtc,
    pub is_demo: bool,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
