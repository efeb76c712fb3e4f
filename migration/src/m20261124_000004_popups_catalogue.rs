//! Popups, and what they sell.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, run, tenant_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        for table in ["popups", "products", "coupons"] {
            tenant_table(manager, table, Rows::Change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP TABLE coupons, products, popups;").await
    }
}

/// `popups.simplefi_api_key` is encrypted. The dates of a popup are days at its place, without a zone.
const TABLES: &str = "
CREATE TABLE popups (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    name varchar(255) NOT NULL,
    slug varchar(255) NOT NULL,
    start_date timestamp,
    end_date timestamp,
    status popupstatus NOT NULL,
    allows_spouse boolean,
    allows_children boolean,
    allows_coupons boolean,
    image_url varchar,
    icon_url varchar,
    express_checkout_background varchar,
    web_url varchar,
    blog_url varchar,
    twitter_url varchar,
    simplefi_api_key varchar,
    tagline varchar,
    location varchar,
    terms_and_conditions_url varchar,
    invoice_company_name varchar,
    invoice_company_address varchar,
    invoice_company_email varchar,
    allows_scholarship boolean NOT NULL DEFAULT false,
    allows_incentive boolean NOT NULL DEFAULT false,
    requires_application_fee boolean NOT NULL DEFAULT false,
    application_fee_amount numeric(10,2),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT popups_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_popups_slug UNIQUE (tenant_id, slug),
    CONSTRAINT fk_popups_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_popups_fee_range CHECK (application_fee_amount IS NULL OR application_fee_amount >= 0),
    CONSTRAINT ck_popups_fee_set
        CHECK (NOT requires_application_fee OR coalesce(application_fee_amount, 0) > 0)
);
CREATE INDEX ix_popups_created_at_id ON popups (tenant_id, created_at, id);

CREATE TABLE products (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    name varchar(255) NOT NULL,
    slug varchar(255) NOT NULL,
    price numeric(10,2) NOT NULL,
    compare_price numeric(10,2),
    description text,
    category productcategory NOT NULL DEFAULT 'TICKET',
    attendee_category ticketattendeecategory,
    start_date timestamptz,
    end_date timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    exclusive boolean NOT NULL DEFAULT false,
    duration_type ticketduration,
    max_quantity integer,
    insurance_percentage numeric(5,2),
    image_url varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT products_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_products_popup_id_slug UNIQUE (tenant_id, popup_id, slug),
    CONSTRAINT fk_products_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_products_popup_id FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id),
    CONSTRAINT ck_products_price_range CHECK (price >= 0 AND coalesce(compare_price, 0) >= 0),
    CONSTRAINT ck_products_stock_range CHECK (max_quantity IS NULL OR max_quantity >= 0),
    CONSTRAINT ck_products_insurance_range
        CHECK (insurance_percentage IS NULL OR insurance_percentage BETWEEN 0 AND 100),
    CONSTRAINT ck_products_ticket_fields
        CHECK (category = 'TICKET' OR (attendee_category IS NULL AND duration_type IS NULL))
);
CREATE INDEX ix_products_popup_id_created_at_id ON products (tenant_id, popup_id, created_at, id);
CREATE INDEX ix_products_created_at_id ON products (tenant_id, created_at, id);

CREATE TABLE coupons (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    code varchar(100) NOT NULL,
    discount_value integer NOT NULL DEFAULT 0,
    max_uses integer,
    current_uses integer NOT NULL DEFAULT 0,
    start_date timestamptz,
    end_date timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT coupons_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_coupons_popup_id_code UNIQUE (tenant_id, popup_id, code),
    CONSTRAINT fk_coupons_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_coupons_popup_id FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id),
    CONSTRAINT ck_coupons_discount_range CHECK (discount_value BETWEEN 0 AND 100),
    CONSTRAINT ck_coupons_uses_range CHECK (current_uses >= 0 AND coalesce(max_uses, 0) >= 0)
);
CREATE INDEX ix_coupons_popup_id_created_at_id ON coupons (tenant_id, popup_id, created_at, id);
CREATE INDEX ix_coupons_created_at_id ON coupons (tenant_id, created_at, id);
";
