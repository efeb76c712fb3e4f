//! Votes on applications, and what they lead to.

mod decisions;

use edgeos_domain::UserId;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Send, nobody},
    patience::until_waiting,
    world::{World, id},
};

async fn summary(world: &World, application: Uuid) -> Value {
    let path = format!("/applications/{application}/reviews/summary");
    world.staff(world.server.get(&path)).await.expect(200)
}

/// Two designated reviewers, the first of them required if `required` says so, and the second.
async fn reviewers(world: &World, popup: Uuid, required: [bool; 2]) -> [(UserId, String); 2] {
    let reviewers = [world.admin().await, world.admin().await];
    for ((user, _), is_required) in reviewers.iter().zip(required) {
        world.reviewer(popup, *user, json!({ "is_required": is_required })).await;
    }
    reviewers
}

#[tokio::test]
async fn any_reviewer_accepts_and_a_mind_can_change() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, application) = world.submitted(popup).await;
    assert_eq!(world.mails(&person).await, ["application_received"]);

    let path = format!("/applications/{application}/reviews");
    let vote =
        async |body: Value| world.staff(world.server.post(&path).json(&body)).await.expect(201);
    let no = vote(json!({ "decision": "no", "notes": "hmm" })).await;
    assert!(no["reviewer_email"].is_string());
    let strong_no = vote(json!({ "decision": "strong_no" })).await;
    assert_eq!((&strong_no["id"], &strong_no["notes"]), (&no["id"], &json!("hmm")));
    assert_eq!(strong_no["created_at"], no["created_at"]);
    assert_eq!(world.status(application).await, "in review");

    let yes = json!({ "decision": "yes" });
    world.governor(world.server.post(&path).json(&yes)).await.expect(201);
    let accepted = world.application(application).await;
    assert_eq!(accepted["status"], "accepted");
    assert!(accepted["accepted_at"].is_string());
    let no = vote(json!({ "decision": "no", "notes": "" })).await;
    assert_eq!(no["notes"], "");
    assert_eq!(world.status(application).await, "accepted");
    assert_eq!(world.mails(&person).await, ["application_received", "application_accepted"]);
    assert_eq!(world.snapshots(application).await, ["submitted", "accepted"]);

    let summary = summary(&world, application).await;
    assert_eq!(summary["total_reviews"], 2);
    assert_eq!((&summary["yes_count"], &summary["no_count"]), (&json!(1), &json!(1)));
    assert_eq!(summary["weighted_score"], Value::Null);
    assert_eq!(summary["reviews"][0]["id"], no["id"]);
    let list = world.staff(world.server.get(&path)).await.expect(200);
    assert_eq!(list["results"], summary["reviews"]);
    let mine = world.staff(world.server.get("/applications/my-reviews")).await.expect(200);
    assert_eq!(mine["results"], json!([summary["reviews"][0]]));
}

#[tokio::test]
async fn a_required_reviewer_rejects_for_good() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let [(_, b), (_, c)] = reviewers(&world, popup, [true, false]).await;
    let (person, application) = world.submitted(popup).await;
    world.vote(&c, application, "no").await.expect(201);
    assert_eq!(world.status(application).await, "in review");
    world.vote(&b, application, "no").await.expect(201);
    assert_eq!(world.status(application).await, "rejected");
    world.vote(&world.admin, application, "yes").await.expect(201);
    assert_eq!(world.status(application).await, "rejected");
    assert_eq!(world.mails(&person).await, ["application_received", "application_rejected"]);
    world.edit(&person, popup, json!({ "status": "in review" })).await.expect(400);
}

#[tokio::test]
async fn all_required_reviewers_have_to_agree() {
    let world = World::start().await;
    let popup = world.reviewed_popup("all_reviewers").await;
    let [(_, b), (_, c)] = reviewers(&world, popup, [true, true]).await;
    let (_, application) = world.submitted(popup).await;
    for (token, vote) in [(&world.admin, "yes"), (&b, "no"), (&c, "strong_no"), (&b, "yes")] {
        world.vote(token, application, vote).await.expect(201);
        assert_eq!(world.status(application).await, "in review");
    }
    world.vote(&c, application, "strong_yes").await.expect(201);
    assert_eq!(world.status(application).await, "accepted");
}

#[tokio::test]
async fn who_is_deleted_is_not_waited_for() {
    let world = World::start().await;
    let popup = world.reviewed_popup("all_reviewers").await;
    let [(b, _), (_, c)] = reviewers(&world, popup, [true, true]).await;
    let (_, application) = world.submitted(popup).await;
    world.governor(world.server.delete(&format!("/users/{}", b.0))).await.expect(204);
    world.vote(&c, application, "strong_yes").await.expect(201);
    assert_eq!(world.status(application).await, "accepted");
}

#[tokio::test]
async fn an_approval_below_the_threshold_rejects_nobody() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let two = json!({ "strategy_type": "threshold", "required_approvals": 2 });
    world.strategy(popup, two).await;
    let [(_, b), _] = reviewers(&world, popup, [true, false]).await;
    let (_, application) = world.submitted(popup).await;
    world.vote(&b, application, "yes").await.expect(201);
    assert_eq!(world.status(application).await, "in review");
    world.vote(&world.admin, application, "yes").await.expect(201);
    assert_eq!(world.status(application).await, "accepted");
}

#[tokio::test]
async fn a_summary_is_of_one_moment() {
    let world = World::start().await;
    let popup = world.reviewed_popup("weighted").await;
    let (_, application) = world.submitted(popup).await;
    world.vote(&world.admin, application, "yes").await.expect(201);
    let before = summary(&world, application).await;
    assert_eq!(before["weighted_score"], 1);
    let mut changing = world.server.sql.begin().await.unwrap();
    for statement in [
        "LOCK TABLE approvalstrategies IN ACCESS EXCLUSIVE MODE",
        "UPDATE approvalstrategies SET yes_weight = 5",
    ] {
        sqlx::query(statement).execute(&mut *changing).await.unwrap();
    }
    let change = async {
        // The votes are read by then.
        until_waiting(&world.server.sql, 1).await;
        changing.commit().await.unwrap();
    };
    let (during, ()) = join(summary(&world, application), change).await;
    assert_eq!(during, before);
    assert_eq!(summary(&world, application).await["weighted_score"], 5);
}

#[tokio::test]
async fn votes_weigh() {
    let world = World::start().await;
    let popup = world.reviewed_popup("weighted").await;
    let (_, plain) = world.submitted(popup).await;
    assert_eq!(summary(&world, plain).await["weighted_score"], 0);
    for vote in ["yes", "no", "strong_no"] {
        let (_, admin) = world.admin().await;
        world.vote(&admin, plain, vote).await.expect(201);
    }
    assert_eq!(world.status(plain).await, "rejected");
    assert_eq!(summary(&world, plain).await["weighted_score"], -2);

    let (user, heavy) = world.admin().await;
    world.reviewer(popup, user, json!({ "weight_multiplier": 5 })).await;
    let (_, application) = world.submitted(popup).await;
    world.vote(&heavy, application, "yes").await.expect(201);
    assert_eq!(world.status(application).await, "accepted");
    assert_eq!(summary(&world, application).await["weighted_score"], 5);

    let (_, application) = world.submitted(popup).await;
    for vote in ["yes", "strong_yes"] {
        let (user, light) = world.admin().await;
        world.reviewer(popup, user, json!({ "weight_multiplier": 0.5 })).await;
        world.vote(&light, application, vote).await.expect(201);
    }
    assert_eq!(world.status(application).await, "in review");
    assert_eq!(summary(&world, application).await["weighted_score"], 1);
}

#[tokio::test]
async fn another_strategy_counts_from_the_next_vote_on() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, application) = world.submitted(popup).await;
    world.strategy(popup, json!({ "strategy_type": "auto_accept" })).await;
    assert_eq!(world.status(application).await, "in review");
    world.vote(&world.admin, application, "strong_no").await.expect(201);
    assert_eq!(world.status(application).await, "rejected");
    assert_eq!(world.mails(&person).await[1], "application_rejected");
}

#[tokio::test]
async fn a_red_flag_rejects_everything_that_waits() {
    let world = World::start().await;
    let fee = json!({ "requires_application_fee": true, "application_fee_amount": 5 });
    let waiting = [
        world.reviewed_popup("any_reviewer").await,
        world.reviewed_popup("threshold").await,
        world.popup(fee).await,
    ];
    let open = world.popup(json!({})).await;
    let person = world.person().await;
    let submit = json!({ "status": "in review" });
    let mut applications = Vec::new();
    for popup in waiting {
        applications.push(id(&world.apply(&person, popup, submit.clone()).await.expect(201)));
    }
    let accepted = id(&world.apply(&person, open, submit.clone()).await.expect(201));
    world.flag(&person).await;
    for application in &applications {
        assert_eq!(world.status(*application).await, "rejected");
        assert_eq!(world.snapshots(*application).await.last().unwrap(), "auto_rejected");
    }
    assert_eq!(world.status(accepted).await, "accepted");
    let mails = world.mails(&person).await;
    assert_eq!(mails.iter().filter(|mail| *mail == "application_rejected").count(), 3);
    let entries = world.server.get("/audit-entries?action=human.red_flag_set");
    assert_eq!(world.staff(entries).await.expect(200)["paging"]["total"], 1);
    // Setting it again changes nothing.
    world.flag(&person).await;
    assert_eq!(world.mails(&person).await, mails);
}

#[tokio::test]
async fn drafts_are_not_voted_on_and_votes_are_checked() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let person = world.person().await;
    let draft = id(&world.apply(&person, popup, json!({})).await.expect(201));
    world.vote(&world.admin, draft, "yes").await.expect(400);
    assert_eq!(summary(&world, draft).await["total_reviews"], 0);
    world.vote(&world.admin, draft, "maybe").await.expect(422);
    let path = format!("/applications/{draft}/reviews");
    let long = json!({ "decision": "yes", "notes": "x".repeat(2001) });
    world.staff(world.server.post(&path).json(&long)).await.expect(422);
    world.vote(&world.admin, nobody(), "yes").await.expect(404);
}

#[tokio::test]
async fn votes_of_another_organisation_meet_nothing() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (_, application) = world.submitted(popup).await;
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    let get = |path: String| world.server.get(&path).bearer_auth(&stranger).answer();
    world.vote(&stranger, application, "yes").await.expect(404);
    get(format!("/applications/{application}/reviews")).await.expect(404);
    get(format!("/applications/{application}/reviews/summary")).await.expect(404);
    let decision = json!({ "decision": "accept" });
    let path = format!("/applications/{application}/decision");
    world.server.post(&path).bearer_auth(&stranger).json(&decision).answer().await.expect(404);
    let path = format!("/applications/{application}/scholarship");
    let rejected = json!({ "scholarship_status": "rejected" });
    world.server.patch(&path).bearer_auth(&stranger).json(&rejected).answer().await.expect(404);
    let path = format!("/popups/{popup}/approval-strategy/recalculate");
    world.server.post(&path).bearer_auth(&stranger).answer().await.expect(404);
    let request = world.server.post(&format!("/applications/{application}/decision"));
    let request =
        request.bearer_auth(&world.superadmin).header("X-Tenant-Id", theirs.0.to_string());
    request.json(&decision).answer().await.expect(404);
    let pending = get("/applications/pending-review".to_owned()).await.expect(200);
    assert_eq!(pending["paging"]["total"], 0);
    assert_eq!(world.status(application).await, "in review");
}

#[tokio::test]
async fn fifty_votes_at_once_accept_once() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, application) = world.submitted(popup).await;
    let mut admins = Vec::new();
    for _ in 0..10 {
        admins.push(world.admin().await.1);
    }
    let votes = (0..50).map(|n| world.vote(&admins[n % 10], application, "yes"));
    let others = (0..5).map(|_| world.server.get("/health-check").answer());
    let (votes, others) = tokio::join!(join_all(votes), join_all(others));
    assert!(votes.iter().all(|vote| vote.status == 201), "{votes:?}");
    assert!(others.iter().all(|other| other.status == 200), "{others:?}");
    assert_eq!(summary(&world, application).await["total_reviews"], 10);
    assert_eq!(world.snapshots(application).await, ["submitted", "accepted"]);
    assert_eq!(world.mails(&person).await, ["application_received", "application_accepted"]);
}

#[tokio::test]
async fn the_queue_shows_what_waits_for_ones_vote() {
    let world = World::start().await;
    let (first, second) =
        (world.reviewed_popup("threshold").await, world.reviewed_popup("threshold").await);
    let three = json!({ "strategy_type": "threshold", "required_approvals": 3 });
    world.strategy(first, three).await;
    let (user, designated) = world.admin().await;
    world.reviewer(first, user, json!({})).await;
    let (_, one) = world.submitted(first).await;
    let (_, two) = world.submitted(second).await;
    let queue = async |token: &str, query: &str| -> Vec<Uuid> {
        let request = world.server.get(&format!("/applications/pending-review{query}"));
        let list = request.bearer_auth(token).answer().await.expect(200);
        let results = list["results"].as_array().unwrap();
        assert_eq!(list["paging"]["total"], results.len());
        results.iter().map(id).collect()
    };
    assert_eq!(queue(&designated, "").await, [one]);
    assert!(queue(&designated, &format!("?popup_id={second}")).await.is_empty());
    assert_eq!(queue(&world.admin, "").await, [two, one]);
    assert_eq!(queue(&world.admin, &format!("?popup_id={first}")).await, [one]);
    world.vote(&designated, one, "yes").await.expect(201);
    assert!(queue(&designated, "").await.is_empty());
    assert_eq!(queue(&world.admin, "").await, [two, one]);
}
