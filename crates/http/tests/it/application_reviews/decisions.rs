//! Decisions by hand, and the present rules applied to all.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::{Send, nobody},
    world::{World, id},
};

#[tokio::test]
async fn what_votes_cannot_decide_is_decided_by_hand() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, application) = world.submitted(popup).await;
    let path = format!("/popups/{popup}/approval-strategy");
    world.staff(world.server.delete(&path)).await.expect(204);
    world.vote(&world.admin, application, "strong_yes").await.expect(201);
    assert_eq!(world.status(application).await, "in review");

    world.decide(application, "reopen").await.expect(409);
    assert_eq!(world.decide(application, "accept").await.expect(200)["status"], "accepted");
    world.decide(application, "accept").await.expect(409);
    world.decide(application, "reject").await.expect(409);
    world.decide(application, "perhaps").await.expect(422);
    world.decide(nobody(), "accept").await.expect(404);

    let (other, rejected) = world.submitted_by_hand(popup).await;
    assert_eq!(world.decide(rejected, "reject").await.expect(200)["status"], "rejected");
    let reopened = world.decide(rejected, "reopen").await.expect(200);
    assert_eq!(reopened["status"], "in review");
    let path = format!("/applications/{rejected}/reviews");
    let reviews = world.staff(world.server.get(&path)).await.expect(200);
    assert_eq!(reviews["paging"]["total"], 0);
    let events = world.snapshots(rejected).await;
    assert_eq!(events[events.len() - 2..], ["rejected", "reopened"]);
    assert_eq!(world.mails(&other).await, ["application_received", "application_rejected"]);
    assert_eq!(world.mails(&person).await, ["application_received", "application_accepted"]);

    world.flag(&other).await;
    world.decide(rejected, "reopen").await.expect(409);
}

#[tokio::test]
async fn without_a_strategy_whoever_submits_is_accepted() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let path = format!("/popups/{popup}/approval-strategy");
    world.staff(world.server.delete(&path)).await.expect(204);
    let person = world.person().await;
    let submit = json!({ "status": "in review" });
    let accepted = world.apply(&person, popup, submit).await.expect(201);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(world.snapshots(id(&accepted)).await, ["auto_accepted"]);
    assert_eq!(world.mails(&person).await, ["application_accepted"]);
}

#[tokio::test]
async fn the_audit_log_knows_who_decided() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (_, application) = world.submitted(popup).await;
    let credentials = format!("/tenants/{}/credentials", world.tenant.0);
    world.server.post(&credentials).bearer_auth(&world.superadmin).answer().await;
    world.server.get(&credentials).bearer_auth(&world.superadmin).answer().await.expect(200);
    let path = format!("/applications/{application}/decision");
    let decision = json!({ "decision": "reject", "notes": "not this year" });
    world.staff(world.server.post(&path).json(&decision)).await.expect(200);

    let list = world.staff(world.server.get("/audit-entries")).await.expect(200);
    let newest = &list["results"][0];
    assert_eq!(newest["action"], "application.decided");
    assert_eq!(newest["subject_type"], "application");
    assert_eq!(newest["subject_id"], json!(application));
    assert_eq!(newest["details"], json!({ "decision": "reject", "notes": "not this year" }));
    assert!(newest["actor_email"].as_str().unwrap().starts_with("admin-"));
    let shown = &list["results"][1];
    assert_eq!(shown["action"], "credentials.shown");
    assert!(shown["actor_email"].as_str().unwrap().starts_with("superadmin-"));

    let query = format!("/audit-entries?subject_type=application&subject_id={application}&limit=1");
    let found = world.staff(world.server.get(&query)).await.expect(200);
    assert_eq!(found["paging"], json!({ "limit": 1, "offset": 0, "total": 1 }));
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    let nothing = world.server.get("/audit-entries").bearer_auth(&stranger).answer().await;
    assert_eq!(nothing.expect(200)["paging"]["total"], 0);
}

#[tokio::test]
async fn the_audit_log_calls_a_request_what_its_answer_calls_it() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    for name in [Some("from-the-desk"), None] {
        let (_, application) = world.submitted(popup).await;
        let path = format!("/applications/{application}/decision");
        let request = world.server.post(&path).json(&json!({ "decision": "accept" }));
        let request = match name {
            Some(name) => request.header("X-Request-Id", name),
            None => request,
        };
        let answer = world.staff(request).await;
        let sql = "SELECT request_id FROM audit_log WHERE subject_id = $1";
        let remembered = sqlx::query_scalar(sql).bind(application);
        let remembered: Option<String> = remembered.fetch_one(&world.server.sql).await.unwrap();
        assert!(name.is_none_or(|name| remembered.as_deref() == Some(name)), "{remembered:?}");
        assert_eq!(remembered.as_deref(), answer.header("x-request-id"));
        answer.expect(200);
    }
}

#[tokio::test]
async fn the_present_rules_are_applied_to_all_that_waits() {
    let world = World::start().await;
    let popup = world.reviewed_popup("threshold").await;
    world.strategy(popup, json!({ "strategy_type": "threshold", "required_approvals": 9 })).await;
    let mut waiting = Vec::new();
    for vote in [Some("yes"), Some("no"), None] {
        let (person, application) = world.submitted(popup).await;
        if let Some(vote) = vote {
            world.vote(&world.admin, application, vote).await.expect(201);
        }
        waiting.push((person, application));
    }
    let path = format!("/popups/{popup}/approval-strategy/recalculate");
    let recalculate = async || world.staff(world.server.post(&path)).await;
    let nothing = json!({ "evaluated": 3, "accepted": 0, "rejected": 0 });
    assert_eq!(recalculate().await.expect(200), nothing);
    world.strategy(popup, json!({ "strategy_type": "auto_accept" })).await;
    assert_eq!(world.status(waiting[0].1).await, "in review");
    let all = json!({ "evaluated": 3, "accepted": 2, "rejected": 1 });
    assert_eq!(recalculate().await.expect(200), all);
    for ((person, application), status) in waiting.iter().zip(["accepted", "rejected", "accepted"])
    {
        assert_eq!(world.status(*application).await, status);
        assert_eq!(world.mails(person).await.len(), 2);
    }
    let entries = world.server.get("/audit-entries?action=application.recalculated");
    let entries = world.staff(entries).await.expect(200);
    assert_eq!(entries["results"][0]["details"], all);

    let strategy = format!("/popups/{popup}/approval-strategy");
    world.staff(world.server.delete(&strategy)).await.expect(204);
    recalculate().await.expect(409);
    let unknown = format!("/popups/{}/approval-strategy/recalculate", nobody());
    world.staff(world.server.post(&unknown)).await.expect(404);
}

#[tokio::test]
async fn more_than_a_batch_is_recalculated() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let human = "INSERT INTO humans (id, tenant_id, email) \
                 SELECT gen_random_uuid(), $1, 'h' || n || '@x.com' FROM generate_series(1, 230) n";
    sqlx::query(human).bind(world.tenant.0).execute(&world.server.sql).await.unwrap();
    let applications = "INSERT INTO applications (id, tenant_id, popup_id, human_id, status) \
                        SELECT gen_random_uuid(), tenant_id, $1, id, 'in review' FROM humans";
    sqlx::query(applications).bind(popup).execute(&world.server.sql).await.unwrap();
    world.strategy(popup, json!({ "strategy_type": "auto_accept" })).await;
    let path = format!("/popups/{popup}/approval-strategy/recalculate");
    let all = json!({ "evaluated": 230, "accepted": 230, "rejected": 0 });
    assert_eq!(world.staff(world.server.post(&path)).await.expect(200), all);
    let mails: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox")
        .fetch_one(&world.server.sql)
        .await
        .unwrap();
    assert_eq!(mails, 230);
}

#[tokio::test]
async fn twenty_who_want_the_same_row_block_nobody_else() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, application) = world.submitted(popup).await;
    let decisions = (0..20).map(|_| world.decide(application, "accept"));
    let healthy = (0..10).map(|_| world.server.get("/health-check").answer());
    let (decisions, healthy) = tokio::join!(join_all(decisions), join_all(healthy));
    let mut statuses: Vec<_> = decisions.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
    assert!(healthy.iter().all(|answer| answer.status == 200), "{healthy:?}");
    assert_eq!(world.mails(&person).await.len(), 2);
}

impl World {
    /// As [`submitted`](Self::submitted), to a popup without strategy, where submissions are accepted.
    async fn submitted_by_hand(&self, popup: uuid::Uuid) -> (crate::world::Person, uuid::Uuid) {
        let strategy = json!({ "strategy_type": "any_reviewer" });
        self.strategy(popup, strategy).await;
        let submitted = self.submitted(popup).await;
        let path = format!("/popups/{popup}/approval-strategy");
        self.staff(self.server.delete(&path)).await.expect(204);
        self.vote(&self.admin, submitted.1, "yes").await.expect(201);
        submitted
    }
}
