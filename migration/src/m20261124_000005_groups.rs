//! Groups with their leaders, members, products and whitelisted addresses.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, lookup, run, tenant_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        for table in [
            "groups",
            "group_leaders",
            "group_members",
            "group_products",
            "group_whitelisted_emails",
        ] {
            tenant_table(manager, table, Rows::Change).await?;
        }
        lookup(manager, "groups", "tenant_id, slug").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "DROP TABLE group_whitelisted_emails, group_products, group_members, group_leaders, groups;",
        )
        .await
    }
}

const TABLES: &str = "
CREATE TABLE groups (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    name varchar(255) NOT NULL,
    slug varchar(255) NOT NULL,
    description text,
    discount_percentage numeric(5,2) NOT NULL DEFAULT 0,
    max_members integer,
    welcome_message text,
    is_ambassador_group boolean NOT NULL DEFAULT false,
    ambassador_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT groups_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_groups_popup_id_slug UNIQUE (tenant_id, popup_id, slug),
    -- Lets an application name a group of its own popup only.
    CONSTRAINT uq_groups_popup_id_id UNIQUE (tenant_id, popup_id, id),
    CONSTRAINT fk_groups_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_groups_popup_id FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id),
    CONSTRAINT fk_groups_ambassador_id FOREIGN KEY (tenant_id, ambassador_id) REFERENCES humans (tenant_id, id),
    CONSTRAINT ck_groups_discount_range CHECK (discount_percentage BETWEEN 0 AND 100),
    CONSTRAINT ck_groups_members_range CHECK (max_members IS NULL OR max_members >= 0)
);
CREATE UNIQUE INDEX uq_groups_popup_id_ambassador_id_ambassador ON groups (tenant_id, popup_id, ambassador_id)
    WHERE is_ambassador_group AND ambassador_id IS NOT NULL;
CREATE INDEX ix_groups_popup_id_created_at_id ON groups (tenant_id, popup_id, created_at, id);
CREATE INDEX ix_groups_created_at_id ON groups (tenant_id, created_at, id);
-- The public look-up knows no tenant.
CREATE INDEX ix_groups_slug ON groups (slug);

CREATE TABLE group_leaders (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    human_id uuid NOT NULL,
    CONSTRAINT group_leaders_pkey PRIMARY KEY (tenant_id, group_id, human_id),
    CONSTRAINT fk_group_leaders_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_group_leaders_group_id
        FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_group_leaders_human_id FOREIGN KEY (tenant_id, human_id) REFERENCES humans (tenant_id, id)
);
CREATE INDEX ix_group_leaders_human_id ON group_leaders (tenant_id, human_id);

CREATE TABLE group_members (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    human_id uuid NOT NULL,
    admitted boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT group_members_pkey PRIMARY KEY (tenant_id, group_id, human_id),
    CONSTRAINT fk_group_members_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_group_members_group_id
        FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_group_members_human_id FOREIGN KEY (tenant_id, human_id) REFERENCES humans (tenant_id, id)
);
CREATE INDEX ix_group_members_human_id ON group_members (tenant_id, human_id);
CREATE INDEX ix_group_members_group_id_created_at_human_id
    ON group_members (tenant_id, group_id, created_at, human_id);

CREATE TABLE group_products (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    product_id uuid NOT NULL,
    CONSTRAINT group_products_pkey PRIMARY KEY (tenant_id, group_id, product_id),
    CONSTRAINT fk_group_products_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_group_products_group_id
        FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_group_products_product_id
        FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_group_products_product_id ON group_products (tenant_id, product_id);

CREATE TABLE group_whitelisted_emails (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    email varchar NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT group_whitelisted_emails_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_group_whitelisted_emails_group_id_email UNIQUE (tenant_id, group_id, email),
    CONSTRAINT fk_group_whitelisted_emails_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_group_whitelisted_emails_group_id
        FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_group_whitelisted_emails_email_lower CHECK (email = lower(email COLLATE \"C\"))
);
";
