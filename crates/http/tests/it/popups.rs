//! Events: set up, changed, shown.

mod deleted;
mod fees_and_dates;
mod keys;
mod shown;

use edgeos_domain::TenantId;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Send, TestServer, nobody};

/// A tenant with one person of each kind.
struct Organisation {
    tenant: TenantId,
    admin: String,
    viewer: String,
    human: String,
}

impl Organisation {
    async fn new(server: &TestServer, slug: &str) -> Self {
        let tenant = server.tenant(slug).await;
        Self {
            tenant,
            admin: server.user("admin", Some(tenant)).await.1,
            viewer: server.user("viewer", Some(tenant)).await.1,
            human: server.human(tenant).await.1,
        }
    }
}

async fn create(server: &TestServer, token: &str, body: Value) -> Answer {
    server.post("/popups").bearer_auth(token).json(&body).answer().await
}

async fn patch(server: &TestServer, token: &str, popup: &Value, body: Value) -> Answer {
    let path = format!("/popups/{}", popup["id"].as_str().unwrap());
    server.patch(&path).bearer_auth(token).json(&body).answer().await
}

async fn get(server: &TestServer, token: &str, path: &str) -> Answer {
    server.get(path).bearer_auth(token).answer().await
}

fn id(popup: &Value) -> Uuid {
    popup["id"].as_str().unwrap().parse().unwrap()
}

/// The orders of a popup's sections, and how many configurations point to one of them.
async fn form(server: &TestServer, popup: &Value) -> (Vec<i32>, i64) {
    let sections =
        "SELECT \"order\" FROM formsections WHERE popup_id = $1 AND protected ORDER BY 1";
    let orders = sqlx::query_scalar(sections).bind(id(popup)).fetch_all(&server.sql).await.unwrap();
    let configs =
        "SELECT count(*) FROM basefieldconfigs WHERE popup_id = $1 AND section_id IS NOT NULL";
    let configs = sqlx::query_scalar(configs).bind(id(popup)).fetch_one(&server.sql).await.unwrap();
    (orders, configs)
}

#[tokio::test]
async fn a_new_popup_has_a_slug_a_strategy_and_a_form() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let theirs = Organisation::new(&server, "theirs").await;
    let body = json!({
        "name": " Tech Summit 2025 ", "slug": "m".repeat(300), "tenant_id": theirs.tenant.0, "unheard_of": 1,
        "allows_spouse": null, "allows_incentive": null,
    });
    let popup = create(&server, &ours.admin, body).await.expect(201);
    assert_eq!(popup["name"], "Tech Summit 2025");
    assert_eq!(popup["slug"], "tech-summit-2025");
    assert_eq!(popup["tenant_id"], json!(ours.tenant.0));
    assert_eq!(popup["status"], "draft");
    for switch in ["spouse", "children", "coupons", "scholarship", "incentive"] {
        assert_eq!(popup[format!("allows_{switch}")], false, "{switch}");
    }
    assert_eq!(popup["requires_application_fee"], false);
    for empty in ["start_date", "end_date", "application_fee_amount", "simplefi_api_key"] {
        assert_eq!(popup.get(empty), Some(&Value::Null), "{empty}");
    }

    let path = format!("/popups/{}", id(&popup));
    assert_eq!(get(&server, &ours.viewer, &path).await.expect(200)["slug"], "tech-summit-2025");
    let strategy = get(&server, &ours.viewer, &format!("{path}/approval-strategy")).await;
    assert_eq!(strategy.expect(200)["strategy_type"], "auto_accept");
    assert_eq!(form(&server, &popup).await, (vec![0, 1], 8));
    let templates = "SELECT count(*) FROM email_templates";
    let templates: i64 = sqlx::query_scalar(templates).fetch_one(&server.sql).await.unwrap();
    assert_eq!(templates, 0);

    let body = json!({ "name": "Tech Summit 2025" });
    create(&server, &ours.admin, body.clone()).await.expect(400);
    let elsewhere = create(&server, &theirs.admin, body).await.expect(201);
    assert_eq!(elsewhere["slug"], "tech-summit-2025");
}

#[tokio::test]
async fn of_popups_made_at_once_one_gets_the_name() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let body = json!({ "name": "Twins" });
    let (one, other) = tokio::join!(
        create(&server, &ours.admin, body.clone()),
        create(&server, &ours.admin, body.clone()),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);
    let count = "SELECT (SELECT count(*) FROM popups) * 100 + (SELECT count(*) FROM formsections) * 10 \
                 + (SELECT count(*) FROM approvalstrategies)";
    let count: i64 = sqlx::query_scalar(count).fetch_one(&server.sql).await.unwrap();
    assert_eq!(count, 121);
}

#[tokio::test]
async fn a_feature_brings_its_questions_once() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let body = json!({ "name": "All", "allows_spouse": true, "allows_scholarship": true });
    let all = create(&server, &ours.admin, body).await.expect(201);
    assert_eq!(form(&server, &all).await, (vec![0, 1, 2, 3], 14));

    let popup = create(&server, &ours.admin, json!({ "name": "Few" })).await.expect(201);
    for (change, expected) in [
        (json!({ "allows_scholarship": true }), (vec![0, 1, 3], 11)),
        (json!({ "allows_scholarship": null }), (vec![0, 1, 3], 11)),
        (json!({ "allows_scholarship": true }), (vec![0, 1, 3], 11)),
        (json!({ "allows_spouse": true }), (vec![0, 1, 2, 3], 14)),
        (json!({ "allows_children": true }), (vec![0, 1, 2, 3], 14)),
        (json!({ "allows_spouse": false, "allows_children": false }), (vec![0, 1, 2, 3], 14)),
        (json!({ "allows_children": true }), (vec![0, 1, 2, 3], 14)),
    ] {
        patch(&server, &ours.admin, &popup, change.clone()).await.expect(200);
        assert_eq!(form(&server, &popup).await, expected, "after {change}");
    }
}

#[tokio::test]
async fn a_renamed_section_is_known_by_its_questions() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let body = json!({ "name": "Fair", "allows_scholarship": true });
    let popup = create(&server, &ours.admin, body).await.expect(201);
    let rename = "UPDATE formsections SET label = 'Grants' WHERE popup_id = $1 AND \"order\" = 3";
    sqlx::query(rename).bind(id(&popup)).execute(&server.sql).await.unwrap();
    let forget =
        "DELETE FROM basefieldconfigs WHERE popup_id = $1 AND field_name = 'scholarship_details'";
    sqlx::query(forget).bind(id(&popup)).execute(&server.sql).await.unwrap();
    for on in [false, true] {
        patch(&server, &ours.admin, &popup, json!({ "allows_scholarship": on })).await.expect(200);
    }
    assert_eq!(form(&server, &popup).await, (vec![0, 1, 3], 11));
}

#[tokio::test]
async fn names_make_slugs() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let slug = async |name: &str| {
        let popup = create(&server, &ours.admin, json!({ "name": name })).await.expect(201);
        popup["slug"].as_str().unwrap().to_owned()
    };
    assert_eq!(slug("Héllo  Wörld_ — 2026!").await, "hello-world_-2026");
    assert_eq!(slug("List").await, "list-1");
    let (one, other) = (slug("日本語").await, slug("日本語").await);
    assert_ne!(one, other);
    for slug in [one, other] {
        let digits = slug.strip_prefix("event-").unwrap();
        assert_eq!(digits.len(), 8, "{slug}");
    }
    for name in [json!("   "), json!(""), json!(null), json!(5), json!("x".repeat(256))] {
        create(&server, &ours.admin, json!({ "name": name })).await.expect(422);
    }
}

#[tokio::test]
async fn a_slug_changes_only_when_it_is_meant_to() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let popup = create(&server, &ours.admin, json!({ "name": "One" })).await.expect(201);
    create(&server, &ours.admin, json!({ "name": "Two" })).await.expect(201);
    let change = async |body: Value| patch(&server, &ours.admin, &popup, body).await;
    assert_eq!(change(json!({ "name": "Three" })).await.expect(200)["slug"], "one");
    assert_eq!(change(json!({ "slug": "one" })).await.expect(200)["slug"], "one");
    change(json!({ "slug": "Two" })).await.expect(400);
    let renamed = change(json!({ "slug": "New Slug With Spaces" })).await.expect(200);
    assert_eq!(renamed["slug"], "new-slug-with-spaces");
    for wrong in [json!({ "slug": "" }), json!({ "slug": "!!!" }), json!({ "slug": null })] {
        change(wrong).await.expect(422);
    }
    assert_eq!(renamed["name"], "Three");
}

#[tokio::test]
async fn what_cannot_be_stored_is_named() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let popup = create(&server, &ours.admin, json!({ "name": "Fair" })).await.expect(201);
    for (field, value) in [
        ("name", json!(null)),
        ("name", json!("x".repeat(256))),
        ("status", json!(null)),
        ("status", json!("over")),
        ("tagline", json!("x".repeat(501))),
        ("location", json!("a\0b")),
        ("web_url", json!("javascript:alert(1)")),
        ("image_url", json!(format!("https://x.example/{}", "x".repeat(2048)))),
        ("allows_spouse", json!("yes")),
        ("requires_application_fee", json!(null)),
        ("start_date", json!("tomorrow")),
    ] {
        let mut body = json!({ "name": "New" });
        body[field] = value.clone();
        let created = create(&server, &ours.admin, body).await;
        assert_eq!(created.status, 422, "{field} {value}: {created:?}");
        let changed = patch(&server, &ours.admin, &popup, json!({ field: value })).await;
        assert_eq!(changed.status, 422, "{field} {value}: {changed:?}");
        assert_eq!(changed.faults()[0].1, json!(["body", field]));
    }
    let links = json!({ "web_url": "", "blog_url": " https://x.example ", "image_url": "/a.png" });
    let changed = patch(&server, &ours.admin, &popup, links).await.expect(200);
    assert_eq!(changed["web_url"], Value::Null);
    assert_eq!(changed["blog_url"], "https://x.example");
    assert_eq!(changed["image_url"], "/a.png");
    assert_eq!(changed["id"], popup["id"]);
}

#[tokio::test]
async fn lists_come_in_the_order_of_creation() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let mut first = Value::Null;
    for name in ["Alpha", "Beta", "50% off"] {
        let popup = create(&server, &ours.admin, json!({ "name": name })).await.expect(201);
        if first.is_null() {
            first = popup;
        }
    }
    let list = async |query: &str| get(&server, &ours.viewer, &format!("/popups?{query}")).await;
    let names = |body: &Value| {
        let results = body["results"].as_array().unwrap();
        results.iter().map(|popup| popup["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    patch(&server, &ours.admin, &first, json!({ "tagline": "edited" })).await.expect(200);
    let page = list("limit=2&skip=1").await.expect(200);
    assert_eq!(names(&page), ["Beta", "50% off"]);
    assert_eq!(page["paging"], json!({ "limit": 2, "offset": 1, "total": 3 }));
    assert_eq!(names(&list("search=ALPH").await.expect(200)), ["Alpha"]);
    assert_eq!(names(&list("search=%25").await.expect(200)), ["50% off"]);
    assert_eq!(names(&list("search=_").await.expect(200)), Vec::<String>::new());
    assert_eq!(names(&list("search=").await.expect(200)).len(), 3);
    for wrong in ["limit=0", "limit=1001", "skip=-1", "skip=99999999999999999999", "search=%00"] {
        assert_eq!(list(wrong).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn who_may_do_what_is_decided_before_anything_else() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let popup = create(&server, &ours.admin, json!({ "name": "Fair" })).await.expect(201);
    let one = format!("/popups/{}", id(&popup));
    server.get("/popups").answer().await.expect(401);
    server.get("/popups?limit=0").answer().await.expect(401);
    get(&server, &ours.human, "/popups").await.expect(403);
    get(&server, &ours.human, &one).await.expect(403);
    create(&server, &ours.viewer, json!({ "name": "" })).await.expect(403);
    patch(&server, &ours.viewer, &popup, json!({ "name": "X" })).await.expect(403);
    get(&server, &ours.admin, "/popups/portal/list").await.expect(403);
    get(&server, &ours.viewer, "/popups/portal/fair").await.expect(403);

    let (_, superadmin) = server.user("superadmin", None).await;
    let as_superadmin = |tenant: Option<&str>| -> RequestBuilder {
        let request = server.get("/popups").bearer_auth(&superadmin);
        tenant.map_or(server.get("/popups").bearer_auth(&superadmin), |tenant| {
            request.header("X-Tenant-Id", tenant)
        })
    };
    as_superadmin(None).answer().await.expect(400);
    as_superadmin(Some("abc")).answer().await.expect(400);
    as_superadmin(Some(&nobody().to_string())).answer().await.expect(403);
    let page = as_superadmin(Some(&ours.tenant.to_string())).answer().await.expect(200);
    assert_eq!(page["paging"]["total"], 1);
}

#[tokio::test]
async fn another_tenants_popup_isnt_there() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let theirs = Organisation::new(&server, "theirs").await;
    let popup = create(&server, &ours.admin, json!({ "name": "Fair" })).await.expect(201);
    let one = format!("/popups/{}", id(&popup));
    get(&server, &theirs.admin, &one).await.expect(404);
    patch(&server, &theirs.admin, &popup, json!({ "name": "Stolen" })).await.expect(404);
    let disguised = server.get(&one).bearer_auth(&theirs.admin);
    let disguised = disguised.header("X-Tenant-Id", ours.tenant.to_string()).answer().await;
    disguised.expect(404);
    assert_eq!(get(&server, &theirs.admin, "/popups").await.expect(200)["paging"]["total"], 0);
    assert_eq!(get(&server, &ours.admin, &one).await.expect(200), popup);
    get(&server, &ours.admin, "/popups/not-a-uuid").await.expect(422);
}
