use std::process::{Child, Command, ExitStatus};

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Requests to stop this program. While they are listened for, they don't end it.
pub(crate) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    heard: bool,
}

impl Interrupts {
    pub(crate) fn listen() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            heard: false,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
        self.heard = true;
    }

    /// Whether one has come already, also while a child was waited for.
    pub(crate) async fn came(&mut self) -> bool {
        tokio::select! {
            biased;
            () = self.next() => {}
            () = std::future::ready(()) => {}
        }
        self.heard
    }

    /// Waits until `child` ends. Ctrl-C reaches it from the terminal without our help; a signal sent to
    /// this program alone is handed on.
    pub(crate) async fn outlast(&mut self, mut child: Child) -> Result<ExitStatus> {
        let id = child.id().to_string();
        let mut ended = tokio::task::spawn_blocking(move || child.wait());
        loop {
            tokio::select! {
                ended = &mut ended => return Ok(ended??),
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => terminate(&id)?,
                _ = self.hang_up.recv() => terminate(&id)?,
            }
            self.heard = true;
        }
    }
}

fn terminate(id: &str) -> Result<()> {
    Command::new("kill").arg(id).status()?;
    Ok(())
}
