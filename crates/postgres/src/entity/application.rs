use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applications")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub popup_id: Uuid,
    pub human_id: Uuid,
    pub group_id: Option<Uuid>,
    pub referral: Option<String>,
    pub info_not_shared: Vec<String>,
    pub status: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub custom_fields: Json,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub custom_fields_schema: Option<Json>,
    pub credit: Decimal,
    pub submitted_at: Option<DateTimeUtc>,
    pub accepted_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub scholarship_request: bool,
    pub scholarship_details: Option<String>,
    pub scholarship_video_url: Option<String>,
    pub scholarship_status: Option<String>,
    pub discount_percentage: Option<Decimal>,
    pub incentive_amount: Option<Decimal>,
    pub incentive_currency: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
