//! Pictures that browsers put into storage: what is taken, under which name, and where it can be seen.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::TenantId;

/// A kind of picture that storage takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageType {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/gif`
    Gif,
    /// `image/webp`
    Webp,
}

/// A picture that somebody wants to put into storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload {
    image: ImageType,
    size: Option<u64>,
}

/// Why a picture isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefusal {
    /// Neither of the kinds of pictures.
    #[error(
        "this content type is not allowed: send image/jpeg, image/png, image/gif or image/webp"
    )]
    ContentType,
    /// More bytes than [`Upload::MAX_BYTES`].
    #[error("a file has at most {} bytes", Upload::MAX_BYTES)]
    TooLarge,
}

/// Under whose name a file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UploadOwner {
    /// A tenant, whoever works for it.
    Tenant(TenantId),
    /// Users without a tenant.
    Superadmin,
}

/// The name of a file in storage: `{tenant}/images/{random}.{extension}`, where `{tenant}` is the tenant's id or
/// the word `superadmin`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadKey {
    owner: UploadOwner,
    text: String,
}

/// A name in storage that no upload has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an uploaded picture")]
pub struct InvalidUploadKey;

/// Where files in storage can be seen: everything before the key, without the slash between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicFiles(String);

/// The owner of files of users without a tenant.
const SUPERADMIN: &str = "superadmin";
/// What stands between the owner and the name.
const FOLDER: &str = "images";

impl ImageType {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::Webp];

    /// As many first bytes as [`of_bytes`](Self::of_bytes) looks at.
    pub const SIGNATURE_BYTES: usize = 12;

    /// The kind of this content type, written exactly so.
    #[must_use]
    pub fn parse(content_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|image| image.as_str() == content_type)
    }

    /// The content type.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The kind of the file that begins with `bytes`, whatever it is called.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The endings of such files, its own first.
    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
        }
    }

    /// The ending of `filename` if such files have it, else their own.
    fn extension_of(self, filename: &str) -> &'static str {
        let ending = filename.rsplit_once('.').map_or("", |(_, ending)| ending);
        let known = self.extensions().iter().find(|known| ending.eq_ignore_ascii_case(known));
        known.copied().unwrap_or(self.extensions()[0])
    }
}

impl Upload {
    /// The largest file: 10 MiB.
    pub const MAX_BYTES: u64 = 10 << 20;

    /// A picture of this content type and, if it is known, of so many bytes.
    ///
    /// # Errors
    ///
    /// [`UploadRefusal`], the first that applies in the order of its variants.
    pub fn new(content_type: &str, size: Option<u64>) -> Result<Self, UploadRefusal> {
        let image = ImageType::parse(content_type).ok_or(UploadRefusal::ContentType)?;
        if size.is_some_and(|size| size > Self::MAX_BYTES) {
            return Err(UploadRefusal::TooLarge);
        }
        Ok(Self { image, size })
    }

    /// What kind of picture it is.
    #[must_use]
    pub fn image(self) -> ImageType {
        self.image
    }

    /// How many bytes it has, if that was said.
    #[must_use]
    pub fn size(self) -> Option<u64> {
        self.size
    }
}

impl UploadKey {
    /// A name for a file of `owner` that is called `filename` elsewhere, of which only the ending is kept, if it
    /// fits the kind. `random` makes it unlike any other.
    #[must_use]
    pub fn new(owner: UploadOwner, image: ImageType, filename: &str, random: Uuid) -> Self {
        let text = format!("{owner}/{FOLDER}/{random}.{}", image.extension_of(filename));
        Self { owner, text }
    }

    /// Whose file it is.
    #[must_use]
    pub fn owner(&self) -> UploadOwner {
        self.owner
    }

    /// The name as storage has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for UploadKey {
    type Err = InvalidUploadKey;

    /// Reads a name that storage has; that of whoever put it there by other ways is [`InvalidUploadKey`].
    fn from_str(text: &str) -> Result<Self, InvalidUploadKey> {
        let mut parts = text.split('/');
        let (owner, folder, name) = (parts.next(), parts.next(), parts.next());
        let owner = match owner.ok_or(InvalidUploadKey)? {
            SUPERADMIN => UploadOwner::Superadmin,
            tenant => UploadOwner::Tenant(TenantId(
                Uuid::try_parse(tenant).map_err(|_| InvalidUploadKey)?,
            )),
        };
        let (random, extension) =
            name.and_then(|name| name.split_once('.')).ok_or(InvalidUploadKey)?;
        let random = Uuid::try_parse(random).map_err(|_| InvalidUploadKey)?;
        let known = ImageType::ALL.iter().any(|image| image.extensions().contains(&extension));
        // Spelled like ours: identifiers have several spellings.
        let ours = text == format!("{owner}/{FOLDER}/{random}.{extension}");
        if folder == Some(FOLDER) && known && ours {
            Ok(Self { owner, text: text.to_owned() })
        } else {
            Err(InvalidUploadKey)
        }
    }
}

impl fmt::Display for UploadOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(tenant) => tenant.fmt(f),
            Self::Superadmin => f.write_str(SUPERADMIN),
        }
    }
}

impl fmt::Display for UploadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PublicFiles {
    /// Files of `bucket`: seen below `public` (a CDN, say) if there is one, else at `endpoint`, else at Amazon S3 in
    /// `region`.
    #[must_use]
    pub fn new(public: Option<&str>, endpoint: Option<&str>, bucket: &str, region: &str) -> Self {
        let bare = |url: &str| url.trim_end_matches('/').to_owned();
        Self(match (public, endpoint) {
            (Some(public), _) => bare(public),
            (None, Some(endpoint)) => format!("{}/{bucket}", bare(endpoint)),
            (None, None) => format!("https://{bucket}.s3.{region}.amazonaws.com"),
        })
    }

    /// What every address begins with; no slash ends it.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0
    }

    /// The address of a file.
    #[must_use]
    pub fn url_of(&self, key: &UploadKey) -> String {
        format!("{}/{key}", self.0)
    }

    /// The file that `address` is of; `None` if that is none of these files.
    #[must_use]
    pub fn key_of(&self, address: &str) -> Option<UploadKey> {
        address.strip_prefix(&self.0)?.strip_prefix('/')?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const TENANT: TenantId = TenantId(Uuid::from_u128(0x7e57));
    const RANDOM: Uuid = Uuid::from_u128(0xabc);

    #[test]
    fn an_address_tells_its_file() {
        let files = PublicFiles::new(Some("https://cdn.example.com/f/"), None, "b", "us-east-2");
        let owner = UploadOwner::Tenant(TENANT);
        let key = UploadKey::new(owner, ImageType::Png, "a.png", RANDOM);
        assert_eq!(files.key_of(&files.url_of(&key)), Some(key.clone()));
        for other in [
            format!("https://cdn.example.com/g/{key}"),
            format!("https://cdn.example.com/f{key}"),
            format!("https://cdn.example.com/f/{key}?x"),
            format!("https://cdn.example.com/f/../{key}"),
            "https://cdn.example.com/f/a.png".to_owned(),
        ] {
            assert_eq!(files.key_of(&other), None, "{other}");
        }
    }

    fn key(filename: &str, image: ImageType) -> String {
        UploadKey::new(UploadOwner::Tenant(TENANT), image, filename, RANDOM).to_string()
    }

    #[rstest]
    #[case("a.png", "image/png", "png")]
    #[case("Photo.JPEG", "image/jpeg", "jpeg")]
    #[case("noext", "image/webp", "webp")]
    #[case("a.", "image/webp", "webp")]
    #[case("", "image/webp", "webp")]
    #[case("x.HTML", "image/gif", "gif")]
    #[case("a.tar.gz", "image/jpeg", "jpg")]
    #[case("../../x.png", "image/png", "png")]
    #[case("a.ñ", "image/png", "png")]
    #[case("a.jpg", "image/png", "png")]
    #[case("a.jpg", "image/jpeg", "jpg")]
    #[case("a.png/../../b", "image/png", "png")]
    fn a_file_keeps_the_ending_that_fits_its_kind(
        #[case] filename: &str,
        #[case] content_type: &str,
        #[case] extension: &str,
    ) {
        let image = ImageType::parse(content_type).unwrap();
        assert_eq!(key(filename, image), format!("{TENANT}/images/{RANDOM}.{extension}"));
    }

    #[test]
    fn files_of_users_without_tenant_lie_apart() {
        let key = UploadKey::new(UploadOwner::Superadmin, ImageType::Png, "a.png", RANDOM);
        assert_eq!(key.to_string(), format!("superadmin/images/{RANDOM}.png"));
    }

    #[rstest]
    #[case("image/jpeg", None, Ok(ImageType::Jpeg))]
    #[case("image/webp", Some(Upload::MAX_BYTES), Ok(ImageType::Webp))]
    #[case("image/png", Some(Upload::MAX_BYTES + 1), Err(UploadRefusal::TooLarge))]
    #[case("text/html", Some(Upload::MAX_BYTES + 1), Err(UploadRefusal::ContentType))]
    #[case("image/svg+xml", None, Err(UploadRefusal::ContentType))]
    #[case("IMAGE/PNG", None, Err(UploadRefusal::ContentType))]
    #[case("image/png; charset=utf-8", None, Err(UploadRefusal::ContentType))]
    #[case(" image/png", None, Err(UploadRefusal::ContentType))]
    #[case("", None, Err(UploadRefusal::ContentType))]
    fn pictures_of_ten_mebibytes_are_taken(
        #[case] content_type: &str,
        #[case] size: Option<u64>,
        #[case] expected: Result<ImageType, UploadRefusal>,
    ) {
        assert_eq!(Upload::new(content_type, size).map(Upload::image), expected);
    }

    #[rstest]
    #[case(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", Some(ImageType::Jpeg))]
    #[case(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", Some(ImageType::Png))]
    #[case(b"GIF89a\x01\x00\x01\x00\x80\x00", Some(ImageType::Gif))]
    #[case(b"GIF87a\x01\x00\x01\x00\x80\x00", Some(ImageType::Gif))]
    #[case(b"RIFF\x24\x00\x00\x00WEBP", Some(ImageType::Webp))]
    #[case(b"RIFF\x24\x00\x00\x00WAVE", None)]
    #[case(b"<svg xmlns=\"", None)]
    #[case(b"<!doctype ht", None)]
    #[case(b"\xff\xd8", None)]
    #[case(b"", None)]
    fn a_picture_is_known_by_its_first_bytes(
        #[case] bytes: &[u8],
        #[case] expected: Option<ImageType>,
    ) {
        assert_eq!(ImageType::of_bytes(bytes), expected);
    }

    #[rstest]
    #[case(Some("https://cdn.example.com/"), Some("http://s3:9000"), "https://cdn.example.com")]
    #[case(Some("http://localhost:9000/edgeos/"), None, "http://localhost:9000/edgeos")]
    #[case(None, Some("http://s3:9000"), "http://s3:9000/b")]
    #[case(None, Some("http://s3:9000//"), "http://s3:9000/b")]
    #[case(None, None, "https://b.s3.us-east-2.amazonaws.com")]
    fn files_are_seen_where_the_settings_say(
        #[case] public: Option<&str>,
        #[case] endpoint: Option<&str>,
        #[case] prefix: &str,
    ) {
        let files = PublicFiles::new(public, endpoint, "b", "us-east-2");
        let key = UploadKey::new(UploadOwner::Tenant(TENANT), ImageType::Png, "a.png", RANDOM);
        assert_eq!(files.prefix(), prefix);
        assert_eq!(files.url_of(&key), format!("{prefix}/{TENANT}/images/{RANDOM}.png"));
    }

    #[rstest]
    #[case("backups/2026.tar")]
    #[case("superadmin/images/a.png")]
    #[case("superadmin/other/00000000-0000-0000-0000-000000000abc.png")]
    #[case("superadmin/images/00000000-0000-0000-0000-000000000ABC.png")]
    #[case("superadmin/images/00000000000000000000000000000abc.png")]
    #[case("superadmin/images/00000000-0000-0000-0000-000000000abc.html")]
    #[case("superadmin/images/00000000-0000-0000-0000-000000000abc.png/x")]
    #[case("images/00000000-0000-0000-0000-000000000abc.png")]
    #[case("")]
    fn what_others_put_into_storage_has_other_names(#[case] name: &str) {
        assert_eq!(name.parse::<UploadKey>(), Err(InvalidUploadKey));
    }

    proptest! {
        #[test]
        fn every_key_is_read_back(filename in ".{0,40}", random: u128, tenant: u128, kind in 0_usize..4) {
            let owner = UploadOwner::Tenant(TenantId(Uuid::from_u128(tenant)));
            let key = UploadKey::new(owner, ImageType::ALL[kind], &filename, Uuid::from_u128(random));
            prop_assert_eq!(key.as_str().parse(), Ok(key.clone()));
            prop_assert_eq!(key.as_str().split('/').count(), 3);
        }
    }
}
