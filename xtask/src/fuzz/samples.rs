use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::callers::Callers;

/// Where the values of a parameter are found: its name, a list, the field of an entry.
const SOURCES: [(&str, &str, &str); 20] = [
    ("application_id", "applications", "id"),
    ("attendee_id", "attendees", "id"),
    ("code", "attendees", "check_in_code"),
    ("config_id", "base-field-configs", "id"),
    ("coupon_id", "coupons", "id"),
    ("email", "humans", "email"),
    ("email_id", "emails", "id"),
    ("external_id", "payments", "external_id"),
    ("field_id", "form-fields", "id"),
    ("group_id", "groups", "id"),
    ("group_slug", "groups", "slug"),
    ("human_id", "humans", "id"),
    ("payment_id", "payments", "id"),
    ("product_id", "products", "id"),
    ("popup_id", "popups", "id"),
    ("section_id", "form-sections", "id"),
    ("slug", "popups", "slug"),
    ("template_id", "email-templates", "id"),
    ("tenant_id", "tenants", "id"),
    ("user_id", "users", "id"),
];

/// Lists of one popup only.
const OF_A_POPUP: [&str; 1] = ["base-field-configs"];

/// What there is to ask about: without it, nearly every address would lead nowhere.
#[derive(Debug)]
pub(crate) struct Samples {
    pub(crate) tenant: String,
    /// The address of a human who was accepted.
    pub(crate) human: String,
    /// By parameter.
    pub(crate) values: BTreeMap<&'static str, Vec<String>>,
}

impl Samples {
    pub(crate) async fn gather(callers: &Callers) -> Result<Self> {
        let token = callers.superadmin().await?;
        let demo = callers.read("tenants/public/demo", &token, None).await?;
        let tenant = demo["id"].as_str().context("no demo")?.to_owned();
        let read = async |path: &str| callers.read(path, &token, Some(&tenant)).await;
        let popups = read("popups").await?;
        let mut values = BTreeMap::new();
        for (parameter, list, field) in SOURCES {
            let mut found = Vec::new();
            if OF_A_POPUP.contains(&list) {
                for popup in fields(&popups, "id") {
                    found.extend(fields(&read(&format!("{list}?popup_id={popup}")).await?, field));
                }
            } else {
                found = fields(&read(list).await?, field);
            }
            // Some of many will do.
            found.truncate(50);
            if !found.is_empty() {
                values.insert(parameter, found);
            }
        }
        let accepted = read("applications?status_filter=accepted").await?;
        let human = entries(&accepted)
            .find_map(|application| application["human"]["email"].as_str())
            .or_else(|| values.get("email").and_then(|emails| emails.first()).map(String::as_str))
            .unwrap_or("somebody@example.com")
            .to_owned();
        Ok(Self { tenant, human, values })
    }
}

fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().or_else(|| list["results"].as_array()).into_iter().flatten()
}

fn fields(list: &Value, field: &str) -> Vec<String> {
    entries(list).filter_map(|entry| entry[field].as_str()).map(str::to_owned).collect()
}
