//! The most that operations may ask of the database: a table, held against every request that a test sends.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

use crate::{
    counting::{Amount, Cost},
    description::Described,
    harness::Answer,
};

/// What an operation may cost.
#[derive(Debug)]
struct Budget {
    most: Amount,
    /// So many statements more for each entry of a list that is sent, or each of what an answer counts.
    each: Option<(u64, &'static str)>,
}

static BUDGETS: LazyLock<BTreeMap<&'static str, Budget>> = LazyLock::new(|| {
    let lines = include_str!("../budgets.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(read).collect()
});

/// `id transactions statements`, and ` + statements field` where it depends on how much is sent.
fn read(line: &'static str) -> (&'static str, Budget) {
    let words: Vec<_> = line.split_whitespace().collect();
    let number = |word: &str| word.parse().unwrap_or_else(|_| panic!("{line}"));
    let (id, transactions, statements, each) = match words.as_slice() {
        [id, transactions, statements] => (*id, transactions, statements, None),
        [id, transactions, statements, "+", each, field] => {
            (*id, transactions, statements, Some((number(each), *field)))
        }
        _ => panic!("{line}"),
    };
    let most = Amount { transactions: number(transactions), statements: number(statements) };
    (id, Budget { most, each })
}

impl Budget {
    /// The most that a request may cost that sent `body` and got `answer`.
    fn of(&self, body: &Value, answer: &Value) -> Amount {
        let Some((each, field)) = self.each else { return self.most };
        let sent = body[field].as_array().map(|entries| entries.len() as u64);
        let entries = sent.or_else(|| answer[field].as_u64()).unwrap_or_default();
        Amount { statements: self.most.statements + each * entries, ..self.most }
    }
}

/// Where a request cost more than it may.
pub(crate) fn faults(id: &str, answer: &Answer, body: &Value) -> Vec<String> {
    let Cost { operation, caller } = answer.cost;
    let mut faults = Vec::new();
    let mut check = |who: &str, cost: Amount| match BUDGETS.get(who) {
        None => faults.push(format!("{who} has no budget: it cost {cost:?}")),
        Some(budget) => {
            let most = budget.of(body, &answer.body);
            if cost.statements > most.statements || cost.transactions > most.transactions {
                faults.push(format!("{who} cost {cost:?}, more than {most:?}"));
            }
        }
    };
    check(id, operation);
    check("caller", caller);
    faults
}

#[test]
fn operations_have_a_budget_and_nothing_else_has() {
    let known: Vec<_> = Described::all().map(|operation| operation.id).collect();
    for id in &known {
        assert!(BUDGETS.contains_key(id), "{id} has no budget");
    }
    for id in BUDGETS.keys() {
        assert!(*id == "caller" || known.contains(id), "{id} has a budget and isn't there");
    }
}

#[test]
fn reading_takes_one_transaction_of_few_statements() {
    for operation in Described::all().filter(|operation| operation.reads()) {
        let most = BUDGETS[operation.id].most;
        let few = most.transactions <= 1 && most.statements <= 6;
        let is_known = MORE_THAN_FEW.contains(&operation.id);
        assert!(few != is_known, "{} may cost {most:?}", operation.id);
    }
}

/// Readings that take more: a file that is read page by page, and look-ups that lead to a tenant first.
const MORE_THAN_FEW: &[&str] =
    &["applications-export_attendees_directory_csv", "groups-get_group_public"];
