//! Rules of the workspace that no compiler knows.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};
use cargo_metadata::{DependencyKind, Metadata};
use clap::Args;

use crate::{contract, programs::cargo, workspace::Workspace};

/// `cargo xtask check`
#[derive(Args)]
pub(crate) struct Check;

impl Check {
    #[expect(clippy::unused_self, reason = "runs like every other task")]
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<ExitCode> {
        let files = files(workspace)?;
        for (name, text) in &files {
            let lines = text.lines().count();
            if is_source(name) && lines > LONG {
                eprintln!("warning: {name} has {lines} lines: look for the second thing in it");
            }
        }
        let mut broken: Vec<_> = stray_edges(&workspace.metadata)
            .into_iter()
            .map(|edge| format!("{edge} is not an edge of ARCHITECTURE.md"))
            .collect();
        for name in impurities(workspace)? {
            broken.push(format!("edgeos-domain must not depend on {name}"));
        }
        for (name, text) in &files {
            broken.extend(strange_places(text).map(|(line, what)| {
                format!("{name}:{line}: {what:?} belongs to one machine, not to the project")
            }));
        }
        let report = contract::Report::of(workspace)?;
        println!("{report}");
        broken.extend(report.errors);
        for rule in &broken {
            eprintln!("error: {rule}");
        }
        Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Lines from which on a file is worth a second look.
const LONG: usize = 400;

fn is_source(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "rs")
        && !name.contains("tests")
}

/// Which crate may depend on which: the one place where an edge is allowed.
const EDGES: &[(&str, &[&str])] = &[
    ("edgeos-ports", &["edgeos-domain"]),
    ("edgeos-app", &["edgeos-domain", "edgeos-ports"]),
    ("edgeos-postgres", &["edgeos-domain", "edgeos-ports"]),
    ("edgeos-invoices", &["edgeos-domain", "edgeos-ports"]),
    ("edgeos-mail", &["edgeos-domain", "edgeos-ports"]),
    ("edgeos-payments", &["edgeos-domain", "edgeos-ports"]),
    ("edgeos-redis", &["edgeos-ports"]),
    ("edgeos-storage", &["edgeos-domain", "edgeos-ports"]),
    (
        "edgeos-http",
        &[
            "edgeos-app",
            "edgeos-domain",
            "edgeos-invoices",
            "edgeos-mail",
            "edgeos-payments",
            "edgeos-ports",
            "edgeos-postgres",
            "edgeos-redis",
            "edgeos-storage",
            "migration",
        ],
    ),
    ("edgeos-testkit", &["migration"]),
    ("xtask", &["edgeos-testkit", "migration"]),
];

/// Edges between our crates that [`EDGES`] doesn't allow; tests may depend on more.
fn stray_edges(metadata: &Metadata) -> Vec<String> {
    let allowed = |from: &str, to: &str| {
        EDGES.iter().any(|(crate_, edges)| *crate_ == from && edges.contains(&to))
    };
    let mut strays = Vec::new();
    for package in metadata.workspace_packages() {
        for to in package.dependencies.iter().filter(|to| to.path.is_some()) {
            if to.kind == DependencyKind::Normal && !allowed(&package.name, &to.name) {
                strays.push(format!("{} -> {}", package.name, to.name));
            }
        }
    }
    strays
}

/// Runtimes, drivers, logs: what a crate of pure rules has no use for, directly or through another.
const IMPURE: &[&str] = &[
    "actix-web",
    "async-trait",
    "futures-core",
    "log",
    "rand",
    "redis",
    "reqwest",
    "sea-orm",
    "sqlx",
    "tokio",
    "tracing",
    "trait-variant",
];

/// What of [`IMPURE`] the domain depends on, built by itself.
fn impurities(workspace: &Workspace) -> Result<Vec<&'static str>> {
    let tree = cargo()
        .current_dir(&workspace.root)
        .args(["tree", "--package", "edgeos-domain", "--edges", "normal", "--prefix", "none"])
        .output()
        .context("cargo tree")?;
    ensure!(tree.status.success(), "cargo tree: {}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).context("cargo tree")?;
    let names: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    Ok(IMPURE.iter().copied().filter(|name| names.contains(name)).collect())
}

/// The text files under version control, and those that could be.
fn files(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let listed = Command::new("git")
        .current_dir(&workspace.root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("git ls-files")?;
    let listed = String::from_utf8(listed.stdout).context("git ls-files")?;
    let texts = listed.split('\0').filter(|name| !name.is_empty() && *name != "Cargo.lock");
    // Deleted files are listed until the deletion is recorded; others are no text.
    Ok(texts
        .filter_map(|name| {
            let text = fs::read_to_string(workspace.root.join(name)).ok()?;
            Some((name.to_owned(), text))
        })
        .collect())
}

/// Written in two halves, so that this file passes its own rule.
const PLACES: &[&str] =
    &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

/// Where `text` names a directory of somebody's machine.
fn strange_places(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    text.lines().enumerate().flat_map(|(index, line)| {
        let named = |place: &&&str| {
            line.match_indices(**place).any(|(at, _)| {
                // Within a longer path or address it is another thing.
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_./}".contains(c))
            })
        };
        PLACES.iter().filter(named).map(move |place| (index + 1, *place)).collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found_and_a_part_of_an_address_is_not() {
        let path = ["a\n\"/ho", "me/ann/x\""].concat();
        assert_eq!(strange_places(&path).collect::<Vec<_>>(), [(2, PLACES[1])]);
        let address = ["http://example.com/ho", "me/ann"].concat();
        assert_eq!(strange_places(&address).count(), 0);
    }
}
