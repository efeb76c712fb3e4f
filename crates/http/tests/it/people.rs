//! People who talk to a server, each with a token of their own.

use edgeos_domain::{HumanId, TenantId};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    auth::{human_token, user_token},
    harness::{Answer, Send, TestServer},
};

/// Somebody who talks to a server.
#[derive(Clone)]
pub(crate) struct Person<'a> {
    server: &'a TestServer,
    id: Uuid,
    email: String,
    token: Option<String>,
    /// What the header `X-Tenant-Id` says.
    tenant_header: Option<String>,
}

impl TestServer {
    /// Somebody without a token.
    pub(crate) fn anonymous(&self) -> Person<'_> {
        let email = String::new();
        Person { server: self, id: Uuid::nil(), email, token: None, tenant_header: None }
    }

    /// Whoever this token was issued to, if anybody.
    pub(crate) fn holder_of(&self, token: impl Into<String>) -> Person<'_> {
        Person { token: Some(token.into()), ..self.anonymous() }
    }

    /// A superadmin.
    pub(crate) async fn superadmin(&self) -> Person<'_> {
        let (id, token) = self.user("superadmin", None).await;
        self.person(id.0, "users", token).await
    }

    /// Somebody who works for `tenant`, as the API shows it.
    pub(crate) async fn staff(&self, role: &str, tenant: &Value) -> Person<'_> {
        let (id, token) = self.user(role, Some(TenantId(id_of(tenant)))).await;
        self.person(id.0, "users", token).await
    }

    /// Somebody known to the portal of `tenant`.
    pub(crate) async fn participant(&self, tenant: &Value) -> Person<'_> {
        let (HumanId(id), token) = self.human(TenantId(id_of(tenant))).await;
        self.person(id, "humans", token).await
    }

    /// A user who signs in with a mailed code.
    pub(crate) async fn signs_in(&self, email: &str) -> Person<'_> {
        let token = user_token(self, email).await;
        let mut person = self.holder_of(token);
        let me = person.get("/users/me").await.expect(200);
        (person.id, person.email) = (id_of(&me), text(&me["email"]).to_owned());
        person
    }

    /// Somebody who signs in to the portal of `tenant` with a mailed code.
    pub(crate) async fn signs_in_at(&self, tenant: &Value, email: &str) -> Person<'_> {
        let token = human_token(self, TenantId(id_of(tenant)), email).await;
        let mut person = self.holder_of(token);
        let me = person.get("/humans/me").await.expect(200);
        (person.id, person.email) = (id_of(&me), text(&me["email"]).to_owned());
        person
    }

    async fn person(&self, id: Uuid, table: &str, token: String) -> Person<'_> {
        let sql = sqlx::AssertSqlSafe(format!("SELECT email FROM {table} WHERE id = $1"));
        let email = sqlx::query_scalar(sql).bind(id).fetch_one(&self.sql).await.unwrap();
        Person { id, email, token: Some(token), ..self.anonymous() }
    }
}

impl Person<'_> {
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) fn email(&self) -> &str {
        &self.email
    }

    /// The same person, who talks to another server.
    pub(crate) fn at<'b>(&self, server: &'b TestServer) -> Person<'b> {
        let Person { id, email, token, tenant_header, .. } = self.clone();
        Person { server, id, email, token, tenant_header }
    }

    /// The same person, with a header that names a tenant.
    pub(crate) fn naming(&self, tenant: impl Into<String>) -> Self {
        Self { tenant_header: Some(tenant.into()), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.request(method, path);
        match body {
            Some(body) => request.json(body).answer().await,
            None => request.answer().await,
        }
    }

    /// A request that bears this person's token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.server.request(method, path);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(tenant) = &self.tenant_header {
            request = request.header("X-Tenant-Id", tenant);
        }
        request
    }

    /// An organisation that this superadmin sets up.
    pub(crate) async fn organisation(&self, name: &str) -> Value {
        self.post("/tenants", json!({ "name": name })).await.expect(201)
    }
}

/// The `id` of something that the API shows.
#[track_caller]
pub(crate) fn id_of(shown: &Value) -> Uuid {
    text(&shown["id"]).parse().unwrap()
}

/// A text in an answer.
#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
