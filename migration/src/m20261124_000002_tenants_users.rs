//! The global tables: tenants, their logins and host labels, users, and what signing in needs.

use sea_orm_migration::prelude::*;

use crate::rls::{guarded_tables, lookup, lookup_function, platform_table, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TENANTS).await?;
        run(manager, USERS).await?;
        run(manager, TENANT_OF_LOGIN).await?;
        lookup_function(manager, "tenant_of_login()", "tenant_role, tenant_viewer_role").await?;
        guarded_tables(manager).await?;
        for table in ["tenant_credentials", "tenant_labels", "user_login_codes", "revoked_tokens"] {
            platform_table(manager, table).await?;
        }
        lookup(manager, "tenants", "id, deleted").await?;
        lookup(manager, "tenant_credentials", "tenant_id, db_username").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DROP_LOGINS).await?;
        run(
            manager,
            "DROP TABLE revoked_tokens, user_login_codes, tenant_labels, tenant_credentials, users, tenants;
             DROP FUNCTION platform.tenant_of_login();",
        )
        .await
    }
}

const TENANTS: &str = "
CREATE TABLE tenants (
    id uuid NOT NULL,
    name varchar(255) NOT NULL,
    slug varchar(255) NOT NULL,
    deleted boolean NOT NULL DEFAULT false,
    sender_email varchar(255),
    sender_name varchar(255),
    image_url varchar(500),
    icon_url varchar(500),
    logo_url varchar,
    custom_domain varchar(253),
    custom_domain_active boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    is_demo boolean NOT NULL DEFAULT false,
    CONSTRAINT tenants_pkey PRIMARY KEY (id),
    CONSTRAINT uq_tenants_slug UNIQUE (slug),
    CONSTRAINT ck_tenants_domain_lower CHECK (custom_domain = lower(custom_domain COLLATE \"C\")),
    CONSTRAINT ck_tenants_active_domain CHECK (NOT custom_domain_active OR custom_domain IS NOT NULL),
    CONSTRAINT ck_tenants_deleted_domain CHECK (NOT deleted OR custom_domain IS NULL)
);
CREATE UNIQUE INDEX uq_tenants_custom_domain ON tenants (custom_domain) WHERE custom_domain IS NOT NULL;
CREATE INDEX ix_tenants_deleted_name_id ON tenants (deleted, lower(name), id);

CREATE TABLE tenant_credentials (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    credential_type varchar(50) NOT NULL,
    db_username varchar(255) NOT NULL,
    db_password_encrypted varchar(512) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenant_credentials_pkey PRIMARY KEY (id),
    CONSTRAINT uq_tenant_credentials_credential_type UNIQUE (tenant_id, credential_type),
    CONSTRAINT uq_tenant_credentials_db_username UNIQUE (db_username),
    CONSTRAINT fk_tenant_credentials_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_tenant_credentials_type_known CHECK (credential_type IN ('crud', 'readonly'))
);

CREATE TABLE tenant_labels (
    label varchar(255) NOT NULL,
    tenant_id uuid NOT NULL,
    CONSTRAINT tenant_labels_pkey PRIMARY KEY (label),
    CONSTRAINT fk_tenant_labels_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);
CREATE INDEX ix_tenant_labels_tenant_id ON tenant_labels (tenant_id);
";

/// The columns of a user's code are of older databases and stay empty.
const USERS: &str = "
CREATE TABLE users (
    id uuid NOT NULL,
    email varchar(255) NOT NULL,
    full_name varchar(255),
    role varchar(50) NOT NULL,
    deleted boolean NOT NULL DEFAULT false,
    tenant_id uuid,
    auth_code varchar(6),
    code_expiration timestamptz,
    auth_attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email),
    CONSTRAINT fk_users_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_users_email_lower CHECK (email = lower(email COLLATE \"C\")),
    CONSTRAINT ck_users_role_known CHECK (role IN ('superadmin', 'admin', 'viewer')),
    CONSTRAINT ck_users_superadmin_free CHECK (role <> 'superadmin' OR tenant_id IS NULL),
    CONSTRAINT ck_users_no_code CHECK (auth_code IS NULL AND code_expiration IS NULL AND auth_attempts = 0)
);
CREATE INDEX ix_users_email_id ON users (tenant_id, email, id);

CREATE TABLE user_login_codes (
    user_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_login_codes_pkey PRIMARY KEY (user_id),
    CONSTRAINT fk_user_login_codes_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE TABLE revoked_tokens (
    token_key varchar(64) NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT revoked_tokens_pkey PRIMARY KEY (token_key)
);
CREATE INDEX ix_revoked_tokens_created_at ON revoked_tokens (created_at);
CREATE INDEX ix_revoked_tokens_expires_at ON revoked_tokens (expires_at);
";

/// Every policy for a tenant's own login asks this, so it comes before the tables that have one. A role's
/// name sorts by the rules of "C"; the index on the column by those of the database.
const TENANT_OF_LOGIN: &str = "
CREATE FUNCTION platform.tenant_of_login() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT tenant_id FROM public.tenant_credentials WHERE db_username = session_user::text COLLATE \"default\"
$$;
";

/// The tenants' logins lead nowhere without the tables. One that can't be dropped from here keeps its
/// name and has nothing to read.
const DROP_LOGINS: &str = "
DO $$
DECLARE
    login text;
BEGIN
    FOR login IN
        SELECT db_username FROM tenant_credentials JOIN pg_roles ON rolname = db_username
        WHERE db_username ~ '^usr_[0-9a-f]{16}$'
    LOOP
        BEGIN
            EXECUTE format('GRANT %I TO %I', login, current_user);
            EXECUTE format('DROP OWNED BY %I', login);
            EXECUTE format('DROP ROLE %I', login);
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE 'the login % stays: %', login, SQLERRM;
        END;
    END LOOP;
END $$;
";
