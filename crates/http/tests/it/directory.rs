//! The directory of attendees.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{Person, World, id};

/// Somebody accepted, whose main attendee holds `passes`.
async fn attending(world: &World, popup: Uuid, fields: Value, passes: &[Uuid]) -> Person {
    let person = world.person().await;
    let mut fields = fields;
    fields["status"] = json!("in review");
    let application = world.apply(&person, popup, fields).await.expect(201);
    assert_eq!(application["status"], "accepted");
    for pass in passes {
        world.buy(&application, 0, *pass, 1).await;
    }
    person
}

/// The first names that `person` finds.
async fn found(world: &World, person: &Person, popup: Uuid, query: &str) -> Vec<String> {
    let path = format!("/applications/my/directory/{popup}?{query}");
    let list = world.see(person, &path).await.expect(200);
    let results = list["results"].as_array().unwrap();
    assert_eq!(list["paging"]["total"], results.len());
    results.iter().map(|one| one["first_name"].as_str().unwrap().to_owned()).collect()
}

async fn csv(world: &World, person: &Person, popup: Uuid) -> String {
    let path = format!("/applications/my/directory/{popup}/csv");
    let answer = world.see(person, &path).await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    let disposition = answer.header("content-disposition");
    assert_eq!(disposition, Some("attachment; filename=attendees.csv"));
    answer.expect(200).as_str().unwrap().to_owned()
}

const HEADER: &str = "First Name,Last Name,Email,Telegram,Role,Organization,Residence,Age,Gender,\
                      Brings Kids,Check In,Check Out\r\n";

#[tokio::test]
async fn participants_see_each_other_but_nothing_that_is_hidden() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let first = world.pass(popup, "Week1", "2026-03-02", "2026-03-08").await;
    let tenth = world.pass(popup, "Week10", "2026-05-02", "2026-05-08").await;
    let fields = json!({
        "first_name": "A", "last_name": "L", "telegram": "tg", "residence": "X", "age": "25-34",
        "gender": "female", "info_not_shared": ["Email", "Gender"],
        "custom_fields": { "role": "Dev", "organization": "Org" },
    });
    let a = attending(&world, popup, fields, &[first, tenth]).await;
    let b = attending(&world, popup, json!({ "first_name": "B" }), &[]).await;

    let path = format!("/applications/my/directory/{popup}");
    let list = world.see(&b, &path).await.expect(200);
    assert_eq!(list["paging"], json!({ "limit": 100, "offset": 0, "total": 1 }));
    let mut entry = list["results"][0].clone();
    let participation = entry["participation"].take();
    let application = world.see(&a, &format!("/applications/my/{popup}")).await.expect(200);
    assert_eq!(
        entry,
        json!({
            "id": application["id"], "first_name": "A", "last_name": "L", "email": "*",
            "telegram": "tg", "role": "Dev", "organization": "Org", "residence": "X",
            "age": "25-34", "gender": "*", "picture_url": null, "brings_kids": false,
            "participation": null, "check_in": "2026-03-02T00:00:00Z",
            "check_out": "2026-05-08T00:00:00Z", "associated_attendees": [],
        })
    );
    assert_eq!(
        participation[0],
        json!({
            "id": first, "name": "Week1", "slug": "week1", "category": "ticket",
            "duration_type": "week", "start_date": "2026-03-02T00:00:00Z",
            "end_date": "2026-03-08T00:00:00Z",
        })
    );
    assert_eq!(participation[1]["name"], "Week10");

    assert!(found(&world, &b, popup, &format!("q={}", a.email)).await.is_empty());
    assert_eq!(found(&world, &b, popup, "q=TG").await, ["A"]);
    assert_eq!(found(&world, &b, popup, "participation=1").await, ["A"]);
    assert!(found(&world, &b, popup, "participation=0").await.is_empty());

    let line = "A,L,*,tg,Dev,Org,X,25-34,*,False,\
                2026-03-02T00:00:00+00:00,2026-05-08T00:00:00+00:00\r\n";
    assert_eq!(csv(&world, &b, popup).await, format!("{HEADER}{line}"));
}

#[tokio::test]
async fn only_participants_look() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true })).await;
    let other = world.popup(json!({})).await;
    let carl = world.person().await;
    let spouse = json!([{ "name": "Carl", "category": "spouse", "email": carl.email }]);
    let ada = attending(&world, popup, json!({ "companions": spouse }), &[]).await;
    let (drafting, outsider) = (world.person().await, world.person().await);
    world.apply(&drafting, popup, json!({})).await.expect(201);
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.human(theirs).await;
    let stranger = Person { id: outsider.id, email: String::new(), token: stranger };
    for (who, status) in
        [(&ada, 200), (&carl, 200), (&drafting, 403), (&outsider, 403), (&stranger, 403)]
    {
        for end in ["", "/csv"] {
            let path = format!("/applications/my/directory/{popup}{end}");
            assert_eq!(world.see(who, &path).await.status, status, "{path}");
        }
    }
    for nowhere in [other, crate::harness::nobody()] {
        let path = format!("/applications/my/directory/{nowhere}");
        world.see(&ada, &path).await.expect(403);
    }
    // Who is a companion of something that isn't accepted sees no more than anybody.
    world.apply(&carl, other, json!({})).await.expect(201);
    let reviewed = world.reviewed_popup("any_reviewer").await;
    let switches = json!({ "allows_spouse": true });
    let request = world.server.patch(&format!("/popups/{reviewed}")).json(&switches);
    world.staff(request).await.expect(200);
    let spouse = json!([{ "name": "Carl", "category": "spouse", "email": carl.email }]);
    let waiting = json!({ "companions": spouse, "status": "in review" });
    world.apply(&ada, reviewed, waiting).await.expect(201);
    let path = format!("/applications/my/directory/{reviewed}");
    world.see(&carl, &path).await.expect(403);
    world.see(&ada, &path).await.expect(403);
}

#[tokio::test]
async fn an_answer_of_any_kind_breaks_nothing() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let pass = world.pass(popup, "Week1", "2026-03-02", "2026-03-08").await;
    let answers = json!({ "custom_fields": { "role": ["x"], "organization": { "a": 1 } } });
    let a = attending(&world, popup, answers, &[pass]).await;
    let path = format!("/applications/my/directory/{popup}");
    let list = world.see(&a, &path).await.expect(200);
    assert_eq!(list["results"][0]["role"], "x");
    assert_eq!(list["results"][0]["organization"], Value::Null);
    assert!(csv(&world, &a, popup).await.contains(",x,,"));
}

#[tokio::test]
async fn nobody_is_found_by_what_they_hide() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true, "allows_children": true })).await;
    let pass = world.pass(popup, "week1-full", "2026-03-02", "2026-03-08").await;
    let family = json!([
        { "name": "Kim", "category": "kid" },
        { "name": "Sam", "category": "spouse", "email": "sam@x.com", "gender": "x" },
    ]);
    let person = |first: &str, hidden: Value, companions: &Value| {
        json!({
            "first_name": first, "last_name": "Secretson", "telegram": "whisper",
            "info_not_shared": hidden, "companions": companions,
        })
    };
    let none = json!([]);
    let look = attending(&world, popup, person("Open", json!([]), &family), &[pass]).await;
    let hidden = json!(["Last name", "TELEGRAM", "brings-kids", "Participation"]);
    attending(&world, popup, person("Shy", hidden, &family), &[pass]).await;
    attending(&world, popup, person("Alone", json!(["first name"]), &none), &[pass]).await;

    let find = async |query: &str| found(&world, &look, popup, query).await;
    assert_eq!(find("").await, ["*", "Shy", "Open"]);
    assert_eq!(find("q=secret").await, ["*", "Open"]);
    assert_eq!(find("q=WHISPER").await, ["*", "Open"]);
    assert_eq!(find("q=shy").await, ["Shy"]);
    assert!(find("q=alone").await.is_empty());
    assert!(find("q=%25").await.is_empty());
    assert!(find("q=_").await.is_empty());
    assert_eq!(find("brings_kids=true").await, ["Open"]);
    assert_eq!(find("brings_kids=false").await, ["*"]);
    assert_eq!(find("participation=1").await, ["*", "Open"]);
    assert_eq!(find("participation=%25,x, 7 ,1").await, ["*", "Open"]);
    assert_eq!(find("participation=x,%25").await, ["*", "Shy", "Open"]);
    assert!(find("participation=11").await.is_empty());
    assert!(find("participation=1&q=shy").await.is_empty());
    assert_eq!(find("participation=1&q=open&brings_kids=1").await, ["Open"]);

    let path = format!("/applications/my/directory/{popup}?q=shy");
    let entry = world.see(&look, &path).await.expect(200)["results"][0].clone();
    assert_eq!(entry["brings_kids"], "*");
    assert_eq!(entry["participation"], json!([]));
    assert_eq!((&entry["check_in"], &entry["check_out"]), (&Value::Null, &Value::Null));
    let spouse = json!({ "name": "Sam", "category": "spouse", "gender": null, "email": null });
    assert_eq!(entry["associated_attendees"], json!([spouse]));
}

#[tokio::test]
async fn a_directory_is_read_page_by_page_and_ends() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let pass = world.pass(popup, "Week1", "2026-03-02", "2026-03-08").await;
    let names = ["A", "B", "C"];
    let mut people = Vec::new();
    for name in names {
        people.push(attending(&world, popup, json!({ "first_name": name }), &[pass]).await);
    }
    let mut seen = Vec::new();
    for skip in 0..4 {
        let path = format!("/applications/my/directory/{popup}?limit=1&skip={skip}");
        let page = world.see(&people[0], &path).await.expect(200);
        assert_eq!(page["paging"], json!({ "limit": 1, "offset": skip, "total": 3 }));
        seen.extend(
            page["results"].as_array().unwrap().iter().map(|one| one["first_name"].clone()),
        );
    }
    assert_eq!(seen, ["C", "B", "A"]);
    for wrong in ["limit=0", "limit=1001", "skip=-1", "brings_kids=maybe", "q=%00"] {
        let path = format!("/applications/my/directory/{popup}?{wrong}");
        assert_eq!(world.see(&people[0], &path).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn the_table_holds_everybody_in_order_and_no_formula() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let pass = world.pass(popup, "Week1", "2026-03-02", "2026-03-08").await;
    let odd = json!({ "first_name": "=1+1", "last_name": "O, \"K\"", "telegram": "@tg" });
    let odd = attending(&world, popup, odd, &[pass]).await;
    // Many of one moment, so that their ids alone tell them apart.
    let crowd = "WITH people AS (
            INSERT INTO humans (id, tenant_id, email, first_name)
            SELECT gen_random_uuid(), $1, 'p' || n || '@x.com', 'P' || n FROM generate_series(1, 600) n
            RETURNING id
        ), applied AS (
            INSERT INTO applications (id, tenant_id, popup_id, human_id, status, created_at)
            SELECT gen_random_uuid(), $1, $2, id, 'accepted', '2026-01-01' FROM people
            RETURNING id, human_id
        ), came AS (
            INSERT INTO attendees (id, tenant_id, application_id, popup_id, human_id, name, category, check_in_code)
            SELECT gen_random_uuid(), $1, id, $2, human_id, 'P', 'main', upper(gen_random_uuid()::text)
            FROM applied RETURNING id
        )
        INSERT INTO attendee_products (tenant_id, attendee_id, product_id) SELECT $1, id, $3 FROM came";
    let crowd = sqlx::query(crowd).bind(world.tenant.0).bind(popup).bind(pass);
    crowd.execute(&world.server.sql).await.unwrap();

    // As the database does by itself after a while.
    sqlx::query("ANALYZE").execute(&world.server.sql).await.unwrap();

    let table = csv(&world, &odd, popup).await;
    let lines: Vec<_> = table.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 602);
    let email = &odd.email;
    let stay = "2026-03-02T00:00:00+00:00,2026-03-08T00:00:00+00:00";
    assert_eq!(lines[1], format!("'=1+1,\"O, \"\"K\"\"\",{email},'@tg,,,,,,False,{stay}"));
    let path = format!("/applications/my/directory/{popup}?limit=1000");
    let list = world.see(&odd, &path).await.expect(200);
    let listed = list["results"].as_array().unwrap().iter();
    let listed: Vec<_> = listed.skip(1).map(|one| one["first_name"].as_str().unwrap()).collect();
    let told: Vec<_> = lines[2..].iter().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(told, listed);

    // However many export at once, the others are served.
    let exports = join_all((0..8).map(|_| csv(&world, &odd, popup)));
    let others = join_all((0..8).map(|_| world.see(&odd, "/humans/me")));
    let (exports, others) = tokio::join!(exports, others);
    assert!(exports.iter().all(|export| *export == table));
    assert!(others.iter().all(|other| other.status == 200), "{others:?}");
    let filtered = format!("/applications/my/directory/{popup}/csv?q=P600");
    let filtered = world.see(&odd, &filtered).await.expect(200);
    assert_eq!(filtered.as_str().unwrap().lines().count(), 2);
    assert_eq!(id(&list["results"][0]), {
        let own = world.see(&odd, &format!("/applications/my/{popup}")).await.expect(200);
        id(&own)
    });
}
