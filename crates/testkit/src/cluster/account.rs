use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

/// Who runs the database server: ourselves, unless we are root, which PostgreSQL refuses to run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    Ourselves,
    Other { name: String, uid: u32, gid: u32 },
}

impl Account {
    pub(super) fn choose() -> Result<Self> {
        let id = Command::new("id").arg("-u").output().context("id -u")?;
        if id.stdout.trim_ascii() != b"0" {
            return Ok(Self::Ourselves);
        }
        let other = ["postgres", "_postgres", "nobody"].iter().find_map(|name| account(name));
        other.context(
            "PostgreSQL does not run as root, and there is neither a user \"postgres\" nor \"nobody\" \
             to run it as",
        )
    }

    /// A command that this account runs.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // The account may not enter the directory that we are in.
        command.current_dir("/").stdin(Stdio::null());
        // macOS starts threads in programs without a locale, and PostgreSQL refuses those.
        command.env("LC_ALL", "C");
        for variable in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS"] {
            command.env_remove(variable);
        }
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Gives a file or directory to this account.
    pub(super) fn own(&self, path: &Path) -> Result<()> {
        if let Self::Other { uid, gid, .. } = self {
            chown(path, Some(*uid), Some(*gid)).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// The directory that really holds the cluster of `directory`: itself, or one of the system's
    /// temporary directory where the account can't reach it.
    pub(super) fn home(&self, directory: &Path) -> Result<PathBuf> {
        let Self::Other { .. } = self else { return Ok(directory.to_owned()) };
        let parent = directory.parent().unwrap_or(directory);
        // Whether it can be entered shows only once it is there.
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        if self.may_enter(parent) {
            return Ok(directory.to_owned());
        }
        let mut hasher = DefaultHasher::new();
        directory.hash(&mut hasher);
        let temporary = std::env::temp_dir();
        ensure!(self.may_enter(&temporary), "{self} may not enter {}", temporary.display());
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        Ok(temporary.join(format!("edgeos-{name}-{:016x}", hasher.finish())))
    }

    fn may_enter(&self, directory: &Path) -> bool {
        let mut enter = self.command(Path::new("sh"));
        enter.args(["-c", r#"cd "$1""#, "sh"]).arg(directory);
        enter.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Makes the directory, closed to everybody else, unless it is there.
    pub(super) fn make_private(&self, directory: &Path) -> Result<()> {
        let name = || directory.display().to_string();
        if let Some(parent) = directory.parent() {
            fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        match fs::DirBuilder::new().mode(0o700).create(directory) {
            Ok(()) => return self.own(directory),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(name),
        }
        // Anybody may have put something there, if it is a place like /tmp.
        let found = fs::symlink_metadata(directory).with_context(name)?;
        if let Self::Other { uid, .. } = self
            && (!found.is_dir() || ![0, *uid].contains(&found.uid()))
        {
            bail!("{} belongs to somebody else", directory.display());
        }
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).with_context(name)?;
        self.own(directory)
    }
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ourselves => f.write_str("the current user"),
            Self::Other { name, .. } => write!(f, "the user {name:?}"),
        }
    }
}

fn account(name: &str) -> Option<Account> {
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    entry(&known, name).or_else(|| {
        // Accounts of a directory service are not in the file.
        let answer = Command::new("getent").args(["passwd", name]).output().ok()?;
        entry(&String::from_utf8_lossy(&answer.stdout), name)
    })
}

fn entry(passwd: &str, name: &str) -> Option<Account> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2);
    let uid = numbers.next()?.parse().ok().filter(|uid| *uid != 0)?;
    Some(Account::Other { name: name.to_owned(), uid, gid: numbers.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_its_line_alone() {
        let passwd = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8:::\npostgres:x:101:104:a:/b:/c\n";
        let expected = Account::Other { name: "postgres".to_owned(), uid: 101, gid: 104 };
        assert_eq!(entry(passwd, "postgres"), Some(expected));
        assert_eq!(entry(passwd, "root"), None, "root is no way out of being root");
        assert_eq!(entry(passwd, "nobody"), None);
    }
}
