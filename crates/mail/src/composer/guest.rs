//! What becomes of organisers' words, inside a process that may die of them.
//!
//! The template language counts instructions and bytes, but not all that a clever template may cost: lists that
//! hold one another print, compare and vanish in ways that no fuel pays for. So the words are worked on in a
//! process of their own: it gets nothing but the words and their variables, takes away its own means before it
//! looks at them, answers once and ends.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

use edgeos_ports::InvalidTemplate;
use rlimit::Resource;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    language::{self, Part},
    missing::Lack,
    one_line, values,
};
use crate::document::{Excess, inlined, plain_text};

/// The argument that makes this program such a process.
pub(super) const COMMAND: &str = "render-template";

/// The exit code of a process that could not limit itself, and did not look at the words.
pub(super) const WITHOUT_LIMITS: u8 = 70;

/// The longest answer, in bytes: two documents, with everything in them escaped.
pub(super) const ANSWER_MAX: u64 = 32 * 1024 * 1024;

/// The longest task, in bytes: what a request may hold, and more than a mail does.
const TASK_MAX: u64 = 32 * 1024 * 1024;

/// What such a process has: memory for documents of some MiB and their trees, seconds of the processor's time,
/// and no way to anything else.
const MEANS: [(Resource, u64, u64); 6] = [
    (Resource::AS, 256 * 1024 * 1024, 256 * 1024 * 1024),
    (Resource::CPU, 2, 3),
    (Resource::CORE, 0, 0),
    (Resource::FSIZE, 0, 0),
    (Resource::NOFILE, 0, 0),
    (Resource::NPROC, 0, 0),
];

/// What is to be done with an organiser's words.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// See whether they are of the language.
    Check { subject: Option<String>, html: Option<String> },
    /// Show them; what is missing shows its name.
    Preview { subject: Option<String>, html: String, variables: Map<String, Value> },
    /// Make a mail of them; what is missing is nothing.
    Mail {
        subject: Option<String>,
        /// Instead of a subject that is missing or empty.
        built_in_subject: String,
        html: String,
        variables: Map<String, Value>,
    },
}

/// What came of it.
pub(super) type Answer = Result<Words, Refusal>;

/// Words as they are read; nothing when they were only checked.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Words {
    pub(super) subject: Option<String>,
    pub(super) html: String,
    pub(super) text: String,
}

/// What is wrong with the words, as it is told across processes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Refusal {
    Subject(String),
    Content(String),
}

impl From<Refusal> for InvalidTemplate {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Subject(reason) => Self::Subject(reason),
            Refusal::Content(reason) => Self::Content(reason),
        }
    }
}

/// Works on one organiser's words for another process of this program: a task comes on the standard input, the
/// answer goes to the standard output. Never returns to whoever has more to do: this process has no means left.
#[must_use]
pub fn render_for_another() -> ExitCode {
    if give_up_means().is_err() {
        return WITHOUT_LIMITS.into();
    }
    match serve(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn give_up_means() -> io::Result<()> {
    for (resource, soft, hard) in MEANS {
        // Where there is less than that already, it stays less.
        let (_, most) = resource.get()?;
        resource.set(soft.min(most), hard.min(most))?;
    }
    Ok(())
}

fn serve(tasks: impl Read, mut answers: impl Write) -> io::Result<()> {
    let mut task = Vec::new();
    tasks.take(TASK_MAX).read_to_end(&mut task)?;
    let task = serde_json::from_slice(&task)?;
    serde_json::to_writer(io::BufWriter::new(&mut answers), &answer(task))?;
    answers.flush()
}

/// Does `task`, at whatever cost.
pub(super) fn answer(task: Task) -> Answer {
    match task {
        Task::Check { subject, html } => {
            if let Some(html) = html {
                language::check(&html).map_err(|error| content(&error))?;
            }
            if let Some(subject) = subject {
                language::check(&subject).map_err(|error| Refusal::Subject(told(&error)))?;
            }
            Ok(Words::default())
        }
        Task::Preview { subject, html, variables } => preview(subject.as_deref(), &html, variables),
        Task::Mail { subject, built_in_subject, html, variables } => {
            mail(subject.as_deref(), built_in_subject, &html, variables)
        }
    }
}

fn mail(
    subject: Option<&str>,
    built_in_subject: String,
    html: &str,
    mut variables: Map<String, Value>,
) -> Answer {
    let own = subject.map(|subject| render_subject(subject, &variables, Lack::Nothing));
    let subject = own.transpose()?.filter(|subject| !subject.is_empty());
    let subject = subject.unwrap_or(built_in_subject);
    variables.insert("subject".to_owned(), subject.clone().into());
    let (html, text) = render_document(html, &variables, Lack::Nothing)?;
    Ok(Words { subject: Some(subject), html, text })
}

fn preview(subject: Option<&str>, html: &str, mut variables: Map<String, Value>) -> Answer {
    // The document is told of first: it is what the editor is about.
    language::check(html).map_err(|error| content(&error))?;
    let rendered = subject.map(|subject| render_subject(subject, &variables, Lack::Placeholder));
    if let Some(Ok(subject)) = &rendered {
        variables.insert("subject".to_owned(), subject.clone().into());
    }
    let (html, text) = render_document(html, &variables, Lack::Placeholder)?;
    Ok(Words { subject: rendered.transpose()?, html, text })
}

/// An organiser's document, and the same as text.
fn render_document(
    source: &str,
    variables: &Map<String, Value>,
    lack: Lack,
) -> Result<(String, String), Refusal> {
    let html = language::render(source, Part::Html, &values(variables), lack);
    let html = html.map_err(|error| content(&error))?;
    let excess = |excess: Excess| Refusal::Content(excess.to_string());
    let html = inlined(&html).map_err(excess)?;
    let text = plain_text(&html).map_err(excess)?;
    Ok((html, text))
}

fn render_subject(
    source: &str,
    variables: &Map<String, Value>,
    lack: Lack,
) -> Result<String, Refusal> {
    let subject = language::render(source, Part::Text, &values(variables), lack);
    subject.map(|text| one_line(&text)).map_err(|error| Refusal::Subject(told(&error)))
}

fn content(error: &minijinja::Error) -> Refusal {
    Refusal::Content(told(error))
}

/// What is wrong and in which line.
fn told(error: &minijinja::Error) -> String {
    let kind = error.kind().to_string();
    let what = error.detail().map_or_else(|| kind.clone(), |detail| format!("{kind}: {detail}"));
    match error.line() {
        Some(line) => format!("{what} (line {line})"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_task_is_answered_once() {
        let task = Task::Mail {
            subject: Some("Hi {{ name }}".to_owned()),
            built_in_subject: "Hello".to_owned(),
            html: "<p>{{ name }}, {{ amount }}</p>".to_owned(),
            variables: json!({ "name": "Ann & Bo", "amount": 463.5 }).as_object().unwrap().clone(),
        };
        let (task, mut answer) = (serde_json::to_vec(&task).unwrap(), Vec::new());
        serve(task.as_slice(), &mut answer).unwrap();
        let words = serde_json::from_slice::<Answer>(&answer).unwrap().unwrap();
        assert_eq!(words.subject.as_deref(), Some("Hi Ann & Bo"));
        assert_eq!(words.text, "Ann & Bo, 463.50\n");
        assert!(words.html.contains("<p>Ann &amp; Bo, 463.50</p>"), "{}", words.html);
    }

    #[test]
    fn what_is_no_task_has_no_answer() {
        let mut answer = Vec::new();
        assert!(serve(&b"{\"Mail\": {}"[..], &mut answer).is_err());
        assert!(answer.is_empty());
    }
}
