//! Images from wherever organisers say.
//!
//! The server stands in a network with much that isn't meant for organisers. So each address is looked at before it is
//! connected to, the one that a redirection leads to like the first; names are resolved here, and the very addresses
//! that were looked at are connected to. What the installation stores itself is asked of its storage, wherever that is.

use std::{io, net::IpAddr, net::SocketAddr, sync::Arc, time::Duration};

use edgeos_domain::PublicFiles;
use edgeos_ports::{FileStorage, Picture, PictureFormat, Pictures, Source, StorageError};
use reqwest::{
    Client, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::LOCATION,
    redirect::Policy,
};
use tokio::{net::lookup_host, time::timeout};
use url::{Host, Url};

use crate::address::is_public;

/// How long an image may take, redirections included.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest file that is taken, in bytes.
const BYTES_MAX: usize = 5 << 20;
/// How many times an address may lead to another.
const REDIRECTIONS_MAX: usize = 5;

/// Fetches images from the storage of the installation, and over HTTP from the public internet.
#[derive(Clone)]
pub struct WebPictures {
    own: Option<OwnFiles>,
    patience: Duration,
    admits: fn(IpAddr) -> bool,
    /// Connects to public addresses only.
    outside: Client,
}

/// The files that were uploaded to the installation.
#[derive(Clone)]
pub struct OwnFiles {
    /// Their addresses, as browsers know them.
    pub files: PublicFiles,
    /// Where they lie.
    pub storage: Arc<dyn FileStorage>,
}

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPicture {
    /// No address with the scheme http or https.
    #[error("the address isn't one of the web")]
    NotWeb,
    /// Somebody's name and password.
    #[error("the address has credentials in it")]
    Credentials,
    /// Something that isn't on the public internet.
    #[error("the address isn't public")]
    NotPublic,
    /// It leads from one address to the next.
    #[error("the address leads from one to the next")]
    Redirections,
    /// The server has something else to say.
    #[error("the server answers {0}")]
    Status(StatusCode),
    /// No PNG, JPEG or WebP.
    #[error("what is there is no PNG, JPEG or WebP")]
    NoImage,
    /// Too many bytes.
    #[error("what is there has more than {BYTES_MAX} bytes")]
    TooLarge,
    /// Too slow.
    #[error("it takes too long")]
    TooSlow,
    /// Storage has no such file.
    #[error("there is no such file in storage")]
    Missing,
    /// Storage doesn't hand it out.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The server can't be reached, or breaks off.
    #[error("the server can't be reached")]
    Unreachable(#[from] reqwest::Error),
}

/// Resolves names to addresses that are all admitted, or not at all.
struct Names<L> {
    lookup: L,
    admits: fn(IpAddr) -> bool,
}

/// The resolver of the operating system, or one that a test makes up.
#[trait_variant::make(Send)]
trait Lookup: Clone + Sync + 'static {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

#[derive(Debug, Clone, Copy)]
struct SystemLookup;

impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

impl<L: Lookup> Resolve for Names<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, admits) = (self.lookup.clone(), self.admits);
        Box::pin(async move {
            let found = lookup.addresses(name.as_str()).await?;
            if found.is_empty() || !found.iter().all(|address| admits(*address)) {
                return Err(NoPicture::NotPublic.into());
            }
            // The client knows the port.
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

impl WebPictures {
    /// A client that reaches the public internet, and the files that are its `own`.
    ///
    /// # Errors
    ///
    /// When encryption can't be set up.
    pub fn new(own: Option<OwnFiles>) -> Result<Self, reqwest::Error> {
        Self::with(own, SystemLookup, is_public, PATIENCE)
    }

    fn with(
        own: Option<OwnFiles>,
        lookup: impl Lookup,
        admits: fn(IpAddr) -> bool,
        patience: Duration,
    ) -> Result<Self, reqwest::Error> {
        let outside = Client::builder()
            // A proxy would resolve names itself, and redirections are looked at one by one.
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .pool_max_idle_per_host(0)
            .user_agent("EdgeOS")
            .dns_resolver(Arc::new(Names { lookup, admits }))
            .build()?;
        Ok(Self { own, patience, admits, outside })
    }

    async fn fetch(&self, address: &str) -> Result<Picture, NoPicture> {
        let mut url = Url::parse(address).map_err(|_| NoPicture::NotWeb)?;
        for _ in 0..=REDIRECTIONS_MAX {
            if let Some(own) = self.own.as_ref()
                && let Some(key) = own.files.key_of(url.as_str())
            {
                let found = own.storage.first_bytes(&key, BYTES_MAX + 1).await?;
                return picture(found.ok_or(NoPicture::Missing)?);
            }
            self.check(&url)?;
            let response = self.outside.get(url.clone()).send().await?;
            let status = response.status();
            if status.is_success() {
                return picture(body(response).await?);
            }
            let location = response.headers().get(LOCATION).filter(|_| status.is_redirection());
            let location = location.ok_or(NoPicture::Status(status))?;
            let location = location.to_str().map_err(|_| NoPicture::NotWeb)?;
            url = url.join(location).map_err(|_| NoPicture::NotWeb)?;
        }
        Err(NoPicture::Redirections)
    }

    /// Whether `url` may be asked.
    fn check(&self, url: &Url) -> Result<(), NoPicture> {
        if !["http", "https"].contains(&url.scheme()) {
            return Err(NoPicture::NotWeb);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NoPicture::Credentials);
        }
        let public = match url.host().ok_or(NoPicture::NotWeb)? {
            // Its addresses are looked at when they are known.
            Host::Domain(_) => true,
            Host::Ipv4(address) => (self.admits)(address.into()),
            Host::Ipv6(address) => (self.admits)(address.into()),
        };
        if public { Ok(()) } else { Err(NoPicture::NotPublic) }
    }
}

#[async_trait::async_trait]
impl Pictures for WebPictures {
    async fn picture(&self, address: &str) -> Result<Picture, Source> {
        let fetched = timeout(self.patience, self.fetch(address)).await;
        Ok(fetched.map_err(|_| NoPicture::TooSlow)??)
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, NoPicture> {
    let announced = response.content_length().unwrap_or_default();
    if usize::try_from(announced).map_or(true, |announced| announced > BYTES_MAX) {
        return Err(NoPicture::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > BYTES_MAX {
            return Err(NoPicture::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn picture(bytes: Vec<u8>) -> Result<Picture, NoPicture> {
    if bytes.len() > BYTES_MAX {
        return Err(NoPicture::TooLarge);
    }
    let format = format(&bytes).ok_or(NoPicture::NoImage)?;
    Ok(Picture { format, bytes })
}

/// What an image is by its first bytes; what its server says about it doesn't matter.
fn format(bytes: &[u8]) -> Option<PictureFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(PictureFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(PictureFormat::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            Some(PictureFormat::WebP)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
