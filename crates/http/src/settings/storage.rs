use edgeos_domain::PublicFiles;
use url::Url;

use super::{
    Secret,
    reader::Reader,
    values::{http_url, switch},
};

/// Where uploaded files go.
#[derive(Debug, Clone)]
pub struct Storage {
    /// Where the server reaches it; `None` = Amazon S3.
    pub endpoint: Option<Url>,
    /// Where browsers reach it, if that is elsewhere.
    pub signing_url: Option<Url>,
    /// The id of the key.
    pub access_key: Option<Secret>,
    /// The key.
    pub secret_key: Option<Secret>,
    /// The bucket.
    pub bucket: String,
    /// The region of the bucket.
    pub region: String,
    /// What the addresses of files begin with, if it isn't storage itself that shows them.
    pub public_url: Option<Url>,
    /// Whether files that nobody shows are deleted.
    pub orphan_cleanup: bool,
}

impl Storage {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            endpoint: r.optional("STORAGE_ENDPOINT_URL", base_url),
            signing_url: r.optional("STORAGE_SIGNING_URL", base_url),
            access_key: r.secret("STORAGE_ACCESS_KEY"),
            secret_key: r.secret("STORAGE_SECRET_KEY"),
            bucket: r.parsed("STORAGE_BUCKET", "edgeos".to_owned(), bucket),
            region: r.parsed("STORAGE_REGION", "us-east-2".to_owned(), region),
            public_url: r.optional("STORAGE_PUBLIC_URL", base_url),
            orphan_cleanup: r.parsed("STORAGE_ORPHAN_CLEANUP", false, switch),
        }
    }

    /// Id and key; `None` unless both are set: then storage is off.
    #[must_use]
    pub fn keys(&self) -> Option<(&str, &str)> {
        Some((self.access_key.as_ref()?.expose(), self.secret_key.as_ref()?.expose()))
    }

    /// The variable that is missing where only its fellow is set.
    #[must_use]
    pub fn missing_half(&self) -> Option<&'static str> {
        match (&self.access_key, &self.secret_key) {
            (None, Some(_)) => Some("STORAGE_ACCESS_KEY"),
            (Some(_), None) => Some("STORAGE_SECRET_KEY"),
            _ => None,
        }
    }

    /// Where uploaded files are seen, whether storage is on or not.
    #[must_use]
    pub fn files(&self) -> PublicFiles {
        let (public, endpoint) = (self.public_url.as_ref(), self.endpoint.as_ref());
        let (public, endpoint) = (public.map(Url::as_str), endpoint.map(Url::as_str));
        PublicFiles::new(public, endpoint, &self.bucket, &self.region)
    }
}

/// An address that names of files are appended to.
fn base_url(text: &str) -> Result<Url, String> {
    let url = http_url(text)?;
    let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let expected = "an address without user, query and fragment";
    if bare { Ok(url) } else { Err(expected.to_owned()) }
}

fn bucket(text: &str) -> Result<String, String> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let fits = text.len() <= 255 && text.chars().all(is_fine) && !text.starts_with('.');
    if fits { Ok(text.to_owned()) } else { Err("the name of a bucket".to_owned()) }
}

fn region(text: &str) -> Result<String, String> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let fits = text.len() <= 63 && text.chars().all(is_fine);
    if fits { Ok(text.to_owned()) } else { Err("a region like us-east-2".to_owned()) }
}
