use edgeos_ports::StorageError;
use s3::error::S3Error;

/// What storage answered, without the rest of its document, which quotes the request.
#[derive(Debug, thiserror::Error)]
#[error("it answered {status} {code}")]
struct Answered {
    status: u16,
    code: String,
}

pub(crate) fn storage_error(error: S3Error) -> StorageError {
    match error {
        S3Error::HttpFailWithBody(status, body) => {
            let code = code(&body).to_owned();
            StorageError(Box::new(Answered { status, code }))
        }
        // Its text would name the address that was asked.
        S3Error::Reqwest(error) => StorageError(Box::new(error.without_url())),
        error => StorageError(Box::new(error)),
    }
}

/// Whether storage says that there is no such file.
pub(crate) fn is_missing(error: &S3Error) -> bool {
    matches!(error, S3Error::HttpFailWithBody(404, body) if code(body) != "NoSuchBucket")
}

/// The word for the error in the document that storage answers with.
fn code(body: &str) -> &str {
    let after = body.split_once("<Code>").map_or("", |(_, after)| after);
    let code = after.split_once("</Code>").map_or("", |(code, _)| code);
    let is_word = |code: &str| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_word(code) { code } else { "" }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn only_the_word_for_an_error_is_kept() {
        let body =
            "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AK</AWSAccessKeyId></Error>";
        let error = storage_error(S3Error::HttpFailWithBody(403, body.to_owned()));
        let cause = error.source().map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("it answered 403 SignatureDoesNotMatch"));
        let odd = storage_error(S3Error::HttpFailWithBody(502, "<html>bad gateway".to_owned()));
        assert_eq!(odd.source().map(ToString::to_string).as_deref(), Some("it answered 502 "));
    }
}
