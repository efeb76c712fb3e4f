//! `cargo xtask fuzz`: schemathesis sends what the API's description allows and what it forbids, as everybody
//! who may ask, and holds the answers against the description.

mod callers;
mod fuzzer;
mod samples;

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use edgeos_testkit::{Guarded, cluster::Purpose, random_text};
use tokio::time::sleep;

use self::{
    callers::{Caller, Callers, Role},
    fuzzer::{Budget, Fuzzer},
    samples::Samples,
};
use crate::{
    dev::Dev, dev_database::DevDatabase, environment::Environment, interrupts::Interrupts,
    simplefi, storage, workspace::Workspace,
};

/// `cargo xtask fuzz`
#[derive(Args)]
pub(crate) struct Fuzz {
    /// How many requests of its own kind each operation gets from each caller, at most.
    #[arg(long, default_value_t = 4)]
    examples: u32,
    /// Go on for so many seconds for each caller, instead of ending after the examples.
    #[arg(long)]
    seconds: Option<u32>,
    /// What the requests are drawn from: the same seed asks the same of an unchanged server.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ask as this caller only; may be given several times.
    #[arg(long = "as", value_enum)]
    roles: Vec<Role>,
    /// Build the server as it is deployed.
    #[arg(long)]
    release: bool,
    /// No answer may take longer, in milliseconds.
    #[arg(long, default_value_t = 3000)]
    patience: u32,
}

impl Fuzz {
    pub(crate) async fn run(
        &self,
        workspace: &Workspace,
        mut interrupts: Interrupts,
    ) -> Result<ExitCode> {
        let fuzzer = Fuzzer::install(&workspace.state())?;
        let program = workspace.build_server(self.release, &mut interrupts).await?;
        let directory = tempfile::Builder::new().prefix("edgeos-fuzz-").tempdir()?;
        let mut environment = Dev::on(free_port()?).environment(workspace)?;
        environment.set("SECRET_KEY", random_text() + &random_text());
        environment.set("RUST_LOG", "error");
        // Or else most answers would be that there were too many questions.
        for limit in
            ["LOGIN", "LOGIN_TOTAL", "ADDRESS", "COUPON", "CHECK_IN", "UPLOAD", "TEST_MAIL"]
        {
            environment.set(&format!("RATE_LIMIT_{limit}"), "0");
        }
        let place = directory.path().join("postgres");
        let database = DevDatabase::start_at(workspace, &place, Purpose::Tests).await?;
        database.announce(&mut environment);
        let provider = simplefi::start(&environment).await?;
        environment.set("SIMPLEFI_API_URL", provider.url());
        let storage = storage::start(directory.path()).await?;
        for (name, value) in storage.variables() {
            environment.set(name, value);
        }

        let answered = self.serve(&program, &environment, &fuzzer, &mut interrupts).await;
        database.stop()?;
        let failed = answered?;
        ensure!(failed.is_empty(), "answers that break the description: asked as {failed:?}");
        Ok(ExitCode::SUCCESS)
    }

    /// Those of the callers who got an answer that breaks the description.
    async fn serve(
        &self,
        program: &Path,
        environment: &Environment,
        fuzzer: &Fuzzer,
        interrupts: &mut Interrupts,
    ) -> Result<Vec<Role>> {
        let edgeos = |arguments: &[&str]| {
            let mut command = Command::new(program);
            environment.apply(&mut command).args(arguments).stdin(Stdio::null());
            command
        };
        for step in [&["migrate"][..], &["seed"]] {
            let status = edgeos(step).status().context("edgeos")?;
            ensure!(status.success(), "`edgeos {}` failed", step.join(" "));
        }
        let mut server = Guarded::spawn(&mut edgeos(&["serve"]), "TERM")?;
        let base = environment.get("BACKEND_URL").unwrap_or_default();
        let callers = Callers::at(base, environment.get("SUPERADMIN").unwrap_or_default());
        while !callers.server_is_well().await {
            ensure!(server.ended()?.is_none(), "the server has ended; what it said stands above");
            sleep(Duration::from_millis(100)).await;
        }
        let samples = Samples::gather(&callers).await?;
        let budget = Budget {
            examples: self.examples,
            seconds: self.seconds,
            seed: self.seed,
            patience: self.patience,
        };

        let mut failed = Vec::new();
        let mut asked = 0;
        let mut signed_in = Vec::new();
        for role in self.roles() {
            signed_in.push(callers.sign_in(role, &samples).await?);
        }
        for caller in signed_in {
            let role = caller.role;
            eprintln!("\n== as {role:?}");
            let run = fuzzer.run(base, &caller, &samples, &budget, interrupts).await?;
            if run.interrupted {
                bail!("interrupted");
            }
            ensure!(server.ended()?.is_none(), "the server has ended; what it said stands above");
            still_signed_in(&callers, &caller).await?;
            eprintln!("as {role:?}: {} requests", run.requests);
            asked += run.requests;
            if !run.passed {
                failed.push(role);
            }
        }
        server.stop()?;
        eprintln!("\n{asked} requests, seed {}", self.seed);
        Ok(failed)
    }

    fn roles(&self) -> Vec<Role> {
        if self.roles.is_empty() { Role::ALL.to_vec() } else { self.roles.clone() }
    }
}

/// A caller who was locked out on the way has tested little.
async fn still_signed_in(callers: &Callers, caller: &Caller) -> Result<()> {
    if caller.token.is_some() {
        let status = callers.status(caller).await?;
        ensure!(status == 200, "{:?} was signed out while asking ({status})", caller.role);
    }
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
