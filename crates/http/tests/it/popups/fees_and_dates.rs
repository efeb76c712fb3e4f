use serde_json::{Value, json};

use super::{Organisation, create, patch};
use crate::harness::TestServer;

#[tokio::test]
async fn dates_are_shown_without_a_zone() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let body = json!({
        "name": "Fair", "start_date": "2026-05-01", "end_date": "2026-05-03T10:00:00+02:00",
    });
    let popup = create(&server, &ours.admin, body).await.expect(201);
    assert_eq!(popup["start_date"], "2026-05-01T00:00:00");
    assert_eq!(popup["end_date"], "2026-05-03T08:00:00");
}

#[tokio::test]
async fn a_popup_doesnt_end_before_it_starts() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let backwards = json!({ "name": "X", "start_date": "2026-05-02", "end_date": "2026-05-01" });
    create(&server, &ours.admin, backwards).await.expect(422);
    let body = json!({ "name": "Fair", "start_date": "2026-05-02", "end_date": "2026-05-02" });
    let popup = create(&server, &ours.admin, body).await.expect(201);
    let change = async |body: Value| patch(&server, &ours.admin, &popup, body).await;
    change(json!({ "end_date": "2026-05-01" })).await.expect(422);
    change(json!({ "start_date": "2026-05-03" })).await.expect(422);
    change(json!({ "start_date": null, "end_date": "2026-05-01" })).await.expect(200);

    // Nobody is held up by what others wrote before the rule.
    let old = "UPDATE popups SET start_date = '2026-05-09' WHERE id = $1";
    sqlx::query(old).bind(super::id(&popup)).execute(&server.sql).await.unwrap();
    change(json!({ "tagline": "still fine" })).await.expect(200);
}

#[tokio::test]
async fn a_required_fee_is_one_that_can_be_paid() {
    let server = TestServer::start().await;
    let ours = Organisation::new(&server, "ours").await;
    let fee = |amount: Value| json!({ "name": "Fair", "requires_application_fee": true, "application_fee_amount": amount });
    for amount in [json!(null), json!(0), json!("0.004"), json!(-5), json!("NaN")] {
        let answer = create(&server, &ours.admin, fee(amount.clone())).await;
        assert_eq!(answer.status, 422, "{amount}");
    }
    let popup = create(&server, &ours.admin, fee(json!("12.345"))).await.expect(201);
    assert_eq!(popup["application_fee_amount"], "12.35");

    let change = async |body: Value| patch(&server, &ours.admin, &popup, body).await;
    for wrong in [
        json!({ "application_fee_amount": null }),
        json!({ "application_fee_amount": 0 }),
        json!({ "application_fee_amount": 0.004 }),
        json!({ "application_fee_amount": 123_456_789.12 }),
    ] {
        assert_eq!(change(wrong.clone()).await.status, 422, "{wrong}");
    }
    let off = json!({ "requires_application_fee": false });
    assert_eq!(change(off).await.expect(200)["application_fee_amount"], "12.35");
    let on = json!({ "requires_application_fee": true });
    assert_eq!(change(on).await.expect(200)["application_fee_amount"], "12.35");
    let none = json!({ "requires_application_fee": false, "application_fee_amount": null });
    assert_eq!(change(none).await.expect(200)["application_fee_amount"], Value::Null);
    change(json!({ "requires_application_fee": true })).await.expect(422);
    change(json!({ "application_fee_amount": -5 })).await.expect(422);
    let both = json!({ "requires_application_fee": true, "application_fee_amount": "7.5" });
    assert_eq!(change(both).await.expect(200)["application_fee_amount"], "7.50");
}
