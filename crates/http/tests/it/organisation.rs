//! Organisations with something of everything.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::TestServer,
    passes::{give, product},
    people::{Person, id_of},
    surface::{Class, Operation},
};

/// A code that takes something off in every organisation.
const CODE: &str = "FRIENDS";

/// An organisation, its people, and an event with applications.
pub(crate) struct Organisation<'a> {
    pub(crate) id: Uuid,
    /// As the API shows it.
    pub(crate) tenant: Value,
    /// Reviews the event; has voted on the first application, not on the second.
    pub(crate) admin: Person<'a>,
    pub(crate) viewer: Person<'a>,
    /// Has applied.
    pub(crate) human: Person<'a>,
    /// Is accepted, and holds a pass.
    pub(crate) attendee: Person<'a>,
    pub(crate) popup: Uuid,
    slug: String,
    pub(crate) application: Uuid,
    /// Comes along with the human.
    companion: Uuid,
    /// The check-in code of somebody who holds a pass, and the address.
    code: String,
    email: String,
    pub(crate) group: Uuid,
    section: Uuid,
    field: Uuid,
    config: Uuid,
    product: Uuid,
    coupon: Uuid,
    template: Uuid,
    /// A mail to the applicant.
    mail: Uuid,
    /// The application of the attendee, and the attendee as such.
    pub(crate) accepted: Uuid,
    holder: Uuid,
    /// Something that costs nothing.
    gift: Uuid,
    /// Of the applicant, approved.
    payment: Uuid,
}

impl<'a> Organisation<'a> {
    /// An organisation of this name, set up by `root`.
    pub(crate) async fn set_up(server: &'a TestServer, root: &Person<'a>, name: &str) -> Self {
        let tenant = root.organisation(name).await;
        let id = id_of(&tenant);
        let admin = server.staff("admin", &tenant).await;
        let viewer = server.staff("viewer", &tenant).await;
        let event = json!({
            "name": format!("{name} Summit"), "status": "active", "allows_spouse": true,
            "allows_scholarship": true, "allows_coupons": true, "invoice_company_name": name,
            "invoice_company_address": "Main Square 1", "invoice_company_email": "bill@x.com",
        });
        let event = admin.post("/popups", event).await.expect(201);
        let popup = id_of(&event);
        let strategy = json!({ "strategy_type": "threshold", "required_approvals": 2 });
        admin.post(&format!("/popups/{popup}/approval-strategy"), strategy).await.expect(201);
        let reviewer = json!({ "user_id": admin.id() });
        admin.post(&format!("/popups/{popup}/reviewers"), reviewer).await.expect(201);
        let human = server.participant(&tenant).await;
        let group = json!({ "popup_id": popup, "name": "Friends" });
        let group = id_of(&admin.post("/groups", group).await.expect(201));
        let leader = format!("/groups/{group}/leaders/{}", human.id());
        admin.send(Method::PUT, &leader, None).await.expect(204);
        let application = json!({
            "popup_id": popup, "first_name": "Ann", "last_name": "Lee", "status": "in review",
            "scholarship_request": true, "scholarship_details": "Please",
            "companions": [{ "name": "Bo Lee", "category": "spouse" }],
        });
        let application = human.post("/applications/my", application).await.expect(201);
        let companion = id_of(&application["attendees"][1]);
        let application = id_of(&application);
        human.put(&format!("/carts/my/{popup}"), json!({ "items": {} })).await.expect(200);
        let vote = json!({ "decision": "yes" });
        admin.post(&format!("/applications/{application}/reviews"), vote).await.expect(201);
        let attendee = server.participant(&tenant).await;
        for (who, decision) in [
            (server.participant(&tenant).await, None),
            (server.participant(&tenant).await, Some("reject")),
            (attendee.clone(), Some("accept")),
        ] {
            let body = json!({
                "popup_id": popup, "first_name": "Cy", "last_name": "Oh", "status": "in review",
            });
            let other = who.post("/applications/my", body).await.expect(201);
            if let Some(decision) = decision {
                let path = format!("/applications/{}/decision", id_of(&other));
                admin.post(&path, json!({ "decision": decision })).await.expect(200);
            }
        }
        let section = json!({ "popup_id": popup, "label": "More" });
        let section = id_of(&admin.post("/form-sections", section).await.expect(201));
        let field = json!({ "popup_id": popup, "label": "Size", "section_id": section });
        let field = id_of(&admin.post("/form-fields", field).await.expect(201));
        let configs = admin.get(&format!("/base-field-configs?popup_id={popup}")).await;
        let config = id_of(&configs.expect(200)[0]);
        week_pass(server, id, popup, attendee.id()).await;
        let words = json!({
            "popup_id": popup, "template_type": "application_rejected", "html_content": "No",
        });
        let template = id_of(&admin.post("/email-templates", words).await.expect(201));
        let mail = "SELECT id FROM outbox WHERE tenant_id = $1 ORDER BY created_at LIMIT 1";
        let mail = sqlx::query_scalar(mail).bind(id).fetch_one(&server.sql).await.unwrap();
        let product = json!({ "popup_id": popup, "name": "Pass", "price": 100 });
        let product = id_of(&admin.post("/products", product).await.expect(201));
        let coupon = json!({ "popup_id": popup, "code": CODE, "discount_value": 10 });
        let coupon = id_of(&admin.post("/coupons", coupon).await.expect(201));
        let (code, email) = pass_holder(server, &tenant, &admin, popup).await;
        let gift = json!({ "popup_id": popup, "name": "Badge", "price": 0, "category": "merch" });
        let gift = id_of(&admin.post("/products", gift).await.expect(201));
        let (accepted, holder) = accepted_holder(server, &attendee).await;
        let payment = paid_payment(server, id, application, popup).await;
        Self {
            id,
            tenant,
            admin,
            viewer,
            human,
            attendee,
            popup,
            section,
            field,
            config,
            slug: event["slug"].as_str().unwrap().to_owned(),
            application,
            companion,
            code,
            email,
            group,
            template,
            mail,
            product,
            coupon,
            accepted,
            holder,
            gift,
            payment,
        }
    }

    /// Somebody who may call `operation` here; `root` where it takes a superadmin.
    pub(crate) fn insider(&self, operation: &Operation, root: &Person<'a>) -> Person<'a> {
        match operation.class {
            Class::Human => self.participant(operation),
            Class::Superadmin => root.naming(self.id),
            _ => self.admin.clone(),
        }
    }

    /// Somebody of the portal to whom `operation` shows something.
    pub(crate) fn participant(&self, operation: &Operation) -> Person<'a> {
        if operation.is_for_participants() || operation.prices() {
            self.attendee.clone()
        } else {
            self.human.clone()
        }
    }

    /// What a parameter or a field of this name may say here.
    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> String {
        match name {
            "application_id" | "subject_id" => self.application.to_string(),
            "attendee_id" => self.companion.to_string(),
            "code" => self.code.clone(),
            "email" => self.email.clone(),
            "config_id" => self.config.to_string(),
            "field_id" => self.field.to_string(),
            "coupon_id" => self.coupon.to_string(),
            "email_id" => self.mail.to_string(),
            "group_id" => self.group.to_string(),
            "group_slug" => "friends".to_owned(),
            "external_id" => format!("request-{}", self.payment),
            "ambassador_id" | "human_id" => self.human.id().to_string(),
            "payment_id" => self.payment.to_string(),
            "popup_id" => self.popup.to_string(),
            "section_id" => self.section.to_string(),
            "product_id" => self.product.to_string(),
            "slug" => self.slug.clone(),
            "template_id" => self.template.to_string(),
            "template_type" => "application_received".to_owned(),
            "tenant_id" => self.id.to_string(),
            "user_id" => self.admin.id().to_string(),
            name => panic!("no organisation has a {name} yet"),
        }
    }

    /// A body with which `operation` would do something here.
    #[track_caller]
    pub(crate) fn body(&self, operation: &Operation) -> Option<Value> {
        operation.fields.as_ref()?;
        let address = || format!("{}@example.com", edgeos_testkit::random_text());
        Some(match operation.id.as_str() {
            "application-reviews-submit_review" => json!({ "decision": "strong_yes" }),
            "applications-add_my_attendee" => json!({ "name": "Flo Lee", "category": "kid" }),
            "applications-create_application_admin" => json!({
                "popup_id": self.popup, "email": address(), "first_name": "Di", "last_name": "Wu",
            }),
            "applications-create_my_application" => {
                json!({ "popup_id": self.popup, "first_name": "Di", "last_name": "Wu" })
            }
            "applications-decide_application" => json!({ "decision": "reject" }),
            "applications-review_scholarship" => json!({ "scholarship_status": "rejected" }),
            "applications-update_my_application" => json!({ "referral": "A friend" }),
            "applications-update_my_attendee" | "attendees-update_attendee" => {
                json!({ "name": "Eve Lee" })
            }
            "approval-strategies-create_or_update_approval_strategy" => {
                json!({ "strategy_type": "any_reviewer" })
            }
            "approval-strategies-update_approval_strategy" => json!({ "required_approvals": 3 }),
            "check-ins-scan_code" => json!({ "code": self.code, "popup_id": self.popup }),
            "check-ins-update_check_in" => json!({ "arrival_date": "2020-06-10T09:00:00Z" }),
            "base-field-configs-update_base_field_config" => json!({ "label": "Sex" }),
            "form-fields-create_form_field" => json!({ "popup_id": self.popup, "label": "Age" }),
            "form-fields-update_form_field" => json!({ "label": "Shirt" }),
            "form-sections-create_form_section" => {
                json!({ "popup_id": self.popup, "label": "Food" })
            }
            "form-sections-update_form_section" => json!({ "order": 7 }),
            "carts-update_my_cart" => json!({ "items": {} }),
            "coupons-create_coupon" => json!({
                "popup_id": self.popup, "code": edgeos_testkit::random_text(), "discount_value": 20,
            }),
            "coupons-update_coupon" => json!({ "discount_value": 30 }),
            "coupons-validate_coupon" => json!({ "popup_id": self.popup, "code": CODE }),
            "groups-add_group_member" => {
                json!({ "email": address(), "first_name": "Di", "last_name": "Wu" })
            }
            "groups-add_group_members_batch" => json!({
                "members": [{ "email": address(), "first_name": "Di", "last_name": "Wu" }],
            }),
            "groups-create_group" => {
                json!({ "popup_id": self.popup, "name": edgeos_testkit::random_text() })
            }
            "groups-update_group" | "groups-update_my_group" => json!({ "welcome_message": "Hi" }),
            "groups-update_group_member" => json!({ "telegram": "@di" }),
            "email-templates-create_email_template" => json!({
                "popup_id": self.popup, "template_type": "payment_confirmed", "html_content": "Hi",
            }),
            "email-templates-preview_template" | "email-templates-send_test_email" => json!({
                "popup_id": self.popup, "template_type": "payment_confirmed",
                "html_content": "{{ popup_name }}", "to_email": address(),
            }),
            "email-templates-update_email_template" => json!({ "html_content": "Hello" }),
            "humans-create_human" => json!({ "email": address() }),
            "humans-update_current_human" | "humans-update_human" => json!({ "first_name": "Eve" }),
            "payments-create_my_application_fee" => json!({ "application_id": self.application }),
            "payments-create_my_payment" | "payments-preview_my_payment" => json!({
                "application_id": self.accepted,
                "products": [{ "product_id": self.gift, "attendee_id": self.holder }],
            }),
            "payments-update_payment" => json!({ "rate": 2 }),
            "popup-reviewers-add_reviewer" => json!({ "user_id": self.admin.id() }),
            "popup-reviewers-update_reviewer" => json!({ "is_required": true }),
            "popups-update_popup" => json!({ "tagline": "New" }),
            "popups-create_popup" | "tenants-create_tenant" => {
                json!({ "name": edgeos_testkit::random_text() })
            }
            "products-create_product" => {
                json!({ "popup_id": self.popup, "name": "Mug", "price": 5, "category": "merch" })
            }
            "products-create_products_batch" => json!({
                "popup_id": self.popup, "products": [{ "name": "Bed", "price": 50 }],
            }),
            "products-update_product" => json!({ "description": "New" }),
            "tenants-issue_credentials" => json!({ "rotate": true }),
            "tenants-update_tenant" => json!({ "sender_name": "New" }),
            "uploads-get_presigned_upload_url" => {
                json!({ "filename": "a.png", "content_type": "image/png" })
            }
            "users-create_user" => json!({ "email": address(), "role": "viewer" }),
            "users-update_current_user" | "users-update_user" => json!({ "full_name": "Flo" }),
            id => panic!("no body for {id} yet"),
        })
    }
}

/// A pass in the hands of whoever `human` is at the event.
async fn week_pass(server: &TestServer, tenant: Uuid, popup: Uuid, human: Uuid) {
    let pass = "WITH pass AS (
                    INSERT INTO products (id, tenant_id, popup_id, name, slug, price)
                    VALUES (gen_random_uuid(), $1, $2, 'Week 1', 'week1', 100) RETURNING id
                )
                INSERT INTO attendee_products (tenant_id, attendee_id, product_id)
                SELECT $1, attendees.id, pass.id FROM attendees, pass WHERE human_id = $3";
    let pass = sqlx::query(pass).bind(tenant).bind(popup).bind(human);
    pass.execute(&server.sql).await.unwrap();
}

/// The application of somebody who holds a pass, and who they are by it.
async fn accepted_holder(server: &TestServer, attendee: &Person<'_>) -> (Uuid, Uuid) {
    let holder = "SELECT application_id, id FROM attendees WHERE human_id = $1";
    sqlx::query_as(holder).bind(attendee.id()).fetch_one(&server.sql).await.unwrap()
}

/// A payment that came to nothing.
async fn paid_payment(server: &TestServer, tenant: Uuid, application: Uuid, popup: Uuid) -> Uuid {
    let payment = "INSERT INTO payments
                   (id, tenant_id, application_id, popup_id, status, amount, external_id)
                   SELECT id, $1, $2, $3, 'approved', 100, 'request-' || id
                   FROM gen_random_uuid() AS id RETURNING id";
    let payment = sqlx::query_scalar(payment).bind(tenant).bind(application).bind(popup);
    payment.fetch_one(&server.sql).await.unwrap()
}

/// Somebody who is accepted and holds a pass: the check-in code, and the address.
async fn pass_holder(
    server: &TestServer,
    tenant: &Value,
    admin: &Person<'_>,
    popup: Uuid,
) -> (String, String) {
    let holder = server.participant(tenant).await;
    let body = json!({
        "popup_id": popup, "first_name": "Flo", "last_name": "Ek", "status": "in review",
    });
    let application = holder.post("/applications/my", body).await.expect(201);
    let path = format!("/applications/{}/decision", id_of(&application));
    admin.post(&path, json!({ "decision": "accept" })).await.expect(200);
    let attendee = &application["attendees"][0];
    let product = product(server, id_of(tenant), popup, "Entry").await;
    give(server, id_of(attendee), product, 1).await;
    (attendee["check_in_code"].as_str().unwrap().to_owned(), holder.email().to_owned())
}
