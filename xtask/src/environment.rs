use std::{collections::BTreeMap, env, fs, io, path::Path, process::Command};

use anyhow::{Context, Result};
use sqlx::postgres::PgConnectOptions;

/// The variables of the process, and beneath them those of `.env`.
#[derive(Debug)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let file = root.join(".env");
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        let mut variables = parse(&text).with_context(|| file.display().to_string())?;
        let set = env::vars_os().filter_map(|(name, value)| {
            let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
            (!value.trim().is_empty()).then_some((name, value))
        });
        variables.extend(set);
        Ok(Self { variables })
    }

    /// The value of a variable; a blank one is none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether this is a developer's machine, as far as the settings say.
    pub(crate) fn is_dev(&self) -> bool {
        self.get("ENVIRONMENT").is_none_or(|stage| stage == "dev")
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// Sets a variable that has no value.
    pub(crate) fn set_default(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.set(name, value);
        }
    }

    /// Forgets which servers of other people there are.
    pub(crate) fn forget_servers(&mut self) {
        let foreign = |name: &str| {
            ["REDIS_URL", "SIMPLEFI_API_URL"].contains(&name)
                || ["POSTGRES_", "SMTP_", "STORAGE_"].iter().any(|of| name.starts_with(of))
        };
        self.variables.retain(|name, _| !foreign(name));
    }

    /// Gives `command` these variables and no others.
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env_clear().envs(&self.variables)
    }

    /// How the owner gets into the database that the variables name; `None` when they name none.
    pub(crate) fn owner(&self) -> Result<Option<PgConnectOptions>> {
        let Some(server) = self.get("POSTGRES_SERVER") else { return Ok(None) };
        let user = self.get("POSTGRES_USER").context("POSTGRES_USER must be set")?;
        let port = self.get("POSTGRES_PORT").unwrap_or("5432");
        let mode = self.get("POSTGRES_SSL_MODE").unwrap_or("prefer");
        let options = PgConnectOptions::new_without_pgpass()
            .host(server)
            .port(port.parse().context("POSTGRES_PORT must be a port number")?)
            .username(user)
            .database(self.get("POSTGRES_DB").unwrap_or("edgeos"))
            .ssl_mode(mode.parse().context("POSTGRES_SSL_MODE")?);
        Ok(Some(match self.get("POSTGRES_PASSWORD") {
            Some(password) => options.password(password),
            None => options,
        }))
    }
}

/// Lines of `NAME=value`, with `#` for comments, and quotes for values with blanks or `#` in them.
fn parse(text: &str) -> Result<BTreeMap<String, String>> {
    let mut variables = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line
            .split_once('=')
            .with_context(|| format!("line {} is not NAME=value", number + 1))?;
        variables.insert(name.trim().to_owned(), plain(value.trim()).to_owned());
    }
    Ok(variables)
}

/// A value without its quotes or the comment behind it.
fn plain(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote)
            && let Some(end) = inner.find(quote)
        {
            return &inner[..end];
        }
    }
    if value.starts_with('#') {
        return "";
    }
    value.split_once(" #").map_or(value, |(value, _)| value).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_variables_is_read_as_compose_reads_it() {
        let text = "# comment\n\nA=1\nexport B = two words \nC=\"a # b\"  # why\nD='x'\nE= # none\n\
                    F=a#b\nG=x=y";
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "a # b"),
            ("D", "x"),
            ("E", ""),
            ("F", "a#b"),
            ("G", "x=y"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parse(text).unwrap(), BTreeMap::from(expected));
    }

    #[test]
    fn a_line_that_sets_nothing_is_named() {
        assert_eq!(parse("A=1\noops").unwrap_err().to_string(), "line 2 is not NAME=value");
    }
}
