//! The questions of a form.

mod answers;
mod schema;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    designer::{Designer, each},
    harness::{Send, nobody},
    world::id,
};

#[tokio::test]
async fn a_question_gets_a_name_of_its_label() {
    let designer = Designer::start(json!({})).await;
    let select = json!({ "field_type": "select", "options": ["S", "M"] });
    let size = designer.ask("T-shirt Size!", select.clone()).await.expect(201);
    assert_eq!(
        size,
        json!({
            "id": size["id"], "tenant_id": designer.world.tenant.0, "popup_id": designer.popup,
            "name": "tshirt_size", "label": "T-shirt Size!", "field_type": "select",
            "section_id": null, "section_label": null, "position": 0, "required": false,
            "options": ["S", "M"], "placeholder": null, "help_text": null, "protected": false,
            "target": null,
        })
    );
    let again = designer.ask("T-shirt size", select).await.expect(201);
    assert_eq!(again["name"], "tshirt_size_1");
    for (label, name) in
        [("Été à la plage", "ete_a_la_plage"), ("日本", "field"), ("日本", "field_1")]
    {
        assert_eq!(designer.ask(label, json!({})).await.expect(201)["name"], name);
    }
    // Blanks around it don't count, when it is asked and when it is changed.
    let longest = format!("  {}  ", "x".repeat(255));
    let long = designer.ask(&longest, json!({})).await.expect(201);
    let change = json!({ "label": longest });
    assert_eq!(designer.change(&size, change).await.expect(200)["label"], long["label"]);
    let change = json!({ "label": "x".repeat(256) });
    let refused = designer.change(&size, change).await;
    assert_eq!(refused.faults(), [("string_too_long".to_owned(), json!(["body", "label"]))]);
    let renamed = designer.change(&size, json!({ "label": " Shirt " })).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["label"]), (&json!("tshirt_size"), &json!("Shirt")));
    assert_eq!(designer.get(&format!("/form-fields/{}", id(&size))).await.expect(200), renamed);
}

#[tokio::test]
async fn questions_asked_at_once_get_names_of_their_own() {
    let designer = Designer::start(json!({})).await;
    let answers = join_all((0..6).map(|_| designer.ask("Same", json!({})))).await;
    let mut names: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect(201)["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["same", "same_1", "same_2", "same_3", "same_4", "same_5"]);
}

#[tokio::test]
async fn questions_are_dragged_and_dropped_all_at_once() {
    let designer = Designer::start(json!({})).await;
    let section = designer.section("More", json!({})).await.expect(201);
    for label in ["One", "Two", "Three", "Four"] {
        designer.ask(label, json!({})).await.expect(201);
    }
    let fields = designer.fields().await;
    assert_eq!(fields.len(), 12);
    let target = |at: usize| if at.is_multiple_of(2) { section["id"].clone() } else { Value::Null };
    let moves = fields.iter().rev().enumerate().map(|(at, field)| {
        designer.change(field, json!({ "position": at, "section_id": target(at) }))
    });
    let sections = designer.sections().await;
    let turns = sections.iter().rev().enumerate();
    let turns = turns.map(|(at, section)| designer.change_section(section, json!({ "order": at })));
    let (moved, turned) = tokio::join!(join_all(moves), join_all(turns));
    for (at, answer) in moved.into_iter().enumerate() {
        let field = answer.expect(200);
        assert_eq!((&field["position"], &field["section_id"]), (&json!(at), &target(at)));
    }
    for answer in turned {
        answer.expect(200);
    }
    let mut names = each(&fields, "name");
    names.reverse();
    assert_eq!(each(&designer.fields().await, "name"), names);
    let mut labels = each(&sections, "label");
    labels.reverse();
    assert_eq!(each(&designer.sections().await, "label"), labels);
}

#[tokio::test]
async fn a_built_in_question_is_put_otherwise_but_stays_what_it_is() {
    let designer = Designer::start(json!({})).await;
    let gender = designer.field("gender").await;
    assert_eq!((&gender["protected"], &gender["target"]), (&json!(true), &json!("human")));
    assert_eq!(gender["section_label"], "Personal Information");
    let change = json!({ "label": "  Sex ", "required": false, "field_type": "text" });
    let changed = designer.change(&gender, change).await.expect(200);
    assert_eq!(changed["label"], "Sex");
    let longest = json!({ "label": format!("  {}  ", "x".repeat(255)) });
    let path = format!("/base-field-configs/{}", id(&gender));
    assert_eq!(designer.patch(&path, longest).await.expect(200)["label"], "x".repeat(255));
    designer.patch(&path, json!({ "label": "x".repeat(256) })).await.expect(422);
    let blank = designer.patch(&path, json!({ "label": "  " })).await.expect(200);
    assert_eq!(blank["label"], Value::Null);
    assert_eq!((&changed["required"], &changed["field_type"]), (&json!(true), &json!("select")));
    assert_eq!((&changed["id"], &changed["name"]), (&gender["id"], &gender["name"]));
    let reset = designer.change(&gender, json!({ "label": null })).await.expect(200);
    assert_eq!(reset, gender);
    let long = json!({ "help_text": "x".repeat(501) });
    designer.change(&gender, long).await.expect(200);

    let path = format!("/form-fields/{}", id(&gender));
    assert_eq!(designer.get(&path).await.expect(200)["name"], "gender");
    designer.delete(&path).await.expect(404);
    designer.get(&format!("/form-fields/{}", nobody())).await.expect(404);
    designer.delete(&format!("/form-fields/{}", nobody())).await.expect(404);
    designer.patch(&format!("/form-fields/{}", nobody()), json!({})).await.expect(404);
}

#[tokio::test]
async fn what_a_built_in_question_shows_can_be_sent_back() {
    let designer = Designer::start(json!({ "allows_children": true })).await;
    let kids = designer.field("kids").await;
    assert_eq!(designer.change(&kids, kids.clone()).await.expect(200)["field_type"], "kids");
    let own = designer.ask("Cats", json!({})).await.expect(201);
    let refused = designer.change(&own, json!({ "field_type": "kids" })).await;
    assert_eq!(refused.faults(), [("value_error".to_owned(), json!(["body", "field_type"]))]);
    designer.ask("Dogs", json!({ "field_type": "kids" })).await.expect(422);
}

#[tokio::test]
async fn a_question_is_changed_and_deleted() {
    let designer = Designer::start(json!({})).await;
    let section = designer.section("More", json!({})).await.expect(201);
    let body = json!({
        "field_type": "select", "section_id": section["id"], "position": -1, "required": true,
        "options": ["A"], "placeholder": "p", "help_text": "{popup_name}",
    });
    let field = designer.ask("Any", body).await.expect(201);
    assert_eq!(field["section_label"], "More");
    assert_eq!(designer.change(&field, json!({})).await.expect(200), field);
    let change = json!({
        "field_type": "multiselect", "section_id": null, "position": 4, "required": false,
        "options": [" B ", "A", "B"], "placeholder": null, "help_text": "",
        "name": "other", "popup_id": nobody(), "protected": true,
    });
    let changed = designer.change(&field, change).await.expect(200);
    let mut expected = field.clone();
    for (key, value) in [
        ("field_type", json!("multiselect")),
        ("section_id", Value::Null),
        ("section_label", Value::Null),
        ("position", json!(4)),
        ("required", json!(false)),
        ("options", json!(["B", "A"])),
        ("placeholder", Value::Null),
        ("help_text", json!("")),
    ] {
        expected[key] = value;
    }
    assert_eq!(changed, expected);
    let path = format!("/form-fields/{}", id(&field));
    designer.delete(&path).await.expect(204);
    designer.delete(&path).await.expect(404);
    designer.get(&path).await.expect(404);
    assert_eq!(designer.ask("Any", json!({})).await.expect(201)["name"], "any");
}

#[tokio::test]
async fn what_a_question_can_not_be_is_named() {
    let designer = Designer::start(json!({})).await;
    let field = designer.ask("Any", json!({})).await.expect(201);
    let options = designer.ask("Choice", json!({ "options": ["a", "a"] })).await.expect(201);
    assert_eq!(options["options"], json!(["a"]));
    for (name, value) in [
        ("label", json!(null)),
        ("label", json!(" ")),
        ("label", json!("x".repeat(256))),
        ("label", json!("a\0b")),
        ("field_type", json!("foo")),
        ("field_type", json!(null)),
        ("field_type", json!("Text")),
        ("section_id", json!("zz")),
        ("position", json!(null)),
        ("position", json!(2_147_483_648_i64)),
        ("position", json!(1.5)),
        ("required", json!(null)),
        ("required", json!("yes")),
        ("options", json!(["a", "a", " "])),
        ("options", json!(["a", 1])),
        ("options", json!(["a\0"])),
        ("options", json!("a")),
        ("placeholder", json!("x".repeat(256))),
        ("help_text", json!("x".repeat(501))),
        ("help_text", json!("a\0b")),
    ] {
        let mut fields = json!({});
        fields[name] = value.clone();
        let changed = designer.change(&field, fields.clone()).await;
        let made = designer.ask("New", fields).await;
        for answer in [changed, made] {
            assert_eq!(answer.status, 422, "{name} {value}: {answer:?}");
            assert_eq!(answer.faults()[0].1[1], name, "{value}");
        }
    }
    assert_eq!(designer.fields().await.len(), 10);
}

#[tokio::test]
async fn a_question_is_asked_in_a_section_of_its_own_form() {
    let designer = Designer::start(json!({})).await;
    let other = designer.world.popup(json!({})).await;
    let path = format!("/form-sections?popup_id={other}");
    let elsewhere = designer.get(&path).await.expect(200)["results"][0]["id"].clone();
    let own = designer.ask("Any", json!({})).await.expect(201);
    let built_in = designer.field("age").await;
    for section in [elsewhere, json!(nobody())] {
        let body = json!({ "section_id": section });
        designer.ask("New", body.clone()).await.expect(400);
        designer.change(&own, body.clone()).await.expect(400);
        designer.change(&built_in, body).await.expect(400);
    }
    assert_eq!(designer.field("any").await["section_id"], Value::Null);
    assert_eq!(designer.field("age").await["section_id"], built_in["section_id"]);
    let nowhere = Designer { popup: nobody(), ..designer };
    nowhere.ask("New", json!({})).await.expect(404);
    nowhere.section("New", json!({})).await.expect(404);
}

#[tokio::test]
async fn a_form_has_at_most_a_hundred_and_eighty_own_questions() {
    let designer = Designer::start(json!({})).await;
    let sql = "INSERT INTO formfields (id, tenant_id, popup_id, name, label)
               SELECT gen_random_uuid(), $1, $2, 'q' || n, 'Q' FROM generate_series(1, 178) n";
    let filled = sqlx::query(sql).bind(designer.world.tenant.0).bind(designer.popup);
    filled.execute(&designer.world.server.sql).await.unwrap();
    let answers = join_all((0..6).map(|_| designer.ask("Last", json!({})))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 400, 400, 400, 400]);
    assert_eq!(designer.fields().await.len(), 188);
}

#[tokio::test]
async fn built_in_and_own_questions_are_one_list() {
    let everything = json!({
        "allows_spouse": true, "allows_children": true, "allows_scholarship": true,
    });
    let designer = Designer::start(everything).await;
    let shirt = designer.ask("Shirt", json!({ "position": 2 })).await.expect(201);
    let found = designer.list("search=shirt").await.expect(200);
    assert_eq!((&found["paging"]["total"], &found["results"]), (&json!(1), &json!([shirt])));
    let page = designer.list("skip=1&limit=1").await.expect(200);
    assert_eq!(page["paging"], json!({ "limit": 1, "offset": 1, "total": 15 }));
    assert_eq!(page["results"].as_array().unwrap().len(), 1);
    let beyond = designer.list("skip=15").await.expect(200);
    assert_eq!((&beyond["results"], &beyond["paging"]["total"]), (&json!([]), &json!(15)));

    let fields = designer.fields().await;
    let mut walked = Vec::new();
    for skip in 0..15 {
        let page = designer.list(&format!("skip={skip}&limit=1")).await.expect(200);
        walked.push(page["results"][0].clone());
    }
    assert_eq!(walked, fields);
    assert!(fields.is_sorted_by_key(|field| {
        (field["position"].as_i64(), field["protected"] == false, field["id"].to_string())
    }));

    for (search, expected) in [
        ("SHIRT", vec!["shirt"]),
        ("scholarship_v", vec!["scholarship_video_url"]),
        ("multis", vec!["info_not_shared"]),
        ("%25", vec![]),
        ("", each(&fields, "name").into_iter().map(|name| name.as_str().unwrap()).collect()),
    ] {
        let found = designer.list(&format!("search={search}")).await.expect(200);
        assert_eq!(json!(each(found["results"].as_array().unwrap(), "name")), json!(expected));
    }
    designer.list("search=%00").await.expect(422);
    designer.list("limit=0").await.expect(422);
}

#[tokio::test]
async fn at_one_position_own_questions_follow_the_order_of_sections() {
    let designer = Designer::start(json!({})).await;
    let late = designer.section("Late", json!({ "order": 9 })).await.expect(201);
    let early = designer.section("Early", json!({ "order": 5 })).await.expect(201);
    for (label, section) in
        [("Nowhere", &Value::Null), ("Late", &late["id"]), ("Early", &early["id"])]
    {
        designer.ask(label, json!({ "section_id": section, "position": 7 })).await.expect(201);
    }
    let fields = designer.fields().await;
    assert_eq!(json!(each(&fields[8..], "name")), json!(["early", "late", "nowhere"]));
    let custom = designer.schema().await["custom_fields"].clone();
    let names: Vec<_> = custom.as_object().unwrap().keys().collect();
    assert_eq!(names, ["early", "late", "nowhere"]);
}

#[tokio::test]
async fn without_an_event_the_own_questions_of_all_events_are_listed() {
    let designer = Designer::start(json!({})).await;
    let section = designer.section("More", json!({})).await.expect(201);
    let inside = json!({ "section_id": section["id"], "position": 1 });
    designer.ask("50% wool", inside).await.expect(201);
    let other = designer.world.popup(json!({})).await;
    let other = Designer { popup: other, ..designer };
    other.ask("Cats", json!({ "field_type": "date" })).await.expect(201);
    let all = other.get("/form-fields").await.expect(200);
    assert_eq!(all["paging"]["total"], 2);
    let results = all["results"].as_array().unwrap();
    assert_eq!(json!(each(results, "name")), json!(["cats", "50_wool"]));
    assert_eq!(json!(each(results, "section_label")), json!([null, "More"]));
    for (search, total) in [("WOOL", 1), ("%25", 1), ("50_", 1), ("_", 1), ("date", 0)] {
        let found = other.get(&format!("/form-fields?search={search}")).await.expect(200);
        assert_eq!(found["paging"]["total"], total, "{search}");
    }
    let nothing = other.get(&format!("/form-fields?popup_id={}", nobody())).await.expect(200);
    assert_eq!(nothing["results"], json!([]));
}

#[tokio::test]
async fn questions_are_designed_by_those_who_may() {
    let designer = Designer::start(json!({})).await;
    let (server, tenant) = (&designer.world.server, designer.world.tenant);
    let (_, viewer) = server.user("viewer", Some(tenant)).await;
    let (_, human) = server.human(tenant).await;
    server.get("/form-fields").bearer_auth(&viewer).answer().await.expect(200);
    let body = json!({ "popup_id": designer.popup, "label": "" });
    server.post("/form-fields").bearer_auth(&viewer).json(&body).answer().await.expect(403);
    let schema = format!("/form-fields/schema/{}", designer.popup);
    server.get(&schema).bearer_auth(&viewer).answer().await.expect(200);
    server.get(&schema).bearer_auth(&human).answer().await.expect(403);
    server.get(&schema).answer().await.expect(401);
    let superadmin = &designer.world.superadmin;
    server.get(&schema).bearer_auth(superadmin).answer().await.expect(400);
    designer.world.governor(server.get(&schema)).await.expect(200);
}

#[tokio::test]
async fn another_tenants_form_is_out_of_reach() {
    let designer = Designer::start(json!({})).await;
    let server = &designer.world.server;
    let theirs = server.tenant("theirs").await;
    let (_, stranger) = server.user("admin", Some(theirs)).await;
    for path in ["/form-fields", "/form-sections"] {
        let body = json!({ "popup_id": designer.popup, "label": "Size" });
        let answer = server.post(path).bearer_auth(&stranger).json(&body).answer().await;
        assert_eq!((answer.status, answer.detail()), (404, "Popup not found"));
    }
    assert_eq!(designer.ask("Size", json!({})).await.expect(201)["name"], "size");
    for table in ["formfields", "formsections", "basefieldconfigs"] {
        let count = format!("SELECT count(*) FROM {table} WHERE tenant_id = $1");
        let count = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(count)).bind(theirs.0);
        assert_eq!(count.fetch_one(&server.sql).await.unwrap(), 0, "{table}");
    }
    // Nothing of others holds the popup, and its form goes with it.
    designer.delete(&format!("/popups/{}", designer.popup)).await.expect(204);
    assert_eq!(designer.fields().await, Vec::<Value>::new());
    assert_eq!(designer.sections().await, Vec::<Value>::new());
}
