//! Several who do something to one application at the same moment.

use futures_util::future::join_all;
use serde_json::json;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use crate::{
    harness::Answer,
    patience::until_waiting,
    world::{World, id},
};

/// Keeps everybody waiting who names `email`.
async fn hold_address(world: &World, email: &str) -> Transaction<'static, Postgres> {
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1 || '|' || $2, 0))";
    let mut holding = world.server.sql.begin().await.unwrap();
    let lock = sqlx::query(lock).bind(world.tenant.0.to_string()).bind(email);
    lock.execute(&mut *holding).await.unwrap();
    holding
}

/// Enters somebody who brings somebody else.
async fn enter(world: &World, popup: Uuid, email: &str, companion: &str) -> Answer {
    let body = json!({
        "popup_id": popup, "email": email, "first_name": "A", "last_name": "B",
        "companions": [{ "name": "C", "category": "kid", "email": companion }],
    });
    world.governor(world.server.post("/applications").json(&body)).await
}

#[tokio::test]
async fn of_twenty_submissions_at_once_one_begins_the_application() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let person = world.person().await;
    let submit = json!({ "status": "in review" });
    let answers = join_all((0..20).map(|_| world.apply(&person, popup, submit.clone()))).await;
    let mut begun = answers.iter().filter(|answer| answer.status == 201);
    let application = id(&begun.next().unwrap().body);
    assert!(begun.next().is_none());
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused.status, 400);
        assert!(refused.detail().contains("already have an application"), "{refused:?}");
    }
    assert_eq!(world.snapshots(application).await, ["submitted"]);
    assert_eq!(world.mails(&person).await, ["application_received"]);
    assert_eq!(world.application(application).await["attendees"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn of_twenty_presses_of_the_button_one_submits() {
    let world = World::start().await;
    let submit = json!({ "status": "in review" });
    for (popup, status, event, mail) in [
        (
            world.reviewed_popup("any_reviewer").await,
            "in review",
            "submitted",
            "application_received",
        ),
        (world.popup(json!({})).await, "accepted", "auto_accepted", "application_accepted"),
    ] {
        let person = world.person().await;
        let draft = id(&world.apply(&person, popup, json!({})).await.expect(201));
        let answers = join_all((0..20).map(|_| world.edit(&person, popup, submit.clone()))).await;
        let mut accepted_at = Vec::new();
        for answer in answers {
            let application = answer.expect(200);
            assert_eq!(application["status"], status);
            accepted_at.push(application["accepted_at"].clone());
        }
        accepted_at.dedup();
        assert_eq!(accepted_at.len(), 1);
        assert_eq!(world.snapshots(draft).await, [event]);
        assert_eq!(world.mails(&person).await, [mail]);
    }
}

#[tokio::test]
async fn a_red_flag_among_votes_and_edits_comes_before_or_after_them() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    for _ in 0..8 {
        let (person, application) = world.submitted(popup).await;
        let (voted, edited, ()) = tokio::join!(
            world.vote(&world.admin, application, "yes"),
            world.edit(&person, popup, json!({ "status": "in review", "referral": "x" })),
            world.flag(&person),
        );
        assert_eq!(voted.status, 201);
        let after = world.application(application).await;
        let (snapshots, mails) = (world.snapshots(application).await, world.mails(&person).await);
        match after["status"].as_str().unwrap() {
            // Accepted before the flag was there: that stays.
            "accepted" => {
                assert_eq!(edited.status, 200);
                assert_eq!(snapshots, ["submitted", "accepted"]);
                assert_eq!(mails, ["application_received", "application_accepted"]);
            }
            "rejected" => {
                assert!([200, 400].contains(&edited.status), "{edited:?}");
                assert_eq!(snapshots, ["submitted", "auto_rejected"]);
                assert_eq!(mails, ["application_received", "application_rejected"]);
            }
            other => panic!("{other}"),
        }
        assert_eq!(after["red_flag"], true);
    }
}

#[tokio::test]
async fn who_is_flagged_while_submitting_is_rejected_once() {
    let world = World::start().await;
    let fee = json!({ "requires_application_fee": true, "application_fee_amount": 5 });
    let popups = [world.reviewed_popup("any_reviewer").await, world.popup(fee).await];
    for popup in popups.into_iter().cycle().take(8) {
        let person = world.person().await;
        let draft = id(&world.apply(&person, popup, json!({})).await.expect(201));
        let (submitted, ()) = tokio::join!(
            world.edit(&person, popup, json!({ "status": "in review" })),
            world.flag(&person),
        );
        submitted.expect(200);
        assert_eq!(world.status(draft).await, "rejected");
        let snapshots = world.snapshots(draft).await;
        let rejections = snapshots.iter().filter(|event| *event == "auto_rejected").count();
        assert_eq!((rejections, snapshots.last().unwrap().as_str()), (1, "auto_rejected"));
        let mails = world.mails(&person).await;
        assert_eq!(mails.iter().filter(|mail| *mail == "application_rejected").count(), 1);
    }
}

#[tokio::test]
async fn two_who_bring_each_other_are_entered_one_after_the_other() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let holding = hold_address(&world, "a@x.com").await;
    let release = async {
        until_waiting(&world.server.sql, 2).await;
        holding.commit().await.unwrap();
    };
    let (first, second, ()) = tokio::join!(
        enter(&world, popup, "a@x.com", "b@x.com"),
        enter(&world, popup, "b@x.com", "a@x.com"),
        release,
    );
    for answer in [first, second] {
        let entered = answer.expect(201);
        assert_eq!(entered["attendees"].as_array().unwrap().len(), 2);
    }
    let linked = "SELECT count(*) FROM attendees a JOIN humans h ON h.id = a.human_id \
                  AND h.email = a.email WHERE a.category = 'kid'";
    let linked: i64 = sqlx::query_scalar(linked).fetch_one(&world.server.sql).await.unwrap();
    assert_eq!(linked, 2, "each of them is the other's companion");
}

#[tokio::test]
async fn who_applies_while_being_entered_waits_for_the_same_addresses() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_children": true })).await;
    let person = world.person().await;
    let holding = hold_address(&world, "c@x.com").await;
    let release = async {
        until_waiting(&world.server.sql, 2).await;
        holding.commit().await.unwrap();
    };
    let family = json!([{ "name": "C", "category": "kid", "email": "c@x.com" }]);
    let (applied, entered, ()) = tokio::join!(
        world.apply(&person, popup, json!({ "companions": family })),
        enter(&world, popup, &person.email, "c@x.com"),
        release,
    );
    let mut statuses = [applied.status, entered.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400], "{applied:?} {entered:?}");
}
