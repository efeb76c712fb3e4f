//! Organisations that know nothing of each other, for every operation that there is.

use edgeos_testkit::simplefi::SimpleFiServer;
use serde_json::{Value, json};

use crate::{
    fingerprint::{fingerprint, traces},
    harness::{Answer, TestServer, nobody},
    organisation::Organisation,
    people::Person,
    surface::{Class, Operation, Role, operations},
};

/// Fields that name a row of the organisation: what belongs to another is as good as unknown.
const REFERENCES: &[(&str, &str)] = &[
    ("applications-create_application_admin", "group_id"),
    ("applications-create_application_admin", "popup_id"),
    ("applications-create_my_application", "group_id"),
    ("applications-create_my_application", "popup_id"),
    ("applications-update_my_application", "group_id"),
    ("check-ins-scan_code", "popup_id"),
    ("base-field-configs-update_base_field_config", "section_id"),
    ("coupons-create_coupon", "popup_id"),
    ("coupons-validate_coupon", "popup_id"),
    ("form-fields-create_form_field", "popup_id"),
    ("form-fields-create_form_field", "section_id"),
    ("form-fields-update_form_field", "section_id"),
    ("form-sections-create_form_section", "popup_id"),
    ("groups-create_group", "ambassador_id"),
    ("groups-create_group", "popup_id"),
    ("groups-update_group", "ambassador_id"),
    ("email-templates-create_email_template", "popup_id"),
    ("payments-create_my_application_fee", "application_id"),
    ("payments-create_my_payment", "application_id"),
    ("payments-preview_my_payment", "application_id"),
    ("popup-reviewers-add_reviewer", "user_id"),
    ("products-create_product", "popup_id"),
    ("products-create_products_batch", "popup_id"),
];

/// What everybody who may take part in an event has of it: what it shows, and a cart of their own.
const SHOWN: &[&str] = &[
    "carts-delete_my_cart",
    "carts-get_my_cart",
    "carts-update_my_cart",
    "form-fields-get_portal_application_schema",
    "popups-get_portal_popup",
];

/// Fields that name what the caller decides, and those that add nothing when they name what isn't there.
const IGNORED: &[(&str, &str)] = &[
    ("applications-create_my_application", "human_id"),
    ("email-templates-preview_template", "popup_id"),
    ("email-templates-send_test_email", "popup_id"),
    ("popups-create_popup", "tenant_id"),
    ("users-create_user", "tenant_id"),
    ("users-update_user", "tenant_id"),
];

/// Two organisations on one server.
struct Neighbours<'a> {
    root: Person<'a>,
    ours: Organisation<'a>,
    theirs: Organisation<'a>,
}

impl<'a> Neighbours<'a> {
    async fn on(server: &'a TestServer) -> Self {
        let root = server.superadmin().await;
        let ours = Organisation::set_up(server, &root, "Ours").await;
        let theirs = Organisation::set_up(server, &root, "Theirs").await;
        Self { root, ours, theirs }
    }

    /// Everybody of the other organisation; those whose own tenant counts name ours as well.
    fn strangers(&self, operation: &Operation) -> Vec<(Role, Person<'a>)> {
        let mut strangers = vec![
            (Role::Admin, self.theirs.admin.naming(self.ours.id)),
            (Role::Viewer, self.theirs.viewer.naming(self.ours.id)),
            (Role::Human, self.theirs.human.naming(self.ours.id)),
        ];
        if operation.within_a_tenant() {
            strangers.push((Role::Superadmin, self.root.naming(self.theirs.id)));
        }
        strangers
    }
}

/// The same words for what is another's and what isn't there, and never what was asked for.
#[track_caller]
fn assert_alike(what: &str, foreign: &Answer, unknown: &Answer) {
    assert!(!(200..300).contains(&foreign.status), "{what}: {foreign:?}");
    assert_eq!((foreign.status, &foreign.body), (unknown.status, &unknown.body), "{what}");
}

#[tokio::test]
async fn what_is_another_organisations_is_as_good_as_unknown() {
    let server = TestServer::start().await;
    let neighbours = Neighbours::on(&server).await;
    let Neighbours { ours, theirs, .. } = &neighbours;
    let before = fingerprint(&server.sql, None).await;
    let mut asked = 0;
    for operation in operations(&server).await {
        if operation.places.is_empty()
            || operation.class == Class::Public
            || operation.is_the_same_for_all()
        {
            continue;
        }
        let body = theirs.body(&operation);
        for (role, who) in neighbours.strangers(&operation) {
            // Each place alone, and all of them.
            let places = operation.places.iter().map(String::as_str);
            for only in places.map(Some).chain([None]) {
                let at = |value: &dyn Fn(&str) -> String| {
                    operation.at(|place| match only {
                        Some(only) if only != place => theirs.value(place),
                        _ => value(place),
                    })
                };
                let foreign = at(&|place| ours.value(place));
                let unknown = at(&|_| nobody().to_string());
                let method = operation.method.clone();
                let foreign = who.send(method.clone(), &foreign, body.as_ref()).await;
                let unknown = who.send(method, &unknown, body.as_ref()).await;
                let what = format!("{role:?} calls {} with {only:?}", operation.id);
                asked += 1;
                if operation.id.starts_with("users-") && operation.class.admits(role) {
                    // The contract tells them apart; identifiers can't be guessed.
                    assert_eq!((foreign.status, unknown.status), (403, 404), "{what}");
                } else if operation.may_show_nothing() && operation.class.admits(role) {
                    assert!((200..300).contains(&foreign.status), "{what}: {foreign:?}");
                    assert_eq!(
                        (foreign.status, foreign.body),
                        (unknown.status, unknown.body),
                        "{what}"
                    );
                } else {
                    assert_alike(&what, &foreign, &unknown);
                }
            }
        }
    }
    assert!(asked > 100, "{asked}");
    assert_eq!(fingerprint(&server.sql, None).await, before);
}

/// What the tests above are refused is there for others.
#[tokio::test]
async fn everything_that_can_be_read_is_there_for_insiders() {
    let server = TestServer::start().await;
    let neighbours = Neighbours::on(&server).await;
    let ours = &neighbours.ours;
    for operation in operations(&server).await {
        if operation.reads() && operation.class != Class::Public {
            let who = ours.insider(&operation, &neighbours.root);
            let answer = who.get(&operation.asked(|name| ours.value(name))).await;
            assert_eq!(answer.status, 200, "{}: {answer:?}", operation.id);
        }
    }
}

#[tokio::test]
async fn no_list_shows_anything_of_another_organisation() {
    let server = TestServer::start().await;
    let neighbours = Neighbours::on(&server).await;
    let Neighbours { ours, theirs, root } = &neighbours;
    let traces = traces(&server.sql, ours.id).await;
    assert!(traces.len() > 30, "{traces:?}");
    let trace_in = |answer: &Answer| {
        let text = answer.body.to_string();
        traces.iter().find(|trace| text.contains(*trace)).cloned()
    };
    for operation in operations(&server).await {
        if !operation.reads() || !operation.places.is_empty() || operation.is_the_same_for_all() {
            continue;
        }
        let path = operation.asked(|name| ours.value(name));
        let (insider, mut strangers) = if operation.class == Class::Public {
            let theirs = (Role::Nobody, server.anonymous().naming(theirs.id));
            (server.anonymous().naming(ours.id), vec![theirs])
        } else {
            (ours.insider(&operation, &neighbours.root), neighbours.strangers(&operation))
        };
        if operation.class == Class::Human {
            // In nobody's tenant, whatever the header says.
            strangers.push((Role::Superadmin, root.naming(ours.id)));
        }
        let shown = insider.get(&path).await;
        assert_eq!(shown.status, 200, "{path}: {shown:?}");
        // Numbers leave no traces.
        let traced = trace_in(&shown).is_some() || operation.id == "dashboard-get_dashboard_stats";
        assert!(traced, "{path} shows nothing to {}", insider.email());
        for (role, who) in strangers {
            let answer = who.get(&path).await;
            assert_eq!(trace_in(&answer), None, "{role:?} gets {path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn people_of_one_organisation_see_nothing_of_each_other() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let other = server.participant(&ours.tenant).await;
    let application = ours.application.to_string();
    let (human, email) = (ours.human.id().to_string(), ours.human.email());
    let before = fingerprint(&server.sql, None).await;
    for operation in operations(&server).await {
        let path = || operation.asked(|place| ours.value(place));
        let own = operation.places.is_empty() || SHOWN.contains(&operation.id.as_str());
        if operation.class != Class::Human || own && !operation.reads() {
            continue;
        }
        let body = ours.body(&operation);
        let answer = other.send(operation.method.clone(), &path(), body.as_ref()).await;
        let expected = match () {
            // Of an application, which has to be one's own.
            () if operation.id == "payments-get_my_latest_payment" => 404,
            () if own || operation.may_show_nothing() => 200,
            () if operation.is_for_participants() => 403,
            // Whoever knows a group may know that others lead it.
            () if operation.id.starts_with("groups-") => 403,
            () => 404,
        };
        assert_eq!(answer.status, expected, "{}: {answer:?}", operation.id);
        let text = answer.body.to_string();
        for trace in [application.as_str(), &human, email] {
            assert!(!text.contains(trace), "{}: {text}", operation.id);
        }
    }
    assert_eq!(fingerprint(&server.sql, None).await, before);
}

#[tokio::test]
async fn filters_find_nothing_of_another_organisation() {
    let server = TestServer::start().await;
    let neighbours = Neighbours::on(&server).await;
    let Neighbours { ours, theirs, .. } = &neighbours;
    let mut filters = 0;
    for operation in operations(&server).await {
        if operation.class == Class::Superadmin && !operation.within_a_tenant() {
            continue;
        }
        for name in operation.queries.iter().filter(|name| name.ends_with("_id")) {
            filters += 1;
            let path = operation.at(|place| theirs.value(place));
            for (role, who) in neighbours.strangers(&operation) {
                let foreign = who.get(&format!("{path}?{name}={}", ours.value(name))).await;
                let unknown = who.get(&format!("{path}?{name}={}", nobody())).await;
                assert_eq!(foreign.status, unknown.status, "{role:?} gets {path} by {name}");
                assert_eq!(foreign.body, unknown.body, "{role:?} gets {path} by {name}");
            }
        }
    }
    assert!(filters > 3, "{filters}");
}

#[tokio::test]
async fn no_body_refers_to_what_belongs_to_another_organisation() {
    let provider = SimpleFiServer::start().await.unwrap();
    let server = TestServer::start_with(&[("SIMPLEFI_API_URL", provider.url())]).await;
    let neighbours = Neighbours::on(&server).await;
    let Neighbours { ours, theirs, .. } = &neighbours;
    let traces = traces(&server.sql, ours.id).await;
    let before = fingerprint(&server.sql, Some(ours.id)).await;
    let everything = fingerprint(&server.sql, None).await;
    let operations = operations(&server).await;
    // What the provider calls a payment is its own text, and one of a tenant's payments at most has it.
    let fields = operations.iter().filter(|operation| operation.class != Class::Public).flat_map(
        |operation| {
            let fields = operation.fields.iter().flatten();
            fields
                .filter(|field| field.ends_with("_id") && *field != "external_id")
                .map(move |field| (operation, field))
        },
    );
    let (mut ignored, mut checked) = (Vec::new(), Vec::new());
    for (operation, field) in fields {
        let known = |list: &[(&str, &str)]| list.contains(&(&operation.id, field));
        if known(IGNORED) {
            ignored.push((operation, field));
            continue;
        }
        assert!(known(REFERENCES), "what is {field} of {} when it isn't ours?", operation.id);
        let who = newcomer(&server, &neighbours, operation).await;
        let foreign = refer(&who, operation, theirs, field, ours.value(field)).await;
        let unknown = refer(&who, operation, theirs, field, nobody().to_string()).await;
        checked.push((operation, field));
        let what = format!("{field} of {}", operation.id);
        if operation.id == "popup-reviewers-add_reviewer" {
            // The contract tells them apart; identifiers can't be guessed.
            assert_eq!((foreign.status, unknown.status), (400, 404), "{what}");
        } else {
            assert_alike(&what, &foreign, &unknown);
        }
    }
    // The newcomers are all that is new.
    let mut now = fingerprint(&server.sql, None).await;
    now.insert("humans".to_owned(), everything["humans"].clone());
    assert_eq!(now, everything);

    for (operation, field) in checked {
        if operation.id == "payments-create_my_application_fee" {
            let (who, application) = owes_a_fee(&server, theirs).await;
            let own = refer(&who, operation, theirs, field, application).await;
            assert_eq!(own.status, 201, "the fee is refused to its own: {own:?}");
            continue;
        }
        let who = newcomer(&server, &neighbours, operation).await;
        let value = match operation.id.as_str() {
            // Their admin reviews the event already.
            "popup-reviewers-add_reviewer" => {
                server.staff("admin", &theirs.tenant).await.id().to_string()
            }
            _ if operation.prices() => theirs.accepted.to_string(),
            _ => theirs.value(field),
        };
        let own = refer(&who, operation, theirs, field, value).await;
        let what = format!("{field} of {}", operation.id);
        assert!((200..300).contains(&own.status), "{what} is refused to its own: {own:?}");
    }
    for (operation, field) in ignored {
        let who = newcomer(&server, &neighbours, operation).await;
        let answer = refer(&who, operation, theirs, field, ours.value(field)).await;
        let what = format!("{field} of {}", operation.id);
        assert!((200..300).contains(&answer.status), "{what}: {answer:?}");
        let text = answer.body.to_string();
        let trace = traces.iter().find(|trace| text.contains(*trace));
        assert_eq!(trace, None, "{what}: {answer:?}");
    }
    assert_eq!(fingerprint(&server.sql, Some(ours.id)).await, before);
}

/// Somebody of the other organisation who may call `operation`, and hasn't applied yet.
async fn newcomer<'a>(
    server: &'a TestServer,
    neighbours: &Neighbours<'a>,
    operation: &Operation,
) -> Person<'a> {
    let theirs = &neighbours.theirs;
    match operation.id.as_str() {
        "applications-create_my_application" => server.participant(&theirs.tenant).await,
        _ => theirs.insider(operation, &neighbours.root),
    }
}

/// Somebody whose application to another event of the organisation waits for its fee, and the application.
async fn owes_a_fee<'a>(server: &'a TestServer, at: &Organisation<'a>) -> (Person<'a>, String) {
    let event = json!({
        "name": "Costly", "status": "active", "requires_application_fee": true,
        "application_fee_amount": "25.50", "simplefi_api_key": "sk_test_0123456789",
    });
    let event = at.admin.post("/popups", event).await.expect(201);
    let who = server.participant(&at.tenant).await;
    let application = json!({
        "popup_id": event["id"], "first_name": "Ida", "last_name": "Im", "status": "in review",
    });
    let application = who.post("/applications/my", application).await.expect(201);
    assert_eq!(application["status"], "pending_fee");
    (who, application["id"].as_str().unwrap().to_owned())
}

/// Calls `operation` with a body that is fine but for one field.
async fn refer(
    who: &Person<'_>,
    operation: &Operation,
    at: &Organisation<'_>,
    field: &str,
    value: String,
) -> Answer {
    let mut body = at.body(operation).unwrap();
    body[field] = Value::String(value);
    let path = operation.at(|place| at.value(place));
    who.send(operation.method.clone(), &path, Some(&body)).await
}
