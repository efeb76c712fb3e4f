//! Password verifiers of PostgreSQL, so that no statement carries a password.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// As PostgreSQL itself does (`scram_iterations`).
const ITERATIONS: u32 = 4096;

/// What PostgreSQL stores of `password` for SCRAM-SHA-256 (RFC 5803, RFC 7677):
/// `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`. The password is taken as it is, which is
/// right for ASCII.
pub(crate) fn verifier(password: &str, salt: &[u8]) -> String {
    let salted = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), salt, ITERATIONS);
    let key = |label: &[u8]| -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&salted).expect("HMAC takes keys of any length");
        mac.update(label);
        mac.finalize().into_bytes().into()
    };
    format!(
        "SCRAM-SHA-256${ITERATIONS}:{}${}:{}",
        STANDARD.encode(salt),
        STANDARD.encode(Sha256::digest(key(b"Client Key"))),
        STANDARD.encode(key(b"Server Key")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_what_rfc_7677_computes() {
        // The exchange of RFC 7677 section 3: user "user", password "pencil".
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let verifier = verifier("pencil", &salt);
        assert_eq!(
            verifier,
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
             WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
             wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
    }
}
