use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    callers::{Caller, Role},
    samples::Samples,
};
use crate::{interrupts::Interrupts, programs::find};

/// The version that the runs are known to work with.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// What an answer is held against. That each refusal and each acceptance is the right one is for the tests.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,ignored_auth";

/// Whose answers wait for an image of the organiser's, wherever that is.
const ILLUSTRATED: [&str; 2] = ["payments-get_my_invoice", "payments-get_payment_invoice"];
/// How long such an image may take, in milliseconds.
const PICTURE: u32 = 5000;

/// How much is asked.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) examples: u32,
    pub(crate) seconds: Option<u32>,
    pub(crate) seed: u64,
    pub(crate) patience: u32,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) requests: u64,
    pub(crate) passed: bool,
    pub(crate) interrupted: bool,
}

/// schemathesis, installed for us alone.
#[derive(Debug)]
pub(crate) struct Fuzzer {
    program: PathBuf,
}

impl Fuzzer {
    /// Below `state`, once for each version.
    pub(crate) fn install(state: &Path) -> Result<Self> {
        let home = state.join(SCHEMATHESIS.replace("==", "-"));
        let program = home.join("bin/schemathesis");
        if program.is_file() {
            return Ok(Self { program });
        }
        let python = find("python3").context(
            "the fuzzer needs Python with its module venv: `apt install python3-venv`, \
             `dnf install python3`, `brew install python`",
        )?;
        eprintln!("Installing {SCHEMATHESIS} …");
        fs::create_dir_all(state)?;
        let made = Command::new(python).args(["-m", "venv"]).arg(&home).status()?;
        ensure!(made.success(), "`python3 -m venv` failed: `apt install python3-venv`");
        let installed = Command::new(home.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", SCHEMATHESIS])
            .status()?;
        ensure!(installed.success(), "{SCHEMATHESIS} can't be installed");
        Ok(Self { program })
    }

    /// Asks in the name of `caller` until the budget is spent.
    pub(crate) async fn run(
        &self,
        base: &str,
        caller: &Caller,
        samples: &Samples,
        budget: &Budget,
        interrupts: &mut Interrupts,
    ) -> Result<Run> {
        let directory = tempfile::Builder::new().prefix("edgeos-fuzz-").tempdir()?;
        let settings = settings(caller, samples, budget);
        fs::write(directory.path().join("schemathesis.toml"), settings)?;
        fs::write(directory.path().join("hooks.py"), include_str!("../../fuzz/hooks.py"))?;
        let mut command = Command::new(&self.program);
        command
            .current_dir(directory.path())
            .env("PYTHONPATH", directory.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .args(["--no-color", "run", &format!("{base}/openapi.json")])
            .args(["--checks", CHECKS])
            .args(["--seed", &budget.seed.to_string()])
            .args(["--max-examples", &budget.examples.to_string()])
            .args(["--max-response-time", &format!("{:.3}", f64::from(budget.patience) / 1e3)])
            .args(["--generation-database", "none", "--suppress-health-check", "all"])
            .args(["--continue-on-failure", "--warnings", "off"])
            .args(["--report", "json", "--report-json-path", "report.json"]);
        if let Some(seconds) = budget.seconds {
            command.args(["--max-time", &seconds.to_string()]);
        }
        for operation in caller.role.spared() {
            command.args(["--exclude-operation-id", operation]);
        }
        let status = interrupts.outlast(command.spawn().context("schemathesis")?).await?;
        Ok(Run {
            requests: requests(&directory)?,
            passed: status.success(),
            interrupted: interrupts.came().await,
        })
    }
}

fn requests(directory: &TempDir) -> Result<u64> {
    let report = fs::read(directory.path().join("report.json")).context("no report was written")?;
    let report: Value = serde_json::from_slice(&report)?;
    report
        .pointer("/test_cases/generated")
        .and_then(Value::as_u64)
        .context("no count in the report")
}

/// The fuzzer's settings: who asks, and about what.
fn settings(caller: &Caller, samples: &Samples, budget: &Budget) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut dictionaries = String::new();
    let mut parameters = String::from("[parameters]\n");
    let mut bind = |name: &str, values: &[String]| {
        let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
        let values = values.join(", ");
        dictionaries.extend(["[dictionaries.", name, "]\nvalues = [", &values, "]\n\n"]);
        // Now and then something else, which leads nowhere.
        let dictionary = quoted(name);
        parameters.extend([name, " = { dictionary = ", &dictionary, ", probability = 0.8 }\n"]);
    };
    for (name, values) in &samples.values {
        bind(name, values);
    }
    bind("X-Tenant-Id", std::slice::from_ref(&samples.tenant));
    let mut headers = String::new();
    if let Some(token) = &caller.token {
        headers = format!("[headers]\nAuthorization = {}\n\n", quoted(&format!("Bearer {token}")));
    }
    debug_assert!(caller.token.is_some() || caller.role == Role::Nobody);
    let patience = f64::from(budget.patience + PICTURE) / 1e3;
    let illustrated = format!(
        "[[operations]]\ninclude-operation-id = {ILLUSTRATED:?}\n\
         checks = {{ max_response_time = {patience:.3} }}\n"
    );
    format!("hooks = \"hooks\"\n\n{headers}{parameters}\n{dictionaries}{illustrated}")
}
