//! Chromium without a window, driven over pipes in its own protocol: <https://chromedevtools.github.io/devtools-protocol>.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::programs;

/// The variable that names the program, if it isn't one of [`NAMES`].
const VARIABLE: &str = "CHROMIUM";

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// How long the browser may take for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long to wait before a page is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// Nothing of the browser's own may go through the network or over the screen.
const QUIET: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,1000",
    "--remote-debugging-pipe",
];

/// A browser with one page; it ends when this value is dropped, since its pipe ends.
pub(super) struct Chromium {
    input: Option<ChildStdin>,
    heard: Receiver<Value>,
    process: Child,
    /// The number of the last call.
    calls: u64,
    /// The page, for calls that are about it.
    page: Option<String>,
    /// Every address that a page or a worker asked for.
    requests: Vec<String>,
    /// What went wrong in a page, as its console says it.
    complaints: Vec<String>,
    _profile: TempDir,
}

/// The program.
pub(super) fn find() -> Result<PathBuf> {
    if let Some(program) = env::var_os(VARIABLE).filter(|program| !program.is_empty()) {
        return Ok(program.into());
    }
    NAMES.iter().find_map(|name| programs::find(name)).with_context(|| {
        format!(
            "this needs Chromium: `apt install chromium`, `dnf install chromium`; {VARIABLE} names one that is \
             elsewhere"
        )
    })
}

impl Chromium {
    pub(super) fn start(program: &Path) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        // The browser reads calls from the third file and writes answers to the fourth.
        let mut process = Command::new("sh")
            .args(["-c", r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#, "sh"])
            .arg(program)
            .args(QUIET)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("sh")?;
        let output = process.stdout.take().context("the browser has no output")?;
        let mut browser = Self {
            input: process.stdin.take(),
            heard: listen(output),
            process,
            calls: 0,
            page: None,
            requests: Vec::new(),
            complaints: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach)?;
        browser.page = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), &json!({}))?;
        }
        // Workers are watched from their first request on.
        let workers =
            json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        browser.call("Target.setAutoAttach", &workers)?;
        Ok(browser)
    }

    /// Goes to an address.
    pub(super) fn open(&mut self, url: &str) -> Result<()> {
        let answer = self.call("Page.navigate", &json!({ "url": url }))?;
        match answer["errorText"].as_str() {
            Some(error) => bail!("{url}: {error}"),
            None => Ok(()),
        }
    }

    /// The value of an expression in the page, awaited if it is a promise.
    pub(super) fn value(&mut self, expression: &str) -> Result<Value> {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &asked)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            bail!("{expression}: {}", thrown["exception"]["description"]);
        }
        Ok(answer["result"]["value"].clone())
    }

    /// The value of an expression, as soon as it is true or anything else that JavaScript takes for it.
    pub(super) fn wait_for(&mut self, expression: &str) -> Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            ensure!(self.process.try_wait()?.is_none(), "the browser has ended");
            // While a page is being replaced there is nobody to ask.
            let value = self.value(expression).unwrap_or_default();
            if !matches!(value, Value::Null | Value::Bool(false)) && value != 0 && value != "" {
                return Ok(value);
            }
            thread::sleep(PAUSE);
        }
        bail!("this never comes true: {expression}; the console says {:?}", self.complaints)
    }

    /// Presses what a selector of CSS finds, as soon as it is there.
    pub(super) fn press(&mut self, selector: &str) -> Result<()> {
        self.wait_for(&format!("document.querySelector({}) !== null", json!(selector)))?;
        self.value(&format!("document.querySelector({}).click()", json!(selector)))?;
        Ok(())
    }

    /// Types into what a selector of CSS finds.
    pub(super) fn type_into(&mut self, selector: &str, text: &str) -> Result<()> {
        self.wait_for(&format!("document.querySelector({}) !== null", json!(selector)))?;
        self.value(&format!("document.querySelector({}).focus()", json!(selector)))?;
        self.call("Input.insertText", &json!({ "text": text }))?;
        Ok(())
    }

    /// Every address that was asked for since the last time, and what the console complained about.
    pub(super) fn take_traces(&mut self) -> (Vec<String>, Vec<String>) {
        (std::mem::take(&mut self.requests), std::mem::take(&mut self.complaints))
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Result<Value> {
        let page = self.page.clone();
        let call = self.send(method, parameters, page.as_deref())?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self
                .heard
                .recv_timeout(left)
                .with_context(|| format!("{method}: the browser is silent"))?;
            if message["id"] != call {
                self.hear(&message)?;
            } else if let Some(error) = message.get("error") {
                bail!("{method}: {}", error["message"]);
            } else {
                return Ok(message["result"].clone());
            }
        }
    }

    fn send(&mut self, method: &str, parameters: &Value, session: Option<&str>) -> Result<u64> {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let input = self.input.as_mut().context("the browser has no input")?;
        input.write_all(format!("{message}\0").as_bytes()).context("the browser has ended")?;
        input.flush()?;
        Ok(self.calls)
    }

    /// Takes note of what happens besides.
    fn hear(&mut self, message: &Value) -> Result<()> {
        let about = &message["params"];
        match message["method"].as_str() {
            Some("Network.requestWillBeSent") => {
                self.requests.extend(about["request"]["url"].as_str().map(str::to_owned));
            }
            Some("Network.webSocketCreated") => {
                self.requests.extend(about["url"].as_str().map(str::to_owned));
            }
            Some("Target.attachedToTarget") if about["waitingForDebugger"] == true => {
                let session = about["sessionId"].as_str();
                self.send("Network.enable", &json!({}), session)?;
                self.send("Runtime.runIfWaitingForDebugger", &json!({}), session)?;
            }
            Some("Runtime.exceptionThrown") => {
                self.complaints.push(about["exceptionDetails"]["exception"].to_string());
            }
            Some("Log.entryAdded") if about["entry"]["level"] == "error" => {
                self.complaints
                    .push(format!("{} {}", about["entry"]["text"], about["entry"]["url"]));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// The messages of the browser, each of which ends with a zero.
fn listen(output: ChildStdout) -> Receiver<Value> {
    let (send, heard) = channel();
    thread::spawn(move || {
        for message in BufReader::new(output).split(0).map_while(Result::ok) {
            // What can't be read is no answer to anybody; what nobody waits for any more ends the thread.
            let read = serde_json::from_slice(&message).map(|message| send.send(message));
            if matches!(read, Ok(Err(_))) {
                break;
            }
        }
    });
    heard
}
