//! Issuing and dropping the database logins of a tenant: the two things that the server can't do as
//! itself, since its role may not create roles.

use sea_orm_migration::prelude::*;

use crate::rls::{owner_function, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const FUNCTIONS: [&str; 2] =
    ["issue_tenant_login(uuid, text, text, text)", "drop_tenant_login(text)"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, ISSUE).await?;
        run(manager, DROP).await?;
        for function in FUNCTIONS {
            owner_function(manager, function, "edgeos_app").await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for function in FUNCTIONS {
            run(manager, &format!("DROP FUNCTION platform.{function};")).await?;
        }
        Ok(())
    }
}

/// Creates the login or gives it another password, which comes as a SCRAM verifier and so stays out of
/// every log. False, and nothing done, when the owner of the schema may not create roles.
const ISSUE: &str = r"
CREATE FUNCTION platform.issue_tenant_login(tenant_id uuid, credential_type text, user_name text, verifier text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    group_role CONSTANT text :=
        CASE credential_type WHEN 'crud' THEN 'tenant_role' WHEN 'readonly' THEN 'tenant_viewer_role' END;
BEGIN
    IF group_role IS NULL THEN
        RAISE EXCEPTION 'unknown type of login' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF user_name IS NULL OR user_name !~ '^usr_[0-9a-f]{16}$' THEN
        RAISE EXCEPTION 'not the name of a tenant''s login' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- PostgreSQL takes whatever has another form for a password in clear.
    IF verifier IS NULL OR verifier !~
        '^SCRAM-SHA-256\$[1-9][0-9]{0,8}:[A-Za-z0-9+/]+={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$'
    THEN
        RAISE EXCEPTION 'not a SCRAM-SHA-256 verifier' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.tenant_credentials c
        WHERE c.tenant_id = $1 AND c.credential_type = $2 AND c.db_username = $3
    ) THEN
        RAISE EXCEPTION 'no credential of the tenant has this name' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (
        SELECT FROM pg_roles
        WHERE rolname = user_name AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
    ) THEN
        RAISE EXCEPTION 'the role of this name is not a tenant''s login' USING ERRCODE = 'invalid_parameter_value';
    END IF;

    IF EXISTS (SELECT FROM pg_roles WHERE rolname = user_name) THEN
        EXECUTE format('ALTER ROLE %I LOGIN CONNECTION LIMIT 10 PASSWORD %L', user_name, verifier);
    ELSE
        EXECUTE format('CREATE ROLE %I LOGIN CONNECTION LIMIT 10 PASSWORD %L', user_name, verifier);
    END IF;
    EXECUTE format('GRANT %I TO %I', group_role, user_name);
    RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN false;
END $$;
";

/// Ends the sessions of the login and drops it. False when there is none.
///
/// A login can own large objects, in other databases of the cluster too, and these forbid dropping it.
/// Then it stays without password and without rights.
const DROP: &str = r"
CREATE FUNCTION platform.drop_tenant_login(user_name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF user_name IS NULL OR user_name !~ '^usr_[0-9a-f]{16}$' THEN
        RAISE EXCEPTION 'not the name of a tenant''s login' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = user_name) THEN
        RETURN false;
    END IF;

    -- Only a member may end a role's sessions and drop what it owns.
    EXECUTE format('GRANT %I TO %I', user_name, current_user);
    EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', user_name);
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = user_name;
    EXECUTE format('DROP OWNED BY %I', user_name);
    BEGIN
        EXECUTE format('DROP ROLE %I', user_name);
    EXCEPTION WHEN dependent_objects_still_exist THEN
        EXECUTE format('REVOKE tenant_role, tenant_viewer_role FROM %I', user_name);
        EXECUTE format('REVOKE %I FROM %I', user_name, current_user);
    END;
    RETURN true;
END $$;
";
