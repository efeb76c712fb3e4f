//! Functions that tell which tenant something belongs to, where a request or a worker can't know it.
//! They tell no more than that: the caller goes on in the tenant's scope.

use sea_orm_migration::prelude::*;

use crate::rls::{lookup_function, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const FUNCTIONS: [&str; 6] = [
    "tenant_of_human(uuid)",
    "tenant_of_payment(uuid)",
    "tenant_of_external_payment(text)",
    "tenant_of_group_slug(text)",
    "tenants_with_due_mail(integer)",
    "tenants_with_stale_payments(timestamptz, integer)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, ONE_TENANT).await?;
        run(manager, WORK).await?;
        for function in FUNCTIONS {
            lookup_function(manager, function, "edgeos_app").await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for function in FUNCTIONS.iter().rev() {
            run(manager, &format!("DROP FUNCTION platform.{function};")).await?;
        }
        Ok(())
    }
}

/// A tenant's own login chooses the ids, slugs and external ids of its rows and could repeat another
/// tenant's: what is found in two tenants belongs to neither.
const ONE_TENANT: &str = "
CREATE FUNCTION platform.tenant_of_human(human_id uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (array_agg(tenant_id))[1] FROM public.humans WHERE id = $1 HAVING count(*) = 1
$$;

CREATE FUNCTION platform.tenant_of_payment(payment_id uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (array_agg(tenant_id))[1] FROM public.payments WHERE id = $1 HAVING count(*) = 1
$$;

CREATE FUNCTION platform.tenant_of_external_payment(external_id text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (array_agg(p.tenant_id))[1] FROM public.payments p WHERE p.external_id = $1 HAVING count(*) = 1
$$;

CREATE FUNCTION platform.tenant_of_group_slug(slug text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (array_agg(found.tenant_id))[1]
    FROM (
        SELECT DISTINCT g.tenant_id
        FROM public.groups g JOIN public.tenants t ON t.id = g.tenant_id
        WHERE g.slug = $1 AND NOT t.deleted
    ) found
    HAVING count(*) = 1
$$;
";

/// The first walks from tenant to tenant through the index of queued mail instead of reading all of it.
const WORK: &str = "
CREATE FUNCTION platform.tenants_with_due_mail(max_tenants integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE queued AS (
        (SELECT tenant_id FROM public.outbox WHERE state = 'queued' ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (
            SELECT o.tenant_id FROM public.outbox o
            WHERE o.state = 'queued' AND o.tenant_id > queued.tenant_id ORDER BY o.tenant_id LIMIT 1
        )
        FROM queued WHERE queued.tenant_id IS NOT NULL
    )
    SELECT queued.tenant_id
    FROM queued CROSS JOIN LATERAL (
        SELECT o.priority, o.next_attempt_at FROM public.outbox o
        WHERE o.tenant_id = queued.tenant_id AND o.state = 'queued' AND o.next_attempt_at <= now()
            AND (o.locked_until IS NULL OR o.locked_until <= now())
        ORDER BY o.priority DESC, o.next_attempt_at LIMIT 1
    ) next
    ORDER BY next.priority DESC, next.next_attempt_at LIMIT $1
$$;

CREATE FUNCTION platform.tenants_with_stale_payments(before timestamptz, max_tenants integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT tenant_id FROM public.payments
    WHERE status = 'pending' AND created_at < $1
    GROUP BY tenant_id ORDER BY min(created_at) LIMIT $2
$$;
";
