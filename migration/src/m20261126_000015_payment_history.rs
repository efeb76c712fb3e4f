//! What payments have to remember beyond their status: that one was approved before it was taken back, whether its
//! money came, that all installments were paid, and when the provider was last asked.

use sea_orm_migration::prelude::*;

use crate::rls::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}

/// Rows that are there already need no other values: what is approved counts as approved once, and by money that came.
const UP: &str = "
ALTER TABLE payments
    ADD COLUMN once_approved boolean NOT NULL DEFAULT false,
    ADD COLUMN money_came boolean,
    ADD COLUMN installments_completed boolean NOT NULL DEFAULT false,
    ADD COLUMN asked_at timestamptz,
    ADD CONSTRAINT ck_payments_asked_at_readable
        CHECK (asked_at >= '0001-01-01 00:00:00+00' AND asked_at < '10000-01-01 00:00:00+00');
";

const DOWN: &str = "
ALTER TABLE payments
    DROP COLUMN asked_at, DROP COLUMN installments_completed, DROP COLUMN money_came, DROP COLUMN once_approved;
";
