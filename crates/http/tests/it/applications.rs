//! Applications, from a draft to the end of it.

mod edits;
mod groups;
mod races;
mod scholarships;
mod staff;
mod walk;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::Send,
    world::{World, application, id},
};

#[tokio::test]
async fn a_draft_is_submitted_and_accepted_once() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true, "allows_children": true })).await;
    let person = world.person().await;
    let family = json!([
        { "name": "K", "category": "kid" },
        { "name": "S", "category": "spouse", "email": " SP@x.com " },
        { "name": "  ", "category": "kid", "email": "", "gender": "" },
    ]);
    let fields = json!({ "first_name": " Ali ", "last_name": "Ce", "companions": family });
    let draft = world.apply(&person, popup, fields).await.expect(201);
    assert_eq!(draft["status"], "draft");
    assert_eq!(draft["human"]["first_name"], "Ali");
    assert_eq!(draft["credit"], "0.00");
    assert_eq!(draft["kid_count"], 1);
    assert_eq!(draft["brings_spouse"], true);
    let attendees = draft["attendees"].as_array().unwrap();
    let names: Vec<_> = attendees.iter().map(|one| (&one["category"], &one["name"])).collect();
    assert_eq!(json!(names), json!([["main", "Ali Ce"], ["kid", "K"], ["spouse", "S"]]));
    assert_eq!(attendees[0]["human_id"], json!(person.id.0));
    assert_eq!(attendees[2]["email"], "sp@x.com");
    let mut codes: Vec<_> =
        attendees.iter().map(|one| one["check_in_code"].as_str().unwrap()).collect();
    assert!(codes.iter().all(|code| code.starts_with("CON") && code.len() == 11), "{codes:?}");
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 3);
    let draft = id(&draft);
    assert!(world.snapshots(draft).await.is_empty());
    assert!(world.mails(&person).await.is_empty());

    let submit = json!({ "status": "in review" });
    let accepted = world.edit(&person, popup, submit.clone()).await.expect(200);
    assert_eq!(accepted["status"], "accepted");
    assert!(accepted["submitted_at"].is_string());
    assert!(accepted["accepted_at"].is_string());
    assert!(accepted["custom_fields_schema"]["base_fields"].is_object());

    for change in [submit, json!({ "status": "draft" })] {
        let again = world.edit(&person, popup, change).await.expect(200);
        assert_eq!(again["status"], "accepted");
        assert_eq!(again["accepted_at"], accepted["accepted_at"]);
    }
    assert_eq!(world.snapshots(draft).await, ["auto_accepted"]);
    assert_eq!(world.mails(&person).await, ["application_accepted"]);
}

#[tokio::test]
async fn a_draft_that_stays_in_review_is_confirmed_by_mail() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let person = world.person().await;
    let draft = world.apply(&person, popup, json!({})).await.expect(201);
    let submit = json!({ "status": "in review" });
    let submitted = world.edit(&person, popup, submit.clone()).await.expect(200);
    assert_eq!(submitted["status"], "in review");
    assert_eq!(world.snapshots(id(&draft)).await, ["submitted"]);
    // The button is pressed again: an edit, no submission.
    world.edit(&person, popup, submit).await.expect(200);
    assert_eq!(world.snapshots(id(&draft)).await, ["submitted"]);
    assert_eq!(world.mails(&person).await, ["application_received"]);

    let mail = world.server.mail_to(&person.email).await;
    assert!(mail.subject.ends_with(": application received"), "{mail:?}");
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true, "allows_children": false })).await;
    let person = world.person().await;
    let spouses = json!([
        { "name": "A", "category": "spouse" }, { "name": "B", "category": "spouse" },
    ]);
    let fields = json!({ "first_name": "Zoe", "status": "in review", "companions": spouses });
    world.apply(&person, popup, fields).await.expect(400);
    let path = format!("/applications/my/{popup}");
    world.server.get(&path).bearer_auth(&person.token).answer().await.expect(404);
    let human =
        world.staff(world.server.get(&format!("/humans/{}", person.id.0))).await.expect(200);
    assert_eq!(human["first_name"], Value::Null);

    let kid = json!([{ "name": "K", "category": "kid" }]);
    world.apply(&person, popup, json!({ "companions": kid })).await.expect(400);
    let baby = json!([{ "name": "K", "category": "baby" }]);
    world.apply(&person, popup, json!({ "companions": baby })).await.expect(422);
    let own = json!([{ "name": "S", "category": "spouse", "email": person.email.to_uppercase() }]);
    world.apply(&person, popup, json!({ "companions": own })).await.expect(400);
    let one = json!([{ "name": "A", "category": "spouse" }]);
    world.apply(&person, popup, json!({ "companions": one })).await.expect(201);
}

#[tokio::test]
async fn of_parallel_applications_one_wins() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let answers = join_all((0..6).map(|_| world.apply(&person, popup, json!({})))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400]);
    for refused in answers.iter().filter(|answer| answer.status == 400) {
        assert!(refused.detail().contains("already have an application"), "{refused:?}");
    }
    let list = world.server.get("/applications/my/applications").bearer_auth(&person.token);
    let list = list.answer().await.expect(200);
    assert_eq!(list["paging"]["total"], 1);
    assert_eq!(list["results"][0]["attendees"].as_array().unwrap().len(), 1);
    assert_eq!(list["results"][0]["custom_fields_schema"], Value::Null);
}

#[tokio::test]
async fn null_poisons_nothing() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let answers = json!({ "shirt": "M" });
    let begun = world.apply(&person, popup, json!({ "custom_fields": answers })).await.expect(201);
    for field in ["custom_fields", "info_not_shared", "status", "scholarship_request", "group_id"] {
        let refused = world.edit(&person, popup, json!({ field: null })).await;
        assert_eq!(refused.status, 422, "{field}");
        assert_eq!(refused.faults()[0].1, json!(["body", field]));
    }
    assert_eq!(world.application(id(&begun)).await["custom_fields"], answers);
    // In a beginning, null is the same as nothing.
    let other = world.person().await;
    let nothing = json!({ "custom_fields": null, "info_not_shared": null, "status": null });
    let begun = world.apply(&other, popup, nothing).await.expect(201);
    assert_eq!(begun["custom_fields"], json!({}));
    let list = world.staff(world.server.get("/applications")).await.expect(200);
    assert_eq!(list["paging"]["total"], 2);
}

#[tokio::test]
async fn a_fee_comes_before_everything_else_and_counts_once_it_is_paid() {
    let world = World::start().await;
    let fee = json!({ "requires_application_fee": true, "application_fee_amount": "12.50" });
    let popup = world.popup(fee).await;
    let person = world.person().await;
    let submit = json!({ "status": "in review" });
    let waiting = world.apply(&person, popup, submit.clone()).await.expect(201);
    assert_eq!(waiting["status"], "pending_fee");
    let referral = json!({ "status": "in review", "referral": "Bo" });
    let still = world.edit(&person, popup, referral).await.expect(200);
    assert_eq!((&still["status"], &still["referral"]), (&json!("pending_fee"), &json!("Bo")));
    let waiting = id(&waiting);
    assert_eq!(world.snapshots(waiting).await, ["pending_fee"]);
    assert!(world.mails(&person).await.is_empty());

    let payment = "INSERT INTO payments (id, tenant_id, application_id, popup_id, status, amount, payment_type) \
                   VALUES (gen_random_uuid(), $1, $2, $3, $4, 12.5, 'application_fee')";
    // The newest payment isn't the one that counts.
    for status in ["approved", "pending"] {
        let payment =
            sqlx::query(payment).bind(world.tenant.0).bind(waiting).bind(popup).bind(status);
        payment.execute(&world.server.sql).await.unwrap();
    }
    let accepted = world.edit(&person, popup, submit).await.expect(200);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(world.snapshots(waiting).await, ["pending_fee", "auto_accepted"]);
    assert_eq!(world.mails(&person).await, ["application_accepted"]);
}

#[tokio::test]
async fn who_is_red_flagged_is_rejected_at_once_and_not_told_why() {
    let world = World::start().await;
    let fee = json!({ "requires_application_fee": true, "application_fee_amount": "12.50" });
    let popup = world.popup(fee).await;
    let person = world.person().await;
    world.flag(&person).await;
    let rejected = world.apply(&person, popup, json!({ "status": "in review" })).await.expect(201);
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(rejected["accepted_at"], Value::Null);
    assert_eq!(
        (&rejected["red_flag"], &rejected["human"]["red_flag"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(world.application(id(&rejected)).await["red_flag"], true);
    assert_eq!(world.snapshots(id(&rejected)).await, ["auto_rejected"]);
    assert_eq!(world.mails(&person).await, ["application_rejected"]);
    world.edit(&person, popup, json!({ "referral": "x" })).await.expect(400);
}

#[tokio::test]
async fn applicants_have_two_buttons() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    for status in ["accepted", "withdrawn", "pending_fee"] {
        world.apply(&person, popup, json!({ "status": status })).await.expect(422);
    }
    world.apply(&person, popup, json!({})).await.expect(201);
    world.edit(&person, popup, json!({ "status": "withdrawn" })).await.expect(422);
}

#[tokio::test]
async fn taking_an_application_back_forgets_what_was_said_about_it() {
    let world = World::start().await;
    let popup = world.reviewed_popup("threshold").await;
    world.strategy(popup, json!({ "strategy_type": "threshold", "required_approvals": 2 })).await;
    let (person, application) = world.submitted(popup).await;
    world.vote(&world.admin, application, "yes").await.expect(201);
    let draft = world.edit(&person, popup, json!({ "status": "draft" })).await.expect(200);
    assert_eq!(draft["status"], "draft");
    let again = world.edit(&person, popup, json!({ "status": "in review" })).await.expect(200);
    assert_eq!(again["status"], "in review");
    assert_eq!(again["submitted_at"], draft["submitted_at"]);
    let path = format!("/applications/{application}/reviews/summary");
    let summary = world.staff(world.server.get(&path)).await.expect(200);
    assert_eq!(summary["total_reviews"], 0);
}

#[tokio::test]
async fn an_edit_after_the_acceptance_keeps_it() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, application) = world.submitted(popup).await;
    world.vote(&world.admin, application, "yes").await.expect(201);
    let accepted = world.application(application).await;
    let edit = json!({ "status": "in review", "referral": "x" });
    let edited = world.edit(&person, popup, edit).await.expect(200);
    assert_eq!((&edited["status"], &edited["referral"]), (&json!("accepted"), &json!("x")));
    assert_eq!(edited["accepted_at"], accepted["accepted_at"]);
    assert_eq!(world.snapshots(application).await, ["submitted", "accepted"]);
    assert_eq!(world.mails(&person).await, ["application_received", "application_accepted"]);
}

#[tokio::test]
async fn a_closed_event_takes_nobody_new() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let (drafting, accepted, late) =
        (world.person().await, world.person().await, world.person().await);
    world.apply(&drafting, popup, json!({})).await.expect(201);
    world.apply(&accepted, popup, json!({ "status": "in review" })).await.expect(201);
    let path = format!("/popups/{popup}");
    world.staff(world.server.patch(&path).json(&json!({ "status": "ended" }))).await.expect(200);

    world.apply(&late, popup, json!({})).await.expect(400);
    let submit = json!({ "status": "in review", "referral": "Bo", "first_name": "Zoe" });
    world.edit(&drafting, popup, submit).await.expect(400);
    let path = format!("/applications/my/{popup}");
    let draft = world.server.get(&path).bearer_auth(&drafting.token).answer().await.expect(200);
    assert_eq!((&draft["status"], &draft["referral"]), (&json!("draft"), &Value::Null));
    assert_eq!(draft["human"]["first_name"], "Ada");
    let edited = world.edit(&accepted, popup, json!({ "telegram": "x" })).await.expect(200);
    assert_eq!(
        (&edited["status"], &edited["human"]["telegram"]),
        (&json!("accepted"), &json!("x"))
    );
}

#[tokio::test]
async fn a_companion_applies_nowhere_while_the_other_application_counts() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true })).await;
    let (ada, carl) = (world.person().await, world.person().await);
    let spouse = json!([{ "name": "Carl", "category": "spouse", "email": carl.email }]);
    let begun = world.apply(&ada, popup, json!({ "companions": spouse })).await.expect(201);
    assert_eq!(begun["attendees"][1]["human_id"], json!(carl.id.0));
    world.apply(&carl, popup, json!({})).await.expect(409);
    world.flag(&ada).await;
    let rejected = world.edit(&ada, popup, json!({ "status": "in review" })).await.expect(200);
    assert_eq!(rejected["status"], "rejected");
    world.apply(&carl, popup, json!({})).await.expect(201);
}

#[tokio::test]
async fn a_new_list_of_companions_replaces_those_who_can_go() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true, "allows_children": true })).await;
    let person = world.person().await;
    let family = json!([
        { "name": "S", "category": "spouse", "email": "s@x.com" }, { "name": "K", "category": "kid" },
    ]);
    let begun = world.apply(&person, popup, json!({ "companions": family })).await.expect(201);
    let spouse = begun["attendees"][1].clone();

    world.edit(&person, popup, json!({ "referral": "x" })).await.expect(200);
    let changed = json!({ "companions": [
        { "name": "L", "category": "kid" }, { "name": "S", "category": "spouse", "email": "t@x.com" },
    ]});
    let edited = world.edit(&person, popup, changed).await.expect(200);
    let attendees = edited["attendees"].as_array().unwrap();
    let names: Vec<_> = attendees.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Ada Lovelace", "S", "L"]);
    assert_eq!(attendees[1]["id"], spouse["id"]);
    assert_eq!(attendees[1]["check_in_code"], spouse["check_in_code"]);
    assert_eq!(attendees[1]["email"], "t@x.com");

    let check_in = "INSERT INTO check_ins (id, tenant_id, attendee_id) \
                    SELECT gen_random_uuid(), tenant_id, id FROM attendees WHERE name = 'L'";
    sqlx::query(check_in).execute(&world.server.sql).await.unwrap();
    let none = world.edit(&person, popup, json!({ "companions": [] })).await.expect(200);
    let attendees = none["attendees"].as_array().unwrap();
    let names: Vec<_> = attendees.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Ada Lovelace", "L"]);
}

#[tokio::test]
async fn required_answers_are_asked_for_at_the_submission() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    for (name, kind, required, options) in [
        ("size", "select", true, Some(vec!["S", "M"])),
        ("age", "number", false, None),
        ("tags", "multiselect", false, Some(vec!["A", "B"])),
    ] {
        let sql = "INSERT INTO formfields (id, tenant_id, popup_id, name, label, field_type, required, options) \
                   VALUES (gen_random_uuid(), $1, $2, $3, $3, $4, $5, $6)";
        let field = sqlx::query(sql).bind(world.tenant.0).bind(popup).bind(name).bind(kind);
        let field = field.bind(required).bind(options);
        field.execute(&world.server.sql).await.unwrap();
    }
    let person = world.person().await;
    let fields = json!({ "custom_fields": { "age": "12", "old": "kept" } });
    world.apply(&person, popup, fields).await.expect(201);
    let wrong = json!({ "status": "in review", "custom_fields": { "age": "x", "tags": ["C", 1] } });
    let refused = world.edit(&person, popup, wrong).await.expect(400);
    assert_eq!(refused["detail"]["errors"].as_array().unwrap().len(), 4, "{refused}");
    assert!(refused["detail"]["message"].is_string());
    let missing = world.edit(&person, popup, json!({ "status": "in review" })).await.expect(400);
    assert_eq!(missing["detail"]["errors"].as_array().unwrap().len(), 1, "{missing}");
    let right = json!({ "status": "in review", "custom_fields": { "size": "M" } });
    let accepted = world.edit(&person, popup, right).await.expect(200);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(accepted["custom_fields"], json!({ "size": "M" }));
}

#[tokio::test]
async fn what_is_too_long_is_named() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_scholarship": true })).await;
    let person = world.person().await;
    for (field, value) in [
        ("referral", json!("x".repeat(256))),
        ("age", json!("x".repeat(51))),
        ("first_name", json!("a\0b")),
        ("scholarship_details", json!("x".repeat(10_001))),
        ("scholarship_video_url", json!("ftp://x.com/v")),
        ("info_not_shared", json!(vec!["x"; 51])),
        ("companions", json!(vec![json!({ "name": "K", "category": "kid" }); 21])),
    ] {
        let refused = world.apply(&person, popup, json!({ field: value })).await;
        assert_eq!(refused.status, 422, "{field}: {refused:?}");
        assert_eq!(refused.faults()[0].1, json!(["body", field]));
    }
    let body = json!({ "first_name": "A", "last_name": "B" });
    let request = world.server.post("/applications/my").bearer_auth(&person.token);
    let refused = request.json(&body).answer().await;
    assert_eq!(refused.faults(), [("missing".to_owned(), json!(["body", "popup_id"]))]);
}

#[tokio::test]
async fn an_owner_and_a_reviewer_at_the_same_moment_end_in_one_state() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    for _ in 0..5 {
        let (person, application) = world.submitted(popup).await;
        let (edited, voted) = tokio::join!(
            world.edit(&person, popup, json!({ "status": "draft" })),
            world.vote(&world.admin, application, "yes"),
        );
        let edited = edited.expect(200)["status"].as_str().unwrap().to_owned();
        let status = world.status(application).await;
        assert_eq!(edited, status);
        match status.as_str() {
            "accepted" => assert_eq!(voted.status, 201),
            // The vote came second: drafts aren't voted on.
            "draft" => assert_eq!(voted.status, 400),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn organisations_know_nothing_of_each_other() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let ours = id(&world.apply(&person, popup, json!({})).await.expect(201));
    let theirs = world.server.tenant("theirs").await;
    let (_, admin) = world.server.user("admin", Some(theirs)).await;
    let (_, stranger) = world.server.human(theirs).await;

    let request = world.server.post("/applications/my").bearer_auth(&stranger);
    request.json(&application(popup, &json!({}))).answer().await.expect(404);
    let path = format!("/applications/my/{popup}");
    world.server.get(&path).bearer_auth(&stranger).answer().await.expect(404);
    world.server.patch(&path).bearer_auth(&stranger).json(&json!({})).answer().await.expect(404);
    let path = format!("/applications/{ours}");
    world.server.get(&path).bearer_auth(&admin).answer().await.expect(404);
    let list = world.server.get("/applications").bearer_auth(&admin).answer().await.expect(200);
    assert_eq!(list["paging"]["total"], 0);
}
