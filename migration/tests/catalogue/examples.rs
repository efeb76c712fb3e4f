//! Isolation as the roles of the server and of a tenant's logins see it.

use edgeos_testkit::TestDatabase;
use sqlx::ConnectOptions;

use crate::{
    classes::secured,
    session::{
        A, APPLICATION, ATTENDEE, B, PLATFORM, changed, group, human, number, other_popup, popup,
        product, refused, run, scope, seed, server,
    },
};

#[tokio::test]
async fn without_a_scope_the_server_sees_and_writes_nothing() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    for settings in ["", "SET LOCAL app.tenant_id = ''; SET LOCAL app.platform = ''"] {
        for table in secured() {
            let count = format!("SELECT count(*) FROM {table}");
            assert_eq!(number(&mut server, settings, &count).await, 0, "{table}");
            let insert = format!("INSERT INTO {table} DEFAULT VALUES");
            let refusal = refused(&mut server, settings, &insert).await;
            assert!(refusal.is_forbidden(), "{table}: {refusal:?}");
        }
    }
}

#[tokio::test]
async fn a_setting_of_the_last_transaction_gives_no_scope() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let count = "SELECT count(*) FROM humans";
    assert_eq!(number(&mut server, &scope(A), count).await, 1);
    assert_eq!(number(&mut server, "", count).await, 0);
}

#[tokio::test]
async fn a_tenant_cannot_write_or_refer_to_what_is_not_its_own() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let coupon = |tenant: &str, popup: &str| {
        format!(
            "INSERT INTO coupons (id, tenant_id, popup_id, code)
             VALUES (gen_random_uuid(), '{tenant}', '{popup}', 'CODE')"
        )
    };
    assert_eq!(changed(&mut server, &scope(A), &coupon(A, &popup(A))).await, 1);

    let refusal = refused(&mut server, &scope(A), &coupon(B, &popup(B))).await;
    assert!(refusal.is_forbidden(), "{refusal:?}");
    let refusal = refused(&mut server, &scope(A), &coupon(A, &popup(B))).await;
    assert!(refusal.is_of_key("fk_coupons_popup_id"), "{refusal:?}");

    let application = format!(
        "INSERT INTO applications (id, tenant_id, popup_id, human_id, group_id)
         VALUES (gen_random_uuid(), '{B}', '{}', '{}', '{}')",
        other_popup(B),
        human(B),
        group(B),
    );
    let refusal = refused(&mut server, &scope(B), &application).await;
    assert!(refusal.is_of_key("fk_applications_popup_id_group_id"), "{refusal:?}");

    let attendee = format!(
        "INSERT INTO attendees (id, tenant_id, application_id, popup_id, name, category, check_in_code)
         VALUES (gen_random_uuid(), '{A}', '{APPLICATION}', '{}', 'Kid', 'kid', 'KID')",
        other_popup(A),
    );
    let refusal = refused(&mut server, &scope(A), &attendee).await;
    assert!(refusal.is_of_key("fk_attendees_application_id_popup_id"), "{refusal:?}");

    let stolen = format!("UPDATE products SET tenant_id = '{B}'");
    let refusal = refused(&mut server, &scope(A), &stolen).await;
    assert!(refusal.is_forbidden(), "{refusal:?}");
}

#[tokio::test]
async fn a_tenant_reads_its_users_and_superadmins_and_changes_none() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let known = "SELECT count(*) FROM users WHERE email IN ('root@x.example', 'admin@a.example')";
    assert_eq!(number(&mut server, &scope(A), known).await, 2);
    assert_eq!(number(&mut server, &scope(A), "SELECT count(*) FROM users").await, 2);
    assert_eq!(changed(&mut server, &scope(A), "UPDATE users SET full_name = 'X'").await, 0);
    assert_eq!(number(&mut server, &scope(A), "SELECT count(*) FROM tenants").await, 1);
    assert_eq!(changed(&mut server, &scope(A), "UPDATE tenants SET name = 'X'").await, 0);
    for table in ["tenant_credentials", "revoked_tokens", "tenant_labels", "platform_outbox"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(number(&mut server, &scope(A), &count).await, 0, "{table}");
    }
}

#[tokio::test]
async fn the_platform_sees_the_global_tables_and_no_tenants_rows() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    assert_eq!(number(&mut server, PLATFORM, "SELECT count(*) FROM users").await, 3);
    assert_eq!(number(&mut server, PLATFORM, "SELECT count(*) FROM tenants").await, 2);
    assert_eq!(number(&mut server, PLATFORM, "SELECT count(*) FROM tenant_credentials").await, 4);
    assert_eq!(number(&mut server, PLATFORM, "SELECT count(*) FROM humans").await, 0);
    let both = format!("{PLATFORM}; {}", scope(A));
    assert_eq!(number(&mut server, &both, "SELECT count(*) FROM humans").await, 1);
    for table in ["tenants", "users"] {
        let refusal = refused(&mut server, PLATFORM, &format!("DELETE FROM {table}")).await;
        assert!(refusal.is_forbidden(), "{refusal:?}");
    }
}

#[tokio::test]
async fn what_was_submitted_and_logged_stays_until_its_parent_goes() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    for table in ["application_snapshots", "audit_log"] {
        for statement in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET id = id")] {
            let refusal = refused(&mut server, &scope(A), &statement).await;
            assert!(refusal.is_forbidden(), "{statement}: {refusal:?}");
        }
    }
    let withdrawn = format!(
        "DELETE FROM payments; DELETE FROM attendees; DELETE FROM applications WHERE id = '{APPLICATION}'"
    );
    let withdrawn = format!("{}; {withdrawn}", scope(A));
    let count = "SELECT count(*) FROM application_snapshots";
    assert_eq!(number(&mut server, &scope(A), count).await, 1);
    assert_eq!(number(&mut server, &withdrawn, count).await, 0);
}

#[tokio::test]
async fn the_server_cannot_take_a_stronger_role() {
    let database = TestDatabase::new().await.unwrap();
    let login = format!("app_{}", database.name());
    let mut superuser = database.superuser_options().connect().await.unwrap();
    run(&mut superuser, format!("CREATE ROLE {login} LOGIN IN ROLE edgeos_app")).await;

    let mut server = database.superuser_options().username(&login).connect().await.unwrap();
    for statement in [
        "SET ROLE edgeos_lookup".to_owned(),
        format!("SET ROLE {}", database.owner_name()),
        "SET ROLE tenant_role".to_owned(),
        "CREATE ROLE stronger SUPERUSER".to_owned(),
        "CREATE ROLE another".to_owned(),
        "ALTER TABLE humans DISABLE ROW LEVEL SECURITY".to_owned(),
        "CREATE TABLE public.mine (id integer)".to_owned(),
        "SELECT * FROM seaql_migrations".to_owned(),
        "TRUNCATE humans CASCADE".to_owned(),
        "SELECT platform.tenant_of_login()".to_owned(),
    ] {
        let refusal = refused(&mut server, "", &statement).await;
        assert!(refusal.is_forbidden(), "{statement}: {refusal:?}");
    }
    assert_eq!(number(&mut server, "", "SELECT count(*) FROM humans").await, 0);

    drop(server);
    run(&mut superuser, format!("DROP ROLE {login}")).await;
}

#[tokio::test]
async fn a_payment_keeps_its_popup_its_product_and_its_attendee() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;

    let popup = format!("DELETE FROM popups WHERE id = '{}'", popup(A));
    assert_eq!(refused(&mut server, &scope(A), &popup).await.code, "23503");
    // Without the catalogue in the way, the payment's application still is.
    let bare = format!(
        "{}; DELETE FROM groups; DELETE FROM payment_products; DELETE FROM products",
        scope(A)
    );
    let refusal = refused(&mut server, &bare, &popup).await;
    assert!(refusal.is_of_key("fk_applications_popup_id"), "{refusal:?}");

    let product = format!("DELETE FROM products WHERE id = '{}'", product(A));
    let refusal = refused(&mut server, &scope(A), &product).await;
    assert!(refusal.is_of_key("fk_payment_products_product_id"), "{refusal:?}");

    let attendee = format!("DELETE FROM attendees WHERE id = '{ATTENDEE}'");
    let refusal = refused(&mut server, &scope(A), &attendee).await;
    assert!(refusal.is_of_key("fk_payment_products_attendee_id"), "{refusal:?}");

    let application = format!("DELETE FROM applications WHERE id = '{APPLICATION}'");
    assert_eq!(refused(&mut server, &scope(A), &application).await.code, "23503");
}
