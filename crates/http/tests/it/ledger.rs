//! Which operations were answered how, for `cargo xtask test` to read.

use std::{
    collections::BTreeMap,
    env, fs,
    io::Write,
    path::PathBuf,
    sync::{LazyLock, Mutex},
};

use edgeos_testkit::TEST_SURFACE;

use crate::counting::{Amount, Cost};

/// The file of this process, if anybody wants to know.
static FILE: LazyLock<Option<Mutex<fs::File>>> = LazyLock::new(|| {
    let directory = PathBuf::from(env::var_os(TEST_SURFACE)?);
    let file = fs::File::create(directory.join(edgeos_testkit::random_text()));
    Some(Mutex::new(file.unwrap()))
});

/// The most that each answer of each operation has cost.
static NOTED: LazyLock<Mutex<BTreeMap<(&'static str, u16), Amount>>> =
    LazyLock::new(Mutex::default);

/// Notes that the operation `id` was answered with `status`: one line for each of the two, and another when it
/// costs more.
pub(crate) fn note(id: &'static str, status: u16, cost: Cost) {
    let Some(file) = &*FILE else { return };
    let Amount { transactions, statements } = cost.operation;
    let mut noted = NOTED.lock().unwrap();
    let known = noted.get(&(id, status)).copied();
    if known
        .is_some_and(|known| known.transactions >= transactions && known.statements >= statements)
    {
        return;
    }
    let known = known.unwrap_or_default();
    let most = Amount {
        transactions: known.transactions.max(transactions),
        statements: known.statements.max(statements),
    };
    noted.insert((id, status), most);
    let line = format!("{id} {status} {} {}\n", most.transactions, most.statements);
    file.lock().unwrap().write_all(line.as_bytes()).unwrap();
}
