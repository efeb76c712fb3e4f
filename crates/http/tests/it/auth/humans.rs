use std::sync::Arc;

use edgeos_domain::TenantId;
use serde_json::json;
use tokio::sync::Barrier;
use uuid::Uuid;

use super::{
    code_in, delete_tenant, human_authenticate, human_code, human_login, human_token, mail_since,
    mails, newest, not, places, token,
};
use crate::harness::{Send, TestServer, nobody};

const BOB: &str = "bob@x.example";

#[tokio::test]
async fn who_is_new_becomes_a_human_by_entering_the_code() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let body = json!({
        "tenant_id": tenant.0, "email": " BOB@X.example", "red_flag": true,
        "picture_url": "https://x.example/bob.png",
    });
    let sent = server.post("/auth/human/login").json(&body).answer().await.expect(200);
    assert_eq!(sent["email"], BOB);
    let mail = mail_since(&server, 0, BOB).await;
    assert_eq!(mail.subject, "Verification code for ours");
    let first = token(human_authenticate(&server, tenant, "Bob@x.EXAMPLE", &code_in(&mail)).await);

    let me = server.get("/humans/me").bearer_auth(&first).answer().await.expect(200);
    assert_eq!((&me["tenant_id"], &me["email"]), (&json!(tenant.0), &json!(BOB)));
    assert_eq!(me["picture_url"], "https://x.example/bob.png");
    let (flag, name): (bool, Option<String>) =
        sqlx::query_as("SELECT red_flag, first_name FROM humans")
            .fetch_one(&server.sql)
            .await
            .unwrap();
    assert_eq!((flag, name), (false, None), "staff alone set the flag");

    let before = newest(&server).await;
    human_login(&server, tenant, BOB).await.expect(200);
    let mail = mail_since(&server, before, BOB).await;
    assert_eq!(mail.subject, "Login code for ours");
    let second = token(human_authenticate(&server, tenant, BOB, &code_in(&mail)).await);
    let again = server.get("/humans/me").bearer_auth(&second).answer().await.expect(200);
    assert_eq!(again["id"], me["id"]);
}

#[tokio::test]
async fn the_last_login_decides_the_picture() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    for picture in [json!("https://x.example/1.png"), json!(null)] {
        let body = json!({ "tenant_id": tenant.0, "email": BOB, "picture_url": picture });
        server.post("/auth/human/login").json(&body).answer().await.expect(200);
    }
    human_token(&server, tenant, BOB).await;
    let picture: Option<String> =
        sqlx::query_scalar("SELECT picture_url FROM humans").fetch_one(&server.sql).await.unwrap();
    assert_eq!(picture, None);
    let pending: i64 = sqlx::query_scalar("SELECT count(*) FROM pending_humans")
        .fetch_one(&server.sql)
        .await
        .unwrap();
    assert_eq!(pending, 0);
}

#[tokio::test]
async fn what_no_person_has_for_an_address_or_a_picture_is_wrong() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    for email in ["", "not an email", "@x.example", "bob@"] {
        let answer = human_login(&server, tenant, email).await;
        assert_eq!(places(&answer), [json!(["body", "email"])], "{email:?}");
    }
    let long = format!("https://x.example/{}", "x".repeat(490));
    for picture in ["javascript:alert(1)", "bob.png", &long] {
        let body = json!({ "tenant_id": tenant.0, "email": BOB, "picture_url": picture });
        let answer = server.post("/auth/human/login").json(&body).answer().await;
        assert_eq!(places(&answer), [json!(["body", "picture_url"])], "{picture}");
    }
    assert_eq!(mails(&server).await, 0);
}

#[tokio::test]
async fn tickets_wait_for_the_human_within_the_tenant() {
    let server = TestServer::start().await;
    let (ours, theirs) = (server.tenant("ours").await, server.tenant("theirs").await);
    let (mine, other) = (attendee(&server, ours).await, attendee(&server, theirs).await);
    human_token(&server, ours, BOB).await;

    let bob: Uuid = sqlx::query_scalar("SELECT id FROM humans WHERE email = $1")
        .bind(BOB)
        .fetch_one(&server.sql)
        .await
        .unwrap();
    assert_eq!(human_of(&server, mine).await, Some(bob));
    assert_eq!(human_of(&server, other).await, None);
}

#[tokio::test]
async fn a_code_counts_in_its_tenant_only() {
    let server = TestServer::start().await;
    let (ours, theirs) = (server.tenant("ours").await, server.tenant("theirs").await);
    let code = human_code(&server, ours, BOB).await;
    human_authenticate(&server, theirs, BOB, &code).await.expect(401);
    human_authenticate(&server, TenantId(nobody()), BOB, &code).await.expect(401);
    human_authenticate(&server, ours, BOB, &code).await.expect(200);
}

#[tokio::test]
async fn who_never_asked_for_a_code_isnt_told_apart() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    human_token(&server, tenant, BOB).await;
    let known = human_authenticate(&server, tenant, BOB, "123456").await;
    let unknown = human_authenticate(&server, tenant, "nobody@x.example", "123456").await;
    assert_eq!((known.status, unknown.status), (401, 401));
    assert_eq!(known.detail(), unknown.detail());
}

#[tokio::test]
async fn no_mail_goes_out_for_a_tenant_that_isnt_there() {
    let server = TestServer::start().await;
    let gone = server.tenant("gone").await;
    let code = human_code(&server, gone, BOB).await;
    let token = human_token(&server, gone, BOB).await;
    delete_tenant(&server, gone).await;
    let before = mails(&server).await;

    human_login(&server, TenantId(nobody()), BOB).await.expect(404);
    human_login(&server, gone, BOB).await.expect(404);
    human_authenticate(&server, gone, BOB, &code).await.expect(401);
    assert_eq!(mails(&server).await, before);
    server.post("/auth/logout").bearer_auth(token).answer().await.expect(401);
}

#[tokio::test]
async fn of_simultaneous_right_codes_one_counts() {
    let server = Arc::new(TestServer::start().await);
    let tenant = server.tenant("ours").await;
    for email in ["one@x.example", "two@x.example", "three@x.example"] {
        let code = human_code(&server, tenant, email).await;
        let statuses = at_once(&server, 2, move |server| {
            let code = code.clone();
            async move { human_authenticate(&server, tenant, email, &code).await.status }
        })
        .await;
        assert_eq!(statuses, [200, 401]);
    }
    let humans: i64 =
        sqlx::query_scalar("SELECT count(*) FROM humans").fetch_one(&server.sql).await.unwrap();
    assert_eq!(humans, 3);
}

#[tokio::test]
async fn of_fifty_simultaneous_guesses_five_are_compared() {
    let server = Arc::new(TestServer::start().await);
    let tenant = server.tenant("ours").await;
    let code = human_code(&server, tenant, BOB).await;
    let guess = not(&code);
    let statuses = at_once(&server, 50, move |server| {
        let guess = guess.clone();
        async move { human_authenticate(&server, tenant, BOB, &guess).await.status }
    })
    .await;
    assert_eq!(statuses, [vec![401; 5], vec![429; 45]].concat());
    human_authenticate(&server, tenant, BOB, &code).await.expect(429);
}

/// The statuses of `count` requests that start together, in order of number.
async fn at_once<F>(
    server: &Arc<TestServer>,
    count: usize,
    request: impl Fn(Arc<TestServer>) -> F,
) -> Vec<u16>
where
    F: Future<Output = u16> + std::marker::Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let requests: Vec<_> = (0..count)
        .map(|_| {
            let (barrier, request) = (barrier.clone(), request(server.clone()));
            tokio::spawn(async move {
                barrier.wait().await;
                request.await
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap());
    }
    statuses.sort_unstable();
    statuses
}

/// An attendee with Bob's address, whom somebody else's application brings.
async fn attendee(server: &TestServer, tenant: TenantId) -> Uuid {
    let (host, _) = server.human(tenant).await;
    let sql = "WITH popup AS ( \
                   INSERT INTO popups (id, tenant_id, name, slug, status) \
                   VALUES (gen_random_uuid(), $1, 'Fair', 'fair', 'active') RETURNING id), \
               application AS ( \
                   INSERT INTO applications (id, tenant_id, popup_id, human_id) \
                   SELECT gen_random_uuid(), $1, id, $2 FROM popup RETURNING id, popup_id) \
               INSERT INTO attendees \
                   (id, tenant_id, application_id, popup_id, name, category, email, check_in_code) \
               SELECT gen_random_uuid(), $1, id, popup_id, 'Bob', 'spouse', $3, 'FAI0001' \
               FROM application RETURNING id";
    let attendee = sqlx::query_scalar(sql).bind(tenant.0).bind(host.0).bind(BOB);
    attendee.fetch_one(&server.sql).await.unwrap()
}

async fn human_of(server: &TestServer, attendee: Uuid) -> Option<Uuid> {
    let sql = "SELECT human_id FROM attendees WHERE id = $1";
    sqlx::query_scalar(sql).bind(attendee).fetch_one(&server.sql).await.unwrap()
}
