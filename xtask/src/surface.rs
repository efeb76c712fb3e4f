//! Whether the tests get every answer from every operation that its description speaks of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{openapi::OURS, workspace::Workspace};

/// Answers that no test can get: operation, status, reason.
const UNREACHED: &str = "xtask/contract/unreached.txt";

/// Operations, each with statuses.
type Answers = BTreeMap<String, BTreeSet<String>>;

/// What the tests got, and what they should have got.
#[derive(Debug, Default)]
pub(crate) struct Surface {
    /// What they got.
    seen: Answers,
    /// What is wrong.
    pub(crate) errors: Vec<String>,
}

impl Surface {
    /// What the tests noted in `directory`, held against the description and the list of exceptions.
    pub(crate) fn read(workspace: &Workspace, directory: &Path) -> Result<Self> {
        let read = |name: &str| {
            fs::read_to_string(workspace.root.join(name)).with_context(|| name.to_owned())
        };
        let document = serde_json::from_str(&read(OURS)?).context(OURS)?;
        let mut seen = Answers::new();
        for file in fs::read_dir(directory).context("what the tests noted")? {
            let noted = fs::read_to_string(file?.path()).context("what the tests noted")?;
            for line in noted.lines() {
                let mut words = line.split(' ');
                if let (Some(id), Some(status)) = (words.next(), words.next()) {
                    seen.entry(id.to_owned()).or_default().insert(status.to_owned());
                }
            }
        }
        Ok(Self::compare(seen, &described(&document), &read(UNREACHED)?))
    }

    fn compare(seen: Answers, described: &Answers, unreached: &str) -> Self {
        let is_in = |answers: &Answers, id: &str, status: &str| {
            answers.get(id).is_some_and(|statuses| statuses.contains(status))
        };
        let (mut excused, mut errors) = (Answers::new(), Vec::new());
        for line in unreached.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.splitn(3, ' ');
            let (Some(id), Some(status), Some(_reason)) =
                (words.next(), words.next(), words.next())
            else {
                errors.push(format!("{line}: {UNREACHED} wants an operation, a status, a reason"));
                continue;
            };
            if is_in(&seen, id, status) {
                errors.push(format!("{id} {status}: {UNREACHED} lists it, and a test gets it"));
            } else if is_in(described, id, status) {
                excused.entry(id.to_owned()).or_default().insert(status.to_owned());
            } else {
                errors
                    .push(format!("{id} {status}: {UNREACHED} lists it, and nothing describes it"));
            }
        }
        for (id, statuses) in described {
            for status in statuses {
                if !is_in(&seen, id, status) && !is_in(&excused, id, status) {
                    errors.push(format!("{id} {status}: no test gets this answer"));
                }
            }
        }
        Self { seen, errors }
    }

    /// Prints what the tests got, then what they should have got.
    pub(crate) fn report(&self) {
        println!("\nAnswers that the tests got from each operation:");
        for (id, statuses) in &self.seen {
            let statuses: Vec<_> = statuses.iter().map(String::as_str).collect();
            println!("  {id}: {}", statuses.join(" "));
        }
        for error in &self.errors {
            eprintln!("error: {error}");
        }
    }
}

/// The answers that `document` describes.
fn described(document: &Value) -> Answers {
    let paths = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    let operations = paths.filter_map(Value::as_object).flat_map(|methods| methods.values());
    let answers = operations.map(|operation| {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let responses = operation["responses"].as_object();
        (id, responses.into_iter().flat_map(|all| all.keys().cloned()).collect())
    });
    answers.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answers(all: &[(&str, &[&str])]) -> Answers {
        let of = |statuses: &[&str]| statuses.iter().map(ToString::to_string).collect();
        all.iter().map(|(id, statuses)| ((*id).to_owned(), of(statuses))).collect()
    }

    fn errors(seen: &[(&str, &[&str])], unreached: &str) -> Vec<String> {
        let document = json!({ "paths": { "/hats": { "get": {
            "operationId": "hats-list_hats", "responses": { "200": {}, "503": {} },
        } } } });
        Surface::compare(answers(seen), &described(&document), unreached).errors
    }

    #[test]
    fn every_answer_is_got_or_excused() {
        assert_eq!(errors(&[("hats-list_hats", &["200", "503"])], ""), [""; 0]);
        let excuse = "# why\n\nhats-list_hats 503 nothing is ever busy";
        assert_eq!(errors(&[("hats-list_hats", &["200"])], excuse), [""; 0]);
        assert_eq!(errors(&[("hats-list_hats", &["200"])], "").len(), 1);
        assert_eq!(errors(&[], "").len(), 2);
    }

    #[test]
    fn an_excuse_has_a_reason_and_is_needed() {
        let all: &[(&str, &[&str])] = &[("hats-list_hats", &["200", "503"])];
        for stale in
            ["hats-list_hats 503 busy", "hats-list_hats 404 gone", "hats-burn_hat 204 fire"]
        {
            let errors = errors(all, stale);
            assert!(errors.len() == 1 && errors[0].contains("lists it"), "{errors:?}");
        }
        assert_eq!(errors(&[("hats-list_hats", &["200"])], "hats-list_hats 503").len(), 2);
    }
}
