use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

/// Counts the statements of one transaction, and tells the log when it ends: a request that takes more of them
/// than it used to is slower on every database that is far away.
///
/// The event is `DEBUG`, with the fields `kind` (`tenant` or `platform`), `statements` (without those that
/// begin and end the transaction), `milliseconds` (since it began) and `committed`.
#[derive(Debug)]
pub(crate) struct Tally {
    kind: &'static str,
    began: Instant,
    statements: AtomicU64,
    committed: bool,
}

impl Tally {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, began: Instant::now(), statements: AtomicU64::new(0), committed: false }
    }

    /// One more statement.
    pub(crate) fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// The end, with success.
    pub(crate) fn committed(mut self) {
        self.committed = true;
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let (statements, committed) = (*self.statements.get_mut(), self.committed);
        let milliseconds = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(
            kind = self.kind,
            statements,
            milliseconds,
            committed,
            "a transaction of {statements} statements ended"
        );
    }
}
