//! Storage that speaks the protocol of Amazon S3, for tests and for development: one bucket, whose files lie in a
//! directory. Everybody may read them, pages of any origin may put them, and what is too large is refused.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body as _, Incoming},
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_MAX_AGE, HeaderValue,
    },
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use s3s::{
    Body, HttpError, S3Result,
    access::{S3Access, S3AccessContext},
    auth::SimpleAuth,
    s3_error,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

use crate::listening::accept;

/// The largest file: 10 MiB.
const MAX_BYTES: u64 = 10 << 20;

/// How much of a file that is too large is still taken off the line, so that its sender reads the answer.
const PATIENCE_BYTES: usize = 100 << 20;

/// The bucket.
const BUCKET: &str = "edgeos";

/// The id and the key that are asked for.
const ACCESS_KEY: &str = "edgeos";
const SECRET_KEY: &str = "edgeos-storage-of-development";

/// What nobody has to sign.
const PUBLIC: [&str; 2] = ["GetObject", "HeadObject"];

/// The storage; stops when dropped.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    directory: PathBuf,
    /// Deleted with the server, where it made the directory itself.
    _temporary: Option<TempDir>,
    listening: AbortHandle,
}

impl S3Server {
    /// Listens on a free port, and forgets its files when it stops.
    ///
    /// # Errors
    ///
    /// No port is free, or no directory can be made.
    pub async fn start() -> Result<Self> {
        let temporary = tempfile::tempdir()?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let directory = temporary.path().to_owned();
        Self::listen(address, directory, Some(temporary)).await
    }

    /// Listens on `address`, with the files that lie in `directory`.
    ///
    /// # Errors
    ///
    /// It can't listen there, or the directory can't be used.
    pub async fn start_at(address: SocketAddr, directory: &Path) -> Result<Self> {
        Self::listen(address, directory.to_owned(), None).await
    }

    async fn listen(
        address: SocketAddr,
        directory: PathBuf,
        temporary: Option<TempDir>,
    ) -> Result<Self> {
        let place = || directory.display().to_string();
        fs::create_dir_all(directory.join(BUCKET)).with_context(place)?;
        let files = FileSystem::new(&directory)
            .map_err(|error| anyhow::anyhow!("{error:?}"))
            .with_context(place)?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        service.set_access(PublicRead);
        let service = service.build();
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("storage can't listen on {address}"))?;
        let address = listener.local_addr()?;
        let listening = accept(listener, move |stream| serve(stream, service.clone()));
        let listening = tokio::spawn(listening).abort_handle();
        Ok(Self { address, directory, _temporary: temporary, listening })
    }

    /// What `STORAGE_ENDPOINT_URL` must be for a server to use this storage.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings of a server that uses this storage, by their names.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("STORAGE_ENDPOINT_URL", self.url()),
            ("STORAGE_ACCESS_KEY", ACCESS_KEY.to_owned()),
            ("STORAGE_SECRET_KEY", SECRET_KEY.to_owned()),
            ("STORAGE_BUCKET", BUCKET.to_owned()),
            ("STORAGE_PUBLIC_URL", format!("{}/{BUCKET}", self.url())),
        ]
    }

    /// Where the files of the bucket lie, by their names.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.directory.join(BUCKET)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Whoever has the key may do everything; others may read what they know the name of.
struct PublicRead;

#[async_trait::async_trait]
impl S3Access for PublicRead {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_some() || PUBLIC.contains(&context.s3_op().name()) {
            return Ok(());
        }
        Err(s3_error!(AccessDenied, "Signature is required"))
    }
}

async fn serve(stream: TcpStream, service: S3Service) {
    let answer = service_fn(|request| answer(service.clone(), request));
    // A client that has gone needs nothing.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

async fn answer(
    service: S3Service,
    request: Request<Incoming>,
) -> Result<Response<Body>, HttpError> {
    let mut response = match *request.method() {
        Method::OPTIONS => plain(StatusCode::NO_CONTENT),
        Method::PUT if !fits(request.body()) => {
            let rest = Limited::new(request.into_body(), PATIENCE_BYTES);
            // Whoever sends even more, or breaks off, gets no answer.
            let _ = rest.collect().await;
            plain(StatusCode::PAYLOAD_TOO_LARGE)
        }
        _ => service.call(request.map(Body::from)).await?,
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, PUT"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    Ok(response)
}

/// Whether it is known how long the body is, and it isn't too long.
fn fits(body: &Incoming) -> bool {
    body.size_hint().upper().is_some_and(|length| length <= MAX_BYTES)
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
