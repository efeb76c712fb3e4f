//! Every operation of the API, as its own description lists it, and who may call it.

use reqwest::Method;
use serde_json::Value;

use self::Class::{Admin, Human, Public, Superadmin, Token, User, Writer};
use crate::harness::{Send, TestServer};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Anybody.
    Public,
    /// Whoever has a token, of either kind.
    Token,
    /// Everybody of the backoffice.
    User,
    /// Superadmins and admins.
    Writer,
    /// The same, where people's rights or money are concerned.
    Admin,
    /// Superadmins.
    Superadmin,
    /// People of the portal.
    Human,
}

/// Somebody to whom the classes make a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Superadmin,
    Admin,
    Viewer,
    Human,
    Nobody,
}

/// An operation of the API.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) class: Class,
    pub(crate) method: Method,
    path: String,
    /// The variable segments of the path.
    pub(crate) places: Vec<String>,
    /// The parameters of the query.
    pub(crate) queries: Vec<String>,
    /// Those of them that can't be left out.
    required: Vec<String>,
    /// The fields of the body, if there is one.
    pub(crate) fields: Option<Vec<String>>,
}

/// Every operation, and its class.
const CLASSES: &[(&str, Class)] = &[
    ("application-reviews-get_review_summary", User),
    ("application-reviews-list_my_reviews", Writer),
    ("application-reviews-list_pending_reviews", Writer),
    ("application-reviews-list_reviews", User),
    ("application-reviews-submit_review", Writer),
    ("applications-add_my_attendee", Human),
    ("applications-create_application_admin", Superadmin),
    ("applications-create_my_application", Human),
    ("applications-decide_application", Admin),
    ("applications-decline_my_participation", Human),
    ("applications-delete_my_attendee", Human),
    ("applications-export_attendees_directory_csv", Human),
    ("applications-get_application", User),
    ("applications-get_my_application", Human),
    ("applications-get_my_participation", Human),
    ("applications-get_my_purchases", Human),
    ("applications-list_applications", User),
    ("applications-list_attendees_directory", Human),
    ("applications-list_my_applications", Human),
    ("applications-list_my_tickets", Human),
    ("applications-review_scholarship", Admin),
    ("applications-update_my_application", Human),
    ("applications-update_my_attendee", Human),
    ("approval-strategies-create_or_update_approval_strategy", Writer),
    ("approval-strategies-delete_approval_strategy", Writer),
    ("approval-strategies-get_approval_strategy", User),
    ("approval-strategies-recalculate_applications", Writer),
    ("approval-strategies-update_approval_strategy", Writer),
    ("attendees-delete_attendee", Writer),
    ("attendees-get_attendee", User),
    ("attendees-get_by_check_in_code", User),
    ("attendees-get_tickets_by_email", User),
    ("attendees-list_attendees", User),
    ("attendees-update_attendee", Writer),
    ("audit-entries-list_audit_entries", Admin),
    ("auth-human_authenticate", Public),
    ("auth-human_login", Public),
    ("auth-request_code", Public),
    ("auth-revoke_token", Token),
    ("auth-user_authenticate", Public),
    ("auth-user_login", Public),
    ("auth-verify_code", Public),
    ("check-ins-delete_check_in", Writer),
    ("check-ins-list_check_ins", User),
    ("check-ins-scan_code", Writer),
    ("check-ins-update_check_in", Writer),
    ("base-field-configs-list_base_field_configs", Writer),
    ("base-field-configs-update_base_field_config", Writer),
    ("carts-delete_my_cart", Human),
    ("carts-get_my_cart", Human),
    ("carts-list_abandoned_carts", User),
    ("carts-update_my_cart", Human),
    ("coupons-create_coupon", Writer),
    ("coupons-delete_coupon", Writer),
    ("coupons-get_coupon", User),
    ("coupons-list_coupons", User),
    ("coupons-update_coupon", Writer),
    ("coupons-validate_coupon", Human),
    ("dashboard-get_dashboard_stats", User),
    ("form-fields-create_form_field", Writer),
    ("form-fields-delete_form_field", Writer),
    ("form-fields-get_application_schema", User),
    ("form-fields-get_form_field", User),
    ("form-fields-get_portal_application_schema", Human),
    ("form-fields-list_form_fields", User),
    ("form-fields-update_form_field", Writer),
    ("form-sections-create_form_section", Writer),
    ("form-sections-delete_form_section", Writer),
    ("form-sections-get_form_section", User),
    ("form-sections-list_form_sections", User),
    ("form-sections-update_form_section", Writer),
    ("groups-add_group_leader", Writer),
    ("groups-add_group_member", Human),
    ("groups-add_group_members_batch", Human),
    ("groups-create_group", Writer),
    ("groups-delete_group", Writer),
    ("groups-get_group", User),
    ("groups-get_group_public", Public),
    ("groups-get_my_group", Human),
    ("groups-list_group_leaders", User),
    ("groups-list_groups", User),
    ("groups-list_my_groups", Human),
    ("groups-remove_group_leader", Writer),
    ("groups-remove_group_member", Human),
    ("groups-update_group", Writer),
    ("groups-update_group_member", Human),
    ("groups-update_my_group", Human),
    ("email-templates-create_email_template", Writer),
    ("email-templates-delete_email_template", Writer),
    ("email-templates-get_default_template", User),
    ("email-templates-get_email_template", User),
    ("email-templates-list_email_templates", User),
    ("email-templates-list_template_types", User),
    ("email-templates-preview_template", User),
    ("email-templates-send_test_email", Writer),
    ("email-templates-update_email_template", Writer),
    ("emails-list_emails", Admin),
    ("emails-retry_email", Admin),
    ("humans-create_human", Superadmin),
    ("humans-get_current_human_info", Human),
    ("humans-get_human", User),
    ("humans-list_humans", User),
    ("humans-update_current_human", Human),
    ("humans-update_human", Writer),
    ("payments-create_my_application_fee", Human),
    ("payments-create_my_payment", Human),
    ("payments-get_my_invoice", Human),
    ("payments-get_my_latest_payment", Human),
    ("payments-get_payment", User),
    ("payments-get_payment_invoice", User),
    ("payments-list_my_payments", Human),
    ("payments-list_payments", User),
    ("payments-preview_my_payment", Human),
    ("payments-simplefi_webhook", Public),
    ("payments-update_payment", Admin),
    ("popup-reviewers-add_reviewer", Writer),
    ("popup-reviewers-list_reviewers", User),
    ("popup-reviewers-remove_reviewer", Writer),
    ("popup-reviewers-update_reviewer", Writer),
    ("popups-create_popup", Writer),
    ("popups-delete_popup", Writer),
    ("popups-get_popup", User),
    ("popups-get_portal_popup", Human),
    ("popups-list_popups", User),
    ("popups-list_portal_popups", Human),
    ("popups-list_public_popups", Public),
    ("popups-update_popup", Writer),
    ("products-create_product", Writer),
    ("products-create_products_batch", Superadmin),
    ("products-delete_product", Writer),
    ("products-get_product", User),
    ("products-list_portal_products", Human),
    ("products-list_products", User),
    ("products-update_product", Writer),
    ("tenants-create_tenant", Superadmin),
    ("tenants-delete_credentials", Superadmin),
    ("tenants-delete_tenant", Superadmin),
    ("tenants-get_credentials", Superadmin),
    ("tenants-get_tenant", Admin),
    ("tenants-get_tenant_by_domain", Public),
    ("tenants-get_tenant_by_slug", Public),
    ("tenants-issue_credentials", Superadmin),
    ("tenants-list_tenants", Superadmin),
    ("tenants-restore_tenant", Superadmin),
    ("tenants-update_tenant", Admin),
    ("uploads-get_presigned_upload_url", Writer),
    // A viewer's request is refused by the rules about roles, once it has been read.
    ("users-create_user", User),
    ("users-delete_user", Admin),
    ("users-get_current_user_info", User),
    ("users-get_user", Admin),
    ("users-list_users", Admin),
    ("users-update_current_user", User),
    ("users-update_user", Admin),
];

/// What the description of the API lists.
pub(crate) async fn operations(server: &TestServer) -> Vec<Operation> {
    let document = server.get("/openapi.json").answer().await.expect(200);
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            operations.push(Operation::read(&document, path, method, described));
        }
    }
    for (id, _) in CLASSES {
        assert!(operations.iter().any(|operation| operation.id == *id), "{id} is not served");
    }
    operations
}

impl Operation {
    fn read(document: &Value, path: &str, method: &str, described: &Value) -> Self {
        let id = described["operationId"].as_str().unwrap().to_owned();
        let class = CLASSES.iter().find(|(known, _)| *known == id);
        let class = class.unwrap_or_else(|| panic!("{id} is in no class: who may call it?")).1;
        let parameters = |admit: &dyn Fn(&Value) -> bool| -> Vec<String> {
            let all = described["parameters"].as_array().into_iter().flatten();
            let here = all.filter(|parameter| admit(parameter));
            here.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
        };
        let is_query = |parameter: &Value| parameter["in"] == "query";
        let body = &described["requestBody"]["content"]["application/json"]["schema"];
        let fields = (!body.is_null()).then(|| fields(document, body));
        Self {
            class,
            method: method.to_uppercase().parse().unwrap(),
            path: path.to_owned(),
            places: parameters(&|parameter| parameter["in"] == "path"),
            queries: parameters(&is_query),
            required: parameters(&|parameter| is_query(parameter) && parameter["required"] == true),
            fields,
            id,
        }
    }

    /// The path with values in its variable segments.
    pub(crate) fn at(&self, value: impl Fn(&str) -> String) -> String {
        let fill =
            |path: String, place: &String| path.replace(&format!("{{{place}}}"), &value(place));
        let path = self.places.iter().fold(self.path.clone(), fill);
        assert!(!path.contains('{'), "{path}");
        path
    }

    /// As [`at`](Self::at), with the parameters of the query that can't be left out.
    pub(crate) fn asked(&self, value: impl Fn(&str) -> String) -> String {
        let query: Vec<_> =
            self.required.iter().map(|name| format!("{name}={}", value(name))).collect();
        let path = self.at(value);
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// Whether it is about one tenant, which superadmins have to name.
    pub(crate) fn within_a_tenant(&self) -> bool {
        let elsewhere =
            ["auth-", "tenants-", "uploads-", "users-"].iter().any(|tag| self.id.starts_with(tag));
        !elsewhere && !matches!(self.class, Public | Human) && !self.is_the_same_for_all()
    }

    /// Whether it answers everybody alike, since it shows nothing of any tenant.
    pub(crate) fn is_the_same_for_all(&self) -> bool {
        ["email-templates-get_default_template", "email-templates-list_template_types"]
            .contains(&self.id.as_str())
    }

    pub(crate) fn reads(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether the portal shows it to accepted participants of the event only: to everybody else it is
    /// forbidden, whether there is such an event or not.
    pub(crate) fn is_for_participants(&self) -> bool {
        self.id.ends_with("_attendees_directory") || self.id.ends_with("_attendees_directory_csv")
    }

    /// Whether it prices an order, which only somebody accepted can make.
    pub(crate) fn prices(&self) -> bool {
        ["payments-create_my_payment", "payments-preview_my_payment"].contains(&self.id.as_str())
    }

    /// Whether it is about what somebody has, which may be nothing, also where there is no such event and nobody
    /// of that address.
    pub(crate) fn may_show_nothing(&self) -> bool {
        [
            "applications-get_my_participation",
            "applications-get_my_purchases",
            "attendees-get_tickets_by_email",
            "carts-delete_my_cart",
            "carts-get_my_cart",
        ]
        .contains(&self.id.as_str())
    }
}

impl Class {
    /// Whether it lets this caller in.
    pub(crate) fn admits(self, role: Role) -> bool {
        match self {
            Public => true,
            Token => role != Role::Nobody,
            User => matches!(role, Role::Superadmin | Role::Admin | Role::Viewer),
            Writer | Admin => matches!(role, Role::Superadmin | Role::Admin),
            Superadmin => role == Role::Superadmin,
            Human => role == Role::Human,
        }
    }

    /// Whether this caller has a token of the kind that it asks for.
    pub(crate) fn knows_token_of(self, role: Role) -> bool {
        match self {
            Public | Token => true,
            Human => role == Role::Human,
            User | Writer | Admin | Superadmin => role != Role::Human,
        }
    }
}

/// The names of the fields of a schema.
fn fields(document: &Value, schema: &Value) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return fields(document, document.pointer(reference.trim_start_matches('#')).unwrap());
    }
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    let own =
        schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys().cloned());
    own.chain(alternatives.flat_map(|alternative| fields(document, alternative))).collect()
}
