//! Who may call which operation, for every operation that there is.

use edgeos_app::tokens::Subject;
use edgeos_domain::{HumanId, TenantId, UserId};
use serde_json::{Value, json};

use crate::{
    fingerprint::fingerprint,
    harness::{Answer, TestServer, nobody},
    organisation::Organisation,
    people::{Person, id_of},
    surface::{Class, Operation, Role, operations},
};

/// Wrong wherever something is read: as a number, as an identifier, as an object.
const WRONG: &str = "zz";

/// Calls `operation` with nothing that has the right shape, but for a path that leads somewhere when
/// `path` gives the values.
async fn call(who: &Person<'_>, operation: &Operation, path: impl Fn(&str) -> String) -> Answer {
    let path = format!("{}?limit={WRONG}&skip={WRONG}", operation.at(path));
    let body = operation.fields.as_ref().map(|_| Value::Array(Vec::new()));
    who.send(operation.method.clone(), &path, body.as_ref()).await
}

#[tokio::test]
async fn everybody_may_call_what_is_meant_for_them_and_nothing_else() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let callers = [
        (Role::Superadmin, root.naming(ours.id)),
        (Role::Admin, ours.admin.clone()),
        (Role::Viewer, ours.viewer.clone()),
        (Role::Human, ours.human.clone()),
        (Role::Nobody, server.anonymous()),
    ];
    let before = fingerprint(&server.sql, None).await;
    for operation in operations(&server).await {
        for (role, who) in &callers {
            let (class, id) = (operation.class, &operation.id);
            if class == Class::Token && *role != Role::Nobody {
                // Would sign the caller out.
                continue;
            }
            if class.admits(*role) {
                let for_participants = operation.is_for_participants();
                let value = |place: &str| match (place, role) {
                    // Of organisations, admins may ask for their own.
                    ("tenant_id", Role::Admin) => ours.id.to_string(),
                    ("popup_id", Role::Human) if for_participants => ours.popup.to_string(),
                    _ => nobody().to_string(),
                };
                let who = if for_participants { &ours.attendee } else { who };
                let answer = call(who, &operation, value).await;
                let let_in = ![401, 403].contains(&answer.status);
                assert!(let_in, "{role:?} may not call {id}: {answer:?}");
                if operation.fields.is_some() {
                    assert_eq!(answer.status, 422, "{role:?} calls {id}: {answer:?}");
                }
                continue;
            }
            let answer = call(who, &operation, |_| WRONG.to_owned()).await;
            let wrong_kind = *role == Role::Nobody || !class.knows_token_of(*role);
            let expected =
                (if *role == Role::Nobody { 401 } else { 403 }, wrong_kind.then_some("Bearer"));
            let got = (answer.status, answer.header("www-authenticate"));
            assert_eq!(got, expected, "{role:?} calls {id}: {answer:?}");
            assert!(answer.body["detail"].is_string(), "{role:?} calls {id}: {answer:?}");
        }
    }
    assert_eq!(fingerprint(&server.sql, None).await, before);
}

#[tokio::test]
async fn a_token_that_does_not_count_opens_nothing() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let gone = root.organisation("Gone").await;
    let forgotten = server.participant(&gone).await;
    root.delete(&format!("/tenants/{}", id_of(&gone))).await.expect(204);
    let left = server.staff("admin", &ours.tenant).await;
    root.delete(&format!("/users/{}", left.id())).await.expect(204);
    let (user, human) = (server.staff("admin", &ours.tenant), server.participant(&ours.tenant));
    let (user, human) = (user.await, human.await);
    for signed_out in [&user, &human] {
        signed_out.post("/auth/logout", Value::Null).await.expect(204);
    }
    let unknown_user = server.holder_of(TestServer::token(Subject::User(UserId(nobody()))));
    let unknown_human = Subject::Human(HumanId(nobody()), Some(TenantId(ours.id)));
    let unknown_human = server.holder_of(TestServer::token(unknown_human));
    let no_token = server.holder_of("no.token.here");
    let users = [&left, &user, &unknown_user, &no_token];
    let humans = [&forgotten, &human, &unknown_human, &no_token];

    let before = fingerprint(&server.sql, None).await;
    for operation in operations(&server).await {
        let who = match operation.class {
            Class::Public => continue,
            Class::Human => humans,
            _ => users,
        };
        for who in who {
            let answer = call(who, &operation, |_| WRONG.to_owned()).await;
            let got = (answer.status, answer.header("www-authenticate"), &answer.body);
            let expected = json!({ "detail": "Could not validate credentials" });
            assert_eq!(got, (401, Some("Bearer"), &expected), "{}", operation.id);
        }
    }
    assert_eq!(fingerprint(&server.sql, None).await, before);
}

#[tokio::test]
async fn superadmins_name_the_tenant_before_the_shape_matters() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let gone = root.organisation("Gone").await;
    let gone = id_of(&gone);
    root.delete(&format!("/tenants/{gone}")).await.expect(204);
    for operation in operations(&server).await {
        if operation.class == Class::Token {
            // Would sign the superadmin out.
            continue;
        }
        for (who, within_a_tenant) in [
            (root.clone(), 400),
            (root.naming(WRONG), 400),
            (root.naming(nobody()), 403),
            (root.naming(gone), 403),
        ] {
            let answer = call(&who, &operation, |_| WRONG.to_owned()).await;
            if operation.within_a_tenant() {
                assert_eq!(answer.status, within_a_tenant, "{}: {answer:?}", operation.id);
            }
            let (class, header) = (operation.class, answer.header("www-authenticate"));
            assert_eq!(header.is_some(), class == Class::Human, "{}: {answer:?}", operation.id);
        }
    }
}

#[tokio::test]
async fn the_header_of_superadmins_says_nothing_about_others() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let theirs = root.organisation("Theirs").await;
    let theirs = id_of(&theirs);
    for operation in operations(&server).await.iter().filter(|operation| operation.reads()) {
        let path = operation.asked(|place| match place {
            "domain" => "localhost".to_owned(),
            place => ours.value(place),
        });
        for who in [&ours.admin, &ours.viewer, &ours.human] {
            if operation.class == Class::Public {
                continue;
            }
            let plain = who.get(&path).await;
            for header in [WRONG.to_owned(), theirs.to_string()] {
                let with_header = who.naming(header).get(&path).await;
                assert_eq!(with_header.status, plain.status, "{path}");
                // A document says when it was made.
                if plain.header("content-type") != Some("application/pdf") {
                    assert_eq!(with_header.body, plain.body, "{path}");
                }
            }
        }
    }
    let made = ours.admin.naming(theirs).post("/popups", json!({ "name": "Mine" })).await;
    assert_eq!(made.expect(201)["tenant_id"], json!(ours.id));
}
