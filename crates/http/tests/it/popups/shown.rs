use std::time::Duration;

use serde_json::{Value, json};

use super::{Organisation, create, get};
use crate::harness::{Answer, Send, TestServer, nobody};

async fn public_list(server: &TestServer, tenant: &str) -> Answer {
    server.get("/popups/public/list").header("X-Tenant-Id", tenant).answer().await
}

fn slugs(popups: &Value) -> Vec<&str> {
    popups.as_array().unwrap().iter().map(|popup| popup["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn only_active_popups_are_shown() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let theirs = Organisation::new(&server, "theirs").await;
    for status in ["active", "draft", "archived", "ended"] {
        let body = json!({ "name": status, "status": status });
        create(&server, &ours.admin, body).await.expect(201);
    }
    let body = json!({ "name": "Theirs", "status": "active" });
    create(&server, &theirs.admin, body).await.expect(201);

    let portal = get(&server, &ours.human, "/popups/portal/list").await.expect(200);
    assert_eq!(slugs(&portal), ["active"]);
    let public = public_list(&server, &ours.tenant.to_string()).await.expect(200);
    assert_eq!(public, portal);
    let by_slug =
        async |slug: &str| get(&server, &ours.human, &format!("/popups/portal/{slug}")).await;
    assert_eq!(by_slug("active").await.expect(200), portal[0]);
    for hidden in ["draft", "archived", "ended", "theirs", "unheard-of"] {
        by_slug(hidden).await.expect(404);
    }
}

#[tokio::test]
async fn visitors_name_the_tenant() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let body = json!({ "name": "Fair", "status": "active" });
    create(&server, &ours.admin, body).await.expect(201);
    let missing = server.get("/popups/public/list").answer().await;
    assert_eq!(missing.faults(), [("missing".to_owned(), json!(["header", "X-Tenant-Id"]))]);
    public_list(&server, "junk").await.expect(400);
    assert_eq!(public_list(&server, &nobody().to_string()).await.expect(200), json!([]));

    let tenant = ours.tenant.to_string();
    assert_eq!(slugs(&public_list(&server, &tenant).await.expect(200)), ["fair"]);
    let (_, superadmin) = server.user("superadmin", None).await;
    let path = format!("/tenants/{tenant}");
    server.delete(&path).bearer_auth(&superadmin).answer().await.expect(204);
    let gone = async {
        while public_list(&server, &tenant).await.expect(200) != json!([]) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(4), gone).await.unwrap();
}
