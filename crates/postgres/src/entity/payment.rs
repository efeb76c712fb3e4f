use sea_orm::entity::prelude::*;

#[expect(clippy::struct_excessive_bools, reason = "as many as the table has")]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub popup_id: Uuid,
    pub external_id: Option<String>,
    pub status: String,
    pub amount: Decimal,
    pub insurance_amount: Decimal,
    pub currency: String,
    pub rate: Option<Decimal>,
    pub source: Option<String>,
    pub checkout_url: Option<String>,
    pub coupon_id: Option<Uuid>,
    pub coupon_code: Option<String>,
    pub discount_value: Option<Decimal>,
    pub discount_amount: Option<Decimal>,
    pub edit_passes: bool,
    pub group_id: Option<Uuid>,
    pub is_installment_plan: bool,
    pub installments_total: Option<i32>,
    pub installments_paid: Option<i32>,
    pub installments_completed: bool,
    pub once_approved: bool,
    pub money_came: Option<bool>,
    pub payment_type: String,
    pub settlement: Option<Json>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
