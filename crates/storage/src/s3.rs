use std::{fmt, time::Duration};

use chrono::DateTime;
use edgeos_domain::{Upload, UploadKey};
use edgeos_ports::{FileStorage, StorageError, StoredFile, StoredPage};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use s3::{Bucket, Region, creds::Credentials, error::S3Error};
use url::Url;

use crate::error::{is_missing, storage_error};

/// How long storage may take to answer the server.
const PATIENCE: Duration = Duration::from_secs(10);

/// Files of one page.
const PAGE: usize = 1000;

/// Where storage is, and who we are there.
#[derive(Clone)]
pub struct S3Settings {
    /// Where the server reaches it; `None` = Amazon S3 in `region`.
    pub endpoint: Option<Url>,
    /// Where browsers reach it, if that is elsewhere.
    pub signing_endpoint: Option<Url>,
    /// The region, which is part of signatures.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// The id of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

/// Storage that speaks the protocol of Amazon S3; buckets are parts of the path.
pub struct S3Storage {
    /// As the server reaches it.
    bucket: Bucket,
    /// As browsers reach it.
    signing: Bucket,
}

impl S3Storage {
    /// Storage as `settings` say. Asks nobody.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when no address can be signed with these settings.
    pub async fn new(settings: &S3Settings) -> Result<Self, StorageError> {
        let amazon = format!("https://s3.{}.amazonaws.com", settings.region);
        let endpoint = settings.endpoint.as_ref().map_or(amazon, bare);
        let signing_endpoint =
            settings.signing_endpoint.as_ref().map_or_else(|| endpoint.clone(), bare);
        let this = Self {
            bucket: bucket(settings, endpoint).map_err(storage_error)?,
            signing: bucket(settings, signing_endpoint).map_err(storage_error)?,
        };
        this.sign("images", HeaderMap::new(), PATIENCE).await?;
        Ok(this)
    }

    async fn sign(
        &self,
        name: &str,
        headers: HeaderMap,
        lifetime: Duration,
    ) -> Result<String, StorageError> {
        let seconds = u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX);
        let signed = self.signing.presign_put(name, seconds, Some(headers), None).await;
        signed.map_err(storage_error)
    }
}

#[async_trait::async_trait]
impl FileStorage for S3Storage {
    async fn upload_url(
        &self,
        key: &UploadKey,
        upload: Upload,
        lifetime: Duration,
    ) -> Result<String, StorageError> {
        let mut headers = HeaderMap::new();
        let content_type = HeaderValue::from_static(upload.image().as_str());
        headers.insert(CONTENT_TYPE, content_type);
        if let Some(size) = upload.size() {
            headers.insert(CONTENT_LENGTH, size.into());
        }
        self.sign(key.as_str(), headers, lifetime).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        let listed = self.bucket.list_page(String::new(), None, None, None, Some(1)).await;
        listed.map(|_| ()).map_err(storage_error)
    }

    async fn files(&self, after: Option<&str>) -> Result<StoredPage, StorageError> {
        let after = after.map(str::to_owned);
        let listed = self.bucket.list_page(String::new(), None, None, after, Some(PAGE)).await;
        let (listed, _) = listed.map_err(storage_error)?;
        let last = listed.contents.last().map(|object| object.key.clone());
        let mut files = Vec::new();
        for object in listed.contents {
            let Ok(key) = object.key.parse() else { continue };
            let modified_at = DateTime::parse_from_rfc3339(&object.last_modified)
                .map_err(|error| StorageError(error.into()))?;
            files.push(StoredFile { key, size: object.size, modified_at: modified_at.into() });
        }
        Ok(StoredPage { files, next: last.filter(|_| listed.is_truncated) })
    }

    async fn first_bytes(
        &self,
        key: &UploadKey,
        count: usize,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let Some(last) = count.checked_sub(1) else { return Ok(Some(Vec::new())) };
        let last = u64::try_from(last).unwrap_or(u64::MAX);
        match self.bucket.get_object_range(key.as_str(), 0, Some(last)).await {
            Ok(answer) => Ok(Some(answer.as_slice().iter().take(count).copied().collect())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(storage_error(error)),
        }
    }

    async fn delete(&self, key: &UploadKey) -> Result<(), StorageError> {
        match self.bucket.delete_object(key.as_str()).await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(storage_error(error)),
        }
    }
}

fn bucket(settings: &S3Settings, endpoint: String) -> Result<Bucket, S3Error> {
    let region = Region::Custom { region: settings.region.clone(), endpoint };
    let (access, secret) = (settings.access_key.as_str(), settings.secret_key.as_str());
    let credentials = Credentials::new(Some(access), Some(secret), None, None, None)?;
    let bucket = Bucket::new(&settings.bucket, region, credentials)?.with_path_style();
    Ok(*bucket.with_request_timeout(PATIENCE)?)
}

/// An address without the slashes at its end.
fn bare(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

// Neither prints its key.

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("signing_endpoint", &self.signing_endpoint)
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for S3Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Storage").field("bucket", &self.bucket.name()).finish_non_exhaustive()
    }
}
