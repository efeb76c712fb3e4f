//! The contract: a description of the API that clients were made for, and that ours has to keep to.

mod compare;
mod operation;
mod schema;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
};

use anyhow::{Context, Result};
use serde_json::Value;

use self::{
    compare::{Findings, What},
    operation::{Operation, operations},
};
use crate::{openapi::OURS, workspace::Workspace};

/// The description that clients were made for.
const CONTRACT: &str = "xtask/contract/openapi.json";
/// What ours has beyond it: a line each.
const ADDITIONS: &str = "xtask/contract/additions.txt";

/// How our description stands to the contract.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Of each tag of the contract, the operations that are as the contract has them, and all of them.
    tags: BTreeMap<String, (usize, usize)>,
    /// Operations that the contract doesn't have.
    beyond: usize,
    /// What is wrong.
    pub(crate) errors: Vec<String>,
}

impl Report {
    /// Compares what lies in the workspace.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self> {
        let read = |name: &str| {
            fs::read_to_string(workspace.root.join(name)).with_context(|| name.to_owned())
        };
        let document =
            |name: &str| serde_json::from_str(&read(name)?).with_context(|| name.to_owned());
        Ok(Self::compare(&document(CONTRACT)?, &document(OURS)?, &read(ADDITIONS)?))
    }

    /// Compares `ours` with `contract`; `additions` lists what ours may have beyond it.
    fn compare(contract: &Value, ours: &Value, additions: &str) -> Self {
        let (contract, ours) = (operations(contract), operations(ours));
        let mut report = Self::default();
        let mut findings = Findings::default();
        let mut broken = BTreeSet::new();
        for (id, theirs) in &contract {
            if let Some(ours) = ours.get(id) {
                findings.compare(id, theirs, ours);
            } else {
                broken.insert(id.clone());
                let Operation { method, path, .. } = theirs;
                report.errors.push(format!("{id} is not there: {method} {path}"));
            }
        }
        let mut found = BTreeSet::new();
        for (id, Operation { method, path, .. }) in &ours {
            if !contract.contains_key(id) {
                report.beyond += 1;
                found.insert(format!("{id} {method} {path}"));
            }
        }
        for (difference, operations) in &findings.differences {
            let lines = findings.lines(difference);
            if let What::Broken(_) = difference.what {
                broken.extend(operations.iter().cloned());
                report.errors.extend(lines);
            } else {
                found.extend(lines);
            }
        }
        for id in contract.keys() {
            let tag = id.rsplit_once('-').map_or(id.as_str(), |(tag, _)| tag);
            let (kept, all) = report.tags.entry(tag.to_owned()).or_default();
            *kept += usize::from(!broken.contains(id));
            *all += 1;
        }
        let listed: BTreeSet<_> = additions.lines().filter(|line| is_entry(line)).collect();
        for line in found.iter().filter(|line| !listed.contains(line.as_str())) {
            report
                .errors
                .push(format!("{line}: the contract doesn't have it, nor does {ADDITIONS}"));
        }
        for line in listed.into_iter().filter(|line| !found.contains(*line)) {
            report.errors.push(format!("{line}: {ADDITIONS} lists it, and it isn't there"));
        }
        report
    }
}

/// Whether a line of the list says something: others are empty or for readers.
fn is_entry(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut kept, mut all) = (0, 0);
        for (tag, (of_it, all_of_it)) in &self.tags {
            writeln!(f, "{of_it:>4} of {all_of_it:<3} {tag}")?;
            kept += of_it;
            all += all_of_it;
        }
        writeln!(f, "{kept} of {all} operations present with the contract's shapes")?;
        write!(f, "{} operations beyond the contract", self.beyond)
    }
}
