//! Roles, the schema of functions across tenants, and the enumerated types.

use sea_orm_migration::prelude::*;

use crate::rls::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, ROLES).await?;
        run(manager, MEMBERSHIPS).await?;
        run(manager, SCHEMA).await
    }

    /// Roles and memberships belong to the cluster and stay: other databases may work with them.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "DROP TYPE popupstatus, productcategory, ticketattendeecategory, ticketduration;
             DROP SCHEMA platform;",
        )
        .await
    }
}

/// Another database of the cluster may be creating the same roles at this moment: whoever comes second
/// waits for the first, then finds the name taken.
const ROLES: &str = "
DO $$
DECLARE
    needed text;
BEGIN
    FOREACH needed IN ARRAY ARRAY['edgeos_app', 'edgeos_lookup', 'tenant_role', 'tenant_viewer_role'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = needed);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', needed);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION
                    'the role % is missing, and % may not create roles; either ALTER ROLE % CREATEROLE, or let a '
                    'superuser CREATE ROLE edgeos_app; CREATE ROLE edgeos_lookup; CREATE ROLE tenant_role; '
                    'CREATE ROLE tenant_viewer_role; GRANT edgeos_app, edgeos_lookup TO %;',
                    needed, current_user, quote_ident(current_user), quote_ident(current_user)
                    USING ERRCODE = 'insufficient_privilege';
        END;
    END LOOP;
END $$;
";

/// The owner works as `edgeos_app` where the server has no login of its own, and gives functions to
/// `edgeos_lookup`. From PostgreSQL 16 on, having created a role is not enough for either.
const MEMBERSHIPS: &str = "
DO $$
DECLARE
    needed text;
    explicit boolean := current_setting('server_version_num')::integer >= 160000;
BEGIN
    FOREACH needed IN ARRAY ARRAY['edgeos_app', 'edgeos_lookup'] LOOP
        FOR attempt IN 1..100 LOOP
            EXIT WHEN pg_has_role(current_user, needed, 'USAGE')
                AND (NOT explicit OR pg_has_role(current_user, needed, 'SET'));
            BEGIN
                EXECUTE format('GRANT %I TO %I %s', needed, current_user,
                    CASE WHEN explicit THEN 'WITH INHERIT TRUE, SET TRUE' END);
                EXIT WHEN pg_has_role(current_user, needed, 'USAGE');
                -- Granted from another database in just this moment: what the session remembers of its
                -- roles is renewed when it takes the locks of the next attempt, so these are given back.
                RAISE EXCEPTION USING ERRCODE = 'object_in_use';
            EXCEPTION
                WHEN object_in_use OR duplicate_object OR unique_violation OR internal_error THEN
                    PERFORM pg_sleep(0.02);
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION
                        '% must be a member of the role %, and can''t make itself one; let a superuser '
                        'GRANT edgeos_app, edgeos_lookup TO %; and, for tenants to have logins, '
                        'GRANT tenant_role, tenant_viewer_role TO % WITH ADMIN OPTION;',
                        current_user, needed, quote_ident(current_user), quote_ident(current_user)
                        USING ERRCODE = 'insufficient_privilege';
            END;
        END LOOP;
        IF NOT pg_has_role(current_user, needed, 'USAGE') THEN
            RAISE EXCEPTION '% must inherit the rights of the role %', current_user, needed
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
END $$;
";

const SCHEMA: &str = "
CREATE SCHEMA platform;
GRANT USAGE ON SCHEMA platform TO edgeos_app, tenant_role, tenant_viewer_role;

-- Databases made by PostgreSQL 14 or older let everybody create tables here.
DO $$
BEGIN
    IF has_schema_privilege('public', 'public', 'CREATE') THEN
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    END IF;
END $$;

CREATE TYPE popupstatus AS ENUM ('draft', 'active', 'archived', 'ended');
CREATE TYPE productcategory AS ENUM ('TICKET', 'HOUSING', 'MERCH', 'OTHER', 'PATREON');
CREATE TYPE ticketattendeecategory AS ENUM ('MAIN', 'SPOUSE', 'KID');
CREATE TYPE ticketduration AS ENUM ('DAY', 'WEEK', 'MONTH', 'FULL');
";
