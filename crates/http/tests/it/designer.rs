//! Somebody who designs the form of an event.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send},
    world::{World, id},
};

/// An organisation, and one event of it.
pub(crate) struct Designer {
    pub(crate) world: World,
    pub(crate) popup: Uuid,
}

impl Designer {
    /// An event with these settings, on a server of its own.
    pub(crate) async fn start(settings: Value) -> Self {
        let world = World::start().await;
        let popup = world.popup(settings).await;
        Self { world, popup }
    }

    /// The questions of the event, as the first page of 200 shows them.
    pub(crate) async fn fields(&self) -> Vec<Value> {
        let answer = self.list("limit=200").await.expect(200);
        answer["results"].as_array().unwrap().clone()
    }

    /// A page of the questions of the event.
    pub(crate) async fn list(&self, query: &str) -> Answer {
        self.get(&format!("/form-fields?popup_id={}&{query}", self.popup)).await
    }

    /// The question of this name.
    pub(crate) async fn field(&self, name: &str) -> Value {
        let mut fields = self.fields().await.into_iter();
        fields.find(|field| field["name"] == name).unwrap_or_else(|| panic!("no question {name}"))
    }

    pub(crate) async fn sections(&self) -> Vec<Value> {
        let path = format!("/form-sections?popup_id={}&limit=200", self.popup);
        self.get(&path).await.expect(200)["results"].as_array().unwrap().clone()
    }

    pub(crate) async fn schema(&self) -> Value {
        self.get(&format!("/form-fields/schema/{}", self.popup)).await.expect(200)
    }

    /// Asks one more question, with these further fields.
    pub(crate) async fn ask(&self, label: &str, fields: Value) -> Answer {
        let mut body = json!({ "popup_id": self.popup, "label": label });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/form-fields", body).await
    }

    /// Adds a section, with these further fields.
    pub(crate) async fn section(&self, label: &str, fields: Value) -> Answer {
        let mut body = json!({ "popup_id": self.popup, "label": label });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/form-sections", body).await
    }

    pub(crate) async fn change(&self, field: &Value, change: Value) -> Answer {
        self.patch(&format!("/form-fields/{}", id(field)), change).await
    }

    pub(crate) async fn change_section(&self, section: &Value, change: Value) -> Answer {
        self.patch(&format!("/form-sections/{}", id(section)), change).await
    }

    pub(crate) async fn change_popup(&self, change: Value) -> Answer {
        self.patch(&format!("/popups/{}", self.popup), change).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.world.server.get(path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.world.server.post(path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.world.server.patch(path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.world.server.delete(path)).await
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        request.bearer_auth(&self.world.admin).answer().await
    }
}

/// The values that each of `entries` has under `key`.
pub(crate) fn each<'a>(entries: &'a [Value], key: &str) -> Vec<&'a Value> {
    entries.iter().map(|entry| &entry[key]).collect()
}
