use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use edgeos_domain::{ImageType, Upload, UploadKey, UploadOwner};
use edgeos_ports::StoredPage;
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use uuid::Uuid;

use super::*;

/// Where the tests' public internet is; everything else is inside.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const INSIDE: Ipv4Addr = Ipv4Addr::LOCALHOST;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand so on";

fn is_outside(address: IpAddr) -> bool {
    address == OUTSIDE
}

/// A server that gives everybody the same answer, and counts them.
#[derive(Clone)]
struct Site {
    address: SocketAddr,
    visits: Arc<AtomicUsize>,
}

impl Site {
    /// Its answer depends on where it is.
    async fn at(ip: Ipv4Addr, answer: impl FnOnce(SocketAddr) -> Vec<u8>) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let visits = Arc::new(AtomicUsize::new(0));
        let (counted, answer) = (visits.clone(), answer(address));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let answer = answer.clone();
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    // Whoever goes away early has seen enough.
                    let _ = stream.read(&mut request).await;
                    let _ = stream.write_all(&answer).await;
                    if answer.is_empty() {
                        // Silent until the other side gives up.
                        let _ = stream.read(&mut request).await;
                    }
                });
            }
        });
        Self { address, visits }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn to(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

/// Names, and what they are each time that somebody asks; the last answer stays.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<Entry>>>);

type Entry = (String, Vec<Vec<IpAddr>>);

impl Book {
    fn of(name: &str, answers: &[&[&str]]) -> Self {
        let addresses = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        let answers = answers.iter().map(addresses).collect();
        Self(Arc::new(Mutex::new(vec![(name.to_owned(), answers)])))
    }
}

impl Lookup for Book {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let known = names.iter_mut().find(|(known, _)| known == name);
        let (_, answers) = known.ok_or_else(|| io::Error::other("no such name"))?;
        Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
    }
}

/// Storage with these bytes under every name, or without any file.
struct Shelf(Option<Vec<u8>>);

#[async_trait::async_trait]
impl FileStorage for Shelf {
    async fn upload_url(
        &self,
        _: &UploadKey,
        _: Upload,
        _: Duration,
    ) -> Result<String, StorageError> {
        unreachable!("nobody uploads")
    }

    async fn check(&self) -> Result<(), StorageError> {
        unreachable!("nobody asks")
    }

    async fn files(&self, _: Option<&str>) -> Result<StoredPage, StorageError> {
        unreachable!("nobody looks around")
    }

    async fn first_bytes(
        &self,
        _: &UploadKey,
        count: usize,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.0.clone().map(|bytes| bytes.into_iter().take(count).collect()))
    }

    async fn delete(&self, _: &UploadKey) -> Result<(), StorageError> {
        unreachable!("nobody deletes")
    }
}

fn own(prefix: &str, file: Option<&[u8]>) -> OwnFiles {
    let files = PublicFiles::new(Some(prefix), None, "b", "us-east-2");
    OwnFiles { files, storage: Arc::new(Shelf(file.map(<[u8]>::to_vec))) }
}

/// Where a file that was uploaded is below `prefix`.
fn uploaded(prefix: &str) -> String {
    let owner = UploadOwner::Superadmin;
    let key = UploadKey::new(owner, ImageType::Png, "a.png", Uuid::from_u128(7));
    PublicFiles::new(Some(prefix), None, "b", "us-east-2").url_of(&key)
}

fn pictures(own: Option<OwnFiles>, book: Book) -> WebPictures {
    WebPictures::with(own, book, is_outside, PATIENCE).unwrap()
}

async fn reason(pictures: &WebPictures, address: &str) -> String {
    pictures.picture(address).await.map(|_| ()).expect_err(address).to_string()
}

#[rstest]
#[case(PNG, PictureFormat::Png)]
#[case(b"\xff\xd8\xff\xe0and so on", PictureFormat::Jpeg)]
#[case(b"RIFF\x24\x00\x00\x00WEBPVP8 ", PictureFormat::WebP)]
#[tokio::test]
async fn images_come_from_the_public_internet(#[case] bytes: &[u8], #[case] format: PictureFormat) {
    let site = Site::at(OUTSIDE, |_| ok(bytes)).await;
    let found = pictures(None, Book::default()).picture(&site.url("/a.png")).await.unwrap();
    assert_eq!(found, Picture { format, bytes: bytes.to_vec() });
}

#[tokio::test]
async fn a_name_leads_to_the_address_that_was_looked_at() {
    let site = Site::at(OUTSIDE, |_| ok(PNG)).await;
    // Whoever would ask again would be led inside.
    let book = Book::of("cdn.example", &[&["127.0.0.2"], &["127.0.0.1"]]);
    let url = format!("http://cdn.example:{}/a.png", site.address.port());
    pictures(None, book).picture(&url).await.unwrap();
    assert_eq!(site.visits(), 1);
}

#[rstest]
#[case::inside(&["127.0.0.1"])]
#[case::half(&["127.0.0.2", "127.0.0.1"])]
#[case::other_half(&["127.0.0.1", "127.0.0.2"])]
#[case::nowhere(&[])]
#[tokio::test]
async fn a_name_of_something_inside_leads_nowhere(#[case] addresses: &[&str]) {
    let site = Site::at(INSIDE, |_| ok(PNG)).await;
    let book = Book::of("intranet.example", &[addresses]);
    let url = format!("http://intranet.example:{}/", site.address.port());
    assert_eq!(reason(&pictures(None, book), &url).await, "the server can't be reached");
    assert_eq!(site.visits(), 0);
}

#[tokio::test]
async fn nothing_public_leads_inside() {
    let inside = Site::at(INSIDE, |_| ok(PNG)).await;
    let target = inside.url("/");
    let port = inside.address.port();
    for (location, why) in [
        (target.clone(), "the address isn't public"),
        (format!("http://localhost:{port}/"), "the server can't be reached"),
        (format!("//127.0.0.1:{port}/"), "the address isn't public"),
        (format!("http://2130706433:{port}/"), "the address isn't public"),
        ("file:///etc/passwd".to_owned(), "the address isn't one of the web"),
        ("gopher://127.0.0.1/".to_owned(), "the address isn't one of the web"),
        (format!("http://a:b@127.0.0.1:{port}/"), "the address has credentials in it"),
    ] {
        let outside = Site::at(OUTSIDE, |_| to(&location)).await;
        let book = Book::of("localhost", &[&["127.0.0.1"]]);
        assert_eq!(reason(&pictures(None, book), &outside.url("/")).await, why, "{location}");
        assert_eq!((outside.visits(), inside.visits()), (1, 0), "{location}");
    }
}

#[tokio::test]
async fn redirections_are_followed_as_long_as_they_end() {
    let last = Site::at(OUTSIDE, |_| ok(PNG)).await;
    let first = Site::at(OUTSIDE, |_| to(&last.url("/b.png"))).await;
    pictures(None, Book::default()).picture(&first.url("/")).await.unwrap();
    let circle = Site::at(OUTSIDE, |address| to(&format!("http://{address}/"))).await;
    let why = reason(&pictures(None, Book::default()), &circle.url("/")).await;
    assert_eq!(why, "the address leads from one to the next");
    assert_eq!(circle.visits(), REDIRECTIONS_MAX + 1);
}

#[tokio::test]
async fn what_was_uploaded_is_asked_of_storage_and_nothing_beside_it() {
    // Browsers find it there; the server doesn't go there.
    let door = Site::at(INSIDE, |_| ok(PNG)).await;
    let prefix = door.url("/files");
    let found = |file| pictures(Some(own(&prefix, file)), Book::default());
    let address = uploaded(&prefix);
    found(Some(PNG)).picture(&address).await.unwrap();
    let outside = Site::at(OUTSIDE, |_| to(&address)).await;
    found(Some(PNG)).picture(&outside.url("/")).await.unwrap();
    for other in [
        door.url("/"),
        door.url("/files/a.png"),
        door.url("/files/../admin"),
        address.replace("http:", "https:"),
        format!("{address}?x"),
    ] {
        assert_eq!(reason(&found(Some(PNG)), &other).await, "the address isn't public", "{other}");
    }
    let why = async |file| reason(&found(file), &address).await;
    assert_eq!(why(None).await, "there is no such file in storage");
    assert_eq!(why(Some(b"<html>")).await, "what is there is no PNG, JPEG or WebP");
    let large = [PNG, &vec![0; BYTES_MAX]].concat();
    assert!(why(Some(&large)).await.contains("more than"));
    assert_eq!(door.visits(), 0);
}

#[rstest]
#[case::missing(
    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    "the server answers 404 Not Found"
)]
#[case::nowhere(b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n", "the server answers 302 Found")]
#[case::page(
    b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>",
    "what is there is no PNG, JPEG or WebP"
)]
#[case::gif(
    b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nGIF89a",
    "what is there is no PNG, JPEG or WebP"
)]
#[case::svg(
    b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n<svg>",
    "what is there is no PNG, JPEG or WebP"
)]
#[case::large(
    b"HTTP/1.1 200 OK\r\ncontent-length: 5242881\r\n\r\n",
    "what is there has more than 5242880 bytes"
)]
#[case::broken(
    b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n\x89PNG",
    "the server can't be reached"
)]
#[tokio::test]
async fn what_is_no_image_is_left(#[case] answer: &[u8], #[case] why: &str) {
    let site = Site::at(OUTSIDE, |_| answer.to_vec()).await;
    assert_eq!(reason(&pictures(None, Book::default()), &site.url("/")).await, why);
}

#[tokio::test]
async fn a_file_that_doesn_t_say_how_large_it_is_is_still_too_large() {
    let body = vec![b'x'; BYTES_MAX + 1];
    let endless = [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", PNG, &body].concat();
    let site = Site::at(OUTSIDE, |_| endless).await;
    let why = reason(&pictures(None, Book::default()), &site.url("/")).await;
    assert_eq!(why, "what is there has more than 5242880 bytes");
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_says_nothing() {
    let site = Site::at(OUTSIDE, |_| Vec::new()).await;
    let patience = Duration::from_millis(100);
    let pictures = WebPictures::with(None, Book::default(), is_outside, patience).unwrap();
    assert_eq!(reason(&pictures, &site.url("/")).await, "it takes too long");
    assert_eq!(site.visits(), 1);
}

/// Addresses that somebody may name to have the server look where it shouldn't. Names are resolved as an attacker
/// would have them.
const HOSTILE: &[&str] = &[
    "http://127.0.0.1/",
    "http://127.0.0.1:8000/health-check",
    "https://127.0.0.1/",
    "HTTP://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0177.0x0.0.1/",
    "http://127.0.0.1./",
    "http://%31%32%37.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http:\\\\127.0.0.1\\",
    "http:/127.0.0.1/",
    "http:127.0.0.1",
    "http:///127.0.0.1/",
    "\thttp://127.0.0.1/ ",
    "ht\ntp://127.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0.0.0.0:5432/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://localhost.localdomain/",
    "http://ⓛocalhost/",
    "http://app.localhost/",
    "http://127.0.0.1.nip.example/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/latest/meta-data/",
    "http://169.254.43518/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://100.100.100.200/latest/meta-data/",
    "http://192.0.0.192/latest/meta-data/",
    "http://10.0.0.1/",
    "http://10.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://192.168.257/",
    "http://3232235521/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::1]:6379/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000::1]/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[fc00::1]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[ff02::1]/",
    "http://user@127.0.0.1/",
    "http://user:password@8.8.8.8/",
    "http://8.8.8.8@127.0.0.1/",
    "http://8.8.8.8:80@127.0.0.1/",
    "http://127.0.0.1\\@8.8.8.8/",
    "http://8.8.8.8%00@127.0.0.1/",
    "http://127.0.0.1#8.8.8.8",
    "http://127.0.0.1?8.8.8.8",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "FILE:///etc/passwd",
    "file:/etc/passwd",
    "/etc/passwd",
    "../../etc/passwd",
    "C:\\Windows\\win.ini",
    "\\\\fileserver\\share",
    "//127.0.0.1/",
    "127.0.0.1",
    "localhost",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:6379/info",
    "ldap://127.0.0.1/",
    "data:image/png;base64,iVBORw0KGgo=",
    "blob:http://127.0.0.1/x",
    "javascript:alert(1)",
    "jar:http://127.0.0.1!/",
    "unix:///var/run/docker.sock",
    "http://",
    "http://:80/",
    "http://[",
    "http://[::1",
    "http://256.256.256.256/",
    "http://1.2.3.4.5/",
    "http://0x100000000/",
    "http://127.0.0.1:99999/",
    "http://exa mple/",
    "",
    " ",
    "\0",
];

/// Every name is something inside.
#[derive(Clone)]
struct Hostile;

impl Lookup for Hostile {
    async fn addresses(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![INSIDE.into()])
    }
}

#[tokio::test]
async fn nothing_hostile_is_connected_to() {
    assert!(HOSTILE.len() >= 60);
    let pictures = WebPictures::with(None, Hostile, is_public, PATIENCE).unwrap();
    for address in HOSTILE {
        let refused = match pictures.fetch(address).await.expect_err(address) {
            NoPicture::NotWeb | NoPicture::Credentials | NoPicture::NotPublic => true,
            // By the resolver, before there was a connection.
            NoPicture::Unreachable(error) => {
                let causes =
                    std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
                        error.source()
                    });
                causes.map(ToString::to_string).any(|cause| cause == "the address isn't public")
            }
            _ => false,
        };
        assert!(refused, "{address:?}");
    }
}
