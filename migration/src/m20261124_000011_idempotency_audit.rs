//! Answers kept for repeated requests, and the audit log.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, run, server_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        server_table(manager, "idempotency_keys", Rows::Change).await?;
        server_table(manager, "audit_log", Rows::Stay).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP TABLE audit_log, idempotency_keys;").await
    }
}

/// A key whose `status` is null belongs to a request that is still running. An entry of the audit log
/// outlives its subject, so that has no foreign key.
const TABLES: &str = "
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    operation varchar(80) NOT NULL,
    key varchar(255) NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    body text,
    payment_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, actor_id, operation, key),
    CONSTRAINT fk_idempotency_keys_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_idempotency_keys_payment_id
        FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_idempotency_keys_expires_at ON idempotency_keys (tenant_id, expires_at);
CREATE INDEX ix_idempotency_keys_payment_id ON idempotency_keys (tenant_id, payment_id);

CREATE TABLE audit_log (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    actor_id uuid,
    action varchar(50) NOT NULL,
    subject_type varchar(30) NOT NULL,
    subject_id uuid,
    details jsonb NOT NULL DEFAULT '{}',
    request_id varchar(64),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_audit_log_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_audit_log_actor_id FOREIGN KEY (actor_id) REFERENCES users (id)
);
CREATE INDEX ix_audit_log_created_at_id ON audit_log (tenant_id, created_at, id);
CREATE INDEX ix_audit_log_subject_type_subject_id_created_at
    ON audit_log (tenant_id, subject_type, subject_id, created_at);
";
