//! The rules that every table keeps, asked of the catalogue.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    classes::{BOOKKEEPING, array, secured, tenant_scoped},
    expected,
};

/// What breaks a rule, each with the rule's name before it. Empty is as it should be.
pub(crate) async fn findings(db: &mut PgConnection) -> BTreeSet<String> {
    let mut findings = BTreeSet::new();
    for (rule, query) in tables().into_iter().chain(keys()).chain(surroundings()) {
        for found in texts(db, query).await {
            findings.insert(format!("{rule}: {found}"));
        }
    }
    for (rule, query, expected) in listed() {
        let actual: BTreeSet<String> = texts(db, query).await.into_iter().collect();
        for missing in expected.difference(&actual) {
            findings.insert(format!("{rule}: missing {missing}"));
        }
        for surplus in actual.difference(&expected) {
            findings.insert(format!("{rule}: surplus {surplus}"));
        }
    }
    findings
}

/// The only column of every row.
pub(crate) async fn texts(db: &mut PgConnection, query: String) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(db).await.unwrap()
}

/// Queries for tables that break a rule.
fn tables() -> Vec<(&'static str, String)> {
    let classed = array(secured().chain(BOOKKEEPING));
    let tenant_scoped = array(tenant_scoped());
    vec![
        (
            "every relation is a table of a class",
            format!(
                "SELECT relname::text FROM pg_class
                 WHERE relnamespace IN ('public'::regnamespace, 'platform'::regnamespace)
                     AND relkind NOT IN ('i', 'I') AND NOT (relkind = 'r' AND relname = ANY ({classed}))
                 UNION ALL
                 SELECT name FROM unnest({classed}) name WHERE to_regclass('public.' || name) IS NULL"
            ),
        ),
        (
            "a table with a tenant is tenant-scoped or global by intention",
            format!(
                "SELECT DISTINCT attrelid::regclass::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
                 WHERE attname = 'tenant_id' AND attnotnull AND c.relkind = 'r'
                     AND c.relnamespace = 'public'::regnamespace
                     AND c.relname <> ALL ({tenant_scoped} || ARRAY['tenant_credentials', 'tenant_labels'])"
            ),
        ),
        (
            "row-level security is enabled and forced",
            format!(
                "SELECT relname::text FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                     AND (relrowsecurity AND relforcerowsecurity) = (relname = ANY ({bookkeeping}))",
                bookkeeping = array(BOOKKEEPING),
            ),
        ),
        (
            "no policy calls a volatile function",
            "SELECT DISTINCT polrelid::regclass::text || ' ' || polname || ' ' || p.oid::regprocedure
             FROM pg_policy
             CROSS JOIN LATERAL regexp_matches(
                 concat(polqual::text, polwithcheck::text), ':(?:funcid|opfuncid) (\\d+)', 'g') called
             JOIN pg_proc p ON p.oid = called[1]::oid
             WHERE p.provolatile = 'v'"
                .to_owned(),
        ),
    ]
}

/// Queries for keys and indexes that break a rule.
fn keys() -> Vec<(&'static str, String)> {
    let tenant_scoped = array(tenant_scoped());
    let undeletable = array(["tenants", "users", "humans"]);
    vec![
        (
            "a key or index of a tenant-scoped table starts with its tenant",
            format!(
                "SELECT i.indexrelid::regclass::text
                 FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
                 LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
                 WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY ({tenant_scoped})
                     AND a.attname IS DISTINCT FROM 'tenant_id'
                     AND (i.indisunique OR i.indexrelid::regclass::text NOT IN (
                         'ix_humans_id', 'ix_payments_id', 'ix_payments_external_id',
                         'ix_payments_created_at_pending', 'ix_groups_slug'))
                 UNION ALL
                 SELECT t.relname || ' has no primary key' FROM pg_class t
                 WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
                     AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary)"
            ),
        ),
        (
            "a foreign key between tenant-scoped tables starts with their tenant",
            format!(
                "SELECT conname::text
                 FROM pg_constraint k JOIN pg_class target ON target.oid = k.confrelid
                 JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = k.conkey[1]
                 JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = k.confkey[1]
                 WHERE k.contype = 'f' AND target.relname = ANY ({tenant_scoped})
                     AND NOT (f.attname = 'tenant_id' AND t.attname = 'tenant_id')"
            ),
        ),
        (
            "a tenant-scoped row names a tenant that exists",
            format!(
                "SELECT name FROM unnest({tenant_scoped}) name WHERE NOT EXISTS (
                     SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.' || name)
                         AND conname = 'fk_' || name || '_tenant_id' AND contype = 'f'
                         AND confrelid = 'tenants'::regclass)"
            ),
        ),
        (
            "no foreign key sets anything null or to a default, nor follows an update",
            "SELECT conname::text FROM pg_constraint
             WHERE contype = 'f' AND (confdeltype NOT IN ('a', 'c') OR confupdtype <> 'a')"
                .to_owned(),
        ),
        (
            "a foreign key to a table with deletable rows has an index by tenant and another of its columns",
            format!(
                "SELECT conname::text
                 FROM pg_constraint k JOIN pg_class target ON target.oid = k.confrelid
                 WHERE k.contype = 'f' AND target.relname <> ALL ({undeletable}) AND NOT EXISTS (
                     SELECT FROM pg_index i
                     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                     WHERE i.indrelid = k.conrelid AND a.attname = 'tenant_id' AND i.indpred IS NULL
                         AND i.indkey[1] = ANY (k.conkey) AND i.indkey[1] <> i.indkey[0])"
            ),
        ),
        ("names tell table and columns", names()),
    ]
}

/// Queries for what else breaks a rule.
fn surroundings() -> Vec<(&'static str, String)> {
    vec![
        (
            "nothing happens behind a statement's back",
            "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal
             UNION ALL
             SELECT rulename::text FROM pg_rewrite JOIN pg_class c ON c.oid = ev_class
             WHERE c.relnamespace = 'public'::regnamespace
             UNION ALL
             SELECT attrelid::regclass || '.' || attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
             WHERE c.relnamespace = 'public'::regnamespace AND (attgenerated <> '' OR attidentity <> '')"
                .to_owned(),
        ),
        (
            "the roles of the schema have no power over it, and none through another role",
            "SELECT weak || ' is a member of ' || strong
             FROM unnest(ARRAY['edgeos_app', 'edgeos_lookup', 'tenant_role', 'tenant_viewer_role']) weak,
                 unnest(ARRAY['edgeos_app', 'edgeos_lookup', 'tenant_role', 'tenant_viewer_role',
                     (SELECT relowner::regrole::text FROM pg_class WHERE oid = 'public.tenants'::regclass)]) strong
             WHERE weak <> strong AND pg_has_role(weak, strong, 'MEMBER')
             UNION ALL
             SELECT rolname::text FROM pg_roles
             WHERE rolname IN ('edgeos_app', 'edgeos_lookup', 'tenant_role', 'tenant_viewer_role')
                 AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR NOT rolinherit
                     OR (rolcanlogin AND rolname <> 'edgeos_app'))"
                .to_owned(),
        ),
    ]
}

/// The name of a key or index lists its columns without the tenant, unless nothing else is left; a
/// partial one may end in a word.
fn names() -> String {
    "SELECT found.name || ' instead of ' || found.expected FROM (
         SELECT c.conname::text AS name, false AS partial,
             CASE c.contype
                 WHEN 'p' THEN t.relname || '_pkey'
                 WHEN 'c' THEN 'ck_' || t.relname || '_' || substr(c.conname, length(t.relname) + 5)
                 ELSE CASE c.contype WHEN 'f' THEN 'fk_' ELSE 'uq_' END || t.relname || '_' || coalesce((
                     SELECT string_agg(a.attname, '_' ORDER BY k.place)
                     FROM unnest(c.conkey) WITH ORDINALITY k (attnum, place)
                     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
                     WHERE a.attname <> 'tenant_id'), 'tenant_id')
             END AS expected
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         WHERE c.contype IN ('p', 'u', 'f', 'c') AND t.relnamespace = 'public'::regnamespace
             AND t.relname <> 'seaql_migrations'
         UNION ALL
         SELECT x.relname::text, i.indpred IS NOT NULL,
             CASE WHEN i.indisunique THEN 'uq_' ELSE 'ix_' END || t.relname || '_' || coalesce((
                 SELECT string_agg(a.attname, '_' ORDER BY k.place)
                 FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (attnum, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
                 WHERE a.attname <> 'tenant_id'), 'tenant_id')
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
         WHERE t.relnamespace = 'public'::regnamespace AND i.indexprs IS NULL
             AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
     ) found
     WHERE found.name <> found.expected
         AND NOT (found.partial AND starts_with(found.name, found.expected || '_'))"
        .to_owned()
}

/// Queries for something that is listed in full, with the list.
fn listed() -> Vec<(&'static str, String, BTreeSet<String>)> {
    vec![
        ("policies", expected::POLICIES.to_owned(), expected::policies()),
        ("grants on tables", expected::GRANTS.to_owned(), expected::grants()),
        ("grants on columns", expected::COLUMN_GRANTS.to_owned(), expected::column_grants()),
        ("grants on schemas", expected::SCHEMA_GRANTS.to_owned(), expected::schema_grants()),
        ("functions", expected::FUNCTIONS.to_owned(), expected::functions()),
        ("enumerations", expected::ENUMERATIONS.to_owned(), expected::enumerations()),
        ("cascades", expected::CASCADES.to_owned(), expected::cascades()),
    ]
}
