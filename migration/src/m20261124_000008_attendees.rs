//! Attendees, what they hold, and their check-ins.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, run, tenant_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        for table in ["attendees", "attendee_products", "check_ins"] {
            tenant_table(manager, table, Rows::Change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP TABLE check_ins, attendee_products, attendees;").await
    }
}

/// `attendee_products.paid_amount` is null when it isn't known what was paid.
const TABLES: &str = "
CREATE TABLE attendees (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    application_id uuid NOT NULL,
    name varchar(255) NOT NULL,
    category varchar(50) NOT NULL,
    email varchar(255),
    gender varchar(50),
    check_in_code varchar(100) NOT NULL,
    poap_url varchar(500),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    human_id uuid,
    popup_id uuid NOT NULL,
    CONSTRAINT attendees_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_attendees_check_in_code UNIQUE (tenant_id, check_in_code),
    CONSTRAINT fk_attendees_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_attendees_application_id_popup_id
        FOREIGN KEY (tenant_id, application_id, popup_id) REFERENCES applications (tenant_id, id, popup_id),
    CONSTRAINT fk_attendees_human_id FOREIGN KEY (tenant_id, human_id) REFERENCES humans (tenant_id, id),
    CONSTRAINT ck_attendees_category_known CHECK (category IN ('main', 'spouse', 'kid')),
    CONSTRAINT ck_attendees_email_lower CHECK (email = lower(email COLLATE \"C\")),
    CONSTRAINT ck_attendees_code_upper CHECK (check_in_code = upper(check_in_code COLLATE \"C\"))
);
CREATE UNIQUE INDEX uq_attendees_application_id_main ON attendees (tenant_id, application_id)
    WHERE category = 'main';
CREATE UNIQUE INDEX uq_attendees_application_id_spouse ON attendees (tenant_id, application_id)
    WHERE category = 'spouse';
CREATE UNIQUE INDEX uq_attendees_application_id_email ON attendees (tenant_id, application_id, email)
    WHERE email IS NOT NULL;
CREATE INDEX ix_attendees_popup_id_created_at_id ON attendees (tenant_id, popup_id, created_at, id);
CREATE INDEX ix_attendees_created_at_id ON attendees (tenant_id, created_at, id);
CREATE INDEX ix_attendees_popup_id_category ON attendees (tenant_id, popup_id, category);
CREATE INDEX ix_attendees_application_id_created_at_id ON attendees (tenant_id, application_id, created_at, id);
CREATE INDEX ix_attendees_human_id ON attendees (tenant_id, human_id);
CREATE INDEX ix_attendees_email ON attendees (tenant_id, email);

CREATE TABLE attendee_products (
    tenant_id uuid NOT NULL,
    attendee_id uuid NOT NULL,
    product_id uuid NOT NULL,
    quantity integer NOT NULL DEFAULT 1,
    paid_amount numeric(12,2),
    CONSTRAINT attendee_products_pkey PRIMARY KEY (tenant_id, attendee_id, product_id),
    CONSTRAINT fk_attendee_products_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_attendee_products_attendee_id
        FOREIGN KEY (tenant_id, attendee_id) REFERENCES attendees (tenant_id, id),
    CONSTRAINT fk_attendee_products_product_id
        FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id),
    CONSTRAINT ck_attendee_products_quantity_range CHECK (quantity >= 1),
    CONSTRAINT ck_attendee_products_paid_range CHECK (paid_amount IS NULL OR paid_amount >= 0)
);
CREATE INDEX ix_attendee_products_product_id ON attendee_products (tenant_id, product_id);

CREATE TABLE check_ins (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    attendee_id uuid NOT NULL,
    arrival_date timestamptz,
    departure_date timestamptz,
    qr_check_in boolean NOT NULL DEFAULT false,
    qr_scan_timestamp timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT check_ins_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_check_ins_attendee_id UNIQUE (tenant_id, attendee_id),
    CONSTRAINT fk_check_ins_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_check_ins_attendee_id
        FOREIGN KEY (tenant_id, attendee_id) REFERENCES attendees (tenant_id, id),
    CONSTRAINT ck_check_ins_stay_order
        CHECK (departure_date IS NULL OR arrival_date IS NULL OR departure_date >= arrival_date)
);
";
