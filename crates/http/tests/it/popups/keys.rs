use serde_json::{Value, json};

use super::{Organisation, create, get, id, patch};
use crate::harness::TestServer;

#[tokio::test]
async fn a_payment_key_is_written_and_never_read_back() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let body =
        json!({ "name": "Fair", "status": "active", "simplefi_api_key": "sk_live_abcd1234" });
    let popup = create(&server, &ours.admin, body).await.expect(201);
    assert_eq!(popup["simplefi_api_key"], "********1234");
    let one = format!("/popups/{}", id(&popup));
    let seen = async |token: &str, path: &str| get(&server, token, path).await.expect(200);
    assert_eq!(seen(&ours.admin, &one).await["simplefi_api_key"], "********1234");
    assert_eq!(seen(&ours.viewer, &one).await["simplefi_api_key"], Value::Null);
    let listed = &seen(&ours.viewer, "/popups").await["results"][0];
    assert_eq!(listed.get("simplefi_api_key"), Some(&Value::Null));
    let shown = &seen(&ours.human, "/popups/portal/list").await[0];
    for hidden in
        ["simplefi_api_key", "tenant_id", "allows_incentive", "invoice_company_email", "created_at"]
    {
        assert_eq!(shown.get(hidden), None, "{hidden}");
    }

    let stored = async || {
        let sql = "SELECT simplefi_api_key FROM popups WHERE id = $1";
        let stored = sqlx::query_scalar(sql).bind(id(&popup)).fetch_one(&server.sql);
        stored.await.unwrap()
    };
    let sealed: Option<String> = stored().await;
    assert!(sealed.as_ref().is_some_and(|sealed| sealed.starts_with("v1:")), "{sealed:?}");

    let change = async |body: Value| patch(&server, &ours.admin, &popup, body).await;
    let kept = json!({ "simplefi_api_key": "********1234", "tagline": "new" });
    assert_eq!(change(kept).await.expect(200)["tagline"], "new");
    assert_eq!(stored().await, sealed);
    let refused = change(json!({ "simplefi_api_key": "********9999" })).await;
    assert_eq!(refused.faults()[0].1, json!(["body", "simplefi_api_key"]));
    assert!(refused.body["detail"][0].get("input").is_none());
    let short = change(json!({ "simplefi_api_key": "short" })).await.expect(200);
    assert_eq!(short["simplefi_api_key"], "********");
    assert_eq!(
        change(json!({ "simplefi_api_key": "" })).await.expect(200)["simplefi_api_key"],
        Value::Null
    );
    change(json!({ "simplefi_api_key": "sk_live_abcd1234" })).await.expect(200);
    let cleared = change(json!({ "simplefi_api_key": null })).await.expect(200);
    assert_eq!(cleared["simplefi_api_key"], Value::Null);
    assert_eq!(stored().await, None::<String>);
}

#[tokio::test]
async fn a_key_that_cannot_be_read_any_more_is_replaced() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let popup = create(&server, &ours.admin, json!({ "name": "Fair" })).await.expect(201);
    let foreign = "UPDATE popups SET simplefi_api_key = 'v1:AAAA' WHERE id = $1";
    sqlx::query(foreign).bind(id(&popup)).execute(&server.sql).await.unwrap();
    let change = async |body: Value| patch(&server, &ours.admin, &popup, body).await.expect(200);
    let kept = change(json!({ "simplefi_api_key": "********" })).await;
    assert_eq!(kept["simplefi_api_key"], "********");
    let replaced = change(json!({ "simplefi_api_key": "sk_live_abcd1234" })).await;
    assert_eq!(replaced["simplefi_api_key"], "********1234");
}
