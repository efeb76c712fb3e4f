//! The sections of a form.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    designer::{Designer, each},
    harness::{Send, nobody},
    world::id,
};

#[tokio::test]
async fn a_popup_with_everything_starts_with_four_sections_and_fourteen_questions() {
    let everything = json!({
        "allows_spouse": true, "allows_children": true, "allows_scholarship": true,
    });
    let designer = Designer::start(everything).await;
    let sections = designer.sections().await;
    assert_eq!(each(&sections, "order"), [&json!(0), &json!(1), &json!(2), &json!(3)]);
    assert_eq!(
        json!(each(&sections, "label")),
        json!(["Personal Information", "Info not shared", "Children and +1s", "Scholarship"])
    );
    assert!(sections.iter().all(|section| section["protected"] == true));
    let fields = designer.list("").await.expect(200);
    assert_eq!(fields["paging"]["total"], 14);
    let results = fields["results"].as_array().unwrap();
    assert!(results.iter().all(|field| field["protected"] == true));
}

#[tokio::test]
async fn companions_switched_on_and_off_and_on_again_have_one_section() {
    let designer = Designer::start(json!({})).await;
    for on in [true, false, true] {
        designer.change_popup(json!({ "allows_spouse": on })).await.expect(200);
    }
    assert_eq!(companions(&designer).await, (1, 3));

    // Wherever the questions are now, and whatever the section is called.
    let sections = designer.sections().await;
    designer.change_section(&sections[2], json!({ "label": "Family" })).await.expect(200);
    for name in ["partner", "partner_email", "kids"] {
        let field = designer.field(name).await;
        designer.change(&field, json!({ "section_id": null })).await.expect(200);
    }
    for on in [false, true] {
        designer.change_popup(json!({ "allows_spouse": on })).await.expect(200);
    }
    assert_eq!(designer.sections().await.len(), 3);
}

#[tokio::test]
async fn companions_switched_on_by_many_at_once_have_one_section() {
    let designer = Designer::start(json!({})).await;
    let switches = ["allows_spouse", "allows_children"].into_iter().cycle().take(8);
    let changes = switches.map(|switch| designer.change_popup(json!({ switch: true })));
    for answer in join_all(changes).await {
        answer.expect(200);
    }
    assert_eq!(companions(&designer).await, (1, 3));
}

/// How many sections of companions there are, and how many questions in them.
async fn companions(designer: &Designer) -> (usize, usize) {
    let sections = designer.sections().await;
    let ids: Vec<_> = sections
        .iter()
        .filter(|section| section["label"] == "Children and +1s")
        .map(|section| &section["id"])
        .collect();
    let fields = designer.fields().await;
    let inside = fields.iter().filter(|field| ids.contains(&&field["section_id"]));
    (ids.len(), inside.count())
}

#[tokio::test]
async fn a_section_is_added_changed_and_deleted() {
    let designer = Designer::start(json!({})).await;
    let section = designer.section("  Food ", json!({ "description": "Eat", "order": -5 })).await;
    let section = section.expect(201);
    assert_eq!(
        section,
        json!({
            "id": section["id"], "tenant_id": designer.world.tenant.0, "popup_id": designer.popup,
            "label": "Food", "description": "Eat", "order": -5, "protected": false,
        })
    );
    assert_eq!(designer.sections().await[0], section);
    let path = format!("/form-sections/{}", id(&section));
    assert_eq!(designer.get(&path).await.expect(200), section);

    let inside = json!({ "section_id": section["id"] });
    let own = designer.ask("Diet", inside.clone()).await.expect(201);
    assert_eq!((&own["section_id"], &own["section_label"]), (&section["id"], &json!("Food")));
    let built_in = designer.field("gender").await;
    designer.change(&built_in, inside).await.expect(200);

    let change =
        json!({ "description": null, "order": 7, "protected": true, "popup_id": nobody() });
    let changed = designer.change_section(&section, change).await.expect(200);
    assert_eq!(changed["description"], Value::Null);
    assert_eq!((&changed["order"], &changed["label"]), (&json!(7), &json!("Food")));
    assert_eq!(
        (&changed["protected"], &changed["popup_id"]),
        (&json!(false), &section["popup_id"])
    );

    designer.delete(&path).await.expect(204);
    designer.get(&path).await.expect(404);
    designer.delete(&path).await.expect(404);
    designer.patch(&path, json!({})).await.expect(404);
    for name in ["diet", "gender"] {
        let field = designer.field(name).await;
        assert_eq!(field["section_id"], Value::Null, "{name}");
        assert_eq!(field["section_label"], Value::Null, "{name}");
    }
}

#[tokio::test]
async fn a_section_that_came_with_the_event_changes_but_stays() {
    let designer = Designer::start(json!({})).await;
    let section = designer.sections().await.remove(0);
    let change = json!({ "label": "About you", "description": "Tell us", "order": 2_147_483_647 });
    let changed = designer.change_section(&section, change).await.expect(200);
    assert_eq!((&changed["label"], &changed["protected"]), (&json!("About you"), &json!(true)));
    designer.delete(&format!("/form-sections/{}", id(&section))).await.expect(400);
    assert_eq!(designer.sections().await.len(), 2);
}

#[tokio::test]
async fn what_a_section_can_not_be_is_named() {
    let designer = Designer::start(json!({})).await;
    let section = designer.section("Food", json!({})).await.expect(201);
    for (field, value) in [
        ("label", json!(null)),
        ("label", json!("  ")),
        ("label", json!("x".repeat(256))),
        ("label", json!("a\0b")),
        ("label", json!(5)),
        ("order", json!(null)),
        ("order", json!(2_147_483_648_i64)),
        ("order", json!("x")),
        ("description", json!(1)),
        ("description", json!("a\0b")),
    ] {
        let mut fields = json!({});
        fields[field] = value.clone();
        let changed = designer.change_section(&section, fields.clone()).await;
        let made = designer.section("New", fields).await;
        for answer in [changed, made] {
            assert_eq!(answer.status, 422, "{field} {value}: {answer:?}");
            assert_eq!(answer.faults()[0].1, json!(["body", field]), "{value}");
        }
    }
    assert_eq!(designer.sections().await.len(), 3);
}

#[tokio::test]
async fn a_form_has_at_most_fifty_sections() {
    let designer = Designer::start(json!({})).await;
    let sql = "INSERT INTO formsections (id, tenant_id, popup_id, label)
               SELECT gen_random_uuid(), $1, $2, 'More' FROM generate_series(1, 46)";
    let filled = sqlx::query(sql).bind(designer.world.tenant.0).bind(designer.popup);
    filled.execute(&designer.world.server.sql).await.unwrap();
    let answers = join_all((0..6).map(|_| designer.section("Last", json!({})))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 400, 400, 400, 400]);
    assert_eq!(designer.sections().await.len(), 50);
    // What an event needs comes nevertheless.
    designer.change_popup(json!({ "allows_scholarship": true })).await.expect(200);
    assert_eq!(designer.sections().await.len(), 51);
}

#[tokio::test]
async fn sections_are_listed_in_one_order() {
    let designer = Designer::start(json!({})).await;
    let other = designer.world.popup(json!({})).await;
    for order in [1, 1, 0, -1] {
        designer.section("More", json!({ "order": order })).await.expect(201);
    }
    let all = designer.get("/form-sections").await.expect(200);
    assert_eq!(all["paging"]["total"], 8);
    let all = all["results"].as_array().unwrap().clone();
    assert!(all.is_sorted_by_key(|section| {
        (section["order"].as_i64(), section["id"].as_str().unwrap().to_owned())
    }));
    let mut paged = Vec::new();
    for skip in [0, 3, 6] {
        let page = designer.get(&format!("/form-sections?skip={skip}&limit=3")).await.expect(200);
        paged.extend(page["results"].as_array().unwrap().clone());
    }
    assert_eq!(paged, all);
    let of_other = designer.get(&format!("/form-sections?popup_id={other}")).await.expect(200);
    assert_eq!(of_other["paging"]["total"], 2);
    let of_nothing = designer.get(&format!("/form-sections?popup_id={}", nobody())).await;
    assert_eq!(of_nothing.expect(200)["results"], json!([]));
    designer.get("/form-sections?popup_id=zz").await.expect(422);
}

#[tokio::test]
async fn a_section_deleted_while_questions_are_moved_there_leaves_none_astray() {
    let designer = Designer::start(json!({})).await;
    let section = designer.section("Food", json!({})).await.expect(201);
    let fields = designer.fields().await;
    let path = format!("/form-sections/{}", id(&section));
    let moves = fields
        .iter()
        .map(|field| designer.change(field, json!({ "section_id": section["id"], "position": 3 })));
    let (moved, deleted) = tokio::join!(join_all(moves), designer.delete(&path));
    deleted.expect(204);
    for answer in moved {
        assert!([200, 400].contains(&answer.status), "{answer:?}");
    }
    let left = designer.fields().await;
    assert!(left.iter().all(|field| field["section_id"] != section["id"]), "{left:?}");
}

#[tokio::test]
async fn sections_are_arranged_by_those_who_may() {
    let designer = Designer::start(json!({})).await;
    let server = &designer.world.server;
    let (_, viewer) = server.user("viewer", Some(designer.world.tenant)).await;
    let (_, human) = server.human(designer.world.tenant).await;
    let path = format!("/form-sections/{}", id(&designer.sections().await[0]));
    server.get("/form-sections").answer().await.expect(401);
    server.get("/form-sections").bearer_auth(&human).answer().await.expect(403);
    server.get("/form-sections").bearer_auth(&viewer).answer().await.expect(200);
    server.get(&path).bearer_auth(&viewer).answer().await.expect(200);
    let body = json!({ "popup_id": designer.popup, "label": "" });
    server.post("/form-sections").bearer_auth(&viewer).json(&body).answer().await.expect(403);
    server.patch(&path).bearer_auth(&viewer).json(&json!({})).answer().await.expect(403);
    server.delete(&path).bearer_auth(&viewer).answer().await.expect(403);
}
