//! Everything that is derived from the installation's secret.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use edgeos_domain::PaymentId;
use edgeos_ports::Environment;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Length of a nonce of AES-GCM, in bytes.
const NONCE: usize = 12;

/// The keys of the installation, and those before the last rotation, which still read.
pub struct Keyring {
    current: Keys,
    previous: Option<Keys>,
}

/// Each purpose has a key of its own, so that one leaks nothing about another. Tokens alone are signed
/// with the secret itself, as every client that mints or checks them expects.
struct Keys {
    tokens: Vec<u8>,
    codes: [u8; 32],
    secrets: [u8; 32],
    webhooks: [u8; 32],
}

/// A stored secret that neither key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret can't be read with the present keys")]
pub struct Unreadable;

impl Keyring {
    /// The keys that follow from `secret`, and from the secret `previous` to it.
    #[must_use]
    pub fn new(secret: &str, previous: Option<&str>) -> Self {
        Self { current: Keys::derive(secret), previous: previous.map(Keys::derive) }
    }

    /// The key that signs tokens.
    pub(crate) fn signing_key(&self) -> &[u8] {
        &self.current.tokens
    }

    /// The keys that a token may be signed with.
    pub(crate) fn verifying_keys(&self) -> impl Iterator<Item = &[u8]> {
        self.all().map(|keys| keys.tokens.as_slice())
    }

    /// What is stored of a login code: nothing that leads back to it without the key.
    #[must_use]
    pub fn code_hash(&self, owner: &str, code: &str) -> [u8; 32] {
        self.current.code_hash(owner, code)
    }

    /// Whether `stored` is the hash of `owner`'s `code`; takes the same time whatever differs.
    #[must_use]
    pub fn code_matches(&self, owner: &str, code: &str, stored: &[u8]) -> bool {
        let matches = |keys: &Keys| bool::from(keys.code_hash(owner, code).ct_eq(stored));
        self.all().fold(false, |found, keys| found | matches(keys))
    }

    /// What the payment provider shows when it announces something about `payment`: 43 characters of Base64
    /// that fit into an address.
    #[must_use]
    pub fn webhook_token(&self, payment: PaymentId) -> String {
        self.current.webhook_token(payment)
    }

    /// Whether `token` is the one of `payment`; takes the same time whatever differs.
    #[must_use]
    pub fn webhook_token_matches(&self, payment: PaymentId, token: &str) -> bool {
        let matches = |keys: &Keys| {
            bool::from(keys.webhook_token(payment).as_bytes().ct_eq(token.as_bytes()))
        };
        self.all().fold(false, |found, keys| found | matches(keys))
    }

    /// `plain` for the database: `v1:` and Base64 of nonce and AES-256-GCM ciphertext. `place` (table,
    /// column and row) is authenticated with it, so that it can't be moved elsewhere.
    #[must_use]
    pub fn seal(&self, env: &dyn Environment, place: &str, plain: &str) -> String {
        let mut nonce = [0; NONCE];
        env.fill(&mut nonce);
        let payload = Payload { msg: plain.as_bytes(), aad: place.as_bytes() };
        let sealed = self
            .current
            .cipher()
            .encrypt(&nonce.into(), payload)
            .expect("a short text is never too long for AES-GCM");
        format!("v1:{}", STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// What [`seal`](Self::seal) made.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when it was sealed elsewhere, with another key, or not at all.
    pub fn open(&self, place: &str, sealed: &str) -> Result<String, Unreadable> {
        let bytes = sealed.strip_prefix("v1:").and_then(|text| STANDARD.decode(text).ok());
        let bytes = bytes.ok_or(Unreadable)?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE>().ok_or(Unreadable)?;
        let open = |keys: &Keys| {
            let payload = Payload { msg: text, aad: place.as_bytes() };
            let plain = keys.cipher().decrypt(&(*nonce).into(), payload).ok()?;
            String::from_utf8(plain).ok()
        };
        self.all().find_map(open).ok_or(Unreadable)
    }

    fn all(&self) -> impl Iterator<Item = &Keys> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

impl Keys {
    fn derive(secret: &str) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, secret.as_bytes());
        let key = |label: &str| {
            let mut key = [0; 32];
            hkdf.expand(label.as_bytes(), &mut key)
                .expect("32 bytes are a valid length for SHA-256");
            key
        };
        Self {
            tokens: secret.as_bytes().to_vec(),
            codes: key("edgeos login codes"),
            secrets: key("edgeos stored secrets"),
            webhooks: key("edgeos webhook tokens"),
        }
    }

    fn code_hash(&self, owner: &str, code: &str) -> [u8; 32] {
        authenticate(&self.codes, &[owner.as_bytes(), b"|", code.as_bytes()])
    }

    fn webhook_token(&self, payment: PaymentId) -> String {
        URL_SAFE_NO_PAD.encode(authenticate(&self.webhooks, &[payment.0.as_bytes()]))
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.secrets.into())
    }
}

/// HMAC-SHA256 over `parts`, one after the other.
fn authenticate(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(..)")
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;

    struct Fixed;

    impl Environment for Fixed {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn uuid(&self) -> Uuid {
            Uuid::nil()
        }

        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_secret_is_read_where_it_was_put_and_nowhere_else() {
        let keys = Keyring::new("one", None);
        let sealed = keys.seal(&Fixed, "popups.key:1", "sk_live");
        assert!(!sealed.contains("sk_live"));
        assert_eq!(keys.open("popups.key:1", &sealed).as_deref(), Ok("sk_live"));
        assert_eq!(keys.open("popups.key:2", &sealed), Err(Unreadable));
        assert_eq!(keys.open("popups.key:1", "sk_live"), Err(Unreadable));
    }

    #[test]
    fn the_previous_key_still_reads_after_a_rotation() {
        let sealed = Keyring::new("one", None).seal(&Fixed, "place", "text");
        let hash = Keyring::new("one", None).code_hash("user|1", "123456");
        let rotated = Keyring::new("two", Some("one"));
        assert_eq!(rotated.open("place", &sealed).as_deref(), Ok("text"));
        assert!(rotated.code_matches("user|1", "123456", &hash));
        assert_eq!(Keyring::new("two", None).open("place", &sealed), Err(Unreadable));
    }

    #[test]
    fn a_code_belongs_to_its_owner() {
        let keys = Keyring::new("one", None);
        let hash = keys.code_hash("user|1", "123456");
        assert!(keys.code_matches("user|1", "123456", &hash));
        assert!(!keys.code_matches("user|2", "123456", &hash));
        assert!(!keys.code_matches("user|1", "123457", &hash));
    }

    #[test]
    fn a_webhook_token_belongs_to_its_payment() {
        let keys = Keyring::new("one", None);
        let (one, other) = (PaymentId(Uuid::from_u128(1)), PaymentId(Uuid::from_u128(2)));
        let token = keys.webhook_token(one);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert!(keys.webhook_token_matches(one, &token));
        assert!(!keys.webhook_token_matches(other, &token));
        assert!(!keys.webhook_token_matches(one, ""));
        assert!(!keys.webhook_token_matches(one, &token[..42]));
    }

    #[test]
    fn a_webhook_token_outlives_a_rotation_but_not_the_one_after() {
        let payment = PaymentId(Uuid::from_u128(1));
        let token = Keyring::new("one", None).webhook_token(payment);
        assert!(Keyring::new("two", Some("one")).webhook_token_matches(payment, &token));
        assert!(!Keyring::new("three", Some("two")).webhook_token_matches(payment, &token));
        assert_ne!(Keyring::new("two", Some("one")).webhook_token(payment), token);
    }
}
