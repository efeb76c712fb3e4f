use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::chromium::Chromium;

/// Where the operations are shown that are looked for.
const OPERATION: &str = "operations-users-users-get_current_user_info";

/// Uses every page as the superadmin would, whose token it gets; fails at the first that doesn't work, or asks anybody
/// else for anything.
pub(super) fn check(
    browser: &mut Chromium,
    base: &str,
    superadmin: &str,
    token: String,
) -> Result<()> {
    let pages: [(&str, Page); 3] = [("/dev/mail", inbox), ("/docs", docs), ("/redoc", redoc)];
    browser.open(&format!("{base}/dev/mail"))?;
    browser.wait_for("document.readyState === 'complete'")?;
    let document = browser.value("fetch('/openapi.json').then((answer) => answer.json())")?;
    let visit = Visit { superadmin, token, operations: operations(&document)? };
    browser.take_traces();
    for (path, page) in pages {
        browser.open(&format!("{base}{path}"))?;
        let seen = page(browser, &visit).with_context(|| path.to_owned())?;
        let (requests, complaints) = browser.take_traces();
        ensure!(complaints.is_empty(), "{path}: the console says {complaints:#?}");
        ensure!(requests.iter().any(|url| url.starts_with(base)), "{path}: no request was seen");
        let own = [&format!("{base}/"), "data:", "blob:"];
        let strange: Vec<_> =
            requests.iter().filter(|url| !own.iter().any(|own| url.starts_with(*own))).collect();
        ensure!(strange.is_empty(), "{path} asks somebody else: {strange:#?}");
        println!("{path}: {seen}; {} requests, none of them to another host", requests.len());
    }
    Ok(())
}

/// Uses a page that is open; what was seen there.
type Page = fn(&mut Chromium, &Visit<'_>) -> Result<String>;

/// What the pages are held against.
struct Visit<'a> {
    superadmin: &'a str,
    token: String,
    /// The ids of all operations.
    operations: BTreeSet<String>,
}

fn operations(document: &Value) -> Result<BTreeSet<String>> {
    let paths = document["paths"].as_object().context("the description has no paths")?;
    let operations = paths.values().filter_map(Value::as_object).flat_map(|path| path.values());
    let ids = operations.filter_map(|operation| operation["operationId"].as_str());
    let ids: BTreeSet<_> = ids.map(str::to_owned).collect();
    ensure!(ids.len() > 50, "the description has {} operations", ids.len());
    Ok(ids)
}

fn inbox(browser: &mut Chromium, visit: &Visit<'_>) -> Result<String> {
    let shown = format!("document.body.innerText.includes({})", json!(visit.superadmin));
    browser.wait_for(&shown)?;
    Ok("shows a mail".to_owned())
}

fn docs(browser: &mut Chromium, visit: &Visit<'_>) -> Result<String> {
    browser.wait_for("document.querySelectorAll('.opblock-tag').length > 0")?;
    browser.value("document.querySelectorAll('.opblock-tag').forEach((tag) => tag.click())")?;
    let all =
        format!("document.querySelectorAll('.opblock').length === {}", visit.operations.len());
    browser.wait_for(&all)?;

    browser.press(".auth-wrapper .authorize")?;
    browser.type_into(".auth-container input", &visit.token)?;
    browser.press(".auth-btn-wrapper .authorize")?;
    browser.press(".auth-btn-wrapper [aria-label='Remove authorization'] ~ .btn-done")?;

    browser.press(&format!("#{OPERATION} .opblock-summary-control"))?;
    browser.press(&format!("#{OPERATION} .try-out__btn"))?;
    browser.press(&format!("#{OPERATION} .execute"))?;
    let answer = format!("#{OPERATION} .live-responses-table .response");
    let status = format!(
        "document.querySelector({}).innerText",
        json!(format!("{answer} .response-col_status"))
    );
    let status = browser.wait_for(&status)?;
    let body = format!(
        "document.querySelector({}).innerText",
        json!(format!("{answer} .response-col_description"))
    );
    let body = browser.wait_for(&body)?;
    let (status, body) = (status.as_str().unwrap_or_default(), body.as_str().unwrap_or_default());
    ensure!(
        status.trim().starts_with("200") && body.contains(visit.superadmin),
        "a call that was tried out answers {status}: {body}"
    );
    Ok(format!(
        "shows {} operations, takes a token, and a call with it succeeds",
        visit.operations.len()
    ))
}

fn redoc(browser: &mut Chromium, visit: &Visit<'_>) -> Result<String> {
    let shown = "[...new Set([...document.querySelectorAll('[data-section-id*=\"operation/\"]')]\
                 .map((it) => it.dataset.sectionId.split('operation/')[1]))]";
    browser.wait_for(&format!("{shown}.length"))?;
    let shown = browser.value(shown)?;
    let shown = shown.as_array().into_iter().flatten().filter_map(Value::as_str);
    let shown: BTreeSet<_> = shown.map(str::to_owned).collect();
    ensure!(shown == visit.operations, "shows {shown:?}");
    Ok(format!("shows {} operations", shown.len()))
}
