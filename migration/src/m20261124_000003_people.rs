//! Humans, known and pending, and their login codes.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, lookup, run, server_table, tenant_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        tenant_table(manager, "humans", Rows::Change).await?;
        tenant_table(manager, "pending_humans", Rows::Change).await?;
        server_table(manager, "human_login_codes", Rows::Change).await?;
        lookup(manager, "humans", "id, tenant_id").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP TABLE human_login_codes, pending_humans, humans;").await
    }
}

/// The columns of a code in `humans` and `pending_humans` are of older databases and stay empty, but for
/// `pending_humans.code_expiration`, the end of the row's life.
const TABLES: &str = "
CREATE TABLE humans (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    email varchar(255) NOT NULL,
    first_name varchar(255),
    last_name varchar(255),
    telegram varchar(255),
    gender varchar(50),
    age varchar(50),
    residence varchar(255),
    picture_url varchar(500),
    red_flag boolean NOT NULL DEFAULT false,
    auth_code varchar(6),
    code_expiration timestamptz,
    auth_attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT humans_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_humans_email UNIQUE (tenant_id, email),
    CONSTRAINT fk_humans_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_humans_email_lower CHECK (email = lower(email COLLATE \"C\")),
    CONSTRAINT ck_humans_no_code CHECK (auth_code IS NULL AND code_expiration IS NULL AND auth_attempts = 0)
);
-- The tenant of a token that doesn't name one.
CREATE INDEX ix_humans_id ON humans (id);

CREATE TABLE pending_humans (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    email varchar(255) NOT NULL,
    auth_code varchar(6),
    code_expiration timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    picture_url varchar(500),
    red_flag boolean NOT NULL DEFAULT false,
    CONSTRAINT pending_humans_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_pending_humans_email UNIQUE (tenant_id, email),
    CONSTRAINT fk_pending_humans_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_pending_humans_email_lower CHECK (email = lower(email COLLATE \"C\")),
    CONSTRAINT ck_pending_humans_no_code CHECK (auth_code IS NULL AND attempts = 0)
);
CREATE INDEX ix_pending_humans_code_expiration ON pending_humans (tenant_id, code_expiration);

CREATE TABLE human_login_codes (
    tenant_id uuid NOT NULL,
    email varchar(255) NOT NULL,
    code_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT human_login_codes_pkey PRIMARY KEY (tenant_id, email),
    CONSTRAINT fk_human_login_codes_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_human_login_codes_email_lower CHECK (email = lower(email COLLATE \"C\"))
);
CREATE INDEX ix_human_login_codes_expires_at ON human_login_codes (tenant_id, expires_at);
";
