//! Payments with their products and installments, and carts.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, lookup, run, tenant_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        for table in ["payments", "payment_products", "payment_installments", "carts"] {
            tenant_table(manager, table, Rows::Change).await?;
        }
        lookup(manager, "payments", "id, tenant_id, external_id, status, created_at").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP TABLE carts, payment_installments, payment_products, payments;").await
    }
}

/// `payments.settlement` is the plan that approval executes once. Quantities of `payment_products` have
/// no check: older databases hold negative ones.
const TABLES: &str = "
CREATE TABLE payments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    application_id uuid NOT NULL,
    external_id varchar(255),
    status varchar(50) NOT NULL DEFAULT 'pending',
    amount numeric(10,2) NOT NULL,
    currency varchar(10) NOT NULL DEFAULT 'USD',
    rate numeric(18,8),
    source varchar(100),
    checkout_url text,
    coupon_id uuid,
    coupon_code varchar(100),
    discount_value numeric(10,2),
    edit_passes boolean NOT NULL DEFAULT false,
    group_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    insurance_amount numeric(10,2) NOT NULL DEFAULT 0,
    is_installment_plan boolean NOT NULL DEFAULT false,
    installments_total integer,
    installments_paid integer DEFAULT 0,
    payment_type varchar NOT NULL DEFAULT 'pass_purchase',
    popup_id uuid NOT NULL,
    settlement jsonb,
    discount_amount numeric(10,2),
    CONSTRAINT payments_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_payments_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_payments_application_id_popup_id
        FOREIGN KEY (tenant_id, application_id, popup_id) REFERENCES applications (tenant_id, id, popup_id),
    CONSTRAINT fk_payments_coupon_id FOREIGN KEY (tenant_id, coupon_id) REFERENCES coupons (tenant_id, id),
    CONSTRAINT fk_payments_group_id FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id),
    CONSTRAINT ck_payments_status_known
        CHECK (status IN ('pending', 'approved', 'rejected', 'expired', 'cancelled')),
    CONSTRAINT ck_payments_type_known CHECK (payment_type IN ('pass_purchase', 'application_fee')),
    CONSTRAINT ck_payments_source_known CHECK (source IN ('SimpleFI', 'Stripe')),
    CONSTRAINT ck_payments_amount_range CHECK (amount >= 0 AND insurance_amount >= 0)
);
CREATE UNIQUE INDEX uq_payments_external_id ON payments (tenant_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX uq_payments_application_id_pending_fee ON payments (tenant_id, application_id)
    WHERE status = 'pending' AND payment_type = 'application_fee';
CREATE INDEX ix_payments_popup_id_created_at_id ON payments (tenant_id, popup_id, created_at, id);
CREATE INDEX ix_payments_created_at_id ON payments (tenant_id, created_at, id);
CREATE INDEX ix_payments_popup_id_status ON payments (tenant_id, popup_id, status);
CREATE INDEX ix_payments_application_id_created_at_id ON payments (tenant_id, application_id, created_at, id);
CREATE INDEX ix_payments_coupon_id ON payments (tenant_id, coupon_id);
CREATE INDEX ix_payments_group_id ON payments (tenant_id, group_id);
-- The sweeper asks which tenants have something pending, a webhook whose payment it is about.
CREATE INDEX ix_payments_created_at_pending ON payments (created_at, tenant_id) WHERE status = 'pending';
CREATE INDEX ix_payments_id ON payments (id);
CREATE INDEX ix_payments_external_id ON payments (external_id);

CREATE TABLE payment_products (
    tenant_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    product_id uuid NOT NULL,
    attendee_id uuid NOT NULL,
    quantity integer NOT NULL DEFAULT 1,
    product_name varchar(255) NOT NULL,
    product_description text,
    product_price numeric(10,2) NOT NULL,
    product_category varchar(100) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_products_pkey PRIMARY KEY (tenant_id, payment_id, product_id, attendee_id),
    CONSTRAINT fk_payment_products_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_payment_products_payment_id
        FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_payment_products_product_id
        FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id),
    CONSTRAINT fk_payment_products_attendee_id
        FOREIGN KEY (tenant_id, attendee_id) REFERENCES attendees (tenant_id, id)
);
CREATE INDEX ix_payment_products_product_id ON payment_products (tenant_id, product_id);
CREATE INDEX ix_payment_products_attendee_id ON payment_products (tenant_id, attendee_id);

CREATE TABLE payment_installments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    external_payment_id varchar NOT NULL,
    installment_number integer NOT NULL,
    amount numeric(18,8) NOT NULL,
    currency varchar NOT NULL DEFAULT 'USD',
    paid_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_installments_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_payment_installments_payment_id_external_payment_id
        UNIQUE (tenant_id, payment_id, external_payment_id),
    CONSTRAINT uq_payment_installments_payment_id_installment_number
        UNIQUE (tenant_id, payment_id, installment_number),
    CONSTRAINT fk_payment_installments_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_payment_installments_payment_id
        FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
);

CREATE TABLE carts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    human_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    items jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT carts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_carts_human_id_popup_id UNIQUE (tenant_id, human_id, popup_id),
    CONSTRAINT fk_carts_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_carts_human_id FOREIGN KEY (tenant_id, human_id) REFERENCES humans (tenant_id, id),
    CONSTRAINT fk_carts_popup_id FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id),
    CONSTRAINT ck_carts_items_object CHECK (jsonb_typeof(items) = 'object')
);
CREATE INDEX ix_carts_popup_id_updated_at_id ON carts (tenant_id, popup_id, updated_at, id);
CREATE INDEX ix_carts_updated_at_id ON carts (tenant_id, updated_at, id);
";
