//! What is remembered of what staff did.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::TestServer,
    people::{Person, id_of},
};

/// What is remembered of an organisation since the last look.
struct Log<'a> {
    server: &'a TestServer,
    tenant: Uuid,
    seen: usize,
}

impl Log<'_> {
    /// Actions, in the order of the alphabet, and on what.
    async fn news(&mut self) -> Vec<(String, Uuid)> {
        let sql = "SELECT action, subject_id FROM \
                   (SELECT * FROM audit_log WHERE tenant_id = $1 ORDER BY created_at, id OFFSET $2) \
                   AS news ORDER BY action";
        let offset = i64::try_from(self.seen).unwrap();
        let query = sqlx::query_as(sql).bind(self.tenant).bind(offset);
        let news: Vec<(String, Uuid)> = query.fetch_all(&self.server.sql).await.unwrap();
        self.seen += news.len();
        news
    }

    /// Sends what `who` asks for, and finds exactly `actions` remembered of it, on `subject`.
    async fn remembers(
        &mut self,
        who: &Person<'_>,
        (method, path, body): (Method, &str, Value),
        subject: Uuid,
        actions: &[&str],
    ) {
        let answer = who.send(method, path, Some(&body)).await;
        assert!((200..300).contains(&answer.status), "{path} {body}: {answer:?}");
        let expected: Vec<_> =
            actions.iter().map(|action| ((*action).to_owned(), subject)).collect();
        assert_eq!(self.news().await, expected, "{path} {body}");
    }
}

#[tokio::test]
async fn what_superadmins_do_with_an_organisation_is_remembered() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let acme = root.organisation("Acme").await;
    let id = id_of(&acme);
    let mut log = Log { server: &server, tenant: id, seen: 0 };
    assert_eq!(log.news().await, [("credentials.issued".to_owned(), id)]);
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let tenant = format!("/tenants/{id}");
    let logins = format!("{tenant}/credentials");
    let restore = format!("{tenant}/restore");
    let (on, off) = (json!({ "custom_domain_active": true }), json!({ "custom_domain": null }));
    let domain = json!({ "custom_domain": "acme.example.com" });
    for (method, path, body, actions) in [
        (&patch, &tenant, domain, &[][..]),
        (&patch, &tenant, on.clone(), &["tenant.domain_switched"]),
        (&patch, &tenant, on, &[]),
        (&patch, &tenant, off, &["tenant.domain_switched"]),
        (&get, &logins, json!({}), &["credentials.shown"]),
        (&post, &logins, json!({}), &["credentials.shown"]),
        (&post, &logins, json!({ "rotate": true }), &["credentials.rotated"]),
        (&delete, &tenant, json!({}), &["credentials.deleted", "tenant.deleted"]),
        (&delete, &tenant, json!({}), &[]),
        (&post, &restore, json!({}), &["credentials.issued", "tenant.restored"]),
        (&post, &restore, json!({}), &[]),
        (&delete, &logins, json!({}), &["credentials.deleted"]),
        (&post, &logins, json!({}), &["credentials.issued"]),
    ] {
        log.remembers(&root, (method.clone(), path, body), id, actions).await;
    }
}

#[tokio::test]
async fn who_is_let_in_and_out_is_remembered() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let acme = root.organisation("Acme").await;
    let mut log = Log { server: &server, tenant: id_of(&acme), seen: 0 };
    log.news().await;
    let new = json!({ "email": "ann@x.example", "role": "viewer", "tenant_id": acme["id"] });
    let made = root.post("/users", new.clone()).await.expect(201);
    let ann = id_of(&made);
    assert_eq!(log.news().await, [("user.created".to_owned(), ann)]);
    let path = format!("/users/{ann}");
    let (post, patch, delete) = (Method::POST, Method::PATCH, Method::DELETE);
    for (method, path, body, actions) in [
        (&patch, path.as_str(), json!({ "full_name": "Ann" }), &[][..]),
        (&patch, &path, json!({ "role": "admin" }), &["user.role_changed"]),
        (&patch, &path, json!({ "role": "admin" }), &[]),
        (&delete, &path, json!({}), &["user.deleted"]),
        (&post, "/users", new, &["user.revived"]),
    ] {
        log.remembers(&root, (method.clone(), path, body), ann, actions).await;
    }
    let details = "SELECT details FROM audit_log WHERE action = 'user.role_changed'";
    let details: Value = sqlx::query_scalar(details).fetch_one(&server.sql).await.unwrap();
    assert_eq!(details, json!({ "before": "viewer", "after": "admin" }));
    let actors = "SELECT DISTINCT actor_id FROM audit_log WHERE subject_type = 'user'";
    let actors: Vec<Uuid> = sqlx::query_scalar(actors).fetch_all(&server.sql).await.unwrap();
    assert_eq!(actors, [root.id()]);
}
