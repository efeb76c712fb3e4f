//! README.md and the documents of `docs/` tell the truth: what they say to type is typed, in their order, beside a
//! server like that of `cargo xtask dev`.
//!
//! A fence that is marked `sh` is run by bash. What it prints is compared with the fence after it, if that is marked
//! `text`. A fence that is marked `sh no-run` can't be run inside a test, and is listed in [`NOT_RUN`].

mod fences;
mod server;

use std::{collections::BTreeSet, fs, path::PathBuf};

use self::{
    fences::{Fence, fences},
    server::Beside,
};

/// What nobody types in a test, by the first line: it builds, it lasts until somebody stops it, or it is about
/// another database.
const NOT_RUN: &[(&str, &str)] = &[
    ("README.md", "git clone <this repository> edgeos && cd edgeos"),
    (
        "README.md",
        "cargo xtask seed demo            # the same into the configured database, outside of `dev` with --yes-in-staging and the like",
    ),
    ("README.md", "cargo build --release            # target/release/edgeos"),
    (
        "README.md",
        "aws s3api put-bucket-cors --bucket edgeos --cors-configuration file://deploy/storage/cors.json",
    ),
    ("README.md", "cp .env.example .env"),
    (
        "README.md",
        "cargo xtask test                 # every test, against private PostgreSQL and Redis servers that it starts and stops",
    ),
];

macro_rules! followed {
    ($($test:ident: $document:literal,)*) => {
        const DOCUMENTS: &[&str] = &[$($document),*];

        $(
            #[tokio::test]
            async fn $test() {
                follow($document).await;
            }
        )*
    };
}

followed! {
    the_readme_works: "README.md",
    concepts_work: "docs/concepts.md",
    signing_in_works: "docs/sign-in.md",
    organisations_work: "docs/tenancy.md",
    forms_and_approvals_work: "docs/forms-and-approvals.md",
    money_works: "docs/money.md",
    operation_works: "docs/operations.md",
}

/// Does what the document says.
async fn follow(document: &str) {
    let fences = read(document);
    let run: Vec<_> = fences.iter().filter(|fence| fence.info == "sh").collect();
    assert!(!run.is_empty(), "{document} has nothing to run");
    let beside = Beside::start().await;
    let printed = beside.run(document, &run).await;
    for (fence, printed) in run.iter().zip(printed) {
        let place = format!("{document}:{}", fence.line);
        if let Some(told) = fence.answer(&fences) {
            assert_eq!(printed.trim_end(), told.trim_end(), "{place}");
        } else {
            assert!(!printed.trim().is_empty() || fence.is_quiet(), "{place} prints nothing");
        }
    }
}

#[test]
fn every_document_is_followed() {
    let known: BTreeSet<_> = DOCUMENTS.iter().map(|name| (*name).to_owned()).collect();
    let listed = fs::read_dir(root().join("docs")).unwrap();
    let paths = listed.map(|entry| entry.unwrap().path());
    let documents =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let names = documents.map(|path| format!("docs/{}", path.file_name().unwrap().display()));
    let there: BTreeSet<_> = names.chain(["README.md".to_owned()]).collect();
    assert_eq!(there, known);
}

#[test]
fn what_is_not_run_is_listed() {
    let mut not_run = Vec::new();
    for document in DOCUMENTS {
        for fence in read(document) {
            let kind = fence.info.split(' ').next().unwrap_or_default();
            match fence.info.as_str() {
                "sh no-run" => {
                    not_run.push(((*document).to_owned(), fence.lines[0].clone()));
                }
                "sh" => {}
                _ => assert!(
                    !["sh", "bash", "shell", "console"].contains(&kind),
                    "{document}:{}: neither run nor listed",
                    fence.line
                ),
            }
        }
    }
    let listed: Vec<_> = NOT_RUN
        .iter()
        .map(|(document, line)| ((*document).to_owned(), (*line).to_owned()))
        .collect();
    assert_eq!(not_run, listed);
}

#[test]
fn every_link_leads_somewhere() {
    for document in DOCUMENTS {
        let path = root().join(document);
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if file.is_empty() || link.starts_with("http") {
                continue;
            }
            assert!(path.parent().unwrap().join(file).exists(), "{document} leads to {link}");
        }
    }
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for document in DOCUMENTS.iter().filter(|name| **name != "README.md") {
        assert!(readme.contains(&format!("]({document})")), "README.md doesn't lead to {document}");
    }
}

fn read(document: &str) -> Vec<Fence> {
    fences(&fs::read_to_string(root().join(document)).unwrap())
}

/// The directory of the whole project.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
