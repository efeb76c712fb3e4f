//! `cargo xtask browser`: the pages that the server brings along, in a real browser.

mod chromium;
mod pages;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use self::chromium::Chromium;
use crate::{interrupts::Interrupts, sign_in::token, throwaway::Throwaway, workspace::Workspace};

/// `cargo xtask browser`
#[derive(Args)]
pub(crate) struct Browser;

impl Browser {
    pub(crate) async fn run(
        &self,
        workspace: &Workspace,
        mut interrupts: Interrupts,
    ) -> Result<ExitCode> {
        let chromium = chromium::find()?;
        let program = workspace.build_server(false, &mut interrupts).await?;
        let settings = [("RUST_LOG", "warn")];
        let server =
            Throwaway::start(workspace, &program, &["migrate"], &settings, &mut interrupts).await?;
        let (base, superadmin) = (server.base().to_owned(), server.superadmin().to_owned());
        let token = token(&base, &superadmin, None).await?;
        // The browser is waited for in a thread of its own, so that Ctrl-C is heard meanwhile.
        let looking = tokio::task::spawn_blocking(move || {
            let mut browser = Chromium::start(&chromium)?;
            pages::check(&mut browser, &base, &superadmin, token)
        });
        let looked = tokio::select! {
            looked = looking => looked?,
            () = interrupts.next() => bail!("interrupted"),
        };
        server.stop()?;
        looked?;
        Ok(ExitCode::SUCCESS)
    }
}
