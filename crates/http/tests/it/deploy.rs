//! What `deploy/` sets up, as far as it can be known without running containers: the files agree with each other, with
//! `.env.example` and with the program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use edgeos_http::settings::{Read, Settings};
use sqlx::postgres::PgSslMode;
use yaml_rust2::{Yaml, YamlLoader};

use crate::documents::root;

type Variables = BTreeMap<String, String>;

/// The services that are this program.
const OURS: [&str; 2] = ["migrate", "edgeos"];

#[test]
fn every_setting_is_in_the_example_and_nothing_else() {
    let example: BTreeSet<_> = example().into_keys().collect();
    let known = settings(&Variables::new());
    let known: BTreeSet<_> = known.shown.iter().map(|shown| shown.name.to_owned()).collect();
    assert_eq!(example, known);
}

#[test]
fn the_example_is_accepted_as_it_is() {
    settings(&example()).settings.unwrap();
}

#[test]
fn what_compose_sets_is_a_setting() {
    let example = example();
    for service in OURS {
        for name in environment(&composed(), service).keys() {
            assert!(example.contains_key(name), "{service}: {name} is no setting");
        }
    }
}

#[test]
fn what_compose_asks_for_is_in_the_example() {
    for file in ["compose.yaml", "compose.local.yaml"] {
        for (name, _) in asked_for(&text(&format!("deploy/{file}"))) {
            assert!(example().contains_key(&name), "{file}: nothing says what {name} is");
        }
    }
}

#[test]
fn containers_find_each_other() {
    let compose = composed();
    let services = compose["services"].as_hash().unwrap();
    let names: BTreeSet<_> = services.keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(
        names,
        BTreeSet::from(["bucket", "db", "edgeos", "mail", "migrate", "redis", "storage"])
    );
    for name in &names {
        let needed = compose["services"][*name]["depends_on"].as_hash().into_iter().flatten();
        for (needed, condition) in needed {
            let needed = needed.as_str().unwrap();
            assert!(names.contains(needed), "{name} waits for {needed}");
            let service = &compose["services"][needed];
            if condition["condition"].as_str() == Some("service_healthy") {
                assert!(!service["healthcheck"]["test"].is_badvalue(), "{needed} has no health");
            }
        }
    }

    let read = settings(&container("edgeos")).settings.unwrap();
    let migrating = settings(&container("migrate")).settings.unwrap();
    for settings in [&read, &migrating] {
        assert_eq!((settings.postgres.host.as_str(), settings.postgres.port), ("db", 5432));
        assert_eq!((settings.host.is_unspecified(), settings.port), (true, 8000));
    }
    assert_eq!(read.redis_url.unwrap().expose(), "redis://redis:6379");
    let mail = read.smtp.unwrap();
    assert_eq!((mail.host.as_str(), mail.port), ("mail", 1025));
    assert!(!mail.start_tls && !mail.implicit_tls);
}

#[test]
fn what_holds_outside_of_containers_does_not_keep_them_from_starting() {
    let outside = [
        ("HOST", "192.0.2.1"),
        ("PORT", "9000"),
        ("POSTGRES_SERVER", "db.example.com"),
        ("POSTGRES_PORT", "6432"),
        ("POSTGRES_SSL_MODE", "verify-full"),
        ("REDIS_URL", "rediss://cache.example.com"),
        ("REDIS_CA_FILE", "/nowhere/redis.pem"),
        ("SMTP_CA_FILE", "/nowhere/mail.pem"),
    ];
    let outside = outside.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for service in OURS {
        let mut variables = example();
        variables.extend(outside.clone());
        let set = environment(&composed(), service).into_iter();
        variables.extend(set.map(|(name, value)| (name, filled(&value))));
        let settings = settings(&variables).settings.unwrap();
        assert_eq!((settings.postgres.host.as_str(), settings.postgres.port), ("db", 5432));
        assert!(matches!(settings.postgres.ssl_mode, PgSslMode::Disable));
        assert_eq!((settings.host.is_unspecified(), settings.port), (true, 8000));
    }
}

#[test]
fn the_database_is_made_for_its_owner() {
    let database = environment(&composed(), "db");
    let server = container("migrate");
    for name in ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"] {
        assert_eq!(filled(&database[name]), server[name], "{name}");
    }
}

#[test]
fn storage_is_the_same_for_everybody() {
    let (compose, server) = (composed(), container("edgeos"));
    let (storage, bucket) = (environment(&compose, "storage"), environment(&compose, "bucket"));
    assert_eq!(storage["RUSTFS_ACCESS_KEY"], server["STORAGE_ACCESS_KEY"]);
    assert_eq!(storage["RUSTFS_SECRET_KEY"], server["STORAGE_SECRET_KEY"]);
    assert_eq!(bucket["AWS_ACCESS_KEY_ID"], server["STORAGE_ACCESS_KEY"]);
    assert_eq!(bucket["AWS_SECRET_ACCESS_KEY"], server["STORAGE_SECRET_KEY"]);
    assert_eq!(bucket["AWS_ENDPOINT_URL"], server["STORAGE_ENDPOINT_URL"]);
    assert_eq!(bucket["AWS_REGION"], server["STORAGE_REGION"]);
    assert_eq!(filled(&bucket["BUCKET"]), server["STORAGE_BUCKET"]);
    let outside = &server["STORAGE_SIGNING_URL"];
    assert_eq!(server["STORAGE_PUBLIC_URL"], format!("{outside}/{}", server["STORAGE_BUCKET"]));
    let origins = filled(&storage["RUSTFS_CORS_ALLOWED_ORIGINS"]);
    assert_eq!(origins, server["BACKOFFICE_URL"]);
    let port = outside.rsplit(':').next().unwrap();
    assert_eq!(storage["RUSTFS_ADDRESS"], format!(":{port}"));
    assert_eq!(published(&compose, "storage"), [format!("127.0.0.1:{port}:{port}")]);
}

#[test]
fn only_what_people_open_is_published() {
    let compose = composed();
    for inner in ["db", "redis", "migrate", "bucket"] {
        assert!(published(&compose, inner).is_empty(), "{inner}");
    }
    assert_eq!(published(&compose, "edgeos"), ["8000:8000"]);
    assert!(filled("${BACKEND_URL}").ends_with(":8000"));
    assert!(text("deploy/Dockerfile").contains("\nEXPOSE 8000\n"));
}

#[test]
fn the_image_holds_what_the_build_reads() {
    let image = text("deploy/Dockerfile");
    let copied: BTreeSet<_> = image
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|line| !line.starts_with("--from"))
        .flat_map(|line| line.split(' ').rev().skip(1))
        .collect();
    let manifest = text("Cargo.toml");
    let members = manifest.lines().find(|line| line.starts_with("members = ")).unwrap();
    for member in members.split('"').skip(1).step_by(2) {
        assert!(copied.contains(member.trim_end_matches("/*")), "{member} is not copied");
    }
    assert!(["Cargo.toml", "Cargo.lock", "templates"].iter().all(|name| copied.contains(name)));
    for name in &copied {
        assert!(root().join(name).exists(), "{name} is not there");
    }
    let rust = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
    assert!(image.contains(&format!("FROM rust:{}-", rust.trim_matches('"'))));
}

#[test]
fn the_image_runs_as_nobody_in_particular() {
    let image = text("deploy/Dockerfile");
    let last = image.rsplit("\nFROM ").next().unwrap();
    let user = last.lines().find_map(|line| line.strip_prefix("USER ")).unwrap();
    assert!(user.parse::<u32>().is_ok_and(|id| id > 0), "{user}");
    assert!(last.contains(r#"CMD ["edgeos", "health"]"#));
    assert!(last.contains("ENTRYPOINT [\"edgeos\"]\nCMD [\"serve\"]\n"));
}

/// Both files as one.
fn composed() -> Yaml {
    let [mut all, local] = ["deploy/compose.yaml", "deploy/compose.local.yaml"].map(|name| {
        let mut documents = YamlLoader::load_from_str(&text(name)).unwrap();
        assert_eq!(documents.len(), 1, "{name}");
        documents.remove(0)
    });
    merge(&mut all, local);
    all
}

/// Adds `more` to `all`: maps are joined, other values replaced.
fn merge(all: &mut Yaml, more: Yaml) {
    match (all, more) {
        (Yaml::Hash(all), Yaml::Hash(more)) => {
            for (key, value) in more {
                merge(all.entry(key).or_insert(Yaml::Null), value);
            }
        }
        (all, more) => *all = more,
    }
}

/// The `environment` of a service, as it is written.
fn environment(compose: &Yaml, service: &str) -> Variables {
    let written = compose["services"][service]["environment"].as_hash().unwrap();
    let written = written.iter().map(|(name, value)| {
        let value = match value {
            Yaml::String(text) => text.clone(),
            Yaml::Integer(number) => number.to_string(),
            other => panic!("{service}: {other:?} is neither text nor a number"),
        };
        (name.as_str().unwrap().to_owned(), value)
    });
    written.collect()
}

fn published(compose: &Yaml, service: &str) -> Vec<String> {
    let ports = compose["services"][service]["ports"].as_vec().into_iter().flatten();
    ports.map(|port| filled(port.as_str().unwrap())).collect()
}

/// What the program finds in the container of `service`, if `.env` is the example.
fn container(service: &str) -> Variables {
    let compose = composed();
    assert_eq!(compose["services"][service]["env_file"].as_str(), Some("../.env"));
    let mut variables = example();
    let set = environment(&compose, service).into_iter();
    variables.extend(set.map(|(name, value)| (name, filled(&value))));
    variables
}

/// The variables that `text` asks for, and what it takes where they are blank.
fn asked_for(text: &str) -> Vec<(String, String)> {
    let asked = text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap());
    let pairs = asked.map(|asked| asked.split_once(":-").unwrap_or((asked, "")));
    pairs.map(|(name, default)| (name.to_owned(), default.to_owned())).collect()
}

/// `text` with the values of the example.
fn filled(text: &str) -> String {
    let example = example();
    let mut filled = text.to_owned();
    for (name, default) in asked_for(text) {
        let value = Some(&example[&name]).filter(|value| !value.is_empty()).unwrap_or(&default);
        for asked in [format!("${{{name}}}"), format!("${{{name}:-{default}}}")] {
            filled = filled.replace(&asked, value);
        }
    }
    filled
}

fn settings(variables: &Variables) -> Read {
    Settings::read(&|name| variables.get(name).cloned())
}

/// The variables of `.env.example`.
fn example() -> Variables {
    let text = text(".env.example");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = lines.map(|line| line.split_once('=').unwrap_or_else(|| panic!("{line}")));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
