//! What there is to see.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};
use edgeos_app::tokens::Subject;
use edgeos_domain::{
    ApplicationStatus, AttendeeCategory, FieldType, PaymentSource, PaymentStatus, PaymentType,
    PopupStatus, ProductCategory, ReviewDecision, StrategyType, TenantId, UserId,
};
use edgeos_http::Machine;
use edgeos_ports::{
    ApplicationFilter, Applications, Environment, Forms, Paging, Store, TenantScope,
};
use edgeos_postgres::PgStore;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgPool};

use super::Seeded;
use crate::{
    harness::{Send, TestServer, settings},
    patience::until,
};

/// The values of a column in the village, in lower case.
async fn values(sql: &PgPool, table: &str, column: &str) -> BTreeSet<String> {
    let query = format!(
        "SELECT DISTINCT lower({column}::text) FROM {table} r JOIN tenants t ON t.id = r.tenant_id \
         WHERE t.slug = 'demo' AND {column} IS NOT NULL"
    );
    let values = sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(sql).await.unwrap();
    values.into_iter().collect()
}

fn all<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> BTreeSet<String> {
    values.iter().map(|value| name(*value).to_lowercase()).collect()
}

async fn count(sql: &PgPool, query: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(sql).await.unwrap()
}

#[tokio::test]
async fn every_value_of_every_enumeration_is_there() {
    let seeded = Seeded::today().await;
    let sql = &seeded.sql;
    for (table, column, expected) in [
        ("applications", "status", all(&ApplicationStatus::ALL, ApplicationStatus::as_str)),
        ("payments", "status", all(&PaymentStatus::ALL, PaymentStatus::as_str)),
        ("payments", "payment_type", all(&PaymentType::ALL, PaymentType::as_str)),
        ("payments", "source", all(&PaymentSource::ALL, PaymentSource::as_str)),
        ("popups", "status", all(&PopupStatus::ALL, PopupStatus::as_str)),
        ("products", "category", all(&ProductCategory::ALL, ProductCategory::as_str)),
        ("products", "duration_type", ["day", "full", "month", "week"].map(str::to_owned).into()),
        ("products", "attendee_category", all(&AttendeeCategory::ALL, AttendeeCategory::as_str)),
        ("attendees", "category", all(&AttendeeCategory::ALL, AttendeeCategory::as_str)),
        ("approvalstrategies", "strategy_type", all(&StrategyType::ALL, StrategyType::as_str)),
        ("applicationreviews", "decision", all(&ReviewDecision::ALL, ReviewDecision::as_str)),
        ("formfields", "field_type", all(&FieldType::CUSTOM, FieldType::as_str)),
        ("applications", "scholarship_status", ["approved", "rejected"].map(str::to_owned).into()),
        ("outbox", "state", ["dead", "sent"].map(str::to_owned).into()),
    ] {
        assert_eq!(values(sql, table, column).await, expected, "{table}.{column}");
    }
    let undecided = "SELECT count(*) FROM applications WHERE scholarship_request \
                     AND scholarship_status IS NULL AND status = 'in review'";
    assert!(count(sql, undecided).await > 0);
}

/// A sentence that has to hold, as a question to the database.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one sentence after the other")]
async fn every_line_of_the_catalogue_can_be_seen() {
    let seeded = Seeded::today().await;
    let village = "(SELECT id FROM tenants WHERE slug = 'demo')";
    for (what, least, from) in [
        ("people", 40, "humans WHERE tenant_id = VILLAGE"),
        ("somebody red-flagged", 1, "humans WHERE tenant_id = VILLAGE AND red_flag"),
        ("an empty profile", 1, "humans WHERE tenant_id = VILLAGE AND first_name IS NULL"),
        ("names beyond ASCII", 5, "humans WHERE tenant_id = VILLAGE AND last_name ~ '[^ -~]'"),
        ("long names", 1, "humans WHERE tenant_id = VILLAGE AND length(last_name) > 60"),
        (
            "somebody in two events",
            1,
            "(SELECT FROM applications WHERE tenant_id = VILLAGE GROUP BY human_id HAVING count(*) > 1)",
        ),
        (
            "a companion whom nobody knows",
            1,
            "attendees WHERE tenant_id = VILLAGE AND email IS NOT NULL AND human_id IS NULL",
        ),
        ("active admins", 3, "users WHERE tenant_id = VILLAGE AND role = 'admin' AND NOT deleted"),
        ("a viewer", 1, "users WHERE tenant_id = VILLAGE AND role = 'viewer'"),
        ("a deleted user", 1, "users WHERE tenant_id = VILLAGE AND deleted"),
        ("events", 6, "popups WHERE tenant_id = VILLAGE AND tagline <> '' AND location <> ''"),
        ("a compared price", 1, "products WHERE tenant_id = VILLAGE AND compare_price > price"),
        ("something exclusive", 1, "products WHERE tenant_id = VILLAGE AND exclusive"),
        ("something free", 1, "products WHERE tenant_id = VILLAGE AND price = 0"),
        ("something inactive", 1, "products WHERE tenant_id = VILLAGE AND NOT is_active"),
        ("something insured", 1, "products WHERE tenant_id = VILLAGE AND insurance_percentage > 0"),
        (
            "something for nobody",
            1,
            "products WHERE tenant_id = VILLAGE AND category = 'TICKET' AND attendee_category IS NULL",
        ),
        ("something past", 1, "products WHERE tenant_id = VILLAGE AND end_date < now()"),
        ("something to come", 1, "products WHERE tenant_id = VILLAGE AND start_date > now()"),
        ("something unlimited", 1, "products WHERE tenant_id = VILLAGE AND max_quantity IS NULL"),
        ("something sold out", 1, "SOLD WHERE units = max_quantity"),
        ("something nearly sold out", 1, "SOLD WHERE units = max_quantity - 1"),
        (
            "an unused coupon",
            1,
            "coupons WHERE tenant_id = VILLAGE AND current_uses = 0 AND max_uses > 0",
        ),
        (
            "a partly used coupon",
            1,
            "coupons WHERE tenant_id = VILLAGE AND current_uses BETWEEN 1 AND max_uses - 1",
        ),
        ("a used up coupon", 1, "coupons WHERE tenant_id = VILLAGE AND current_uses = max_uses"),
        ("an expired coupon", 1, "coupons WHERE tenant_id = VILLAGE AND end_date < now()"),
        ("a coupon too early", 1, "coupons WHERE tenant_id = VILLAGE AND start_date > now()"),
        ("an inactive coupon", 1, "coupons WHERE tenant_id = VILLAGE AND NOT is_active"),
        (
            "a coupon for everything",
            1,
            "coupons WHERE tenant_id = VILLAGE AND discount_value = 100",
        ),
        (
            "a required question",
            1,
            "formfields WHERE tenant_id = VILLAGE AND required AND section_id IS NOT NULL",
        ),
        (
            "an optional question",
            1,
            "formfields WHERE tenant_id = VILLAGE AND NOT required AND section_id IS NULL",
        ),
        (
            "a reworded question",
            1,
            "basefieldconfigs WHERE tenant_id = VILLAGE AND label IS NOT NULL",
        ),
        (
            "an open group",
            1,
            "groups g WHERE tenant_id = VILLAGE AND discount_percentage > 0 AND NOT EXISTS (SELECT FROM group_whitelisted_emails w WHERE w.group_id = g.id)",
        ),
        (
            "a full group",
            1,
            "groups g WHERE tenant_id = VILLAGE AND max_members = (SELECT count(*) FROM group_members m WHERE m.group_id = g.id)",
        ),
        (
            "listed addresses",
            3,
            "group_whitelisted_emails w WHERE tenant_id = VILLAGE AND NOT EXISTS (SELECT FROM humans h WHERE h.tenant_id = w.tenant_id AND h.email = w.email)",
        ),
        ("an invite link", 1, "groups WHERE tenant_id = VILLAGE AND is_ambassador_group"),
        ("a group with products", 1, "group_products WHERE tenant_id = VILLAGE"),
        (
            "a led member",
            1,
            "group_members m JOIN group_leaders l USING (tenant_id, group_id) WHERE tenant_id = VILLAGE",
        ),
        (
            "a discount granted",
            1,
            "applications WHERE tenant_id = VILLAGE AND status = 'accepted' AND discount_percentage > 0 AND incentive_amount IS NULL",
        ),
        (
            "an incentive granted",
            1,
            "applications WHERE tenant_id = VILLAGE AND status = 'accepted' AND incentive_amount > 0",
        ),
        ("credit", 1, "applications WHERE tenant_id = VILLAGE AND credit > 0"),
        (
            "arrivals on each day of the camp",
            6,
            "(SELECT DISTINCT date(arrival_date) FROM check_ins c JOIN attendees a USING (tenant_id) JOIN popups p ON p.id = a.popup_id WHERE c.tenant_id = VILLAGE AND a.id = c.attendee_id AND p.slug = 'spring-camp')",
        ),
        (
            "somebody scanned again",
            1,
            "check_ins WHERE tenant_id = VILLAGE AND qr_scan_timestamp > arrival_date",
        ),
        (
            "somebody who left",
            1,
            "check_ins WHERE tenant_id = VILLAGE AND departure_date IS NOT NULL",
        ),
        (
            "something for nothing",
            1,
            "payments WHERE tenant_id = VILLAGE AND status = 'approved' AND amount = 0",
        ),
        (
            "a payment with coupon",
            1,
            "payments WHERE tenant_id = VILLAGE AND coupon_code IS NOT NULL AND status = 'approved'",
        ),
        (
            "a payment with group",
            1,
            "payments WHERE tenant_id = VILLAGE AND group_id IS NOT NULL AND discount_value > 0",
        ),
        ("an insured payment", 1, "payments WHERE tenant_id = VILLAGE AND insurance_amount > 0"),
        (
            "a payment with credit",
            1,
            "payments WHERE tenant_id = VILLAGE AND (settlement ->> 'credit_used')::numeric > 0",
        ),
        (
            "changes of passes",
            2,
            "payments WHERE tenant_id = VILLAGE AND edit_passes AND status = 'approved'",
        ),
        (
            "a plan half paid",
            1,
            "payments WHERE tenant_id = VILLAGE AND is_installment_plan AND installments_paid < installments_total",
        ),
        (
            "a plan paid",
            1,
            "payments WHERE tenant_id = VILLAGE AND is_installment_plan AND installments_paid = installments_total",
        ),
        (
            "a coin with its rate",
            1,
            "payments WHERE tenant_id = VILLAGE AND currency <> 'USD' AND rate > 1",
        ),
        ("carts", 3, "carts WHERE tenant_id = VILLAGE"),
        (
            "a cart with coupon",
            1,
            "carts WHERE tenant_id = VILLAGE AND items ->> 'promo_code' <> ''",
        ),
        (
            "a cart of today",
            1,
            "carts WHERE tenant_id = VILLAGE AND updated_at > now() - interval '1 hour'",
        ),
        (
            "words for each decision",
            6,
            "email_templates WHERE tenant_id = VILLAGE AND template_type LIKE 'application%' AND is_active",
        ),
        ("words out of use", 1, "email_templates WHERE tenant_id = VILLAGE AND NOT is_active"),
        ("a subject", 1, "email_templates WHERE tenant_id = VILLAGE AND subject <> ''"),
        ("sent mails", 3, "outbox WHERE tenant_id = VILLAGE AND state = 'sent'"),
        (
            "a dead mail",
            1,
            "outbox WHERE tenant_id = VILLAGE AND state = 'dead' AND last_error <> ''",
        ),
        (
            "the same person elsewhere",
            1,
            "humans a JOIN humans b USING (email) WHERE a.tenant_id = VILLAGE AND b.tenant_id <> VILLAGE",
        ),
        (
            "a second organisation with its admin",
            1,
            "users u JOIN tenants t ON t.id = u.tenant_id WHERE t.slug = 'harbour' AND role = 'admin'",
        ),
        ("a deleted organisation", 1, "tenants WHERE is_demo AND deleted"),
        (
            "the village in full dress",
            1,
            "tenants WHERE slug = 'demo' AND logo_url <> '' AND icon_url <> '' AND image_url <> '' AND sender_email <> '' AND custom_domain <> '' AND NOT custom_domain_active",
        ),
    ] {
        let sold = "(SELECT max_quantity, (SELECT sum(quantity) FROM attendee_products h WHERE h.product_id = p.id) AS units FROM products p WHERE p.tenant_id = VILLAGE AND max_quantity > 0) s";
        let from = from.replace("SOLD", sold).replace("VILLAGE", village);
        let from = if from.starts_with("(SELECT FROM") || from.starts_with("(SELECT DISTINCT") {
            format!("{from} s")
        } else {
            from
        };
        let found = count(&seeded.sql, &format!("SELECT count(*) FROM {from}")).await;
        assert!(found >= least, "{what}: {found} of {least}");
    }
}

#[tokio::test]
async fn every_address_belongs_to_nobody() {
    let seeded = Seeded::today().await;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name LIKE '%email'",
    )
    .fetch_all(&seeded.sql)
    .await
    .unwrap();
    assert!(columns.len() > 7, "{columns:?}");
    for (table, column) in columns {
        let query = format!(
            "SELECT {column} FROM {table} WHERE {column} !~ '@([a-z-]+[.])*example[.](com|org)$'"
        );
        let foreign: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&seeded.sql).await.unwrap();
        assert_eq!(foreign, [""; 0], "{table}.{column}");
    }
    let texts = "SELECT custom_fields::text || coalesce(custom_fields_schema::text, '')
                 FROM applications";
    let texts: Vec<String> = sqlx::query_scalar(texts).fetch_all(&seeded.sql).await.unwrap();
    for word in texts.iter().flat_map(|text| text.split('"')).filter(|word| word.contains('@')) {
        assert!(word.contains(".example.") || word.contains("@example."), "{word}");
    }
}

#[tokio::test]
async fn answers_fit_the_forms_and_only_who_is_accepted_holds_anything() {
    let seeded = Seeded::today().await;
    let store = PgStore::connect(&settings(&seeded.database, &[]).postgres);
    let tenant = "SELECT id FROM tenants WHERE slug = 'demo'";
    let tenant = sqlx::query_scalar(tenant).fetch_one(&seeded.sql).await.unwrap();
    let mut tx = store.begin(&TenantScope::of_worker(TenantId(tenant))).await.unwrap();
    let paging = Paging { skip: 0, limit: 1000 };
    let views = tx.application_views(&ApplicationFilter::default(), paging).await.unwrap().items;
    for view in views {
        let application = &view.application;
        let form = tx.form(application.popup).await.unwrap();
        let answers = application.custom_fields.clone();
        // Whoever comes by a group, or is still writing, may leave questions open.
        let whole = application.group.is_none() && application.status() != ApplicationStatus::Draft;
        let checked = form.check_answers(&Map::new(), answers.clone(), whole);
        assert_eq!(checked, Ok(answers), "{}", view.human.email.as_str());
        let holds = view.attendees.iter().any(|attendee| !attendee.products.is_empty());
        assert!(!holds || application.status() == ApplicationStatus::Accepted, "{application:?}");
    }
    let orders = "SELECT count(*) FROM (SELECT FROM formsections GROUP BY popup_id, \"order\" HAVING count(*) > 1) s";
    assert_eq!(count(&seeded.sql, orders).await, 0);
    let unseen = "SELECT count(*) FROM applications a WHERE status NOT IN ('draft', 'withdrawn')
                  AND NOT EXISTS (SELECT FROM application_snapshots s
                      WHERE s.tenant_id = a.tenant_id AND s.application_id = a.id
                      AND s.status = a.status AND s.created_at >= ALL (
                          SELECT created_at FROM application_snapshots o
                          WHERE o.tenant_id = a.tenant_id AND o.application_id = a.id))";
    assert_eq!(count(&seeded.sql, unseen).await, 0);
}

#[tokio::test]
async fn a_year_later_nothing_is_stale() {
    let days = 365;
    let seeded = Seeded::after(days).await;
    let now = (Machine.now() + TimeDelta::days(days)).naive_utc();
    let dates: Vec<(String, NaiveDateTime, NaiveDateTime)> = sqlx::query_as(
        "SELECT p.slug, start_date, end_date FROM popups p JOIN tenants t ON t.id = p.tenant_id
         WHERE t.slug = 'demo' ORDER BY p.created_at",
    )
    .fetch_all(&seeded.sql)
    .await
    .unwrap();
    let future: Vec<bool> = dates.iter().map(|(_, start, _)| *start > now).collect();
    let past: Vec<bool> = dates.iter().map(|(_, _, end)| *end < now).collect();
    assert_eq!(future, [true, true, true, true, false, false], "{dates:?}");
    assert_eq!(past, [false, false, false, false, true, true], "{dates:?}");
    let valid = "SELECT count(*) FROM coupons WHERE is_active
                 AND (start_date IS NULL OR start_date <= now() + interval '365 days')
                 AND (end_date IS NULL OR end_date >= now() + interval '365 days')";
    assert!(count(&seeded.sql, valid).await > 0);
}

#[tokio::test]
async fn the_dashboard_has_a_number_in_every_box() {
    let seeded = Seeded::today().await;
    let popup = seeded.popup("summer-village").await;
    let admin = "SELECT id FROM users WHERE email = 'admin@demo.example.com'";
    let admin = sqlx::query_scalar(admin).fetch_one(&seeded.sql).await.unwrap();
    let server = TestServer::on(seeded.database).await;
    let token = TestServer::token(Subject::User(UserId(admin)));
    let stats = server.get(&format!("/dashboard/stats?popup_id={popup}")).bearer_auth(token);
    let stats = stats.answer().await.expect(200);
    for (part, numbers) in stats.as_object().unwrap() {
        for (name, number) in numbers.as_object().unwrap() {
            let number = number.as_str().map_or_else(|| number.to_string(), str::to_owned);
            assert!(number.parse::<f64>().unwrap() > 0.0, "{part}.{name}: {stats}");
        }
    }
}

#[tokio::test]
async fn seeding_sends_no_mail() {
    let seeded = Seeded::today().await;
    let queued = "SELECT count(*) FROM outbox WHERE state = 'queued'";
    assert_eq!(count(&seeded.sql, queued).await, 0);
    let server = TestServer::on(seeded.database).await;
    // Workers have looked once somebody else's mail is there.
    server.signs_in("admin@demo.example.com").await;
    until(async || !server.inbox().messages().is_empty()).await;
    let addresses: Vec<_> =
        server.inbox().messages().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(addresses, ["admin@demo.example.com"]);
}

/// The words that organisers have written are words that can be sent.
#[tokio::test]
async fn every_mail_template_can_be_previewed() {
    let seeded = Seeded::today().await;
    let server = TestServer::on(seeded.database).await;
    let admin = server.signs_in("admin@demo.example.com").await;
    let templates = admin.get("/email-templates").await.expect(200);
    let templates = templates["results"].as_array().unwrap();
    assert_eq!(templates.len(), 8);
    for template in templates {
        let draft = serde_json::json!({
            "template_type": template["template_type"],
            "subject": template["subject"],
            "html_content": template["html_content"],
            "popup_id": template["popup_id"],
            "preview_variables": { "first_name": "Inês" },
        });
        let seen = admin.post("/email-templates/preview", draft).await.expect(200);
        let html = seen["rendered_html"].as_str().unwrap_or_default();
        assert!(html.contains("Inês"), "{seen}");
    }
}

#[tokio::test]
async fn the_organisations_know_nothing_of_each_other() {
    let seeded = Seeded::today().await;
    let server = TestServer::on(seeded.database).await;
    let anonymous = server.anonymous();
    let mut seen: Vec<Value> = Vec::new();
    for slug in ["demo", "harbour"] {
        let tenant = anonymous.get(&format!("/tenants/public/{slug}")).await.expect(200);
        let guest = server.signs_in_at(&tenant, "ines.carvalho@example.com").await;
        let mine = guest.get("/applications/my/applications").await.expect(200);
        seen.push(mine["paging"]["total"].clone());
    }
    assert_eq!(seen, [2, 1]);
    anonymous.get("/tenants/public/old-mill").await.expect(404);
}
