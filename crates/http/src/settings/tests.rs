use std::{collections::HashMap, time::Duration};

use super::{reader::Problems, *};

fn minimal() -> HashMap<&'static str, &'static str> {
    HashMap::from([
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("POSTGRES_SERVER", "db"),
        ("POSTGRES_USER", "postgres"),
        ("POSTGRES_PASSWORD", "very-secret"),
    ])
}

fn read(changes: &[(&'static str, &'static str)]) -> Read {
    let mut variables = minimal();
    variables.extend(changes.iter().copied());
    Settings::read(&|name| variables.get(name).map(|value| (*value).to_owned()))
}

fn problems(changes: &[(&'static str, &'static str)]) -> Vec<String> {
    read(changes).settings.map_or_else(|Problems(problems)| problems, |_| Vec::new())
}

#[test]
fn what_is_left_out_has_the_documented_default() {
    let settings = read(&[]).settings.unwrap();
    assert_eq!(settings.project_name, "EdgeOS");
    assert_eq!(settings.stage, Stage::Dev);
    assert_eq!(settings.token_lifetime, Duration::from_hours(8 * 24));
    assert_eq!(settings.postgres.database, "edgeos");
    assert_eq!(settings.postgres.statement_timeout, Duration::from_secs(30));
    assert_eq!(settings.sender_name, "EdgeOS");
    assert_eq!(settings.body_limit, 2 * 1024 * 1024);
    assert_eq!(settings.rate_limits.login, 5);
    assert!(settings.smtp.is_none());
}

#[test]
fn blank_is_unset() {
    let settings = read(&[("PROJECT_NAME", ""), ("REDIS_URL", "  "), ("PORT", "")]).settings;
    let settings = settings.unwrap();
    assert_eq!((settings.project_name.as_str(), settings.port), ("EdgeOS", 8000));
    assert!(settings.redis_url.is_none());
    assert_eq!(problems(&[("SECRET_KEY", "")]), ["SECRET_KEY must be set"]);
}

#[test]
fn every_problem_is_reported_at_once() {
    let found = problems(&[
        ("ENVIRONMENT", "prod"),
        ("POSTGRES_USER", ""),
        ("POSTGRES_PORT", "many"),
        ("POSTGRES_SSL_MODE", "sometimes"),
        ("DATABASE_LOCK_TIMEOUT", "soon"),
        ("REQUEST_BODY_LIMIT", "0"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, office"),
        ("RATE_LIMIT_LOGIN", "-1"),
        ("PORTAL_URL", "portal.example.org"),
        ("SENDER_EMAIL", "nobody"),
        ("BACKEND_CORS_ORIGINS", "https://example.org/path"),
    ]);
    let names: Vec<_> = found.iter().filter_map(|problem| problem.split(' ').next()).collect();
    assert_eq!(
        names,
        [
            "ENVIRONMENT",
            "PORTAL_URL",
            "BACKEND_CORS_ORIGINS",
            "POSTGRES_PORT",
            "POSTGRES_USER",
            "POSTGRES_SSL_MODE",
            "DATABASE_LOCK_TIMEOUT",
            "SENDER_EMAIL",
            "REQUEST_BODY_LIMIT",
            "TRUSTED_PROXIES",
            "RATE_LIMIT_LOGIN",
        ]
    );
}

#[test]
fn a_weak_key_is_for_development_only() {
    for weak in ["short", "changeme-generate-a-secure-key-which-is-long-enough"] {
        assert!(problems(&[("SECRET_KEY", weak)]).is_empty());
        assert_eq!(problems(&[("SECRET_KEY", weak), ("ENVIRONMENT", "staging")]).len(), 1);
        assert!(problems(&[("SECRET_KEY_PREVIOUS", weak)]).is_empty());
        let previous = problems(&[("SECRET_KEY_PREVIOUS", weak), ("ENVIRONMENT", "staging")]);
        assert!(previous[0].starts_with("SECRET_KEY_PREVIOUS must have"), "{previous:?}");
    }
    assert!(problems(&[("ENVIRONMENT", "production")]).is_empty());
}

#[test]
fn secrets_are_never_printed() {
    let read = read(&[
        ("REDIS_URL", "redis://:hush@redis"),
        ("SMTP_PASSWORD", "hush-too"),
        ("STORAGE_ACCESS_KEY", "hush-who"),
        ("STORAGE_SECRET_KEY", "hush-key"),
    ]);
    let printed = format!("{read}{read:?}");
    for secret in ["very-secret", "0123456789abcdef", "hush"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("POSTGRES_PASSWORD=********\n"));
}

#[test]
fn addresses_of_people_do_not_reach_the_log() {
    let read = read(&[("SUPERADMIN", "somebody@example.org")]);
    let logged: Vec<_> = read.shown.iter().map(ToString::to_string).collect();
    assert!(logged.contains(&"SUPERADMIN=***@example.org".to_owned()));
    assert!(!logged.join(" ").contains("somebody"));
}

#[test]
fn times_and_sizes_have_units() {
    let settings = read(&[
        ("DATABASE_LOCK_TIMEOUT", "500ms"),
        ("DATABASE_ACQUIRE_TIMEOUT", "7"),
        ("DATABASE_STATEMENT_TIMEOUT", "2m"),
        ("REQUEST_BODY_LIMIT", "64KiB"),
    ]);
    let settings = settings.settings.unwrap();
    assert_eq!(settings.postgres.lock_timeout, Duration::from_millis(500));
    assert_eq!(settings.postgres.acquire_timeout, Duration::from_secs(7));
    assert_eq!(settings.postgres.statement_timeout, Duration::from_mins(2));
    assert_eq!(settings.body_limit, 65_536);
}

#[test]
fn mail_needs_a_server_and_a_sender() {
    let server = ("SMTP_HOST", "mail.example.org");
    let on = |changes: &[_]| read(changes).settings.unwrap().smtp.is_some();
    assert!(!on(&[server]));
    assert!(on(&[server, ("SENDER_EMAIL", "noreply@example.org")]));
}

#[test]
fn origins_are_a_list_of_either_kind() {
    let origins = |text| read(&[("BACKEND_CORS_ORIGINS", text)]).settings.unwrap().cors_origins;
    let two = origins("http://localhost:5173, https://example.org/");
    assert_eq!(two, origins(r#"["http://localhost:5173", "https://example.org:443"]"#));
    assert!(origins("*")[0].is_any());
    assert_eq!(Origin::parse("null"), None);
}

#[test]
fn a_single_address_is_a_network_too() {
    let settings = read(&[("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1")]).settings.unwrap();
    assert_eq!(settings.trusted_proxies.len(), 2);
    assert!(settings.trusted_proxies[1].contains(&"192.0.2.1".parse::<IpAddr>().unwrap()));
}

#[test]
fn files_are_seen_where_storage_shows_them() {
    let files = |changes: &[_]| read(changes).settings.unwrap().storage.files();
    let (endpoint, bucket) = (("STORAGE_ENDPOINT_URL", "http://s3:9000"), ("STORAGE_BUCKET", "b"));
    assert_eq!(files(&[]).prefix(), "https://edgeos.s3.us-east-2.amazonaws.com");
    assert_eq!(files(&[bucket]).prefix(), "https://b.s3.us-east-2.amazonaws.com");
    assert_eq!(files(&[bucket, endpoint]).prefix(), "http://s3:9000/b");
    let public = ("STORAGE_PUBLIC_URL", "https://cdn.example.com/");
    assert_eq!(files(&[bucket, endpoint, public]).prefix(), "https://cdn.example.com");
}

#[test]
fn storage_is_on_with_both_halves_of_its_key() {
    let (id, key) = (("STORAGE_ACCESS_KEY", "who"), ("STORAGE_SECRET_KEY", "hush"));
    let storage = |changes: &[_]| read(changes).settings.unwrap().storage;
    assert_eq!(storage(&[]).keys(), None);
    assert_eq!(storage(&[]).missing_half(), None);
    assert_eq!(storage(&[id]).missing_half(), Some("STORAGE_SECRET_KEY"));
    assert_eq!(storage(&[key]).missing_half(), Some("STORAGE_ACCESS_KEY"));
    assert_eq!(storage(&[id, key]).keys(), Some(("who", "hush")));
    assert_eq!(storage(&[id, key]).missing_half(), None);
}

#[test]
fn storage_that_can_be_nowhere_is_refused() {
    for wrong in [
        ("STORAGE_ENDPOINT_URL", "s3.example.com"),
        ("STORAGE_ENDPOINT_URL", "https://who:hush@s3.example.com"),
        ("STORAGE_SIGNING_URL", "https://s3.example.com/?x=1"),
        ("STORAGE_PUBLIC_URL", "ftp://s3.example.com"),
        ("STORAGE_BUCKET", "a/b"),
        ("STORAGE_REGION", "us east"),
        ("STORAGE_ORPHAN_CLEANUP", "sometimes"),
    ] {
        let found = problems(&[wrong]);
        assert!(found.len() == 1 && found[0].starts_with(wrong.0), "{wrong:?}: {found:?}");
    }
}

#[test]
fn who_vouches_for_servers_is_read_from_files() {
    let directory = tempfile::tempdir().unwrap();
    let (good, bad) = (directory.path().join("ca.pem"), directory.path().join("other"));
    std::fs::write(&good, "-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n")
        .unwrap();
    std::fs::write(&bad, "something else").unwrap();
    let nowhere = directory.path().join("nowhere").display().to_string();
    let (good, bad) = (good.display().to_string(), bad.display().to_string());
    let variables = |path: &str| {
        let all = minimal().into_iter().chain([("REDIS_CA_FILE", path), ("SMTP_CA_FILE", path)]);
        let all: HashMap<_, _> = all.collect();
        Settings::read(&|name| all.get(name).map(|value| (*value).to_owned())).settings
    };
    assert!(variables(&good).unwrap().redis_authority.is_some());
    for wrong in [bad, nowhere] {
        assert_eq!(variables(&wrong).unwrap_err().0.len(), 2);
    }
}

#[test]
fn money_moves_in_production_alone() {
    let provider = |changes: &[_]| read(changes).settings.unwrap().simplefi_url.to_string();
    let stage = |stage| ("ENVIRONMENT", stage);
    assert_eq!(provider(&[]), "https://apidev.simplefi.tech/");
    assert_eq!(provider(&[stage("staging")]), "https://apidev.simplefi.tech/");
    assert_eq!(provider(&[stage("production")]), "https://api.simplefi.tech/");
    let ours = ("SIMPLEFI_API_URL", "http://127.0.0.1:9010");
    assert_eq!(provider(&[stage("production"), ours]), "http://127.0.0.1:9010/");
    assert_eq!(problems(&[("SIMPLEFI_API_URL", "api.simplefi.tech")]).len(), 1);
}

#[test]
fn mail_comes_from_an_address_that_it_can_come_from() {
    for address in ["noreply@example.org", "noreply@mail-server", "no.reply+x@example.org"] {
        assert!(problems(&[("SENDER_EMAIL", address)]).is_empty(), "{address}");
    }
    for address in ["no..reply@example.org", "noreply@example..org", "<noreply@example.org>"] {
        assert_eq!(problems(&[("SENDER_EMAIL", address)]).len(), 1, "{address}");
    }
}

#[test]
fn nobody_signs_in_to_the_mail_server_without_a_password() {
    let mail = [("SMTP_HOST", "mail.example.org"), ("SENDER_EMAIL", "noreply@example.org")];
    let signs_in = |changes: &[_]| {
        let smtp = read(&[&mail[..], changes].concat()).settings.unwrap().smtp.unwrap();
        assert_eq!(smtp.user.is_some(), smtp.password.is_some());
        smtp.user.is_some()
    };
    let (user, password) = (("SMTP_USER", "edge"), ("SMTP_PASSWORD", "hush"));
    assert!(signs_in(&[user, password]));
    assert!(!signs_in(&[user]));
    assert!(!signs_in(&[password]));
}
