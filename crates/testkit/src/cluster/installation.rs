use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};

use super::account::Account;

/// The oldest PostgreSQL that the schema works with.
const OLDEST: u32 = 15;

/// Where package managers put the programs of the server; `*` stands for one directory.
const PLACES: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/opt/postgresql/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/usr/local/pgsql/bin",
    "~/.pgenv/pgsql*/bin",
    "~/.asdf/installs/postgres/*/bin",
    "~/.local/share/mise/installs/postgres/*/bin",
    "~/.nix-profile/bin",
    "/nix/var/nix/profiles/default/bin",
    "/run/current-system/sw/bin",
];

/// The programs of an installed server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The directory of `initdb` and `postgres`.
    pub bin: PathBuf,
    /// The major version.
    pub version: u32,
}

impl Installation {
    /// What is installed and fit to use, best first: what `PG_BIN` or `POSTGRES_BIN` names (then nothing
    /// else), what is on the `PATH`, then the newest of the usual places.
    ///
    /// # Errors
    ///
    /// The directory that the environment names holds no PostgreSQL that is fit to use; or this is root,
    /// and there is no other account to run PostgreSQL as.
    pub fn all() -> Result<Vec<Self>> {
        let account = Account::choose()?;
        for variable in ["PG_BIN", "POSTGRES_BIN"] {
            if let Some(bin) = env::var_os(variable).filter(|bin| !bin.is_empty()) {
                let found = Self::at(Path::new(&bin), &account);
                ensure!(
                    found.is_some(),
                    "{variable}={} holds no PostgreSQL {OLDEST} or newer that {account} can run",
                    bin.display()
                );
                return Ok(found.into_iter().collect());
            }
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let on_path = env::split_paths(&path).filter_map(|bin| Self::at(&bin, &account));
        let mut found: Vec<_> = on_path.collect();
        let mut elsewhere: Vec<_> = PLACES
            .iter()
            .flat_map(|pattern| matches(pattern))
            .filter_map(|bin| Self::at(&bin, &account))
            .collect();
        elsewhere.sort_by_key(|found| std::cmp::Reverse(found.version));
        found.extend(elsewhere);
        Ok(found)
    }

    fn at(bin: &Path, account: &Account) -> Option<Self> {
        let bin = std::path::absolute(bin).ok()?;
        if !bin.join("initdb").exists() {
            return None;
        }
        // Run, not only looked for: another account may not reach it, or it is a shim that runs nothing.
        let answer = account.command(&bin.join("postgres")).arg("--version").output().ok()?;
        let version = major_version(&String::from_utf8_lossy(&answer.stdout))?;
        (version >= OLDEST).then_some(Self { bin, version })
    }
}

/// The major version in "postgres (PostgreSQL) 17.2 (Debian 17.2-1)" or "… 18beta1".
fn major_version(answer: &str) -> Option<u32> {
    let digits = answer.split_whitespace().nth(2)?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// The directories that a pattern of [`PLACES`] stands for.
fn matches(pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![match pattern.strip_prefix("~/") {
        Some(_) => match env::home_dir() {
            Some(home) => home,
            None => return Vec::new(),
        },
        None => PathBuf::from("/"),
    }];
    for part in pattern.split('/').filter(|part| !part.is_empty() && *part != "~") {
        found = found.iter().flat_map(|directory| matching_children(directory, part)).collect();
    }
    found
}

fn matching_children(directory: &Path, part: &str) -> Vec<PathBuf> {
    let Some((start, end)) = part.split_once('*') else {
        let child = directory.join(part);
        return if child.is_dir() { vec![child] } else { Vec::new() };
    };
    let Ok(children) = fs::read_dir(directory) else { return Vec::new() };
    let fits = |name: &str| {
        name.strip_prefix(start).is_some_and(|rest| rest.len() >= end.len() && rest.ends_with(end))
    };
    children
        .filter_map(|child| child.ok().map(|child| child.path()))
        .filter(|child| child.file_name().and_then(|name| name.to_str()).is_some_and(fits))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_says() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_version("postgres: command not found\n"), None);
    }

    #[test]
    fn a_star_stands_for_one_directory() {
        let top = tempfile::tempdir().unwrap();
        for version in ["pgsql-16/bin", "pgsql-17/bin", "other/bin", "pgsql-9"] {
            fs::create_dir_all(top.path().join(version)).unwrap();
        }
        let mut found = matches(&format!("{}/pgsql-*/bin", top.path().display()));
        found.sort();
        assert_eq!(found, [top.path().join("pgsql-16/bin"), top.path().join("pgsql-17/bin")]);
    }
}
