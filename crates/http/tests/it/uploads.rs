//! Pictures that go straight to storage.

use std::{fs, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_app::uploads::{InspectUploads, RemoveOrphans};
use edgeos_http::Machine;
use edgeos_ports::{Environment, FileStorage};
use edgeos_postgres::PgStore;
use edgeos_storage::{S3Settings, S3Storage};
use edgeos_testkit::S3Server;
use futures_util::future::join_all;
use reqwest::{Client, header::CONTENT_TYPE};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, NO_STORAGE, TestServer, nobody, settings},
    organisation::Organisation,
    patience::until,
    people::{Person, id_of, text},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR";
const PATH: &str = "/uploads/presigned-url";

/// Storage, and a server that has it.
struct Uploads {
    storage: S3Server,
    server: TestServer,
}

impl Uploads {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(variables: &[(&'static str, &str)]) -> Self {
        let storage = S3Server::start().await.unwrap();
        let own = storage.variables();
        let mut all: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(variables);
        let server = TestServer::start_with(&all).await;
        Self { storage, server }
    }

    /// Storage as the server reaches it.
    async fn reach(&self) -> Arc<dyn FileStorage> {
        let own = self.storage.variables();
        let value = |wanted| own.iter().find(|(name, _)| *name == wanted).unwrap().1.clone();
        let settings = S3Settings {
            endpoint: Some(self.storage.url().parse().unwrap()),
            signing_endpoint: None,
            region: "us-east-2".to_owned(),
            bucket: value("STORAGE_BUCKET"),
            access_key: value("STORAGE_ACCESS_KEY"),
            secret_key: value("STORAGE_SECRET_KEY"),
        };
        Arc::new(S3Storage::new(&settings).await.unwrap())
    }
}

fn png() -> Value {
    json!({ "filename": "a.png", "content_type": "image/png" })
}

async fn ask(who: &Person<'_>, body: Value) -> Answer {
    who.post(PATH, body).await
}

/// Puts `bytes` where `offer` says; the status.
async fn put(offer: &Value, content_type: &str, bytes: &[u8]) -> u16 {
    let request = Client::new().put(text(&offer["upload_url"])).header(CONTENT_TYPE, content_type);
    request.body(bytes.to_vec()).send().await.unwrap().status().as_u16()
}

/// A picture that `who` uploads; where it is seen.
async fn uploaded(who: &Person<'_>) -> String {
    let offer = ask(who, png()).await.expect(200);
    assert_eq!(put(&offer, "image/png", PNG).await, 200);
    text(&offer["public_url"]).to_owned()
}

async fn is_seen(url: &str) -> bool {
    reqwest::get(url).await.unwrap().status().is_success()
}

#[tokio::test]
async fn whoever_may_not_change_anything_uploads_nothing() {
    let Uploads { server, .. } = Uploads::start().await;
    let root = server.superadmin().await;
    let tenant = root.organisation("Ours").await;
    ask(&server.anonymous(), png()).await.expect(401);
    ask(&server.participant(&tenant).await, png()).await.expect(403);
    ask(&server.staff("viewer", &tenant).await, png()).await.expect(403);
    ask(&server.staff("admin", &tenant).await, png()).await.expect(200);
}

#[tokio::test]
async fn without_storage_a_body_of_the_right_shape_is_told_so() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let admin = server.staff("admin", &root.organisation("Ours").await).await;
    ask(&admin, png()).await.expect(503);
    ask(&admin, json!({ "filename": "a.html", "content_type": "text/html" })).await.expect(503);
    let missing = ask(&admin, json!({ "filename": "a.png" })).await;
    assert_eq!(
        (missing.status, missing.faults()),
        (422, vec![("missing".to_owned(), json!(["body", "content_type"]))])
    );
    for half in ["STORAGE_ACCESS_KEY", "STORAGE_SECRET_KEY"] {
        let server = server.beside_with(&[(half, "x")]).await;
        ask(&server.superadmin().await, png()).await.expect(503);
        let health = server.anonymous().get("/health-check").await.expect(200);
        assert_eq!(health["checks"]["storage"], "off");
    }
}

#[tokio::test]
async fn an_address_is_for_the_tenant_and_for_fifteen_minutes() {
    let uploads = Uploads::start().await;
    let root = uploads.server.superadmin().await;
    let tenant = root.organisation("Ours").await;
    let admin = uploads.server.staff("admin", &tenant).await;
    let offer = ask(&admin, png()).await.expect(200);
    let (key, url) = (text(&offer["key"]), text(&offer["upload_url"]));
    let random = key.strip_prefix(&format!("{}/images/", id_of(&tenant))).unwrap();
    let random = random.strip_suffix(".png").unwrap();
    assert_eq!(Uuid::try_parse(random).map(|random| random.get_version_num()), Ok(4));
    assert_eq!(text(&offer["public_url"]), format!("{}/edgeos/{key}", uploads.storage.url()));
    assert!(url.starts_with(&format!("{}/edgeos/{key}?", uploads.storage.url())), "{url}");
    assert!(url.contains("X-Amz-Expires=900&"), "{url}");
    assert!(url.contains("X-Amz-SignedHeaders=content-type%3Bhost"), "{url}");
    let again = ask(&admin, png()).await.expect(200);
    assert_ne!(again["key"], offer["key"]);
}

#[tokio::test]
async fn what_is_put_there_is_seen_by_everybody() {
    let uploads = Uploads::start().await;
    let root = uploads.server.superadmin().await;
    let admin = uploads.server.staff("admin", &root.organisation("Ours").await).await;
    let offer = ask(&admin, png()).await.expect(200);
    assert_eq!(put(&offer, "text/html", PNG).await, 403);
    assert!(!is_seen(text(&offer["public_url"])).await);
    assert_eq!(put(&offer, "image/png", PNG).await, 200);
    let seen = reqwest::get(text(&offer["public_url"])).await.unwrap();
    assert_eq!(seen.headers()[CONTENT_TYPE], "image/png");
    assert_eq!(seen.bytes().await.unwrap(), PNG);
}

#[tokio::test]
async fn only_pictures_are_taken() {
    let Uploads { server, .. } = Uploads::start().await;
    let root = server.superadmin().await;
    for other in ["text/html", "image/svg+xml", "IMAGE/PNG", "image/png; charset=utf-8", ""] {
        let body = json!({ "filename": "a.png", "content_type": other });
        let refused = ask(&root, body).await;
        assert_eq!(refused.status, 400, "{other}");
        for allowed in ["image/jpeg", "image/png", "image/gif", "image/webp"] {
            assert!(refused.detail().contains(allowed), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_file_keeps_the_ending_that_fits_its_type() {
    let Uploads { server, .. } = Uploads::start().await;
    let root = server.superadmin().await;
    let long = format!("{}.jpg", "x".repeat(100_000));
    for (filename, content_type, ending) in [
        ("x.HTML", "image/gif", ".gif"),
        ("Photo.JPEG", "image/jpeg", ".jpeg"),
        ("", "image/webp", ".webp"),
        ("../../x.png", "image/png", ".png"),
        (&long, "image/jpeg", ".jpg"),
    ] {
        let body = json!({ "filename": filename, "content_type": content_type });
        let offer = ask(&root, body).await.expect(200);
        let key = text(&offer["key"]);
        assert!(key.ends_with(ending) && key.matches('/').count() == 2, "{key}");
    }
}

#[tokio::test]
async fn files_are_seen_where_the_settings_say() {
    let bucket = ("STORAGE_BUCKET", "b");
    let public = ("STORAGE_PUBLIC_URL", "https://cdn.example.com/");
    for (more, prefix) in
        [(&[bucket, public][..], "https://cdn.example.com"), (&[bucket], "http://localhost:1/b")]
    {
        let server = TestServer::start_with(&[&NO_STORAGE, more].concat()).await;
        let offer = ask(&server.superadmin().await, png()).await.expect(200);
        let public_url = format!("{prefix}/{}", text(&offer["key"]));
        assert_eq!(text(&offer["public_url"]), public_url);
    }
}

#[tokio::test]
async fn a_superadmin_may_upload_for_an_organisation() {
    let Uploads { server, .. } = Uploads::start().await;
    let root = server.superadmin().await;
    let (ours, gone) = (root.organisation("Ours").await, root.organisation("Gone").await);
    root.delete(&format!("/tenants/{}", id_of(&gone))).await.expect(204);
    let owner = async |who: Person<'_>| {
        let offer = ask(&who, png()).await.expect(200);
        text(&offer["key"]).split_once("/images/").unwrap().0.to_owned()
    };
    assert_eq!(owner(root.clone()).await, "superadmin");
    assert_eq!(owner(root.naming(id_of(&ours))).await, id_of(&ours).to_string());
    for ignored in ["zz".to_owned(), nobody().to_string(), id_of(&gone).to_string()] {
        assert_eq!(owner(root.naming(ignored)).await, "superadmin");
    }
    // The header says nothing about others.
    let admin = server.staff("admin", &ours).await.naming(id_of(&gone));
    assert_eq!(owner(admin).await, id_of(&ours).to_string());
}

#[tokio::test]
async fn a_size_that_is_said_is_limited_and_kept_to() {
    let Uploads { server, storage: _storage } = Uploads::start().await;
    let root = server.superadmin().await;
    let sized =
        |size: Value| json!({ "filename": "a.png", "content_type": "image/png", "size": size });
    ask(&root, sized(json!(10_485_761))).await.expect(400);
    ask(&root, sized(json!(10_485_760))).await.expect(200);
    ask(&root, sized(Value::Null)).await.expect(200);
    for wrong in [json!(-1), json!(1.5), json!("many"), json!(1e30)] {
        let refused = ask(&root, sized(wrong)).await;
        assert_eq!(refused.faults()[0].1, json!(["body", "size"]), "{refused:?}");
    }
    let offer = ask(&root, sized(json!(PNG.len()))).await.expect(200);
    assert_eq!(put(&offer, "image/png", &[PNG, b"more"].concat()).await, 403);
    assert_eq!(put(&offer, "image/png", PNG).await, 200);
}

#[tokio::test]
async fn a_user_gets_so_many_addresses_in_an_hour() {
    let Uploads { server, .. } = Uploads::start_with(&[("RATE_LIMIT_UPLOAD", "5")]).await;
    let root = server.superadmin().await;
    let answers = join_all((0..20).map(|_| ask(&root, png()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 5);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(refused.status, 429);
        let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3600).contains(&seconds));
    }
    ask(&server.superadmin().await, png()).await.expect(200);
}

#[tokio::test]
async fn health_tells_whether_the_bucket_answers() {
    let uploads = Uploads::start().await;
    let storage = async |server: &TestServer| {
        let health = server.anonymous().get("/health-check").await.expect(200);
        text(&health["checks"]["storage"]).to_owned()
    };
    assert_eq!(storage(&uploads.server).await, "ok");
    let own = uploads.storage.variables();
    let mut variables: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    variables.push(("STORAGE_BUCKET", "nowhere"));
    let lost = TestServer::start_with(&variables).await;
    until(async || storage(&lost).await == "failing").await;
}

#[tokio::test]
async fn what_is_uploaded_and_no_picture_disappears() {
    let uploads = Uploads::start().await;
    let root = uploads.server.superadmin().await;
    let picture = uploaded(&root).await;
    let mut others = Vec::new();
    for bytes in [&b"<!doctype html><script>alert(1)</script>"[..], b""] {
        let offer = ask(&root, png()).await.expect(200);
        assert_eq!(put(&offer, "image/png", bytes).await, 200);
        others.push(text(&offer["public_url"]).to_owned());
    }
    // Other storage may take what is too large; its name is one of ours.
    let large = ask(&root, png()).await.expect(200);
    let file = fs::File::create(uploads.storage.files().join(text(&large["key"]))).unwrap();
    file.set_len(10_485_761).unwrap();
    others.push(text(&large["public_url"]).to_owned());
    let foreign = uploads.storage.files().join("superadmin/images/notes.txt");
    fs::write(&foreign, "of somebody else").unwrap();

    let inspection = InspectUploads::new(uploads.reach().await);
    let found = inspection.run(Machine.now() - TimeDelta::hours(1)).await.unwrap();
    assert_eq!(found.failed, 0);
    assert!(is_seen(&picture).await);
    for other in others {
        assert!(!is_seen(&other).await, "{other}");
    }
    assert!(foreign.exists());
}

#[tokio::test]
async fn a_new_server_looks_at_what_arrived_while_it_rested() {
    let uploads = Uploads::start().await;
    let root = uploads.server.superadmin().await;
    let offer = ask(&root, png()).await.expect(200);
    assert_eq!(put(&offer, "image/png", b"<svg onload=alert(1)>").await, 200);
    let own = uploads.storage.variables();
    let variables: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let _next = uploads.server.beside_with(&variables).await;
    until(async || !is_seen(text(&offer["public_url"])).await).await;
}

/// A clock that is ahead.
struct Ahead(TimeDelta);

impl Environment for Ahead {
    fn now(&self) -> DateTime<Utc> {
        Machine.now() + self.0
    }

    fn uuid(&self) -> Uuid {
        Machine.uuid()
    }

    fn fill(&self, bytes: &mut [u8]) {
        Machine.fill(bytes);
    }
}

#[tokio::test]
async fn files_that_an_organisation_shows_nowhere_go_after_seven_days() {
    let uploads = Uploads::start().await;
    let server = &uploads.server;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(server, &root, "Ours").await;
    let theirs = root.organisation("Theirs").await;
    let stranger = server.staff("admin", &theirs).await;
    let mut kept = Vec::new();
    for (path, field) in [
        (format!("/tenants/{}", ours.id), "logo_url"),
        (format!("/popups/{}", ours.popup), "image_url"),
        (format!("/products/{}", ours.value("product_id")), "image_url"),
        (format!("/humans/{}", ours.human.id()), "picture_url"),
    ] {
        let url = uploaded(&ours.admin).await;
        ours.admin.patch(&path, json!({ field: url })).await.expect(200);
        kept.push(url);
    }
    let (first, second) = (uploaded(&ours.admin).await, uploaded(&ours.admin).await);
    let words = format!("<img src='{first}'> and <img src=\"{second}\">");
    let template = format!("/email-templates/{}", ours.value("template_id"));
    ours.admin.patch(&template, json!({ "html_content": words })).await.expect(200);
    kept.extend([first, second, uploaded(&root).await]);

    let orphan = uploaded(&ours.admin).await;
    // Another organisation that shows it has no say in whether it stays.
    let their_popup = stranger.post("/popups", json!({ "name": "X", "image_url": orphan })).await;
    their_popup.expect(201);
    // Of whom nothing is known here: another installation may share the bucket.
    let elsewhere = format!("{}/images/{}.png", nobody(), nobody());
    let file = uploads.storage.files().join(&elsewhere);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, PNG).unwrap();

    let store = PgStore::connect(&settings(&server.database, &[]).postgres);
    let run = async |days| {
        let clock = Arc::new(Ahead(TimeDelta::days(days)));
        RemoveOrphans::new(store.clone(), uploads.reach().await, clock).run().await.unwrap()
    };
    assert_eq!(run(6).await, 0);
    assert!(is_seen(&orphan).await);
    assert_eq!(run(8).await, 1);
    assert!(!is_seen(&orphan).await);
    for url in kept {
        assert!(is_seen(&url).await, "{url}");
    }
    assert!(file.exists());
}
