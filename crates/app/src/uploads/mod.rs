//! Pictures that browsers put straight into storage: addresses to put them to, and what becomes of files that are
//! none or that nobody shows.

mod inspect;
mod orphans;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use edgeos_domain::{PublicFiles, Upload, UploadKey, UploadOwner, UploadRefusal};
use edgeos_ports::{Environment, FileStorage, PlatformStaff, Write, Writer};

pub use self::{
    inspect::{InspectUploads, Inspection},
    orphans::RemoveOrphans,
};
use crate::{
    AppError,
    attempts::{Attempt, Attempts},
};

/// How long an address is good for.
const LIFETIME: Duration = Duration::from_mins(15);

/// Addresses of storage for whoever may upload.
pub struct OfferUploads {
    /// `None` when storage is off.
    storage: Option<Arc<dyn FileStorage>>,
    files: PublicFiles,
    attempts: Attempts,
    env: Arc<dyn Environment>,
}

/// A file that somebody wants to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRequest {
    /// What it is called now.
    pub filename: String,
    /// Its content type.
    pub content_type: String,
    /// How many bytes it has, if that is known.
    pub size: Option<u64>,
}

/// Where a file may be put, and where it can be seen then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadOffer {
    /// Takes the file by `PUT`, for a quarter of an hour.
    pub upload_url: String,
    /// Its name in storage.
    pub key: UploadKey,
    /// Where everybody can see it.
    pub public_url: String,
}

impl OfferUploads {
    /// The use case over `storage`, whose files are seen at `files`; without storage it is off.
    pub fn new(
        storage: Option<Arc<dyn FileStorage>>,
        files: PublicFiles,
        attempts: Attempts,
        env: Arc<dyn Environment>,
    ) -> Self {
        Self { storage, files, attempts, env }
    }

    /// An address for one file, kept among those of the tenant in which `by` is at work, if there is one.
    ///
    /// # Errors
    ///
    /// `TooMany`; `Unavailable` without storage; `Refused` for a file that isn't taken.
    pub async fn offer(
        &self,
        by: &PlatformStaff<Write>,
        at_work: Option<&Writer>,
        request: &UploadRequest,
    ) -> Result<UploadOffer, AppError> {
        let too_many = AppError::too_many("too many uploads, try again later");
        self.attempts.count(Attempt::Upload(by.actor().id)).await.map_err(too_many)?;
        let off = || AppError::Unavailable("nothing can be uploaded: storage is off".into());
        let storage = self.storage.as_ref().ok_or_else(off)?;
        let upload = Upload::new(&request.content_type, request.size)?;
        let owner = match at_work {
            Some(writer) => UploadOwner::Tenant(writer.tenant()),
            None => UploadOwner::Superadmin,
        };
        let key = UploadKey::new(owner, upload.image(), &request.filename, self.env.uuid());
        let upload_url = storage.upload_url(&key, upload, LIFETIME).await.map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an address for an upload can't be signed"
            );
            AppError::Unavailable("nothing can be uploaded: storage is out of order".into())
        })?;
        let public_url = self.files.url_of(&key);
        Ok(UploadOffer { upload_url, key, public_url })
    }
}

impl From<UploadRefusal> for AppError {
    fn from(refusal: UploadRefusal) -> Self {
        Self::refused(refusal)
    }
}
