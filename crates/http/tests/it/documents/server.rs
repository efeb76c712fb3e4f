use std::{
    env,
    fmt::Write,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use edgeos_testkit::{Guarded, TestDatabase, cluster::Installation, simplefi::SimpleFiServer};

use super::{fences::Fence, root};
use crate::{harness::SECRET_KEY, patience::until, payments::free_port};

/// Where the documents say that the server is, and a second one.
const TOLD: [&str; 2] = ["8000", "8001"];

/// What comes before the commands of a document: whatever fails ends it, and an answer that refuses is a failure.
const STRICT: &str = r#"
set -Eeuo pipefail
shopt -s inherit_errexit 2>/dev/null || true
trap 'echo "line $AT: $BASH_COMMAND" >&2' ERR
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
curl() { command curl --fail-with-body "$@"; }
"#;

/// A server as `cargo xtask dev` runs it, and a directory to work in beside it.
pub(super) struct Beside {
    // The server stops before what it rests on.
    _server: Guarded,
    variables: Vec<(&'static str, String)>,
    ports: [String; 2],
    directory: tempfile::TempDir,
    _provider: SimpleFiServer,
    _database: TestDatabase,
}

impl Beside {
    pub(super) async fn start() -> Self {
        let database = TestDatabase::new().await.unwrap();
        let provider = SimpleFiServer::start().await.unwrap();
        let ports = TOLD.map(|_| free_port().to_string());
        let variables = vec![
            ("PATH", path()),
            ("SECRET_KEY", SECRET_KEY.to_owned()),
            ("SUPERADMIN", "admin@example.com".to_owned()),
            ("POSTGRES_SERVER", database.host().to_owned()),
            ("POSTGRES_PORT", database.port().to_string()),
            ("POSTGRES_USER", database.owner_name().to_owned()),
            ("POSTGRES_DB", database.name().to_owned()),
            ("POSTGRES_SSL_MODE", "disable".to_owned()),
            ("DATABASE_POOL_SIZE", "5".to_owned()),
            ("HOST", "127.0.0.1".to_owned()),
            ("PORT", ports[0].clone()),
            ("BACKEND_URL", format!("http://localhost:{}", ports[0])),
            ("SIMPLEFI_API_URL", provider.url().to_owned()),
        ];
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("server.log");
        let edgeos = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_edgeos"));
            let log = File::options().create(true).append(true).open(&log).unwrap();
            command.args(arguments).env_clear().envs(variables.clone());
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
            command
        };
        for arguments in [["migrate"], ["seed"]] {
            let ended = edgeos(&arguments).status().unwrap();
            assert!(ended.success(), "{}", fs::read_to_string(&log).unwrap());
        }
        let server = Guarded::spawn(&mut edgeos(&["serve"]), "TERM").unwrap();
        until(async || edgeos(&["health"]).status().unwrap().success()).await;

        let beside = Self {
            _server: server,
            variables,
            ports,
            directory,
            _provider: provider,
            _database: database,
        };
        beside.take("docs/shell.sh");
        beside
    }

    /// Runs the commands one after the other, and tells what each of them printed.
    pub(super) async fn run(&self, document: &str, fences: &[&Fence]) -> Vec<String> {
        let printed = |fence: &Fence| self.directory.path().join(format!("line-{}", fence.line));
        let mut script = STRICT.to_owned();
        for fence in fences {
            let text = self.here(&fence.lines.join("\n"));
            writeln!(script, "AT={}\nexec >'{}'\n{text}", fence.line, printed(fence).display())
                .unwrap();
            for variable in fence.variables() {
                writeln!(script, ": \"${{{variable}:?has no value}}\"").unwrap();
            }
        }
        let mut bash = Command::new("bash");
        bash.arg("-c").arg(script).current_dir(self.directory.path());
        bash.env_clear().envs(self.variables.clone()).stdin(Stdio::null());
        let ended = tokio::task::spawn_blocking(move || bash.output()).await.unwrap();
        let ended = ended.expect("bash runs");
        let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
        if !ended.status.success() {
            let printed: String = fences.iter().map(|fence| read(printed(fence))).collect();
            let said = String::from_utf8_lossy(&ended.stderr);
            let log = read(self.directory.path().join("server.log"));
            panic!(
                "{document} does not work:\n{said}\nprinted:\n{printed}\nthe server's log:\n{log}"
            );
        }
        fences.iter().map(|fence| read(printed(fence))).collect()
    }

    /// Puts a file of the project into the directory, at the same place.
    fn take(&self, name: &str) {
        let there = self.directory.path().join(name);
        fs::create_dir_all(there.parent().unwrap()).unwrap();
        fs::write(there, self.here(&fs::read_to_string(root().join(name)).unwrap())).unwrap();
    }

    /// The text of a document, with the server where it really is.
    fn here(&self, text: &str) -> String {
        TOLD.iter().zip(&self.ports).fold(text.to_owned(), |text, (told, port)| {
            text.replace(&format!("localhost:{told}"), &format!("localhost:{port}"))
                .replace(&format!("PORT={told}"), &format!("PORT={port}"))
        })
    }
}

/// Where programs are: the one under test, and those of PostgreSQL's clients.
fn path() -> String {
    let edgeos = Path::new(env!("CARGO_BIN_EXE_edgeos")).parent().unwrap().to_owned();
    let postgres = Installation::all().unwrap().into_iter().map(|installed| installed.bin);
    let usual = env::var_os("PATH").unwrap();
    let all = [edgeos].into_iter().chain(postgres).chain(env::split_paths(&usual));
    env::join_paths(all).unwrap().into_string().unwrap()
}
