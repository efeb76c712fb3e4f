//! `cargo xtask clients`: what others generate from the description of the API compiles, and works.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{interrupts::Interrupts, programs, workspace::Workspace};

/// `cargo xtask clients`
#[derive(Args)]
pub(crate) struct Clients;

/// The steps from the project to a client that works, in a directory of its own.
type Language = fn(&Path, &Path) -> Result<Vec<Command>>;

/// What has to be there, and what it is part of.
const PROGRAMS: [(&str, &str); 3] =
    [("node", "nodejs"), ("npm", "npm"), ("python3", "python3 python3-venv")];

impl Clients {
    pub(crate) async fn run(
        &self,
        workspace: &Workspace,
        mut interrupts: Interrupts,
    ) -> Result<ExitCode> {
        let missing: Vec<_> = PROGRAMS
            .iter()
            .filter(|(program, _)| programs::find(program).is_none())
            .map(|(_, package)| *package)
            .collect();
        ensure!(
            missing.is_empty(),
            "this needs more programs: `apt install {}`",
            missing.join(" ")
        );
        let document = workspace.root.join("docs/openapi.json");
        ensure!(
            document.is_file(),
            "docs/openapi.json is not there: `cargo xtask openapi` writes it"
        );

        let directory = tempfile::Builder::new().prefix("edgeos-clients-").tempdir()?;
        let languages: [Language; 2] = [typescript, python];
        for language in languages {
            for mut step in language(workspace.root.as_path(), directory.path())? {
                let child =
                    step.spawn().with_context(|| step.get_program().display().to_string())?;
                let status = interrupts.outlast(child).await?;
                let program = step.get_program().display();
                ensure!(status.success(), "{program} {:?} failed", step.get_args());
            }
        }
        println!("the clients in TypeScript and Python compile");
        Ok(ExitCode::SUCCESS)
    }
}

/// Types by openapi-typescript, and a program that uses them through openapi-fetch.
fn typescript(root: &Path, directory: &Path) -> Result<Vec<Command>> {
    let place = copy(root, directory, "typescript")?;
    let tool = |name: &str| {
        let mut tool = Command::new(place.join("node_modules/.bin").join(name));
        tool.current_dir(&place);
        tool
    };
    let mut install = Command::new("npm");
    install.current_dir(&place).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--silent",
    ]);
    let mut generate = tool("openapi-typescript");
    // Whoever sends a request may leave out what has a default.
    generate.arg(root.join("docs/openapi.json"));
    generate.args(["--default-non-nullable", "false", "--output", "schema.ts"]);
    let mut compile = tool("tsc");
    compile.args(["--project", "."]);
    Ok(vec![install, generate, compile])
}

/// A package by openapi-python-client, every module of which is loaded.
fn python(root: &Path, directory: &Path) -> Result<Vec<Command>> {
    let place = copy(root, directory, "python")?;
    let programs = place.join("venv/bin");
    // The generator looks for its formatter on the PATH.
    let usual = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs.clone()].into_iter().chain(env::split_paths(&usual)))?;
    let command = |program: &Path, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.current_dir(&place).args(arguments).env("PATH", &path);
        command
    };
    let document = root.join("docs/openapi.json");
    let mut generate = command(
        &programs.join("openapi-python-client"),
        &[
            "generate",
            "--meta",
            "none",
            "--output-path",
            "edgeos",
            "--fail-on-warning",
            "--config",
            "config.yml",
            "--path",
        ],
    );
    generate.arg(document);
    let requirements =
        ["install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"];
    Ok(vec![
        command(Path::new("python3"), &["-m", "venv", "venv"]),
        command(&programs.join("pip"), &requirements),
        generate,
        command(&programs.join("python"), &["use.py"]),
    ])
}

/// Takes what belongs to a language into a directory of its own.
fn copy(root: &Path, directory: &Path, language: &str) -> Result<PathBuf> {
    let (from, to) = (root.join("xtask/clients").join(language), directory.join(language));
    fs::create_dir(&to)?;
    for entry in fs::read_dir(&from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(to)
}
