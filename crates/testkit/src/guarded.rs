use std::{
    io,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a process may take to end by itself after it was asked to.
const PATIENCE: Duration = Duration::from_secs(40);

/// A process that ends when this value is dropped, and also when the whole program that started it dies,
/// however it dies.
///
/// A shell waits beside it on a pipe that nothing is ever written to. The system closes the pipe with
/// the program, and the shell sends the signal. Both are in process groups of their own: Ctrl-C reaches
/// the program alone, which then ends them in its order.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    watch: Child,
}

impl Guarded {
    /// Starts `command`, to be ended later by the signal of this name (`TERM`, `INT`, `QUIT`).
    ///
    /// # Errors
    ///
    /// The program or `sh` can't be started.
    pub fn spawn(command: &mut Command, signal: &str) -> io::Result<Self> {
        let mut child = command.process_group(0).spawn()?;
        let watch = Command::new("sh")
            .args(["-c", r#"read -r _; kill -s "$1" "$2""#, "sh", signal, &child.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match watch {
            Ok(watch) => Ok(Self { child, watch }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// The number of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the process ended; `None` while it runs.
    ///
    /// # Errors
    ///
    /// The system refuses to tell.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let ended = self.child.try_wait()?;
        if ended.is_some() {
            // Its number may soon belong to another process, which no signal must reach.
            let _ = self.watch.kill();
            let _ = self.watch.wait();
        }
        Ok(ended)
    }

    /// Sends the signal and waits for the end, which is forced when it doesn't come.
    ///
    /// # Errors
    ///
    /// The system refuses to tell how the process ended.
    pub fn stop(&mut self) -> io::Result<ExitStatus> {
        if let Some(ended) = self.ended()? {
            return Ok(ended);
        }
        drop(self.watch.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(ended) = self.child.try_wait()? {
                self.watch.wait()?;
                return Ok(ended);
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.kill()
    }

    /// Ends the process at once, without a chance to put anything in order.
    ///
    /// # Errors
    ///
    /// The system refuses to tell how the process ended.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        self.watch.kill()?;
        self.watch.wait()?;
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
