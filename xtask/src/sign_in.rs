use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::sleep;

/// How long a mail may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A token for `email` from the server of development at `base`, by the code that it mails; for the human of a tenant,
/// or for a user.
pub(crate) async fn token(base: &str, email: &str, tenant: Option<&str>) -> Result<String> {
    let client = Client::new();
    let mut body = json!({ "email": email });
    if let Some(tenant) = tenant {
        body["tenant_id"] = tenant.into();
    }
    let inbox = format!("{base}/dev/mail.json");
    // An older code is none.
    client.delete(&inbox).send().await?;
    post(&client, &format!("{base}/api/v1/auth/login"), &body).await?;
    body["code"] = code(&client, &inbox, email).await?.into();
    let answer = post(&client, &format!("{base}/api/v1/auth/verify"), &body).await?;
    let token = answer["access_token"].as_str().context("no token in the answer")?;
    Ok(token.to_owned())
}

async fn post(client: &Client, address: &str, body: &Value) -> Result<Value> {
    let answer = client.post(address).json(body).send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{address} answered {status}: {text}");
    Ok(serde_json::from_str(&text)?)
}

/// The code of the mail that comes to this address.
async fn code(client: &Client, inbox: &str, email: &str) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let mails: Vec<Value> = client.get(inbox).send().await?.json().await?;
        let theirs = mails.iter().map(Value::to_string).find(|mail| mail.contains(email));
        if let Some(code) = theirs.as_deref().and_then(six_digits) {
            return Ok(code);
        }
        sleep(Duration::from_millis(100)).await;
    }
    bail!("no mail with a code came to {email}")
}

fn six_digits(mail: &str) -> Option<String> {
    let (_, after) = mail.split_once("code is ")?;
    Some(after.chars().take_while(char::is_ascii_digit).collect())
}
