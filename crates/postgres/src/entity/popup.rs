use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "popups")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub slug: String,
    pub tagline: Option<String>,
    pub location: Option<String>,
    pub start_date: Option<DateTime>,
    pub end_date: Option<DateTime>,
    pub status: Status,
    pub allows_spouse: Option<bool>,
    pub allows_children: Option<bool>,
    pub allows_coupons: Option<bool>,
    pub allows_scholarship: bool,
    pub allows_incentive: bool,
    pub image_url: Option<String>,
    pub icon_url: Option<String>,
    pub express_checkout_background: Option<String>,
    pub web_url: Option<String>,
    pub blog_url: Option<String>,
    pub twitter_url: Option<String>,
    pub terms_and_conditions_url: Option<String>,
    pub simplefi_api_key: Option<String>,
    pub invoice_company_name: Option<String>,
    pub invoice_company_address: Option<String>,
    pub invoice_company_email: Option<String>,
    pub requires_application_fee: bool,
    #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
    pub application_fee_amount: Option<Decimal>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "popupstatus")]
pub(crate) enum Status {
    #[sea_orm(string_value = "draft")]
    Draft,
    #[sea_orm(string_value = "active")]
    Active,
    #[sea_orm(string_value = "archived")]
    Archived,
    #[sea_orm(string_value = "ended")]
    Ended,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
