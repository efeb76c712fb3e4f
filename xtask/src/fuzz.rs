//! `cargo xtask fuzz`: schemathesis sends what the API's description allows and what it forbids, as everybody
//! who may ask, and holds the answers against the description.

mod callers;
mod fuzzer;
mod samples;

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use clap::Args;

use self::{
    callers::{Caller, Callers, Role},
    fuzzer::{Budget, Fuzzer},
    samples::Samples,
};
use crate::{interrupts::Interrupts, throwaway::Throwaway, workspace::Workspace};

/// No limits on attempts: or else most answers would be that there were too many questions.
const SETTINGS: [(&str, &str); 8] = [
    ("RUST_LOG", "error"),
    ("RATE_LIMIT_LOGIN", "0"),
    ("RATE_LIMIT_LOGIN_TOTAL", "0"),
    ("RATE_LIMIT_ADDRESS", "0"),
    ("RATE_LIMIT_COUPON", "0"),
    ("RATE_LIMIT_CHECK_IN", "0"),
    ("RATE_LIMIT_UPLOAD", "0"),
    ("RATE_LIMIT_TEST_MAIL", "0"),
];

/// `cargo xtask fuzz`
#[derive(Args)]
pub(crate) struct Fuzz {
    /// How many requests of its own kind each operation gets from each caller, at most; with --seconds, in each round:
    /// what is to be different from all before takes longer to find with every request of a round.
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
        let steps = ["migrate", "seed"];
        let mut server =
            Throwaway::start(workspace, &program, &steps, &SETTINGS, &mut interrupts).await?;
        let failed = self.ask(&mut server, &fuzzer, &mut interrupts).await;
        server.stop()?;
        let failed = failed?;
        ensure!(failed.is_empty(), "answers that break the description: asked as {failed:?}");
        Ok(ExitCode::SUCCESS)
    }

    /// Those of the callers who got an answer that breaks the description.
    async fn ask(
        &self,
        server: &mut Throwaway,
        fuzzer: &Fuzzer,
        interrupts: &mut Interrupts,
    ) -> Result<Vec<Role>> {
        let base = server.base().to_owned();
        let callers = Callers::at(&base, server.superadmin());
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
            let run = fuzzer.run(&base, &caller, &samples, &budget, interrupts).await?;
            if run.interrupted {
                bail!("interrupted");
            }
            server.still_serves()?;
            still_signed_in(&callers, &caller).await?;
            eprintln!("as {role:?}: {} requests", run.requests);
            asked += run.requests;
            if !run.passed {
                failed.push(role);
            }
        }
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
