//! An event with a group that somebody leads.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send},
    world::{Person, World, id},
};

/// A world with a popup whose applications are reviewed, and a group in it.
pub(super) struct Circle {
    pub(super) world: World,
    pub(super) popup: Uuid,
    pub(super) group: Uuid,
    pub(super) leader: Person,
}

impl World {
    /// A group of `popup` with these fields, set up by the admin.
    pub(super) async fn set_up(&self, popup: Uuid, fields: Value) -> Answer {
        let mut body = json!({ "popup_id": popup, "name": edgeos_testkit::random_text() });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.staff(self.server.post("/groups").json(&body)).await
    }

    /// Makes `person` a leader of `group`.
    pub(super) async fn appoint(&self, group: Uuid, person: &Person) {
        let path = format!("/groups/{group}/leaders/{}", person.id.0);
        self.staff(self.server.put(&path)).await.expect(204);
    }

    /// Changes `group` as the admin.
    pub(super) async fn change(&self, group: Uuid, change: Value) -> Answer {
        self.staff(self.server.patch(&format!("/groups/{group}")).json(&change)).await
    }

    /// How many rows `sql` finds that have `id` in the place of `$1`.
    pub(super) async fn count(&self, sql: &'static str, id: Uuid) -> i64 {
        sqlx::query_scalar(sql).bind(id).fetch_one(&self.server.sql).await.unwrap()
    }

    /// A product of `popup` in the hands of the attendee of `application` in this category.
    pub(super) async fn give_product(
        &self,
        popup: Uuid,
        application: Uuid,
        category: &str,
        name: &str,
    ) {
        let product = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price) \
                       VALUES (gen_random_uuid(), $1, $2, $3, gen_random_uuid()::text, 50) RETURNING id";
        let product = sqlx::query_scalar(product).bind(self.tenant.0).bind(popup).bind(name);
        let product: Uuid = product.fetch_one(&self.server.sql).await.unwrap();
        let held = "INSERT INTO attendee_products (tenant_id, attendee_id, product_id, quantity) \
                    SELECT $1, id, $2, 2 FROM attendees WHERE application_id = $3 AND category = $4";
        let held = sqlx::query(held).bind(self.tenant.0).bind(product).bind(application);
        let held = held.bind(category).execute(&self.server.sql).await.unwrap();
        assert_eq!(held.rows_affected(), 1);
    }
}

impl Circle {
    pub(super) async fn start(fields: Value) -> Self {
        Self::of(World::start().await, fields).await
    }

    pub(super) async fn of(world: World, fields: Value) -> Self {
        let popup = world.reviewed_popup("any_reviewer").await;
        Self::in_popup(world, popup, fields).await
    }

    pub(super) async fn in_popup(world: World, popup: Uuid, fields: Value) -> Self {
        let group = id(&world.set_up(popup, fields).await.expect(201));
        let leader = world.person().await;
        world.appoint(group, &leader).await;
        Self { world, popup, group, leader }
    }

    /// Sends `request` as the leader.
    pub(super) async fn lead(&self, request: RequestBuilder) -> Answer {
        request.bearer_auth(&self.leader.token).answer().await
    }

    pub(super) fn path(&self) -> String {
        format!("/groups/my/{}", self.group)
    }

    /// Brings somebody in as the leader.
    pub(super) async fn add(&self, email: &str, fields: Value) -> Answer {
        let path = format!("{}/members", self.path());
        self.lead(self.world.server.post(&path).json(&newcomer(email, &fields))).await
    }

    /// Brings many people in as the leader.
    pub(super) async fn add_all(&self, members: Value, update_existing: bool) -> Answer {
        let path = format!("{}/members/batch", self.path());
        let body = json!({ "members": members, "update_existing": update_existing });
        self.lead(self.world.server.post(&path).json(&body)).await
    }

    /// Changes somebody's profile as the leader.
    pub(super) async fn edit(&self, human: Uuid, change: Value) -> Answer {
        let path = format!("{}/members/{human}", self.path());
        self.lead(self.world.server.put(&path).json(&change)).await
    }

    /// Takes somebody out as the leader.
    pub(super) async fn remove(&self, human: Uuid) -> Answer {
        let path = format!("{}/members/{human}", self.path());
        self.lead(self.world.server.delete(&path)).await
    }

    /// Changes the group as the leader.
    pub(super) async fn change(&self, change: Value) -> Answer {
        self.lead(self.world.server.patch(&self.path()).json(&change)).await
    }

    /// The members as the leader sees them.
    pub(super) async fn members(&self) -> Vec<Value> {
        let group = self.lead(self.world.server.get(&self.path())).await.expect(200);
        group["members"].as_array().unwrap().clone()
    }

    /// The e-mails of the members, in their order.
    pub(super) async fn emails(&self) -> Vec<String> {
        let members = self.members().await;
        members.iter().map(|member| member["email"].as_str().unwrap().to_owned()).collect()
    }

    /// The application of somebody to the popup, as the database has it.
    pub(super) async fn application_of(&self, human: Uuid) -> Value {
        let sql = "SELECT id FROM applications WHERE human_id = $1 AND popup_id = $2";
        let application = sqlx::query_scalar(sql).bind(human).bind(self.popup);
        self.world.application(application.fetch_one(&self.world.server.sql).await.unwrap()).await
    }

    /// Somebody as staff see them.
    pub(super) async fn human(&self, human: Uuid) -> Value {
        let path = format!("/humans/{human}");
        self.world.staff(self.world.server.get(&path)).await.expect(200)
    }

    /// Whether the tenant knows this address.
    pub(super) async fn knows(&self, email: &str) -> bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM humans WHERE email = $1)";
        sqlx::query_scalar(sql).bind(email).fetch_one(&self.world.server.sql).await.unwrap()
    }
}

/// The body that brings somebody in.
pub(super) fn newcomer(email: &str, fields: &Value) -> Value {
    let mut body = json!({ "email": email, "first_name": "Ana", "last_name": "Lopez" });
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
