use std::{net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::{Context, Result, ensure};
use edgeos_testkit::simplefi::SimpleFiServer;

use crate::{environment::Environment, interrupts::Interrupts, workspace::Workspace};

/// The variable that says where the payment provider listens.
const VARIABLE: &str = "FAKE_SIMPLEFI_ADDR";

/// Where it listens otherwise.
const USUAL: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9010);

/// How long it waits before it announces something again that wasn't taken.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs the payment provider of `dev` alone.
pub(crate) async fn run(workspace: &Workspace, mut interrupts: Interrupts) -> Result<ExitCode> {
    let environment = Environment::load(&workspace.root)?;
    ensure!(
        environment.is_dev(),
        "only ENVIRONMENT=dev has a payment provider that takes no money"
    );
    let provider = start(&environment).await?;
    println!("The payment provider is at {}. Ctrl-C stops it.", provider.url());
    interrupts.next().await;
    Ok(ExitCode::SUCCESS)
}

/// A payment provider that takes no money, where the variable says; without it at the usual place, or wherever
/// there is room.
pub(crate) async fn start(environment: &Environment) -> Result<SimpleFiServer> {
    if let Some(address) = environment.get(VARIABLE) {
        let expected = || format!("{VARIABLE} must be an address and a port, like {USUAL}");
        return SimpleFiServer::start_at(address.parse().with_context(expected)?, PAUSE).await;
    }
    match SimpleFiServer::start_at(USUAL, PAUSE).await {
        Ok(provider) => Ok(provider),
        Err(_) => SimpleFiServer::start_at(SocketAddr::new(USUAL.ip(), 0), PAUSE).await,
    }
}
