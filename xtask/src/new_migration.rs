use std::{
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};

const SKELETON: &str = r#"//! What changes, and why.

use sea_orm_migration::prelude::*;

use crate::rls::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}

const UP: &str = "
";

const DOWN: &str = "
";
"#;

/// Begins a migration in the directory of all of them, and adds it to their list.
pub(crate) fn write(directory: &Path, name: &str) -> Result<ExitCode> {
    let today = Command::new("date").args(["-u", "+%Y%m%d"]).output().context("date")?;
    let module = add(directory, name, String::from_utf8_lossy(&today.stdout).trim())?;
    println!("{} is begun, and listed in lib.rs.", directory.join(module).display());
    Ok(ExitCode::SUCCESS)
}

/// The file's name.
fn add(directory: &Path, name: &str, today: &str) -> Result<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    ensure!(
        !name.is_empty() && name.chars().all(allowed),
        "a migration's name has lower-case letters, digits and underscores: add_check_ins"
    );
    let index = directory.join("lib.rs");
    let text = fs::read_to_string(&index).with_context(|| index.display().to_string())?;
    let declared = |line: &&str| line.starts_with("mod m") && line.ends_with(';');
    let last = text.lines().rfind(declared).context("lib.rs declares no migration")?;
    let module = format!("m{today}_{:06}_{name}", number(last)? + 1);
    let last = &last["mod ".len()..last.len() - 1];
    ensure!(*module > *last, "the clock is behind the last migration, {last}");

    let text = text
        .replace(&format!("mod {last};\n"), &format!("mod {last};\nmod {module};\n"))
        .replace(
            &format!("            Box::new({last}::Migration),\n"),
            &format!(
                "            Box::new({last}::Migration),\n            Box::new({module}::Migration),\n"
            ),
        );
    ensure!(text.matches(&module).count() == 2, "lib.rs lists its migrations in an unknown way");
    let file = format!("{module}.rs");
    fs::write(directory.join(&file), SKELETON)?;
    fs::write(index, text)?;
    Ok(file)
}

/// The running number in `mod m20261124_000013_logins;`.
fn number(declaration: &str) -> Result<u32> {
    let number = declaration.split('_').nth(1).and_then(|number| number.parse().ok());
    number.with_context(|| format!("{declaration} has no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "mod m20260101_000001_a;\nmod m20260102_000002_b;\nmod rls;\n\n        vec![\n\
        \x20           Box::new(m20260101_000001_a::Migration),\n\
        \x20           Box::new(m20260102_000002_b::Migration),\n        ]\n";

    #[test]
    fn a_new_migration_is_the_last_of_the_list() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("lib.rs"), LIST).unwrap();
        let file = add(directory.path(), "add_c", "20260203").unwrap();
        assert_eq!(file, "m20260203_000003_add_c.rs");
        assert!(directory.path().join(file).exists());
        let list = fs::read_to_string(directory.path().join("lib.rs")).unwrap();
        assert!(list.contains("_b;\nmod m20260203_000003_add_c;\nmod rls;"), "{list}");
        let boxed =
            "_b::Migration),\n            Box::new(m20260203_000003_add_c::Migration),\n        ]";
        assert!(list.contains(boxed), "{list}");
    }

    #[test]
    fn a_name_that_is_no_module_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("lib.rs"), LIST).unwrap();
        assert!(add(directory.path(), "Add C", "20260203").is_err());
        assert!(add(directory.path(), "late", "20251231").is_err(), "order is by name");
    }
}
