use std::time::Duration;

use chrono::{DateTime, Utc};
use edgeos_domain::{Upload, UploadKey};

use crate::Source;

/// A file that a browser put into storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name.
    pub key: UploadKey,
    /// How many bytes it has.
    pub size: u64,
    /// Since when it is what it is.
    pub modified_at: DateTime<Utc>,
}

/// A stretch of what lies in storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// Uploaded files, by name. What others keep there isn't among them.
    pub files: Vec<StoredFile>,
    /// Where the next stretch begins; `None` at the end.
    pub next: Option<String>,
}

/// Storage doesn't answer, or not as it should.
#[derive(Debug, thiserror::Error)]
#[error("storage failed")]
pub struct StorageError(#[source] pub Source);

/// Where browsers put files that everybody may see.
#[async_trait::async_trait]
pub trait FileStorage: Send + Sync {
    /// An address to which whoever has it may `PUT` the file `key` for `lifetime` (whole seconds), and only with the
    /// content type of `upload` and, if that is known, with as many bytes. Asks nobody.
    async fn upload_url(
        &self,
        key: &UploadKey,
        upload: Upload,
        lifetime: Duration,
    ) -> Result<String, StorageError>;

    /// Whether storage would take a file now.
    async fn check(&self) -> Result<(), StorageError>;

    /// The files after `after`, the `next` of another page; `None` begins at the start.
    async fn files(&self, after: Option<&str>) -> Result<StoredPage, StorageError>;

    /// At most `count` bytes from the start of a file that isn't empty; `None` if there is no such file.
    async fn first_bytes(
        &self,
        key: &UploadKey,
        count: usize,
    ) -> Result<Option<Vec<u8>>, StorageError>;

    /// Deletes a file; one that isn't there is deleted already.
    async fn delete(&self, key: &UploadKey) -> Result<(), StorageError>;
}
