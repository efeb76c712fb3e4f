//! People who want the same place at the same moment.

use futures_util::future::{join, join_all};
use serde_json::json;
use uuid::Uuid;

use super::circle::Circle;
use crate::{
    harness::Answer,
    patience::until_waiting,
    world::{Person, World, id},
};

/// A server that has patience: everybody waits for one group.
const PATIENT: &[(&str, &str)] = &[
    ("DATABASE_POOL_SIZE", "16"),
    ("DATABASE_ACQUIRE_TIMEOUT", "25s"),
    ("DATABASE_LOCK_TIMEOUT", "25s"),
];

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[tokio::test]
async fn of_six_who_are_added_at_once_one_gets_the_last_place() {
    let circle = Circle::of(World::start_with(PATIENT).await, json!({ "max_members": 2 })).await;
    circle.add("first@x.com", json!({})).await.expect(201);
    let emails: Vec<_> = (0..6).map(|number| format!("m{number}@x.com")).collect();
    let answers = join_all(emails.iter().map(|email| circle.add(email, json!({})))).await;
    assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 5), "{answers:?}");
    assert_eq!(circle.members().await.len(), 2);
}

#[tokio::test]
async fn sixty_four_ways_in_at_once_admit_as_many_as_there_is_room_for() {
    let world = World::start_with(PATIENT).await;
    let circle = Circle::of(world, json!({})).await;
    let world = &circle.world;
    for round in 0..20 {
        let room = [5, 1, 8, 2][round % 4];
        let group =
            id(&world.set_up(circle.popup, json!({ "max_members": room })).await.expect(201));
        world.appoint(group, &circle.leader).await;
        let mut people: Vec<Person> = Vec::new();
        for _ in 0..64 {
            people.push(world.person().await);
        }
        let joining = json!({ "group_id": group });
        // A third has a draft already, a third begins an application, a third is added by the leader.
        for person in people.iter().step_by(3) {
            world.apply(person, circle.popup, json!({})).await.expect(201);
        }
        let path = format!("/groups/my/{group}/members");
        let ways = people.iter().enumerate().map(async |(number, person)| match number % 3 {
            0 => world.edit(person, circle.popup, joining.clone()).await,
            1 => world.apply(person, circle.popup, joining.clone()).await,
            _ => {
                let body = super::circle::newcomer(&person.email, &json!({}));
                circle.lead(world.server.post(&path).json(&body)).await
            }
        });
        let answers = join_all(ways).await;
        let admitted = count(&answers, 200) + count(&answers, 201);
        assert_eq!((admitted, count(&answers, 400)), (room, 64 - room), "{round}: {answers:?}");
        let members = "SELECT count(*) FROM group_members WHERE group_id = $1";
        assert_eq!(world.count(members, group).await, i64::try_from(room).unwrap());
        let through =
            "SELECT count(*) FROM applications WHERE group_id = $1 AND status = 'accepted'";
        assert_eq!(world.count(through, group).await, i64::try_from(room).unwrap());
    }
}

#[tokio::test]
async fn somebody_who_is_added_twice_at_once_is_one_person() {
    let circle = Circle::of(World::start_with(PATIENT).await, json!({})).await;
    let answers = join_all((0..8).map(|_| circle.add("ana@x.com", json!({})))).await;
    assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 7), "{answers:?}");
    assert_eq!(circle.emails().await, ["ana@x.com"]);
}

#[tokio::test]
async fn nobody_gets_into_two_groups_at_once() {
    let circle = Circle::of(World::start_with(PATIENT).await, json!({})).await;
    let world = &circle.world;
    let other = id(&world.set_up(circle.popup, json!({})).await.expect(201));
    for _ in 0..4 {
        let ann = world.person().await;
        let (added, applied) = join(
            circle.add(&ann.email, json!({})),
            world.apply(&ann, circle.popup, json!({ "group_id": other })),
        )
        .await;
        assert_eq!(count(&[added, applied], 201), 1);
        let memberships = "SELECT count(*) FROM group_members WHERE human_id = $1";
        assert_eq!(world.count(memberships, ann.id.0).await, 1);
    }
}

#[tokio::test]
async fn a_group_is_deleted_before_somebody_joins_or_after() {
    let circle = Circle::of(World::start_with(PATIENT).await, json!({})).await;
    let world = &circle.world;
    for _ in 0..4 {
        let group = id(&world.set_up(circle.popup, json!({})).await.expect(201));
        let ann = world.person().await;
        let path = format!("/groups/{group}");
        let (deleted, joined) = join(
            world.staff(world.server.delete(&path)),
            world.apply(&ann, circle.popup, json!({ "group_id": group })),
        )
        .await;
        assert_eq!(deleted.status, 204, "{deleted:?}");
        assert!([201, 404].contains(&joined.status), "{joined:?}");
        let left = "SELECT count(*) FROM applications WHERE human_id = $1 AND group_id IS NOT NULL";
        assert_eq!(world.count(left, ann.id.0).await, 0);
        let applications = "SELECT count(*) FROM applications WHERE human_id = $1";
        let applied = i64::from(joined.status == 201);
        assert_eq!(world.count(applications, ann.id.0).await, applied);
    }
}

#[tokio::test]
async fn two_lists_of_the_same_people_meet_without_harm() {
    let circle = Circle::of(World::start_with(PATIENT).await, json!({})).await;
    let world = &circle.world;
    let other = id(&world.set_up(circle.popup, json!({})).await.expect(201));
    world.appoint(other, &circle.leader).await;
    let mut emails: Vec<_> = (0..20).map(|number| format!("m{number}@x.com")).collect();
    let list = |emails: &[String]| -> serde_json::Value {
        emails.iter().map(|email| super::circle::newcomer(email, &json!({}))).collect()
    };
    let forwards = list(&emails);
    emails.reverse();
    let backwards = json!({ "members": list(&emails) });
    let path = format!("/groups/my/{other}/members/batch");
    let (first, second) = join(
        circle.add_all(forwards, false),
        circle.lead(world.server.post(&path).json(&backwards)),
    )
    .await;
    let successes = |answer: Answer| {
        let results = answer.expect(207);
        results.as_array().unwrap().iter().filter(|result| result["success"] == true).count()
    };
    assert_eq!(successes(first) + successes(second), 20);
}

#[tokio::test]
async fn a_list_of_companions_waits_for_whoever_changes_them() {
    let circle = Circle::of(World::start_with(PATIENT).await, json!({})).await;
    let world = &circle.world;
    let popup = world.popup(json!({ "allows_children": true })).await;
    let kid = |email: &str| json!({ "name": email, "category": "kid", "email": email });
    let family = json!({ "companions": [kid("a@x.com"), kid("b@x.com")] });
    world.apply(&world.person().await, popup, family).await.expect(201);
    let kids = "SELECT id, email FROM attendees WHERE category = 'kid' ORDER BY id";
    let kids: Vec<(Uuid, String)> =
        sqlx::query_as(kids).fetch_all(&world.server.sql).await.unwrap();

    // As whoever changes the family does.
    let lock = "SELECT id FROM attendees WHERE id = $1 FOR UPDATE";
    let mut changing = world.server.sql.begin().await.unwrap();
    sqlx::query(lock).bind(kids[0].0).execute(&mut *changing).await.unwrap();
    let change = async {
        until_waiting(&world.server.sql, 1).await;
        sqlx::query(lock).bind(kids[1].0).execute(&mut *changing).await.unwrap();
        changing.commit().await.unwrap();
    };
    let list = kids.iter().rev();
    let list = list.map(|(_, email)| super::circle::newcomer(email, &json!({}))).collect();
    let (added, ()) = join(circle.add_all(list, false), change).await;
    let added = added.expect(207);
    assert!(added.as_array().unwrap().iter().all(|result| result["success"] == true), "{added}");
}

#[tokio::test]
async fn a_payment_names_the_group_while_a_leader_waits_for_its_application() {
    let circle = Circle::of(World::start_with(PATIENT).await, json!({})).await;
    let world = &circle.world;
    let member = id(&circle.add("ana@x.com", json!({})).await.expect(201));
    let application = id(&circle.application_of(member).await);
    let mut paying = world.server.sql.begin().await.unwrap();
    let lock = "SELECT id FROM applications WHERE id = $1 FOR NO KEY UPDATE";
    sqlx::query(lock).bind(application).execute(&mut *paying).await.unwrap();
    let pay = async {
        // The leader's request holds the group by then.
        until_waiting(&world.server.sql, 1).await;
        let payment = "INSERT INTO payments (id, tenant_id, application_id, popup_id, group_id, amount) \
                       VALUES (gen_random_uuid(), $1, $2, $3, $4, 50)";
        let payment = sqlx::query(payment).bind(world.tenant.0).bind(application);
        let payment = payment.bind(circle.popup).bind(circle.group);
        payment.execute(&mut *paying).await.unwrap();
        paying.commit().await.unwrap();
    };
    let (removed, ()) = join(circle.remove(member), pay).await;
    removed.expect(204);
    let named = "SELECT count(*) FROM payments WHERE group_id = $1";
    assert_eq!(world.count(named, circle.group).await, 1);
}
