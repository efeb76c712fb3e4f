//! The form as clients draw it.

use serde_json::{Value, json};

use crate::{
    designer::Designer,
    harness::{Send, nobody},
    patience::until_waiting,
    world::id,
};

#[tokio::test]
async fn a_popup_without_features_asks_eight_questions() {
    let designer = Designer::start(json!({})).await;
    assert_eq!(designer.sections().await.len(), 2);
    let schema = designer.schema().await;
    let names: Vec<_> = schema["base_fields"].as_object().unwrap().keys().collect();
    let expected = [
        "first_name",
        "last_name",
        "telegram",
        "residence",
        "gender",
        "age",
        "referral",
        "info_not_shared",
    ];
    assert_eq!(names, expected);
    assert_eq!(schema["custom_fields"], json!({}));
    assert_eq!(schema["sections"].as_array().unwrap().len(), 2);
    assert!(schema["base_fields"].get("email").is_none());
}

#[tokio::test]
async fn staff_and_applicants_get_the_same_form() {
    let designer = Designer::start(json!({ "allows_children": true })).await;
    let section = designer.section("More", json!({ "description": "About" })).await.expect(201);
    let body =
        json!({ "section_id": section["id"], "help_text": "Hi {popup_name}", "required": true });
    designer.ask("Size", body).await.expect(201);
    let schema = designer.schema().await;
    assert_eq!(
        schema["custom_fields"],
        json!({ "size": {
            "type": "text", "label": "Size", "required": true, "section_id": section["id"],
            "position": 0, "help_text": "Hi {popup_name}",
        } })
    );
    assert!(schema["base_fields"].get("kids").is_some());
    assert!(schema["base_fields"].get("partner").is_none());
    let more = json!({ "id": section["id"], "label": "More", "description": "About", "order": 0 });
    assert!(schema["sections"].as_array().unwrap().contains(&more));

    let person = designer.world.person().await;
    let path = format!("/form-fields/portal/schema/{}", designer.popup);
    let portal = async || {
        let request = designer.world.server.get(&path).bearer_auth(&person.token);
        request.answer().await
    };
    assert_eq!(portal().await.expect(200), schema);
    for (status, expected) in [("draft", 200), ("archived", 404), ("ended", 404), ("active", 200)] {
        designer.change_popup(json!({ "status": status })).await.expect(200);
        assert_eq!(portal().await.status, expected, "{status}");
        assert_eq!(designer.schema().await, schema, "{status}");
    }
    designer.get(&path).await.expect(403);
    designer.get(&format!("/form-fields/schema/{}", nobody())).await.expect(404);
    let unknown = format!("/form-fields/portal/schema/{}", nobody());
    let request = designer.world.server.get(&unknown).bearer_auth(&person.token);
    request.answer().await.expect(404);
}

#[tokio::test]
async fn the_name_of_the_popup_stands_in_the_schema_alone() {
    let designer = Designer::start(json!({ "name": "Zed" })).await;
    let telegram = designer.field("telegram").await;
    let help_text = "Hi {popup_name} {x}";
    designer.change(&telegram, json!({ "help_text": help_text })).await.expect(200);
    assert_eq!(designer.field("telegram").await["help_text"], help_text);
    assert_eq!(designer.schema().await["base_fields"]["telegram"]["help_text"], "Hi Zed {x}");
}

#[tokio::test]
async fn a_feature_that_is_switched_off_hides_its_questions() {
    let designer = Designer::start(json!({ "allows_scholarship": true })).await;
    let hidden = ["scholarship_request", "scholarship_video_url", "scholarship_details"];
    let asked = |schema: &Value| hidden.map(|name| schema["base_fields"].get(name).is_some());
    assert_eq!(asked(&designer.schema().await), [true; 3]);
    designer.change_popup(json!({ "allows_scholarship": false })).await.expect(200);
    let schema = designer.schema().await;
    assert_eq!(asked(&schema), [false; 3]);
    assert_eq!(schema["sections"][2]["label"], "Scholarship");
    assert_eq!(designer.fields().await.len(), 11);
}

#[tokio::test]
async fn a_form_is_of_one_moment() {
    let designer = Designer::start(json!({})).await;
    let section = designer.section("More", json!({})).await.expect(201);
    designer.ask("Size", json!({ "section_id": section["id"] })).await.expect(201);
    let person = designer.world.person().await;
    let path = format!("/form-fields/portal/schema/{}", designer.popup);
    let portal = async || designer.world.see(&person, &path).await.expect(200);
    let before = (designer.schema().await, designer.fields().await, portal().await);
    let sql = &designer.world.server.sql;
    let mut changing = sql.begin().await.unwrap();
    for statement in [
        "LOCK TABLE formfields IN ACCESS EXCLUSIVE MODE",
        "UPDATE formfields SET section_id = NULL",
    ] {
        sqlx::query(statement).execute(&mut *changing).await.unwrap();
    }
    let gone = sqlx::query("DELETE FROM formsections WHERE id = $1").bind(id(&section));
    gone.execute(&mut *changing).await.unwrap();
    let change = async {
        // The sections are read by then.
        until_waiting(sql, 3).await;
        changing.commit().await.unwrap();
    };
    let (schema, fields, shown, ()) =
        tokio::join!(designer.schema(), designer.fields(), portal(), change);
    assert_eq!((schema, fields, shown), before);
    assert_ne!(designer.schema().await, before.0);
}
