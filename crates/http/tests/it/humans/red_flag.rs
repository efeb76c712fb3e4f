use serde_json::{Value, json};

use super::{application, get, patch, popup, world};
use crate::harness::TestServer;

/// How many rows `sql` counts.
async fn count(server: &TestServer, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&server.sql).await.unwrap()
}

const REJECTED: &str = "SELECT count(*) FROM applications WHERE status = 'rejected'";
const SNAPSHOTS: &str = "SELECT count(*) FROM application_snapshots WHERE event = 'auto_rejected'";
const MAILS: &str = "SELECT count(*) FROM outbox WHERE template_type = 'application_rejected'";

#[tokio::test]
async fn a_red_flag_rejects_everything_that_waits() {
    let (server, tenant, admin) = world().await;
    let (id, human) = server.human(tenant).await;
    let sql = "WITH popup AS (INSERT INTO popups (id, tenant_id, name, slug, status) \
               SELECT gen_random_uuid(), $1, 'Fair', 'fair-' || i, 'active' \
               FROM generate_series(1, 150) i RETURNING id) \
               INSERT INTO applications (id, tenant_id, popup_id, human_id, status) \
               SELECT gen_random_uuid(), $1, popup.id, $2, 'in review' FROM popup";
    sqlx::query(sql).bind(tenant.0).bind(id.0).execute(&server.sql).await.unwrap();

    let one = format!("/humans/{id}");
    // Each application is rejected by itself: so many are beyond the budget of a request.
    let flagged = server.patch(&one).bearer_auth(&admin).json(&json!({ "red_flag": true })).send();
    let flagged: Value = flagged.await.unwrap().json().await.unwrap();
    assert_eq!(flagged["red_flag"], true);
    assert_eq!(get(&server, &human, "/humans/me").await.expect(200)["red_flag"], false);
    for sql in [REJECTED, SNAPSHOTS, MAILS] {
        assert_eq!(count(&server, sql).await, 150, "{sql}");
    }
    for flag in [true, false] {
        patch(&server, &admin, &one, json!({ "red_flag": flag })).await.expect(200);
        for sql in [REJECTED, SNAPSHOTS, MAILS] {
            assert_eq!(count(&server, sql).await, 150, "{sql}");
        }
    }
    let actions = "SELECT count(*) FROM audit_log WHERE action LIKE 'human.red_flag_%'";
    assert_eq!(count(&server, actions).await, 2);
}

#[tokio::test]
async fn a_red_flag_leaves_alone_what_doesnt_wait() {
    let (server, tenant, admin) = world().await;
    let (id, _) = server.human(tenant).await;
    let mut applications = Vec::new();
    for status in ["draft", "accepted", "withdrawn", "rejected", "pending_fee", "in review"] {
        let popup = popup(&server, tenant).await;
        applications.push(application(&server, tenant, (id, popup), status).await);
    }
    let one = format!("/humans/{id}");
    patch(&server, &admin, &one, json!({ "red_flag": true })).await.expect(200);
    let sql = "SELECT status FROM applications WHERE id = $1";
    let mut statuses: Vec<String> = Vec::new();
    for application in applications {
        let status = sqlx::query_scalar(sql).bind(application).fetch_one(&server.sql).await;
        statuses.push(status.unwrap());
    }
    assert_eq!(statuses, ["draft", "accepted", "withdrawn", "rejected", "rejected", "rejected"]);
    assert_eq!(count(&server, SNAPSHOTS).await, 2);
    assert_eq!(count(&server, MAILS).await, 2);
}
