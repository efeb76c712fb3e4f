use std::{
    io::{self, Read, Write},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use edgeos_domain::{EmailTemplateId, TenantId};
use edgeos_ports::CustomTemplate;
use moka::sync::Cache;
use tokio::{task::spawn_blocking, time::timeout};

use super::{
    guest::{ANSWER_MAX, Answer, COMMAND, Task, WITHOUT_LIMITS},
    turns::{Turn, Turns},
};

/// Processes for previews at the same time, and those of one tenant.
const PREVIEWS: (usize, usize) = (2, 1);

/// Processes for mails at the same time, and those of one tenant.
const MAILS: (usize, usize) = (2, 1);

/// How long a preview waits for its turn.
const PREVIEW_PATIENCE: Duration = Duration::from_secs(5);

/// How long a mail waits for its turn, before it is put back: the mails of others wait behind it.
const MAIL_PATIENCE: Duration = Duration::from_secs(2);

/// How long a process may take by the clock. It has two seconds of the processor's time; on a busy machine these
/// come slowly, and words that work shall work there too.
const CLOCK: Duration = Duration::from_secs(10);

/// How long words that a process died of aren't tried again.
const REMEMBERED: Duration = Duration::from_mins(10);

/// Words that are remembered for having done so, at most.
const REMEMBERED_MAX: u64 = 1_000;

/// Requests to end, as POSIX numbers them.
const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

/// Has organisers' words worked on in processes of their own.
pub(super) struct Guests {
    program: Program,
    clock: Duration,
    previews: Turns,
    mails: Turns,
    /// What a process died of.
    deadly: Cache<(EmailTemplateId, DateTime<Utc>), ()>,
}

/// Who works on the words.
enum Program {
    /// A process of the program at this path.
    At(PathBuf),
    /// This process, which trusts the words of its own tests.
    #[cfg(test)]
    Here,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// It was nobody's turn: worth another attempt.
    Busy,
    /// The words took all that there is.
    Excess,
    /// No process can be had.
    Broken,
}

impl Guests {
    /// Processes of `program`, or else of the program that runs.
    pub(super) fn new(program: Option<PathBuf>) -> Self {
        Self::with(Program::At(program.unwrap_or_else(this_program)))
    }

    /// No processes at all.
    #[cfg(test)]
    pub(super) fn here() -> Self {
        Self::with(Program::Here)
    }

    fn with(program: Program) -> Self {
        Self {
            program,
            clock: CLOCK,
            previews: Turns::new(PREVIEWS.0, PREVIEWS.1, PREVIEW_PATIENCE),
            mails: Turns::new(MAILS.0, MAILS.1, MAIL_PATIENCE),
            deadly: Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(REMEMBERED).build(),
        }
    }

    /// Has `task` done for somebody of `tenant` who waits for it.
    pub(super) async fn preview(&self, tenant: TenantId, task: Task) -> Result<Answer, Unanswered> {
        let turn = self.previews.take(tenant).await.ok_or(Unanswered::Busy)?;
        self.work(turn, task).await
    }

    /// Has `task` done with the words of `template`. Words that a process died of are remembered: a thousand
    /// mails in the same words don't take a thousand times two seconds.
    pub(super) async fn mail(
        &self,
        template: &CustomTemplate,
        task: Task,
    ) -> Result<Answer, Unanswered> {
        let turn = self.mails.take(template.tenant).await.ok_or(Unanswered::Busy)?;
        let words = (template.id, template.written_at);
        if self.deadly.contains_key(&words) {
            return Err(Unanswered::Excess);
        }
        let answer = self.work(turn, task).await;
        if let Err(Unanswered::Excess) = answer {
            self.deadly.insert(words, ());
        }
        answer
    }

    async fn work(&self, turn: Turn, task: Task) -> Result<Answer, Unanswered> {
        let path = match &self.program {
            Program::At(path) => path.clone(),
            #[cfg(test)]
            Program::Here => return Ok(super::guest::answer(task)),
        };
        // The process ends when this is dropped, even if nobody waits for it any more.
        let leash = Leash::default();
        let held = leash.0.clone();
        let working = spawn_blocking(move || {
            let _turn = turn;
            in_process(&path, &task, &held)
        });
        match timeout(self.clock, working).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(NoAnswer::Stopped))) => Err(Unanswered::Busy),
            Ok(Ok(Err(NoAnswer::Started(error)))) => {
                tracing::warn!(%error, "a template ended the process that rendered it");
                Err(Unanswered::Excess)
            }
            Err(_) => {
                tracing::warn!("a template was rendered for too long");
                Err(Unanswered::Excess)
            }
            Ok(Ok(Err(NoAnswer::NotStarted(error)))) => {
                tracing::error!(%error, "no process can be started to render a template");
                Err(Unanswered::Broken)
            }
            Ok(Err(panic)) => {
                tracing::error!(error = %panic, "no process can be started to render a template");
                Err(Unanswered::Broken)
            }
        }
    }
}

/// Why a process gave no answer.
enum NoAnswer {
    NotStarted(io::Error),
    Started(io::Error),
    /// Somebody asked it to end, as the system does with everything when it goes down.
    Stopped,
}

/// What a process is pulled back by.
#[derive(Default)]
struct Leash(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    process: Option<Child>,
    /// Whether nobody wants the answer any more.
    called_off: bool,
}

impl Drop for Leash {
    fn drop(&mut self) {
        let mut held = lock(&self.0);
        held.called_off = true;
        if let Some(process) = &mut held.process {
            // One that has ended needs no end.
            let _ = process.kill();
        }
    }
}

fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a process, gives it `task` and nothing else, and reads its answer. It is over when this returns.
fn in_process(program: &Path, task: &Task, held: &Mutex<Held>) -> Result<Answer, NoAnswer> {
    let task = serde_json::to_vec(task).map_err(|error| NoAnswer::NotStarted(error.into()))?;
    let (input, output) = {
        let mut held = lock(held);
        if held.called_off {
            return Err(NoAnswer::Started(io::ErrorKind::Interrupted.into()));
        }
        let mut process = Command::new(program)
            .arg(COMMAND)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(NoAnswer::NotStarted)?;
        let pipes = (process.stdin.take(), process.stdout.take());
        held.process = Some(process);
        pipes
    };
    let answer = exchange(&task, input, output);
    let process = lock(held).process.take();
    let status = process.and_then(|mut process| {
        // It may linger after its last word.
        let _ = process.kill();
        process.wait().ok()
    });
    answer.map_err(|error| match status {
        Some(status) if status.code() == Some(WITHOUT_LIMITS.into()) => {
            NoAnswer::NotStarted(io::Error::other("a process can't be limited"))
        }
        // The words can't raise these.
        Some(status) if matches!(status.signal(), Some(SIGHUP | SIGINT | SIGTERM)) => {
            NoAnswer::Stopped
        }
        _ => NoAnswer::Started(error),
    })
}

/// The whole task goes out before the answer comes in: the process answers when it has read everything.
fn exchange(
    task: &[u8],
    input: Option<impl Write>,
    output: Option<impl Read>,
) -> io::Result<Answer> {
    let (Some(mut input), Some(output)) = (input, output) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    input.write_all(task)?;
    drop(input);
    let mut answer = Vec::new();
    output.take(ANSWER_MAX).read_to_end(&mut answer)?;
    Ok(serde_json::from_slice(&answer)?)
}

/// The file that runs, even if another has taken its place meanwhile.
fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("edgeos"))
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};

    use uuid::Uuid;

    use super::*;

    async fn worked_on_by(program: &str, letters: usize) -> Result<Answer, Unanswered> {
        let task = Task::Check { subject: None, html: Some("x".repeat(letters)) };
        let guests = Guests { clock: Duration::from_secs(1), ..Guests::new(Some(program.into())) };
        guests.preview(TenantId(Uuid::nil()), task).await
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_blames_no_words() {
        assert_eq!(worked_on_by("/nowhere/edgeos", 1).await, Err(Unanswered::Broken));
    }

    #[tokio::test]
    async fn a_process_that_was_asked_to_end_blames_no_words() {
        let script = std::env::temp_dir().join(format!("edgeos-ended-{}", std::process::id()));
        std::fs::write(&script, "#!/bin/sh\nkill -TERM $$\n").unwrap();
        std::fs::set_permissions(&script, Permissions::from_mode(0o700)).unwrap();
        let answer = worked_on_by(script.to_str().unwrap(), 1).await;
        std::fs::remove_file(script).unwrap();
        assert_eq!(answer, Err(Unanswered::Busy));
    }

    #[tokio::test]
    async fn a_process_that_gives_no_answer_was_kept_from_it_by_the_words() {
        assert_eq!(worked_on_by("/bin/false", 1).await, Err(Unanswered::Excess));
        assert_eq!(worked_on_by("/bin/false", 1_000_000).await, Err(Unanswered::Excess));
        // What it says is no answer, and never ends.
        assert_eq!(worked_on_by("/usr/bin/yes", 1).await, Err(Unanswered::Excess));
        // It doesn't even listen.
        assert_eq!(worked_on_by("/usr/bin/yes", 1_000_000).await, Err(Unanswered::Excess));
    }
}
