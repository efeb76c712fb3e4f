//! Application forms: sections, fields, and what a popup changes about the base fields.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, run, tenant_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        for table in ["formsections", "formfields", "basefieldconfigs"] {
            tenant_table(manager, table, Rows::Change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP TABLE basefieldconfigs, formfields, formsections;").await
    }
}

const TABLES: &str = "
CREATE TABLE formsections (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    label varchar(255) NOT NULL,
    description text,
    \"order\" integer NOT NULL DEFAULT 0,
    protected boolean NOT NULL DEFAULT false,
    CONSTRAINT formsections_pkey PRIMARY KEY (tenant_id, id),
    -- Lets fields name a section of their own popup only.
    CONSTRAINT uq_formsections_popup_id_id UNIQUE (tenant_id, popup_id, id),
    CONSTRAINT fk_formsections_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_formsections_popup_id
        FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_formsections_popup_id_order_id ON formsections (tenant_id, popup_id, \"order\", id);

CREATE TABLE formfields (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    name varchar(100) NOT NULL,
    label varchar(255) NOT NULL,
    field_type varchar(50) NOT NULL DEFAULT 'text',
    position integer NOT NULL DEFAULT 0,
    required boolean NOT NULL DEFAULT false,
    options varchar[],
    placeholder varchar(255),
    help_text varchar(500),
    section_id uuid,
    CONSTRAINT formfields_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_formfields_popup_id_name UNIQUE (tenant_id, popup_id, name),
    CONSTRAINT fk_formfields_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_formfields_popup_id
        FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_formfields_popup_id_section_id
        FOREIGN KEY (tenant_id, popup_id, section_id) REFERENCES formsections (tenant_id, popup_id, id),
    CONSTRAINT ck_formfields_type_known CHECK (field_type IN (
        'text', 'textarea', 'number', 'boolean', 'select', 'select_cards', 'multiselect', 'date', 'email', 'url'))
);
CREATE INDEX ix_formfields_popup_id_position_id ON formfields (tenant_id, popup_id, position, id);
CREATE INDEX ix_formfields_section_id ON formfields (tenant_id, section_id);

CREATE TABLE basefieldconfigs (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    field_name varchar(100) NOT NULL,
    section_id uuid,
    position integer NOT NULL DEFAULT 0,
    placeholder text,
    help_text text,
    options varchar[],
    label varchar,
    CONSTRAINT basefieldconfigs_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_basefieldconfigs_popup_id_field_name UNIQUE (tenant_id, popup_id, field_name),
    CONSTRAINT fk_basefieldconfigs_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_basefieldconfigs_popup_id
        FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_basefieldconfigs_popup_id_section_id
        FOREIGN KEY (tenant_id, popup_id, section_id) REFERENCES formsections (tenant_id, popup_id, id)
);
CREATE INDEX ix_basefieldconfigs_section_id ON basefieldconfigs (tenant_id, section_id);
";
