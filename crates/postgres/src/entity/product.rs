use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub popup_id: Uuid,
    pub name: String,
    pub slug: String,
    #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
    pub price: Decimal,
    #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
    pub compare_price: Option<Decimal>,
    pub description: Option<String>,
    pub category: Category,
    pub attendee_category: Option<AttendeeCategory>,
    pub start_date: Option<DateTimeUtc>,
    pub end_date: Option<DateTimeUtc>,
    pub is_active: bool,
    pub exclusive: bool,
    pub duration_type: Option<Duration>,
    pub max_quantity: Option<i32>,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub insurance_percentage: Option<Decimal>,
    pub image_url: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "productcategory")]
pub(crate) enum Category {
    #[sea_orm(string_value = "TICKET")]
    Ticket,
    #[sea_orm(string_value = "HOUSING")]
    Housing,
    #[sea_orm(string_value = "MERCH")]
    Merch,
    #[sea_orm(string_value = "OTHER")]
    Other,
    #[sea_orm(string_value = "PATREON")]
    Patreon,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "ticketattendeecategory")]
pub(crate) enum AttendeeCategory {
    #[sea_orm(string_value = "MAIN")]
    Main,
    #[sea_orm(string_value = "SPOUSE")]
    Spouse,
    #[sea_orm(string_value = "KID")]
    Kid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "ticketduration")]
pub(crate) enum Duration {
    #[sea_orm(string_value = "DAY")]
    Day,
    #[sea_orm(string_value = "WEEK")]
    Week,
    #[sea_orm(string_value = "MONTH")]
    Month,
    #[sea_orm(string_value = "FULL")]
    Full,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
