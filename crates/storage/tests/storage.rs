//! The adapter against a real server of the protocol.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, time::Duration};

use anyhow::Result;
use chrono::{DateTime, Utc};
use edgeos_domain::{ImageType, TenantId, Upload, UploadKey, UploadOwner};
use edgeos_ports::{FileStorage, StorageError};
use edgeos_storage::{S3Settings, S3Storage};
use edgeos_testkit::S3Server;
use reqwest::{Client, RequestBuilder, header::CONTENT_TYPE};
use uuid::Uuid;

const LIFETIME: Duration = Duration::from_mins(15);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR";

fn settings(server: &S3Server) -> S3Settings {
    let variables = server.variables();
    let value = |wanted| {
        let found = variables.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    S3Settings {
        endpoint: Some(value("STORAGE_ENDPOINT_URL").parse().unwrap()),
        signing_endpoint: None,
        region: "us-east-2".to_owned(),
        bucket: value("STORAGE_BUCKET"),
        access_key: value("STORAGE_ACCESS_KEY"),
        secret_key: value("STORAGE_SECRET_KEY"),
    }
}

fn key(number: u128) -> UploadKey {
    let owner = UploadOwner::Tenant(TenantId(Uuid::from_u128(7)));
    UploadKey::new(owner, ImageType::Png, "a.png", Uuid::from_u128(number))
}

fn png(size: Option<u64>) -> Upload {
    Upload::new("image/png", size).unwrap()
}

async fn set_up() -> Result<(S3Server, S3Storage)> {
    let server = S3Server::start().await?;
    let storage = S3Storage::new(&settings(&server)).await?;
    Ok((server, storage))
}

fn put(url: &str, content_type: &str) -> RequestBuilder {
    Client::new().put(url).header(CONTENT_TYPE, content_type)
}

async fn status(request: RequestBuilder) -> Result<u16> {
    Ok(request.send().await?.status().as_u16())
}

/// Puts a file where its name says, past the protocol.
fn place(server: &S3Server, name: &str, bytes: &[u8]) {
    let path = server.files().join(name);
    fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
    fs::write(path, bytes).unwrap();
}

fn cause(error: &StorageError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

#[tokio::test]
async fn a_file_is_put_where_the_address_says_and_seen_by_everybody() -> Result<()> {
    let (server, storage) = set_up().await?;
    let url = storage.upload_url(&key(1), png(None), LIFETIME).await?;
    assert!(url.starts_with(&format!("{}/edgeos/{}?X-Amz-", server.url(), key(1))), "{url}");
    for part in [
        "X-Amz-Expires=900",
        "X-Amz-SignedHeaders=content-type%3Bhost",
        "%2Fus-east-2%2Fs3%2Faws4_request",
    ] {
        assert!(url.contains(part), "{part} is not in {url}");
    }
    assert_eq!(status(put(&url, "image/png").body(PNG)).await?, 200);
    let seen = reqwest::get(format!("{}/edgeos/{}", server.url(), key(1))).await?;
    assert_eq!(seen.status(), 200);
    assert_eq!(seen.headers()[CONTENT_TYPE], "image/png");
    assert_eq!(seen.bytes().await?, PNG);
    Ok(())
}

#[tokio::test]
async fn an_address_is_for_one_file_of_one_content_type() -> Result<()> {
    let (_server, storage) = set_up().await?;
    let url = storage.upload_url(&key(1), png(None), LIFETIME).await?;
    for other in ["text/html", "image/jpeg", "image/png; charset=utf-8", "IMAGE/PNG"] {
        assert_eq!(status(put(&url, other).body(PNG)).await?, 403, "{other}");
    }
    assert_eq!(status(Client::new().put(&url).body(PNG)).await?, 403);
    assert_eq!(status(Client::new().delete(&url).header(CONTENT_TYPE, "image/png")).await?, 403);
    let elsewhere = url.replace(&key(1).to_string(), &key(2).to_string());
    assert_eq!(status(put(&elsewhere, "image/png").body(PNG)).await?, 403);
    let longer = url.replace("X-Amz-Expires=900", "X-Amz-Expires=9000");
    assert_eq!(status(put(&longer, "image/png").body(PNG)).await?, 403);
    assert_eq!(storage.files(None).await?.files, []);
    Ok(())
}

#[tokio::test]
async fn a_size_that_was_said_is_kept_to() -> Result<()> {
    let (_server, storage) = set_up().await?;
    let size = u64::try_from(PNG.len())?;
    let url = storage.upload_url(&key(1), png(Some(size)), LIFETIME).await?;
    assert!(url.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost"), "{url}");
    for other in [&PNG[1..], b"", &[PNG, b"more"].concat()] {
        assert_eq!(status(put(&url, "image/png").body(other.to_vec())).await?, 403);
    }
    assert_eq!(status(put(&url, "image/png").body(PNG)).await?, 200);
    Ok(())
}

#[tokio::test]
async fn an_address_is_good_for_its_time_and_no_longer() -> Result<()> {
    let (_server, storage) = set_up().await?;
    let url = storage.upload_url(&key(1), png(None), Duration::from_secs(1)).await?;
    let refused = async {
        loop {
            match status(put(&url, "image/png").body(PNG)).await? {
                200 => tokio::task::yield_now().await,
                other => return anyhow::Ok(other),
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(30), refused).await??, 403);
    Ok(())
}

#[tokio::test]
async fn browsers_may_reach_storage_elsewhere_than_the_server() -> Result<()> {
    let (server, _) = set_up().await?;
    let signing_endpoint = Some("https://files.example.com/".parse()?);
    let storage = S3Storage::new(&S3Settings { signing_endpoint, ..settings(&server) }).await?;
    let url = storage.upload_url(&key(1), png(None), LIFETIME).await?;
    assert!(url.starts_with("https://files.example.com/edgeos/"), "{url}");
    storage.check().await?;
    let amazon = S3Settings { endpoint: None, ..settings(&server) };
    let url = S3Storage::new(&amazon).await?.upload_url(&key(1), png(None), LIFETIME).await?;
    assert!(url.starts_with("https://s3.us-east-2.amazonaws.com/edgeos/"), "{url}");
    Ok(())
}

#[tokio::test]
async fn files_are_listed_page_by_page_without_those_of_others() -> Result<()> {
    let (server, storage) = set_up().await?;
    #[expect(clippy::disallowed_methods, reason = "files are made now")]
    let before: DateTime<Utc> = Utc::now() - chrono::TimeDelta::minutes(1);
    for number in 0..1001 {
        place(&server, key(number).as_str(), PNG);
    }
    place(&server, "backups/today.tar", PNG);
    let first = storage.files(None).await?;
    let second = storage.files(first.next.as_deref()).await?;
    assert_eq!(second.next, None);
    let all: Vec<_> = first.files.iter().chain(&second.files).collect();
    assert!(first.files.len() < all.len());
    assert!(all.iter().map(|file| file.key.clone()).eq((0..1001).map(key)));
    assert!(all.iter().all(|file| file.size == 16 && file.modified_at > before));
    Ok(())
}

#[tokio::test]
async fn the_first_bytes_of_a_file_are_enough_to_know_it() -> Result<()> {
    let (server, storage) = set_up().await?;
    place(&server, key(1).as_str(), PNG);
    place(&server, key(2).as_str(), b"<svg");
    let first = storage.first_bytes(&key(1), ImageType::SIGNATURE_BYTES).await?;
    assert_eq!(first.as_deref().and_then(ImageType::of_bytes), Some(ImageType::Png));
    assert_eq!(storage.first_bytes(&key(1), 4).await?.as_deref(), Some(&PNG[..4]));
    assert_eq!(storage.first_bytes(&key(2), 12).await?.as_deref(), Some(&b"<svg"[..]));
    assert_eq!(storage.first_bytes(&key(3), 12).await?, None);
    Ok(())
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_may_be_deleted_again() -> Result<()> {
    let (server, storage) = set_up().await?;
    place(&server, key(1).as_str(), PNG);
    for _ in 0..2 {
        storage.delete(&key(1)).await?;
        assert_eq!(storage.first_bytes(&key(1), 12).await?, None);
    }
    Ok(())
}

#[tokio::test]
async fn storage_that_would_take_nothing_does_not_pass_for_working() -> Result<()> {
    let (server, storage) = set_up().await?;
    storage.check().await?;
    let right = settings(&server);
    let bucket = S3Settings { bucket: "nowhere".to_owned(), ..right.clone() };
    let key = S3Settings { secret_key: "guessed".to_owned(), ..right };
    for (wrong, why) in [(bucket, "NoSuchBucket"), (key, "SignatureDoesNotMatch")] {
        let failed = S3Storage::new(&wrong).await?.check().await.unwrap_err();
        assert!(cause(&failed).ends_with(why), "{failed:?}");
    }
    drop(server);
    // Connections that were there end with the server.
    let gone = async {
        while storage.check().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone).await?;
    Ok(())
}

#[tokio::test]
async fn the_storage_of_development_refuses_what_is_too_large() -> Result<()> {
    let (_server, storage) = set_up().await?;
    let url = storage.upload_url(&key(1), png(None), LIFETIME).await?;
    let limit = usize::try_from(Upload::MAX_BYTES)?;
    assert_eq!(status(put(&url, "image/png").body(vec![0; limit + 1])).await?, 413);
    assert_eq!(status(put(&url, "image/png").body(vec![0; limit])).await?, 200);
    Ok(())
}

#[tokio::test]
async fn the_storage_of_development_lets_pages_of_any_origin_put_files() -> Result<()> {
    let (_server, storage) = set_up().await?;
    let url = storage.upload_url(&key(1), png(None), LIFETIME).await?;
    let asked = Client::new()
        .request(reqwest::Method::OPTIONS, &url)
        .header("Origin", "http://localhost:5173")
        .header("Access-Control-Request-Method", "PUT")
        .header("Access-Control-Request-Headers", "content-type");
    let asked = asked.send().await?;
    assert!(asked.status().is_success());
    let sent = put(&url, "image/png").body(PNG).send().await?;
    for answer in [asked, sent] {
        assert_eq!(answer.headers()["Access-Control-Allow-Origin"], "*");
        assert!(answer.headers()["Access-Control-Allow-Methods"].to_str()?.contains("PUT"));
        assert_eq!(answer.headers()["Access-Control-Allow-Headers"], "Content-Type");
    }
    Ok(())
}
