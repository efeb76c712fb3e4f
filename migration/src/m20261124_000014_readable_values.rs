//! What a tenant's own login writes can be read: no number that is none, no time beyond the calendar, no list
//! with holes, no JSON that no program takes in. One such value would make a whole list fail.

use sea_orm_migration::prelude::*;

use crate::rls::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (kind, tables) in COLUMNS {
            for (table, columns) in *tables {
                let checks = columns.iter().map(|column| {
                    let rule = kind.rule(column);
                    format!("ADD CONSTRAINT ck_{table}_{column}_readable CHECK ({rule})")
                });
                let checks = checks.collect::<Vec<_>>().join(", ");
                add(manager, table, &format!("ALTER TABLE {table} {checks};")).await?;
            }
        }
        for (table, word, rule) in COUNTS {
            let check = format!("ADD CONSTRAINT ck_{table}_{word} CHECK ({rule})");
            add(manager, table, &format!("ALTER TABLE {table} {check};")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, word, _) in COUNTS {
            run(manager, &format!("ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{word};"))
                .await?;
        }
        for (table, columns) in COLUMNS.iter().flat_map(|(_, tables)| *tables) {
            let checks = columns.iter();
            let checks =
                checks.map(|column| format!("DROP CONSTRAINT ck_{table}_{column}_readable"));
            let checks = checks.collect::<Vec<_>>().join(", ");
            run(manager, &format!("ALTER TABLE {table} {checks};")).await?;
        }
        Ok(())
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// `numeric` with a scale, so that it can't be infinite.
    Number,
    /// `timestamptz`
    Instant,
    /// `timestamp`
    WallTime,
    /// `varchar[]`
    Texts,
    /// `jsonb`
    Json,
}

impl Kind {
    /// What has to hold of `column`.
    fn rule(self, column: &str) -> String {
        match self {
            // PostgreSQL sorts NaN above every number.
            Self::Number => format!("{column} < 'NaN'"),
            // Years with four digits, as the API takes them.
            Self::Instant => format!(
                "{column} >= '0001-01-01 00:00:00+00' AND {column} < '10000-01-01 00:00:00+00'"
            ),
            Self::WallTime => {
                format!("{column} >= '0001-01-01 00:00:00' AND {column} < '10000-01-01 00:00:00'")
            }
            Self::Texts => format!(
                "coalesce(array_ndims({column}), 1) = 1 AND array_position({column}, NULL) IS NULL"
            ),
            // Programs read 127 levels, and numbers as far as a double reaches.
            Self::Json => format!(
                "NOT jsonb_path_exists({column}, 'strict $.**{{120}}') \
                 AND NOT jsonb_path_exists({column}, 'strict $.** ? (@.type() == \"number\" \
                     && (@ > 1.7976931348623157e308 || @ < -1.7976931348623157e308))')"
            ),
        }
    }
}

/// Tables, each with some of its columns.
type Tables = &'static [(&'static str, &'static [&'static str])];

/// The columns of tables that a tenant's own login may write.
const COLUMNS: &[(Kind, Tables)] = &[
    (
        Kind::Number,
        &[
            ("popups", &["application_fee_amount"]),
            ("products", &["price", "compare_price", "insurance_percentage"]),
            ("groups", &["discount_percentage"]),
            ("applications", &["credit", "discount_percentage", "incentive_amount"]),
            ("attendee_products", &["paid_amount"]),
            (
                "payments",
                &["amount", "rate", "discount_value", "insurance_amount", "discount_amount"],
            ),
            ("payment_products", &["product_price"]),
            ("payment_installments", &["amount"]),
        ],
    ),
    (
        Kind::Instant,
        &[
            ("humans", &["code_expiration", "created_at"]),
            ("pending_humans", &["code_expiration"]),
            ("popups", &["created_at", "updated_at"]),
            ("products", &["start_date", "end_date", "created_at", "updated_at"]),
            ("coupons", &["start_date", "end_date", "created_at", "updated_at"]),
            ("groups", &["created_at", "updated_at"]),
            ("group_members", &["created_at"]),
            ("group_whitelisted_emails", &["created_at"]),
            ("applications", &["submitted_at", "accepted_at", "created_at", "updated_at"]),
            ("application_snapshots", &["created_at"]),
            ("approvalstrategies", &["created_at", "updated_at"]),
            ("popupreviewers", &["created_at"]),
            ("applicationreviews", &["created_at", "updated_at"]),
            ("attendees", &["created_at", "updated_at"]),
            ("check_ins", &["arrival_date", "departure_date", "qr_scan_timestamp", "created_at"]),
            ("payments", &["created_at", "updated_at"]),
            ("payment_products", &["created_at"]),
            ("payment_installments", &["paid_at", "created_at"]),
            ("carts", &["created_at", "updated_at"]),
            ("email_templates", &["created_at", "updated_at", "last_error_at"]),
        ],
    ),
    (Kind::WallTime, &[("popups", &["start_date", "end_date"])]),
    (
        Kind::Texts,
        &[
            ("formfields", &["options"]),
            ("basefieldconfigs", &["options"]),
            ("applications", &["info_not_shared"]),
            ("application_snapshots", &["info_not_shared"]),
        ],
    ),
    (
        Kind::Json,
        &[
            ("applications", &["custom_fields", "custom_fields_schema"]),
            ("application_snapshots", &["custom_fields"]),
            ("payments", &["settlement"]),
            ("carts", &["items"]),
        ],
    ),
];

/// Tables whose numbers count something, each with a word and what has to hold.
const COUNTS: &[(&str, &str, &str)] = &[
    ("payments", "installments_range", "installments_total >= 0 AND installments_paid >= 0"),
    ("payment_installments", "number_range", "installment_number >= 0"),
];

/// Runs `sql`, which adds checks to `table`. Rows that were there before may break one.
async fn add(manager: &SchemaManager<'_>, table: &str, sql: &str) -> Result<(), DbErr> {
    run(manager, sql).await.map_err(|error| {
        let advice = "some rows hold what can't be read; correct them and migrate again";
        DbErr::Custom(format!("{table}: {advice} ({error})"))
    })
}
