//! How an event puts the built-in questions.

use serde_json::{Value, json};

use crate::{
    designer::{Designer, each},
    harness::{Send, nobody},
    world::id,
};

#[tokio::test]
async fn configurations_are_listed_as_they_are_stored() {
    let designer = Designer::start(json!({ "allows_scholarship": true })).await;
    let path = format!("/base-field-configs?popup_id={}", designer.popup);
    let configs = designer.get(&path).await.expect(200);
    let configs = configs.as_array().unwrap();
    assert_eq!(configs.len(), 11);
    assert!(configs.is_sorted_by_key(|config| {
        (config["position"].as_i64(), config["id"].as_str().unwrap().to_owned())
    }));
    assert!(each(configs, "label").iter().all(|label| label.is_null()));
    let gender = configs.iter().find(|config| config["field_name"] == "gender").unwrap();
    let profile = &designer.sections().await[0];
    assert_eq!(
        *gender,
        json!({
            "id": gender["id"], "tenant_id": designer.world.tenant.0, "popup_id": designer.popup,
            "field_name": "gender", "section_id": profile["id"], "position": 4, "label": null,
            "placeholder": null, "help_text": null,
            "options": ["Male", "Female", "Non-binary", "Specify"],
        })
    );
    let elsewhere = format!("/base-field-configs?popup_id={}", nobody());
    assert_eq!(designer.get(&elsewhere).await.expect(200), json!([]));
    let nowhere = designer.get("/base-field-configs").await;
    assert_eq!(nowhere.status, 422);
    assert_eq!(nowhere.faults(), [("missing".to_owned(), json!(["query", "popup_id"]))]);
}

#[tokio::test]
async fn a_configuration_changes_in_what_is_not_fixed() {
    let designer = Designer::start(json!({})).await;
    let gender = designer.field("gender").await;
    let path = format!("/base-field-configs/{}", id(&gender));
    let change = json!({
        "label": " Sex ", "position": -3, "section_id": null, "placeholder": "Choose",
        "help_text": "x".repeat(600), "options": [" M ", "F", "M", "Specify"],
        "field_name": "age", "required": false, "field_type": "text",
    });
    let changed = designer.patch(&path, change).await.expect(200);
    assert_eq!((&changed["field_name"], &changed["label"]), (&json!("gender"), &json!("Sex")));
    assert_eq!(changed["options"], json!(["M", "F", "Specify"]));
    assert_eq!(changed["section_id"], Value::Null);
    let field = designer.fields().await.remove(0);
    assert_eq!((&field["id"], &field["label"]), (&gender["id"], &json!("Sex")));
    assert_eq!((&field["required"], &field["field_type"]), (&json!(true), &json!("select")));

    let empty = json!({ "label": "", "options": [], "placeholder": "", "help_text": null });
    let emptied = designer.patch(&path, empty).await.expect(200);
    assert_eq!((&emptied["label"], &emptied["options"]), (&Value::Null, &json!([])));
    let schema = designer.schema().await;
    let shown = &schema["base_fields"]["gender"];
    let listed = designer.field("gender").await;
    for field in [shown, &listed] {
        assert_eq!(field["label"], "Gender");
        assert_eq!(field["options"], json!(["Male", "Female", "Non-binary", "Specify"]));
    }

    for (field, value) in [
        ("position", json!(null)),
        ("position", json!(-2_147_483_649_i64)),
        ("options", json!(["a", " "])),
        ("label", json!("x".repeat(256))),
        ("section_id", json!("zz")),
    ] {
        let answer = designer.patch(&path, json!({ field: value })).await;
        assert_eq!(answer.status, 422, "{field} {value}: {answer:?}");
        assert_eq!(answer.faults()[0].1[1], field);
    }
    let elsewhere = designer.world.popup(json!({})).await;
    let elsewhere = Designer { popup: elsewhere, world: designer.world };
    let section = &elsewhere.sections().await[0];
    for section in [section["id"].clone(), json!(nobody())] {
        elsewhere.patch(&path, json!({ "section_id": section })).await.expect(400);
    }
    elsewhere.patch(&format!("/base-field-configs/{}", nobody()), json!({})).await.expect(404);
}

#[tokio::test]
async fn a_configuration_of_an_unknown_question_is_left_out() {
    let designer = Designer::start(json!({})).await;
    let referral = designer.field("referral").await;
    let sql = "UPDATE basefieldconfigs SET field_name = 'shoe_size' WHERE id = $1";
    sqlx::query(sql).bind(id(&referral)).execute(&designer.world.server.sql).await.unwrap();
    assert_eq!(designer.fields().await.len(), 7);
    let configs = designer.get(&format!("/base-field-configs?popup_id={}", designer.popup)).await;
    assert_eq!(configs.expect(200).as_array().unwrap().len(), 7);
    designer.get(&format!("/form-fields/{}", id(&referral))).await.expect(404);
    designer.change(&referral, json!({ "position": 1 })).await.expect(404);
    let config = format!("/base-field-configs/{}", id(&referral));
    designer.patch(&config, json!({ "position": 1 })).await.expect(404);
    // The question itself is asked as it is built in.
    let schema = designer.schema().await;
    assert_eq!(schema["base_fields"]["referral"]["section_id"], Value::Null);
    assert!(schema["base_fields"].get("shoe_size").is_none());
}

#[tokio::test]
async fn viewers_do_not_even_see_configurations() {
    let designer = Designer::start(json!({})).await;
    let server = &designer.world.server;
    let (_, viewer) = server.user("viewer", Some(designer.world.tenant)).await;
    let path = format!("/base-field-configs?popup_id={}", designer.popup);
    server.get(&path).bearer_auth(&viewer).answer().await.expect(403);
    let one = format!("/base-field-configs/{}", id(&designer.field("age").await));
    server.patch(&one).bearer_auth(&viewer).json(&json!({})).answer().await.expect(403);
    server.get(&path).answer().await.expect(401);
}
