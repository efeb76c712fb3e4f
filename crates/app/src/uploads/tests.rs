use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{ImageType, Role, TenantId, UserId};
use edgeos_ports::{LimitReached, Limits, StorageError, StoredFile, StoredPage, UserActor};
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::attempts::AttemptLimits;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand more";

/// A file: since when it is there, how many bytes it is said to have, and those that it begins with.
type File = (i64, u64, Result<&'static [u8], ()>);

/// Storage whose files can be looked at, clock and counter.
#[derive(Default)]
struct Fake {
    files: Mutex<BTreeMap<String, File>>,
    full: bool,
    broken: bool,
}

impl Fake {
    fn files(&self) -> MutexGuard<'_, BTreeMap<String, File>> {
        self.files.lock().expect("no test panics while it holds this")
    }

    fn offers(self, on: bool) -> OfferUploads {
        let this = Arc::new(self);
        let storage = on.then(|| -> Arc<dyn FileStorage> { this.clone() });
        let files = PublicFiles::new(Some("https://cdn.example.com/"), None, "b", "us-east-2");
        let attempts = Attempts::new(this.clone(), AttemptLimits::default());
        OfferUploads::new(storage, files, attempts, this)
    }
}

#[async_trait::async_trait]
impl FileStorage for Fake {
    async fn upload_url(
        &self,
        key: &UploadKey,
        upload: Upload,
        lifetime: Duration,
    ) -> Result<String, StorageError> {
        if self.broken {
            return Err(StorageError("no clock".into()));
        }
        let (seconds, size) = (lifetime.as_secs(), upload.size());
        Ok(format!("{key} for {seconds} s as {} of {size:?}", upload.image().as_str()))
    }

    async fn check(&self) -> Result<(), StorageError> {
        Ok(())
    }

    async fn files(&self, after: Option<&str>) -> Result<StoredPage, StorageError> {
        let files = Fake::files(self);
        let next = files.iter().find(|(name, _)| after.is_none_or(|after| name.as_str() > after));
        let Some((name, (second, size, _))) = next else {
            return Ok(StoredPage { files: Vec::new(), next: None });
        };
        let (key, modified_at) = (name.parse().expect("a name of ours"), at(*second));
        let files = vec![StoredFile { key, size: *size, modified_at }];
        Ok(StoredPage { files, next: Some(name.clone()) })
    }

    async fn first_bytes(
        &self,
        key: &UploadKey,
        count: usize,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let files = Fake::files(self);
        let Some((_, size, bytes)) = files.get(key.as_str()) else { return Ok(None) };
        assert!(*size <= Upload::MAX_BYTES, "what is too large needn't be read");
        match bytes {
            Ok(bytes) => Ok(Some(bytes[..count.min(bytes.len())].to_vec())),
            Err(()) => Err(StorageError("it is busy".into())),
        }
    }

    async fn delete(&self, key: &UploadKey) -> Result<(), StorageError> {
        Fake::files(self).remove(key.as_str());
        Ok(())
    }
}

#[async_trait::async_trait]
impl Limits for Fake {
    async fn hit(&self, _: &str, limit: u32, _: Duration) -> Result<(), LimitReached> {
        assert_eq!(limit, 120);
        let retry_after = Duration::from_secs(7);
        if self.full { Err(LimitReached { retry_after }) } else { Ok(()) }
    }

    async fn take_back(&self, _: &str) {}

    async fn check(&self, _: &str, _: u32) -> Result<(), LimitReached> {
        Ok(())
    }
}

impl Environment for Fake {
    fn now(&self) -> DateTime<Utc> {
        at(0)
    }

    fn uuid(&self) -> Uuid {
        Uuid::from_u128(9)
    }

    fn fill(&self, _: &mut [u8]) {}
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn staff(role: Role, tenant: Option<TenantId>) -> PlatformStaff<Write> {
    let actor = UserActor { id: UserId(Uuid::from_u128(2)), role, tenant, request: None };
    actor.admit().expect("the role suffices")
}

fn request(content_type: &str, size: Option<u64>) -> UploadRequest {
    let (filename, content_type) = ("a.png".to_owned(), content_type.to_owned());
    UploadRequest { filename, content_type, size }
}

#[tokio::test]
async fn an_offer_says_where_the_file_goes_and_where_it_is_seen() {
    let admin = staff(Role::Admin, Some(TENANT));
    let offers = Fake::default().offers(true);
    let asked = request("image/png", Some(5));
    let offer = offers.offer(&admin, admin.in_own_tenant().as_ref(), &asked).await.unwrap();
    let key = format!("{TENANT}/images/{}.png", Uuid::from_u128(9));
    assert_eq!(offer.key.as_str(), key);
    assert_eq!(offer.upload_url, format!("{key} for 900 s as image/png of Some(5)"));
    assert_eq!(offer.public_url, format!("https://cdn.example.com/{key}"));
}

#[tokio::test]
async fn whoever_is_at_work_in_no_tenant_has_a_place_of_their_own() {
    let root = staff(Role::Superadmin, None);
    let offers = Fake::default().offers(true);
    let offer = offers.offer(&root, None, &request("image/png", None)).await.unwrap();
    assert!(offer.key.as_str().starts_with("superadmin/images/"), "{offer:?}");
}

#[tokio::test]
async fn the_limit_comes_before_storage_and_storage_before_the_file() {
    let root = staff(Role::Superadmin, None);
    let (html, png) = (request("text/html", None), request("image/png", None));
    let full = || Fake { full: true, ..Fake::default() };
    let too_many = full().offers(false).offer(&root, None, &html).await;
    assert!(
        matches!(&too_many, Err(AppError::TooMany { retry_after: Some(after), .. })
            if after.as_secs() == 7),
        "{too_many:?}"
    );
    let off = Fake::default().offers(false).offer(&root, None, &html).await;
    assert!(matches!(off, Err(AppError::Unavailable(_))), "{off:?}");
    let refused = Fake::default().offers(true).offer(&root, None, &html).await;
    let Err(AppError::Refused(words)) = refused else { panic!("{refused:?}") };
    for image in ImageType::ALL {
        assert!(words.contains(image.as_str()), "{words}");
    }
    let broken = Fake { broken: true, ..Fake::default() }.offers(true);
    let broken = broken.offer(&root, None, &png).await;
    assert!(matches!(broken, Err(AppError::Unavailable(_))), "{broken:?}");
}

#[rstest]
#[case::a_picture((0, 16, Ok(PNG)), true)]
#[case::the_largest_picture((0, Upload::MAX_BYTES, Ok(PNG)), true)]
#[case::a_larger_one((0, Upload::MAX_BYTES + 1, Ok(PNG)), false)]
#[case::a_page((0, 14, Ok(&b"<!doctype html"[..])), false)]
#[case::nothing((0, 0, Ok(&b""[..])), false)]
#[case::an_old_page((-1, 14, Ok(&b"<!doctype html"[..])), true)]
#[tokio::test]
async fn new_files_stay_if_they_are_pictures(#[case] file: File, #[case] stays: bool) {
    let storage = Arc::new(Fake::default());
    let key = UploadKey::new(UploadOwner::Superadmin, ImageType::Png, "", Uuid::nil());
    storage.files().insert(key.to_string(), file);
    let found = InspectUploads::new(storage.clone()).run(at(0)).await.unwrap();
    let new = usize::from(file.0 >= 0);
    assert_eq!(found, Inspection { new, deleted: usize::from(!stays), failed: 0 });
    assert_eq!(!storage.files().is_empty(), stays);
}

#[tokio::test]
async fn a_file_that_cannot_be_looked_at_stays_and_holds_up_no_other() {
    let storage = Arc::new(Fake::default());
    let key = |number| {
        let random = Uuid::from_u128(number);
        UploadKey::new(UploadOwner::Tenant(TENANT), ImageType::Png, "", random).to_string()
    };
    storage.files().insert(key(1), (0, 16, Err(())));
    storage.files().insert(key(2), (0, 16, Ok(&b"<html>"[..])));
    storage.files().insert(key(3), (0, 16, Ok(PNG)));
    let found = InspectUploads::new(storage.clone()).run(at(0)).await.unwrap();
    assert_eq!(found, Inspection { new: 3, deleted: 1, failed: 1 });
    assert_eq!(storage.files().keys().cloned().collect::<Vec<_>>(), [key(1), key(3)]);
}
