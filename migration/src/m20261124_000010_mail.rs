//! Mail: what templates say, and what is on its way.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, lookup, platform_table, run, server_table, tenant_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        tenant_table(manager, "email_templates", Rows::Change).await?;
        server_table(manager, "outbox", Rows::Change).await?;
        platform_table(manager, "platform_outbox").await?;
        lookup(manager, "outbox", "tenant_id, priority, state, next_attempt_at, locked_until").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP TABLE platform_outbox, outbox, email_templates;").await
    }
}

/// The popup of a mail has no foreign key: the history of mails outlives it. The login types of
/// `email_templates` occur in adopted rows only.
const TABLES: &str = "
CREATE TABLE email_templates (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    template_type varchar NOT NULL,
    subject varchar,
    html_content text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    last_error text,
    last_error_at timestamptz,
    CONSTRAINT email_templates_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_email_templates_popup_id_template_type UNIQUE (tenant_id, popup_id, template_type),
    CONSTRAINT fk_email_templates_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_email_templates_popup_id
        FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_email_templates_type_known CHECK (template_type IN (
        'login_code_user', 'login_code_human', 'application_received', 'application_accepted',
        'application_rejected', 'application_accepted_with_discount', 'application_accepted_with_incentive',
        'application_accepted_scholarship_rejected', 'payment_confirmed', 'abandoned_cart',
        'edit_passes_confirmed'))
);
CREATE INDEX ix_email_templates_created_at_id ON email_templates (tenant_id, created_at, id);

CREATE TABLE outbox (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid,
    kind varchar(20) NOT NULL DEFAULT 'mail',
    template_type varchar(50) NOT NULL,
    to_email varchar(255) NOT NULL,
    context jsonb NOT NULL DEFAULT '{}',
    dedupe_key varchar(200),
    priority smallint NOT NULL DEFAULT 0,
    state varchar(20) NOT NULL DEFAULT 'queued',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    locked_until timestamptz,
    not_after timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_outbox_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_outbox_state_known CHECK (state IN ('queued', 'sent', 'dead', 'expired')),
    CONSTRAINT ck_outbox_kind_known CHECK (kind IN ('mail'))
);
CREATE UNIQUE INDEX uq_outbox_dedupe_key ON outbox (tenant_id, dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX ix_outbox_priority_next_attempt_at_due ON outbox (tenant_id, priority DESC, next_attempt_at)
    WHERE state = 'queued';
CREATE INDEX ix_outbox_created_at_id ON outbox (tenant_id, created_at, id);

CREATE TABLE platform_outbox (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    template_type varchar(50) NOT NULL,
    to_email varchar(255) NOT NULL,
    context jsonb NOT NULL DEFAULT '{}',
    priority smallint NOT NULL DEFAULT 10,
    state varchar(20) NOT NULL DEFAULT 'queued',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    locked_until timestamptz,
    not_after timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    CONSTRAINT platform_outbox_pkey PRIMARY KEY (id),
    CONSTRAINT fk_platform_outbox_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT ck_platform_outbox_state_known CHECK (state IN ('queued', 'sent', 'dead', 'expired'))
);
CREATE INDEX ix_platform_outbox_next_attempt_at_due ON platform_outbox (next_attempt_at) WHERE state = 'queued';
";
