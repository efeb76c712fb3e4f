//! The functions that tell a tenant, and no more.

use edgeos_testkit::TestDatabase;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::session::{
    A, B, PAYMENT, PLATFORM, commit, group, human, other_popup, owner, popup, refused, run, scope,
    seed, server, session,
};

async fn tenant(server: &mut PgConnection, call: &str) -> Option<String> {
    let query = format!("SELECT platform.{call}::text");
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(server).await.unwrap()
}

async fn tenants(server: &mut PgConnection, call: &str) -> Vec<String> {
    let query = format!("SELECT tenant::text FROM platform.{call} tenant");
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(server).await.unwrap()
}

#[tokio::test]
async fn what_one_tenant_has_is_found_and_what_two_have_is_not() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let a = Some(A.to_owned());
    let unknown = "00000000-0000-0000-0000-0000000000ff";

    let known = human(A);
    assert_eq!(tenant(&mut server, &format!("tenant_of_human('{known}')")).await, a);
    assert_eq!(tenant(&mut server, &format!("tenant_of_human('{unknown}')")).await, None);
    assert_eq!(tenant(&mut server, &format!("tenant_of_payment('{PAYMENT}')")).await, a);
    assert_eq!(tenant(&mut server, &format!("tenant_of_payment('{unknown}')")).await, None);
    assert_eq!(tenant(&mut server, "tenant_of_external_payment('external')").await, a);
    assert_eq!(tenant(&mut server, "tenant_of_external_payment('unknown')").await, None);

    let copies = format!(
        "INSERT INTO humans (id, tenant_id, email) VALUES ('{known}', '{B}', 'copy@x.example');
         INSERT INTO applications (id, tenant_id, popup_id, human_id)
             VALUES ('{unknown}', '{B}', '{popup}', '{known}');
         INSERT INTO payments (id, tenant_id, application_id, popup_id, amount, external_id)
             VALUES ('{PAYMENT}', '{B}', '{unknown}', '{popup}', 1, 'external')",
        popup = popup(B),
    );
    commit(&mut server, &scope(B), &copies).await;
    assert_eq!(tenant(&mut server, &format!("tenant_of_human('{known}')")).await, None);
    assert_eq!(tenant(&mut server, &format!("tenant_of_payment('{PAYMENT}')")).await, None);
    assert_eq!(tenant(&mut server, "tenant_of_external_payment('external')").await, None);
}

#[tokio::test]
async fn a_groups_slug_is_looked_up_among_live_tenants() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    assert_eq!(tenant(&mut server, "tenant_of_group_slug('group')").await, None, "two have it");

    commit(&mut server, PLATFORM, "UPDATE tenants SET deleted = true WHERE slug = 'b'").await;
    assert_eq!(tenant(&mut server, "tenant_of_group_slug('group')").await.as_deref(), Some(A));

    // One tenant may use a slug in several popups.
    let second = format!(
        "INSERT INTO groups (id, tenant_id, popup_id, name, slug)
         VALUES (gen_random_uuid(), '{A}', '{}', 'Group', 'group')",
        other_popup(A),
    );
    commit(&mut server, &scope(A), &second).await;
    assert_eq!(tenant(&mut server, "tenant_of_group_slug('group')").await.as_deref(), Some(A));
    assert_eq!(tenant(&mut server, &format!("tenant_of_group_slug('{}')", group(A))).await, None);
}

#[tokio::test]
async fn workers_learn_which_tenants_have_mail_to_send() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let due = "tenants_with_due_mail(10)";
    let urgent = "UPDATE outbox SET priority = 10";
    commit(&mut server, &scope(B), urgent).await;
    assert_eq!(tenants(&mut server, due).await, [B, A], "the most urgent first");
    assert_eq!(tenants(&mut server, "tenants_with_due_mail(1)").await, [B]);

    let locked = "UPDATE outbox SET locked_until = now() + interval '1 minute'";
    commit(&mut server, &scope(B), locked).await;
    assert_eq!(tenants(&mut server, due).await, [A]);
    let stuck = "UPDATE outbox SET locked_until = now() - interval '1 second'";
    commit(&mut server, &scope(B), stuck).await;
    assert_eq!(tenants(&mut server, due).await, [B, A]);

    let later = "UPDATE outbox SET next_attempt_at = now() + interval '1 hour'";
    commit(&mut server, &scope(B), later).await;
    commit(&mut server, &scope(A), "UPDATE outbox SET state = 'sent'").await;
    assert!(tenants(&mut server, due).await.is_empty());
}

#[tokio::test]
async fn workers_learn_which_tenants_have_stale_payments() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    assert_eq!(tenants(&mut server, "tenants_with_stale_payments('2026-01-02', 10)").await, [A]);
    assert!(tenants(&mut server, "tenants_with_stale_payments('2026-01-01', 10)").await.is_empty());
    commit(&mut server, &scope(A), "UPDATE payments SET status = 'approved'").await;
    assert!(tenants(&mut server, "tenants_with_stale_payments('2026-01-02', 10)").await.is_empty());
}

#[tokio::test]
async fn look_ups_use_their_indexes() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    // Few rows fit one page: what counts is that the index can serve the statement as its role sees it.
    let mut lookup = owner(&database).await;
    run(
        &mut lookup,
        "SET ROLE edgeos_lookup; SET enable_seqscan = off; SET enable_bitmapscan = off",
    )
    .await;
    for (query, index) in [
        (
            "SELECT tenant_id FROM humans WHERE id = '00000000-0000-0000-0000-00000000000a'",
            "ix_humans_id",
        ),
        (
            "SELECT tenant_id FROM payments WHERE id = '00000000-0000-0000-0000-00000000000a'",
            "ix_payments_id",
        ),
        ("SELECT tenant_id FROM payments WHERE external_id = 'x'::text", "ix_payments_external_id"),
        ("SELECT tenant_id FROM groups WHERE slug = 'x'::text", "ix_groups_slug"),
        (
            "SELECT tenant_id FROM tenant_credentials WHERE db_username = session_user::text COLLATE \"default\"",
            "uq_tenant_credentials_db_username",
        ),
        (
            "SELECT tenant_id FROM outbox WHERE state = 'queued' ORDER BY tenant_id LIMIT 1",
            "ix_outbox_priority_next_attempt_at_due",
        ),
        (
            "SELECT tenant_id FROM payments WHERE status = 'pending' AND created_at < now()",
            "ix_payments_created_at_pending",
        ),
    ] {
        let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("EXPLAIN {query}")))
            .fetch_all(&mut lookup)
            .await
            .unwrap();
        assert!(plan.iter().any(|line| line.contains(index)), "{query}: {plan:#?}");
    }
}

#[tokio::test]
async fn nobody_else_may_ask() {
    let database = TestDatabase::new().await.unwrap();
    let stranger = format!("stranger_{}", database.name());
    let mut superuser = session(database.superuser_options()).await;
    run(&mut superuser, format!("CREATE ROLE {stranger} LOGIN")).await;

    let mut nobody = session(database.superuser_options().username(&stranger)).await;
    for call in [
        "tenant_of_login()",
        "tenant_of_human(gen_random_uuid())",
        "tenant_of_payment(gen_random_uuid())",
        "tenant_of_external_payment('x')",
        "tenant_of_group_slug('x')",
        "tenants_with_due_mail(1)",
        "tenants_with_stale_payments(now(), 1)",
        "drop_tenant_login('usr_0123456789abcdef')",
        "issue_tenant_login(gen_random_uuid(), 'crud', 'usr_0123456789abcdef', '')",
    ] {
        let refusal = refused(&mut nobody, "", &format!("SELECT platform.{call}")).await;
        assert!(refusal.is_forbidden(), "{call}: {refusal:?}");
    }

    drop(nobody);
    run(&mut superuser, format!("DROP ROLE {stranger}")).await;
}
