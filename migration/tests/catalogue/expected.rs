//! What is listed in full: policies, grants, functions, enumerations, cascades.

use std::collections::BTreeSet;

use crate::classes::{APPEND_ONLY, GUARDED, LOOKUP, PLATFORM, TENANT_OPEN, tenant_scoped};

/// `table policy command roles using check`, expressions as the catalogue prints them without aliases.
pub(crate) const POLICIES: &str = r#"
SELECT concat_ws(' | ', tablename, policyname, cmd, array_to_string(roles, ','),
    regexp_replace(qual, ' AS "?\w+"?', '', 'g'), regexp_replace(with_check, ' AS "?\w+"?', '', 'g'))
FROM pg_policies"#;

pub(crate) fn policies() -> BTreeSet<String> {
    let scope = "( SELECT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)";
    let login = "( SELECT platform.tenant_of_login())";
    let platform = "(( SELECT current_setting('app.platform'::text, true)) = 'on'::text)";
    let logins = "tenant_role,tenant_viewer_role";
    let mut policies = BTreeSet::new();
    for table in tenant_scoped() {
        let own = format!("(tenant_id = {scope})");
        policies.insert(format!("{table} | tenant_rows | ALL | edgeos_app | {own} | {own}"));
    }
    for table in TENANT_OPEN {
        let own = format!("(tenant_id = {login})");
        policies.insert(format!("{table} | tenant_login_rows | ALL | {logins} | {own} | {own}"));
    }
    for table in GUARDED.into_iter().chain(PLATFORM) {
        policies.insert(format!(
            "{table} | platform_rows | ALL | edgeos_app | {platform} | {platform}"
        ));
    }
    for (table, _) in LOOKUP {
        policies.insert(format!("{table} | lookup_rows | SELECT | edgeos_lookup | true"));
    }
    policies.insert(format!("tenants | own_row | SELECT | edgeos_app | (id = {scope})"));
    policies.insert(format!("tenants | own_row_login | SELECT | {logins} | (id = {login})"));
    policies.insert(format!(
        "users | tenant_users | SELECT | edgeos_app | ((tenant_id = {scope}) OR \
         (((role)::text = 'superadmin'::text) AND ({scope} IS NOT NULL)))"
    ));
    policies
}

/// `role table privileges`, the owner's own left out.
pub(crate) const GRANTS: &str = "
SELECT concat_ws(' ', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, relname,
    string_agg(privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ','
        ORDER BY privilege_type))
FROM pg_class CROSS JOIN LATERAL aclexplode(relacl)
WHERE relnamespace IN ('public'::regnamespace, 'platform'::regnamespace) AND grantee <> relowner
GROUP BY grantee, relname";

pub(crate) fn grants() -> BTreeSet<String> {
    let (all, append) = ("DELETE,INSERT,SELECT,UPDATE", "INSERT,SELECT");
    let writes = |table| if APPEND_ONLY.contains(&table) { append } else { all };
    let mut grants = BTreeSet::new();
    for table in tenant_scoped() {
        grants.insert(format!("edgeos_app {table} {}", writes(table)));
    }
    for table in TENANT_OPEN {
        grants.insert(format!("tenant_role {table} {}", writes(table)));
        grants.insert(format!("tenant_viewer_role {table} SELECT"));
    }
    for table in GUARDED {
        grants.insert(format!("edgeos_app {table} INSERT,SELECT,UPDATE"));
    }
    for table in PLATFORM {
        grants.insert(format!("edgeos_app {table} {all}"));
    }
    grants.insert("tenant_role tenants SELECT".to_owned());
    grants.insert("tenant_viewer_role tenants SELECT".to_owned());
    grants
}

/// `role table.column privilege`
pub(crate) const COLUMN_GRANTS: &str = "
SELECT concat_ws(' ', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
    relname || '.' || attname, privilege_type)
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid CROSS JOIN LATERAL aclexplode(attacl)
WHERE relnamespace IN ('public'::regnamespace, 'platform'::regnamespace)";

pub(crate) fn column_grants() -> BTreeSet<String> {
    LOOKUP
        .into_iter()
        .flat_map(|(table, columns)| columns.iter().map(move |column| (table, column)))
        .map(|(table, column)| format!("edgeos_lookup {table}.{column} SELECT"))
        .collect()
}

/// `role schema privilege`, the owner's own left out.
pub(crate) const SCHEMA_GRANTS: &str = "
SELECT concat_ws(' ', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, nspname, privilege_type)
FROM pg_namespace CROSS JOIN LATERAL aclexplode(nspacl)
WHERE nspname IN ('public', 'platform') AND grantee <> nspowner";

pub(crate) fn schema_grants() -> BTreeSet<String> {
    [
        "edgeos_app platform USAGE",
        "tenant_role platform USAGE",
        "tenant_viewer_role platform USAGE",
        "PUBLIC public USAGE",
    ]
    .map(str::to_owned)
    .into()
}

/// `function | owner | volatility | settings | who may execute`, the owner left out. `owner` stands for
/// the owner of the tables.
pub(crate) const FUNCTIONS: &str = "
SELECT concat_ws(' | ', p.oid::regprocedure,
    CASE WHEN p.proowner = (SELECT relowner FROM pg_class WHERE oid = 'public.tenants'::regclass) THEN 'owner'
        ELSE p.proowner::regrole::text END,
    CASE WHEN prosecdef THEN 'definer' ELSE 'invoker' END,
    CASE provolatile WHEN 's' THEN 'stable' WHEN 'v' THEN 'volatile' ELSE 'immutable' END,
    array_to_string(proconfig, ';'),
    (SELECT string_agg(CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, ',' ORDER BY grantee::regrole::text)
     FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee <> proowner))
FROM pg_proc p WHERE pronamespace IN ('platform'::regnamespace, 'public'::regnamespace)";

pub(crate) fn functions() -> BTreeSet<String> {
    let path = "search_path=pg_catalog, pg_temp";
    let mut functions: BTreeSet<String> = [
        "tenant_of_human(uuid)",
        "tenant_of_payment(uuid)",
        "tenant_of_external_payment(text)",
        "tenant_of_group_slug(text)",
        "tenants_with_due_mail(integer)",
        "tenants_with_stale_payments(timestamp with time zone,integer)",
    ]
    .into_iter()
    .map(|name| format!("platform.{name} | edgeos_lookup | definer | stable | {path} | edgeos_app"))
    .collect();
    functions.insert(format!(
        "platform.tenant_of_login() | edgeos_lookup | definer | stable | {path} | tenant_role,tenant_viewer_role"
    ));
    for name in ["issue_tenant_login(uuid,text,text,text)", "drop_tenant_login(text)"] {
        functions
            .insert(format!("platform.{name} | owner | definer | volatile | {path} | edgeos_app"));
    }
    functions
}

/// `check: values`, in the order they are written in.
pub(crate) const ENUMERATIONS: &str = r"
SELECT conname || ': ' || (
    SELECT string_agg(value[1], ', ') FROM regexp_matches(pg_get_constraintdef(oid), '''([^'']*)''::', 'g') value)
FROM pg_constraint WHERE contype = 'c' AND conname LIKE '%\_known'
UNION ALL
SELECT typname || ': ' || (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)
FROM pg_type t WHERE typtype = 'e'";

pub(crate) fn enumerations() -> BTreeSet<String> {
    [
        "popupstatus: draft, active, archived, ended",
        "productcategory: TICKET, HOUSING, MERCH, OTHER, PATREON",
        "ticketattendeecategory: MAIN, SPOUSE, KID",
        "ticketduration: DAY, WEEK, MONTH, FULL",
        "ck_applications_status_known: draft, pending_fee, in review, accepted, rejected, withdrawn",
        "ck_applications_scholarship_known: pending, approved, rejected",
        "ck_payments_status_known: pending, approved, rejected, expired, cancelled",
        "ck_payments_type_known: pass_purchase, application_fee",
        "ck_payments_source_known: SimpleFI, Stripe",
        "ck_attendees_category_known: main, spouse, kid",
        "ck_approvalstrategies_type_known: auto_accept, any_reviewer, all_reviewers, threshold, weighted",
        "ck_applicationreviews_decision_known: strong_yes, yes, no, strong_no",
        "ck_application_snapshots_event_known: \
         submitted, pending_fee, auto_accepted, auto_rejected, accepted, rejected, reopened",
        "ck_formfields_type_known: \
         text, textarea, number, boolean, select, select_cards, multiselect, date, email, url",
        "ck_email_templates_type_known: login_code_user, login_code_human, application_received, \
         application_accepted, application_rejected, application_accepted_with_discount, \
         application_accepted_with_incentive, application_accepted_scholarship_rejected, \
         payment_confirmed, abandoned_cart, edit_passes_confirmed",
        "ck_users_role_known: superadmin, admin, viewer",
        "ck_tenant_credentials_type_known: crud, readonly",
        "ck_outbox_state_known: queued, sent, dead, expired",
        "ck_outbox_kind_known: mail",
        "ck_platform_outbox_state_known: queued, sent, dead, expired",
    ]
    .map(str::to_owned)
    .into()
}

/// Foreign keys whose rows go with what they refer to.
pub(crate) const CASCADES: &str =
    "SELECT conname::text FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'c'";

pub(crate) fn cascades() -> BTreeSet<String> {
    [
        "fk_application_snapshots_application_id",
        "fk_applicationreviews_application_id",
        "fk_approvalstrategies_popup_id",
        "fk_basefieldconfigs_popup_id",
        "fk_email_templates_popup_id",
        "fk_formfields_popup_id",
        "fk_formsections_popup_id",
        "fk_group_leaders_group_id",
        "fk_group_members_group_id",
        "fk_group_products_group_id",
        "fk_group_products_product_id",
        "fk_group_whitelisted_emails_group_id",
        "fk_idempotency_keys_payment_id",
        "fk_payment_products_payment_id",
        "fk_popupreviewers_popup_id",
    ]
    .map(str::to_owned)
    .into()
}
