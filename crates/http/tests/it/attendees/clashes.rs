//! Somebody at work on the database itself brings the same person at the same moment.

use futures_util::future::join;
use serde_json::json;
use uuid::Uuid;

use super::nth;
use crate::{
    harness::Answer,
    patience::until_waiting,
    world::{World, id},
};

/// What is answered while somebody else stores an attendee of `application`, whom nobody can see yet.
async fn overtaken(
    world: &World,
    application: Uuid,
    (category, email): (&str, Option<&str>),
    answer: impl Future<Output = Answer>,
) -> (u16, String) {
    let sql = "INSERT INTO attendees \
               (id, tenant_id, application_id, popup_id, name, category, email, check_in_code) \
               SELECT gen_random_uuid(), tenant_id, id, popup_id, 'Other', $2, $3, upper(gen_random_uuid()::text) \
               FROM applications WHERE id = $1";
    let mut faster = world.server.sql.begin().await.unwrap();
    let other = sqlx::query(sql).bind(application).bind(category).bind(email);
    other.execute(&mut *faster).await.unwrap();
    let stored = async {
        until_waiting(&world.server.sql, 1).await;
        faster.commit().await.unwrap();
    };
    let answer = join(answer, stored).await.0;
    (answer.status, answer.detail().to_owned())
}

#[tokio::test]
async fn whoever_comes_second_is_refused_as_if_it_had_been_seen() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let kid = json!([{ "name": "K", "category": "kid" }]);
    let begun = world.apply(&ada, popup, json!({ "companions": kid })).await.expect(201);
    let (application, kid) = (id(&begun), nth(&begun, 1));
    let used = (400, "This e-mail is used by another attendee of the application".to_owned());
    let told = |email: &str| json!({ "email": email });

    let own = world.change_attendee(&ada, popup, kid, told("a@x.com"));
    assert_eq!(overtaken(&world, application, ("kid", Some("a@x.com")), own).await, used);
    let staff = world.on_attendee(reqwest::Method::PATCH, kid, Some(told("b@x.com")));
    assert_eq!(overtaken(&world, application, ("kid", Some("b@x.com")), staff).await, used);
    let more = json!({ "name": "L", "category": "kid", "email": "c@x.com" });
    let added = world.add_attendee(&ada, popup, more);
    assert_eq!(overtaken(&world, application, ("kid", Some("c@x.com")), added).await, used);
    let list = json!({ "companions": [{ "name": "K", "category": "kid", "email": "d@x.com" }] });
    let replaced = world.edit(&ada, popup, list);
    assert_eq!(overtaken(&world, application, ("kid", Some("d@x.com")), replaced).await, used);

    let spouse = world.add_attendee(&ada, popup, json!({ "name": "S", "category": "spouse" }));
    let second = (400, "An application can bring at most one spouse".to_owned());
    assert_eq!(overtaken(&world, application, ("spouse", None), spouse).await, second);
}
