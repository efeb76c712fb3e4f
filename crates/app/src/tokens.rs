//! Bearer tokens: JWT, HS256, signed with the installation's secret.

use std::{fmt::Write, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use edgeos_domain::{HumanId, TenantId, UserId};
use edgeos_ports::Environment;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::keys::Keyring;

/// Issues and verifies tokens.
#[derive(Clone)]
pub struct Tokens {
    keys: Arc<Keyring>,
    env: Arc<dyn Environment>,
    lifetime: Duration,
}

/// Whose token it is, as its signature proves. Whether the account still exists is another question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A backoffice user.
    User(UserId),
    /// A human; the tenant is absent in tokens that weren't issued by this server.
    Human(HumanId, Option<TenantId>),
}

/// A token that was signed here and hasn't expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    /// Whose it is.
    pub subject: Subject,
    /// What it is called in the list of revoked tokens: its `jti`, else its SHA-256 in hex.
    pub key: String,
    /// Its end.
    pub expires_at: DateTime<Utc>,
}

/// Why a token doesn't count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It isn't a token, wasn't signed here, or is over.
    #[error("could not validate credentials")]
    Invalid,
    /// It says that it is of no kind that exists.
    #[error("this kind of token is not accepted here")]
    WrongKind,
}

/// `{"sub": "<uuid>", "exp": 1790000000, "token_type": "human", "iat": …, "jti": "<uuid>", "tid": "<uuid>"}`;
/// the first three are obligatory.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<Uuid>,
}

/// As [`Claims`], with whole seconds, as clients expect them.
#[derive(Serialize)]
struct NewClaims {
    sub: Uuid,
    exp: i64,
    token_type: &'static str,
    iat: i64,
    jti: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<Uuid>,
}

impl Tokens {
    /// Tokens that live for `lifetime`.
    #[must_use]
    pub fn new(keys: Arc<Keyring>, env: Arc<dyn Environment>, lifetime: Duration) -> Self {
        Self { keys, env, lifetime }
    }

    /// A fresh token for `subject`.
    #[must_use]
    pub fn issue(&self, subject: Subject) -> String {
        let now = self.env.now();
        let (sub, token_type, tid) = match subject {
            Subject::User(id) => (id.0, "user", None),
            Subject::Human(id, tenant) => (id.0, "human", tenant.map(|tenant| tenant.0)),
        };
        let claims = NewClaims {
            sub,
            exp: (now + self.lifetime).timestamp(),
            token_type,
            iat: now.timestamp(),
            jti: self.env.uuid(),
            tid,
        };
        let key = EncodingKey::from_secret(self.keys.signing_key());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .expect("an HMAC key signs any claims")
    }

    /// Checks signature, lifetime and kind of `token`.
    ///
    /// # Errors
    ///
    /// [`TokenRefusal`].
    pub fn verify(&self, token: &str) -> Result<VerifiedToken, TokenRefusal> {
        let claims = self.claims(token).ok_or(TokenRefusal::Invalid)?;
        let now = seconds(self.env.now());
        if claims.exp <= now || claims.iat.is_some_and(|iat| iat.floor() > now) {
            return Err(TokenRefusal::Invalid);
        }
        let kind = claims.token_type.as_deref();
        let (Some(kind @ ("user" | "human")), true) = (kind, claims.exp.is_finite()) else {
            return Err(TokenRefusal::WrongKind);
        };
        let id = Uuid::try_parse(&claims.sub).map_err(|_| TokenRefusal::Invalid)?;
        let subject = match kind {
            "user" => Subject::User(UserId(id)),
            _ => Subject::Human(HumanId(id), claims.tid.map(TenantId)),
        };
        let expires_at = end(claims.exp).ok_or(TokenRefusal::Invalid)?;
        let key = claims.jti.filter(|jti| (1..=64).contains(&jti.len()));
        Ok(VerifiedToken { subject, key: key.unwrap_or_else(|| digest(token)), expires_at })
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::HS256);
        // The clock is the environment's, so times are checked above.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        self.keys.verifying_keys().find_map(|key| {
            let key = DecodingKey::from_secret(key);
            jsonwebtoken::decode::<Claims>(token, &key, &validation).ok().map(|data| data.claims)
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds stay below 2^53 for 285 million years")]
fn seconds(time: DateTime<Utc>) -> f64 {
    time.timestamp_micros() as f64 / 1e6
}

#[expect(clippy::cast_possible_truncation, reason = "what is out of range has no date")]
fn end(exp: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(exp as i64, 0)
}

fn digest(token: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(token.as_bytes()) {
        write!(hex, "{byte:02x}").expect("a string takes everything");
    }
    hex
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_900_000_000;

    struct Machine;

    impl Environment for Machine {
        fn now(&self) -> DateTime<Utc> {
            DateTime::from_timestamp(NOW, 500_000_000).unwrap()
        }

        fn uuid(&self) -> Uuid {
            Uuid::from_u128(42)
        }

        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn tokens(secret: &str, previous: Option<&str>) -> Tokens {
        Tokens::new(Arc::new(Keyring::new(secret, previous)), Arc::new(Machine), Duration::days(8))
    }

    fn minted(secret: &str, claims: &Value) -> String {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
    }

    #[test]
    fn a_token_tells_whose_it_is_for_eight_days() {
        let subject =
            Subject::Human(HumanId(Uuid::from_u128(1)), Some(TenantId(Uuid::from_u128(2))));
        let tokens = tokens("secret", None);
        let verified = tokens.verify(&tokens.issue(subject)).unwrap();
        assert_eq!(verified.subject, subject);
        assert_eq!(verified.expires_at.timestamp(), NOW + 691_200);
        assert_eq!(verified.key, Uuid::from_u128(42).to_string());
    }

    #[test]
    fn three_claims_are_enough_and_both_keys_count() {
        let id = Uuid::from_u128(1);
        let claims = json!({"sub": id, "exp": NOW + 60, "token_type": "user"});
        let token = minted("old", &claims);
        let verified = tokens("new", Some("old")).verify(&token).unwrap();
        assert_eq!(verified.subject, Subject::User(UserId(id)));
        assert_eq!(verified.key.len(), 64);
        assert_eq!(tokens("new", None).verify(&token), Err(TokenRefusal::Invalid));
    }

    #[rstest]
    #[case::over(json!({"sub": Uuid::nil(), "exp": NOW, "token_type": "user"}), TokenRefusal::Invalid)]
    #[case::from_the_future(json!({"sub": Uuid::nil(), "exp": NOW + 9, "iat": NOW + 5, "token_type": "user"}), TokenRefusal::Invalid)]
    #[case::no_end(json!({"sub": Uuid::nil(), "token_type": "user"}), TokenRefusal::Invalid)]
    #[case::nobody(json!({"exp": NOW + 9, "token_type": "user"}), TokenRefusal::Invalid)]
    #[case::a_number_as_subject(json!({"sub": 5, "exp": NOW + 9, "token_type": "user"}), TokenRefusal::Invalid)]
    #[case::no_uuid(json!({"sub": "ann", "exp": NOW + 9, "token_type": "user"}), TokenRefusal::Invalid)]
    #[case::no_kind(json!({"sub": Uuid::nil(), "exp": NOW + 9}), TokenRefusal::WrongKind)]
    #[case::unknown_kind(json!({"sub": Uuid::nil(), "exp": NOW + 9, "token_type": "robot"}), TokenRefusal::WrongKind)]
    fn what_is_no_token_is_refused(#[case] claims: Value, #[case] refusal: TokenRefusal) {
        assert_eq!(tokens("secret", None).verify(&minted("secret", &claims)), Err(refusal));
    }

    #[test]
    fn an_unsigned_token_is_refused() {
        let part = |value: Value| {
            base64::Engine::encode(
                &base64::engine::general_purpose::URL_SAFE_NO_PAD,
                value.to_string(),
            )
        };
        let claims = json!({"sub": Uuid::nil(), "exp": NOW + 60, "token_type": "user"});
        let token = format!("{}.{}.", part(json!({"alg": "none"})), part(claims));
        assert_eq!(tokens("secret", None).verify(&token), Err(TokenRefusal::Invalid));
        assert_eq!(tokens("secret", None).verify("x"), Err(TokenRefusal::Invalid));
    }
}
