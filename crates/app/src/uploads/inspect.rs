use std::sync::Arc;

use chrono::{DateTime, Utc};
use edgeos_domain::{ImageType, Upload};
use edgeos_ports::{FileStorage, StorageError, StoredFile};

/// Looks at what was uploaded: whoever has an address can put anything there that has its content type.
pub struct InspectUploads {
    storage: Arc<dyn FileStorage>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inspection {
    /// Files that are new.
    pub new: usize,
    /// Those of them that were no pictures or too large, and are gone.
    pub deleted: usize,
    /// Those of them that couldn't be looked at.
    pub failed: usize,
}

impl InspectUploads {
    /// The worker over `storage`.
    #[must_use]
    pub fn new(storage: Arc<dyn FileStorage>) -> Self {
        Self { storage }
    }

    /// Looks at every file that arrived at `since` or later, and deletes those that are too large or no pictures.
    /// Several servers may do it at once.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when the files can't be listed.
    pub async fn run(&self, since: DateTime<Utc>) -> Result<Inspection, StorageError> {
        let mut found = Inspection::default();
        let mut after = None;
        loop {
            let page = self.storage.files(after.as_deref()).await?;
            for file in page.files.iter().filter(|file| file.modified_at >= since) {
                found.new += 1;
                match self.inspect(file).await {
                    Ok(fine) => found.deleted += usize::from(!fine),
                    Err(error) => {
                        found.failed += 1;
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "the upload {} can't be looked at",
                            file.key
                        );
                    }
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Whether `file` may stay; it is gone if not.
    async fn inspect(&self, file: &StoredFile) -> Result<bool, StorageError> {
        let fits = (1..=Upload::MAX_BYTES).contains(&file.size);
        if fits {
            let bytes = self.storage.first_bytes(&file.key, ImageType::SIGNATURE_BYTES).await?;
            if bytes.is_none_or(|bytes| ImageType::of_bytes(&bytes).is_some()) {
                return Ok(true);
            }
        }
        self.storage.delete(&file.key).await?;
        tracing::info!(size = file.size, "the upload {} was no picture and is deleted", file.key);
        Ok(false)
    }
}
