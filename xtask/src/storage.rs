use std::{fs, io, net::SocketAddr, path::Path};

use anyhow::{Context, Result};
use edgeos_testkit::S3Server;

/// Where storage listens, if there is room: files keep their addresses from one start to the next.
const USUAL: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9000);

/// Where its files lie.
const DIRECTORY: &str = "storage";

/// Storage whose files lie in `state`.
pub(crate) async fn start(state: &Path) -> Result<S3Server> {
    let directory = state.join(DIRECTORY);
    match S3Server::start_at(USUAL, &directory).await {
        Ok(storage) => Ok(storage),
        Err(_) => S3Server::start_at(SocketAddr::new(USUAL.ip(), 0), &directory).await,
    }
}

/// Deletes every file.
pub(crate) fn remove(state: &Path) -> Result<()> {
    let directory = state.join(DIRECTORY);
    match fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| directory.display().to_string())
        }
        _ => Ok(()),
    }
}
