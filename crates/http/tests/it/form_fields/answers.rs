//! Answers, checked against the form.

use serde_json::{Value, json};

use crate::{designer::Designer, harness::nobody, world::id};

/// The texts that say what is wrong with answers.
#[track_caller]
fn errors(refusal: &Value) -> Vec<&str> {
    assert!(refusal["detail"]["message"].is_string(), "{refusal}");
    let errors = refusal["detail"]["errors"].as_array().unwrap();
    errors.iter().map(|error| error.as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_draft_may_lack_what_a_submission_needs() {
    let designer = Designer::start(json!({})).await;
    designer.ask("F text", json!({})).await.expect(201);
    designer.ask("Must", json!({ "required": true })).await.expect(201);
    let (world, popup) = (&designer.world, designer.popup);
    let person = world.person().await;
    let answers = json!({ "f_text": "hi" });
    let draft = world.apply(&person, popup, json!({ "custom_fields": answers })).await.expect(201);
    assert_eq!((&draft["status"], &draft["custom_fields"]), (&json!("draft"), &answers));
    let submit = json!({ "status": "in review" });
    let refused = world.edit(&person, popup, submit.clone()).await.expect(400);
    assert_eq!(errors(&refused), ["Must: an answer is required"]);
    assert_eq!(world.application(id(&draft)).await["status"], "draft");
    world.edit(&person, popup, json!({ "custom_fields": { "must": " " } })).await.expect(200);
    world.edit(&person, popup, submit.clone()).await.expect(400);
    let complete = json!({ "status": "in review", "custom_fields": { "must": "x" } });
    world.edit(&person, popup, complete).await.expect(200);

    let hasty = world.person().await;
    let refused = world.apply(&hasty, popup, submit).await.expect(400);
    assert_eq!(errors(&refused), ["Must: an answer is required"]);
}

#[tokio::test]
async fn every_wrong_answer_is_told() {
    let designer = Designer::start(json!({})).await;
    let size = json!({ "field_type": "select", "options": ["S", "M"], "required": true });
    designer.ask("Size", size).await.expect(201);
    designer.ask("Age", json!({ "field_type": "number", "position": 1 })).await.expect(201);
    let tags = json!({ "field_type": "multiselect", "options": ["A", "B"], "position": 2 });
    designer.ask("Tags", tags).await.expect(201);
    let (world, popup) = (&designer.world, designer.popup);
    let person = world.person().await;
    let submit = |answers: Value| json!({ "status": "in review", "custom_fields": answers });

    let wrong = submit(json!({ "age": "x", "tags": ["C", 1] }));
    let refused = world.apply(&person, popup, wrong).await.expect(400);
    let expected = [
        "Size: an answer is required",
        "Age: must be a number",
        "Tags: C is not one of the options",
        "Tags: 1 is not a text",
    ];
    assert_eq!(errors(&refused), expected);
    let draft = json!({ "custom_fields": { "age": "12" } });
    world.apply(&person, popup, draft).await.expect(201);
    let wrong = submit(json!({ "size": "S", "tags": [1] }));
    world.edit(&person, popup, wrong).await.expect(400);
    let right = submit(json!({ "size": "S", "age": "12", "tags": ["B", "B"], "gone": [1] }));
    let submitted = world.edit(&person, popup, right).await.expect(200);
    let stored = json!({ "size": "S", "age": "12", "tags": ["B"], "gone": [1] });
    assert_eq!(submitted["custom_fields"], stored);
    assert_eq!(submitted["custom_fields"]["age"], "12");
}

#[tokio::test]
async fn an_organiser_who_changes_the_form_holds_nobody_up() {
    let designer = Designer::start(json!({})).await;
    let size = json!({ "field_type": "select", "options": ["S", "XL"] });
    let size = designer.ask("Size", size).await.expect(201);
    let note = designer.ask("Note", json!({})).await.expect(201);
    let (world, popup) = (&designer.world, designer.popup);
    let person = world.person().await;
    let answers = json!({ "size": "XL", "note": "hi" });
    world.apply(&person, popup, json!({ "custom_fields": answers })).await.expect(201);
    designer.change(&size, json!({ "options": ["S"] })).await.expect(200);
    designer.delete(&format!("/form-fields/{}", id(&note))).await.expect(204);

    let unchanged = json!({ "custom_fields": answers, "status": "in review" });
    let submitted = world.edit(&person, popup, unchanged).await.expect(200);
    assert_eq!(submitted["custom_fields"], answers);
    let other = world.person().await;
    let refused = world.apply(&other, popup, json!({ "custom_fields": answers })).await.expect(400);
    assert_eq!(errors(&refused), ["Size: must be one of the options"]);
}

#[tokio::test]
async fn answers_that_can_not_be_stored_are_refused_as_they_are() {
    let designer = Designer::start(json!({})).await;
    let (world, popup) = (&designer.world, designer.popup);
    let person = world.person().await;
    let many: serde_json::Map<_, _> = (0..501).map(|key| (key.to_string(), json!(1))).collect();
    for answers in [
        json!(many),
        json!({ "k".repeat(101): 1 }),
        json!({ "a": "x".repeat(64 * 1024) }),
        json!({ "a": ["\0"] }),
        json!({ "a\0": 1 }),
        json!([1]),
        json!("text"),
    ] {
        // Whether there is such an event or not.
        for popup in [popup, nobody()] {
            let answer = world.apply(&person, popup, json!({ "custom_fields": answers })).await;
            assert_eq!(answer.status, 422, "{answer:?}");
            assert_eq!(answer.faults()[0].1[1], "custom_fields");
        }
    }
    world.apply(&person, popup, json!({ "custom_fields": null })).await.expect(201);
}
