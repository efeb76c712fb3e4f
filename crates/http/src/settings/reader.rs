use std::{any::Any, fmt};

use url::Url;

use super::{Secret, Settings};

/// Reads variables one by one, and goes on after a bad one.
pub(super) struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    shown: Vec<Shown>,
    problems: Vec<String>,
}

/// What was read.
#[derive(Debug)]
pub struct Read {
    /// The settings, if nothing is wrong.
    pub settings: Result<Settings, Problems>,
    /// Every variable that was looked at, in order.
    pub shown: Vec<Shown>,
}

/// Everything that is wrong with the settings; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the settings are not usable: {}", .0.join("; "))]
pub struct Problems(pub Vec<String>);

/// A variable and what it amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub name: &'static str,
    /// Its value, unless it is a secret; `None` when it has neither a value nor a default.
    pub value: Option<String>,
    /// Whether the environment doesn't set it.
    pub is_default: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { variable, shown: Vec::new(), problems: Vec::new() }
    }

    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// A text with a default.
    pub(super) fn text(&mut self, name: &'static str, default: &str) -> String {
        let value = self.value(name);
        let is_default = value.is_none();
        let value = value.unwrap_or_else(|| default.to_owned());
        self.show(name, Some(value.clone()), is_default);
        value
    }

    /// A text that must be there.
    pub(super) fn obligatory(&mut self, name: &'static str) -> String {
        let value = self.value(name);
        self.show(name, value.clone(), value.is_none());
        self.or_problem(name, value)
    }

    /// A secret that must be there.
    pub(super) fn obligatory_secret(&mut self, name: &'static str) -> Secret {
        let value = self.secret(name).map(Secret::into_inner);
        Secret::new(self.or_problem(name, value))
    }

    pub(super) fn secret(&mut self, name: &'static str) -> Option<Secret> {
        let value = self.value(name).map(Secret::new);
        let shown = value.as_ref().map(|secret| format!("{secret:?}"));
        self.show(name, shown, value.is_none());
        value
    }

    /// A secret of a certain form, which no message shows.
    pub(super) fn checked_secret(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<Secret, String>,
    ) -> Option<Secret> {
        let secret = self.secret(name)?;
        match parse(secret.expose()) {
            Ok(secret) => Some(secret),
            Err(expected) => {
                self.problem(format!("{name} must be {expected}"));
                None
            }
        }
    }

    /// A value with a default. `parse` fails with what it expects.
    pub(super) fn parsed<T: fmt::Debug + 'static>(
        &mut self,
        name: &'static str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        let Some(text) = self.value(name) else {
            self.show(name, Some(plain(&default)), true);
            return default;
        };
        self.show(name, Some(text.clone()), false);
        parse(&text).unwrap_or_else(|expected| {
            self.problem(format!("{name} must be {expected}, not {text:?}"));
            default
        })
    }

    /// A value that may be absent.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.value(name);
        self.show(name, text.clone(), text.is_none());
        let text = text?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(expected) => {
                self.problem(format!("{name} must be {expected}, not {text:?}"));
                None
            }
        }
    }

    /// Values separated by commas.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let entries = |text: &str| {
            let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
            entries.map(&parse).collect()
        };
        self.optional(name, entries).unwrap_or_default()
    }

    pub(super) fn finish(self, settings: Settings) -> Read {
        let problems = self.problems;
        let settings = if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) };
        Read { settings, shown: self.shown }
    }

    fn value(&self, name: &str) -> Option<String> {
        let value = (self.variable)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn show(&mut self, name: &'static str, value: Option<String>, is_default: bool) {
        self.shown.push(Shown { name, value, is_default });
    }

    fn or_problem(&mut self, name: &str, value: Option<String>) -> String {
        value.unwrap_or_else(|| {
            self.problem(format!("{name} must be set"));
            String::new()
        })
    }
}

/// Prints a variable per line, and the problems after them.
impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Shown { name, value, is_default } in &self.shown {
            let value = value.as_deref().unwrap_or("");
            let note = if *is_default { "  (default)" } else { "" };
            writeln!(f, "{name}={value}{note}")?;
        }
        let Err(Problems(problems)) = &self.settings else { return Ok(()) };
        writeln!(f, "\nProblems:")?;
        problems.iter().try_for_each(|problem| writeln!(f, "- {problem}"))
    }
}

/// A variable for the log, where addresses of people don't belong.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_deref().unwrap_or("");
        match value.split_once('@') {
            Some((_, domain)) => write!(f, "{}=***@{domain}", self.name),
            None => write!(f, "{}={value}", self.name),
        }
    }
}

/// A default as it would be written in the environment.
fn plain<T: fmt::Debug + 'static>(value: &T) -> String {
    if let Some(url) = (value as &dyn Any).downcast_ref::<Url>() {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    if let Some(text) = (value as &dyn Any).downcast_ref::<String>() {
        return text.clone();
    }
    let text = format!("{value:?}").to_lowercase();
    if text == "[]" { String::new() } else { text }
}
