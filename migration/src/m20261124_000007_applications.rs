//! Applications, what was submitted, and how they are decided.

use sea_orm_migration::prelude::*;

use crate::rls::{Rows, run, tenant_table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, APPLICATIONS).await?;
        run(manager, REVIEWS).await?;
        for table in ["applications", "approvalstrategies", "popupreviewers", "applicationreviews"]
        {
            tenant_table(manager, table, Rows::Change).await?;
        }
        tenant_table(manager, "application_snapshots", Rows::Stay).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "DROP TABLE applicationreviews, popupreviewers, approvalstrategies, application_snapshots, applications;",
        )
        .await
    }
}

const APPLICATIONS: &str = "
CREATE TABLE applications (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    popup_id uuid NOT NULL,
    human_id uuid NOT NULL,
    group_id uuid,
    referral varchar(255),
    info_not_shared varchar[] NOT NULL DEFAULT '{}',
    status varchar(50) NOT NULL DEFAULT 'draft',
    custom_fields jsonb NOT NULL DEFAULT '{}',
    custom_fields_schema jsonb,
    submitted_at timestamptz,
    accepted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    credit numeric(10,2) NOT NULL DEFAULT 0,
    scholarship_request boolean NOT NULL DEFAULT false,
    scholarship_details text,
    scholarship_video_url varchar,
    scholarship_status varchar(20),
    discount_percentage numeric(5,2),
    incentive_amount numeric(12,2),
    incentive_currency varchar(10),
    CONSTRAINT applications_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_applications_human_id_popup_id UNIQUE (tenant_id, human_id, popup_id),
    -- Keeps the popup of attendees and payments equal to their application's.
    CONSTRAINT uq_applications_id_popup_id UNIQUE (tenant_id, id, popup_id),
    CONSTRAINT fk_applications_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_applications_popup_id FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id),
    CONSTRAINT fk_applications_human_id FOREIGN KEY (tenant_id, human_id) REFERENCES humans (tenant_id, id),
    CONSTRAINT fk_applications_popup_id_group_id
        FOREIGN KEY (tenant_id, popup_id, group_id) REFERENCES groups (tenant_id, popup_id, id),
    CONSTRAINT ck_applications_status_known CHECK (
        status IN ('draft', 'pending_fee', 'in review', 'accepted', 'rejected', 'withdrawn')),
    CONSTRAINT ck_applications_scholarship_known CHECK (scholarship_status IN ('pending', 'approved', 'rejected')),
    CONSTRAINT ck_applications_answers_object CHECK (jsonb_typeof(custom_fields) = 'object'),
    CONSTRAINT ck_applications_credit_range CHECK (credit >= 0),
    CONSTRAINT ck_applications_discount_range
        CHECK (discount_percentage IS NULL OR discount_percentage BETWEEN 0 AND 100),
    CONSTRAINT ck_applications_incentive_range CHECK (incentive_amount IS NULL OR incentive_amount >= 0)
);
CREATE INDEX ix_applications_popup_id_created_at_id ON applications (tenant_id, popup_id, created_at, id);
CREATE INDEX ix_applications_created_at_id ON applications (tenant_id, created_at, id);
CREATE INDEX ix_applications_popup_id_status ON applications (tenant_id, popup_id, status);
CREATE INDEX ix_applications_popup_id_created_at_id_in_review ON applications (tenant_id, popup_id, created_at, id)
    WHERE status = 'in review';
CREATE INDEX ix_applications_group_id ON applications (tenant_id, group_id);

CREATE TABLE application_snapshots (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    application_id uuid NOT NULL,
    event varchar(50) NOT NULL,
    first_name varchar(255),
    last_name varchar(255),
    email varchar(255) NOT NULL,
    telegram varchar(255),
    gender varchar(50),
    age varchar(50),
    residence varchar(255),
    referral varchar(255),
    info_not_shared varchar[] NOT NULL DEFAULT '{}',
    custom_fields jsonb NOT NULL DEFAULT '{}',
    status varchar(50) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT application_snapshots_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_application_snapshots_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_application_snapshots_application_id
        FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_application_snapshots_event_known CHECK (event IN (
        'submitted', 'pending_fee', 'auto_accepted', 'auto_rejected', 'accepted', 'rejected', 'reopened'))
);
CREATE INDEX ix_application_snapshots_application_id_created_at
    ON application_snapshots (tenant_id, application_id, created_at);
";

const REVIEWS: &str = "
CREATE TABLE approvalstrategies (
    id uuid NOT NULL,
    popup_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    strategy_type varchar(50) NOT NULL DEFAULT 'any_reviewer',
    required_approvals integer NOT NULL DEFAULT 1,
    accept_threshold integer NOT NULL DEFAULT 2,
    reject_threshold integer NOT NULL DEFAULT -2,
    strong_yes_weight integer NOT NULL DEFAULT 2,
    yes_weight integer NOT NULL DEFAULT 1,
    no_weight integer NOT NULL DEFAULT -1,
    strong_no_weight integer NOT NULL DEFAULT -2,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT approvalstrategies_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_approvalstrategies_popup_id UNIQUE (tenant_id, popup_id),
    CONSTRAINT fk_approvalstrategies_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_approvalstrategies_popup_id
        FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_approvalstrategies_type_known CHECK (
        strategy_type IN ('auto_accept', 'any_reviewer', 'all_reviewers', 'threshold', 'weighted')),
    CONSTRAINT ck_approvalstrategies_approvals_range CHECK (required_approvals >= 1)
);

CREATE TABLE popupreviewers (
    id uuid NOT NULL,
    popup_id uuid NOT NULL,
    user_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    is_required boolean NOT NULL DEFAULT false,
    weight_multiplier double precision NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT popupreviewers_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_popupreviewers_popup_id_user_id UNIQUE (tenant_id, popup_id, user_id),
    CONSTRAINT fk_popupreviewers_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_popupreviewers_popup_id
        FOREIGN KEY (tenant_id, popup_id) REFERENCES popups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_popupreviewers_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    -- PostgreSQL sorts NaN above every number, so it is refused too.
    CONSTRAINT ck_popupreviewers_weight_range CHECK (weight_multiplier BETWEEN 0 AND 1000)
);
CREATE INDEX ix_popupreviewers_user_id ON popupreviewers (tenant_id, user_id);

CREATE TABLE applicationreviews (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    reviewer_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    decision varchar(20) NOT NULL,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT applicationreviews_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_applicationreviews_application_id_reviewer_id UNIQUE (tenant_id, application_id, reviewer_id),
    CONSTRAINT fk_applicationreviews_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_applicationreviews_application_id
        FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_applicationreviews_reviewer_id FOREIGN KEY (reviewer_id) REFERENCES users (id),
    CONSTRAINT ck_applicationreviews_decision_known CHECK (decision IN ('strong_yes', 'yes', 'no', 'strong_no'))
);
CREATE INDEX ix_applicationreviews_reviewer_id_updated_at_id
    ON applicationreviews (tenant_id, reviewer_id, updated_at, id);
";
