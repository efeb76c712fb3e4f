//! The words that come with the program.
//!
//! Files of `templates/mail` may extend one another, as in Jinja, to any depth. They are put together once, as
//! text, so that each mail is one document in the language that organisers' templates have too: the document
//! that an editor starts from is the one that is sent.

use std::collections::HashMap;

/// Names and sources of templates.
macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../templates/mail/", $name)))),*]
    };
}

/// Every file of the built-in mails.
const SOURCES: &[(&str, &str)] = sources![
    "frame.html",
    "frame.txt",
    "application.html",
    "application.txt",
    "payment.html",
    "payment.txt",
    "login_code_user.html",
    "login_code_user.txt",
    "login_code_human.html",
    "login_code_human.txt",
    "application_received.html",
    "application_received.txt",
    "application_accepted.html",
    "application_accepted.txt",
    "application_accepted_with_discount.html",
    "application_accepted_with_discount.txt",
    "application_accepted_with_incentive.html",
    "application_accepted_with_incentive.txt",
    "application_accepted_scholarship_rejected.html",
    "application_accepted_scholarship_rejected.txt",
    "application_rejected.html",
    "application_rejected.txt",
    "payment_confirmed.html",
    "payment_confirmed.txt",
    "edit_passes_confirmed.html",
    "edit_passes_confirmed.txt",
    "abandoned_cart.html",
    "abandoned_cart.txt",
];

const BLOCK: &str = "{% block ";
const END: &str = "{% endblock %}";

/// The file `name` with everything that it extends.
pub(super) fn whole(name: &str) -> String {
    merged(name, HashMap::new())
}

fn merged(name: &str, mut filled: HashMap<&'static str, &'static str>) -> String {
    let (_, source) =
        SOURCES.iter().find(|(known, _)| *known == name).expect("tests put every mail together");
    let source = without_comment(source);
    let Some(rest) = source.strip_prefix("{% extends \"") else { return fill(source, &filled) };
    let (parent, mut rest) = rest.split_once("\" %}").expect("the name ends");
    while let Some((_, block)) = rest.split_once(BLOCK) {
        let (name, content, after) = split_block(block);
        // What extends this file has filled it already.
        filled.entry(name).or_insert(content);
        rest = after;
    }
    merged(parent, filled)
}

/// `source` with its blocks replaced by what fills them, or else by what stands in them.
fn fill(source: &'static str, filled: &HashMap<&'static str, &'static str>) -> String {
    let (mut text, mut rest) = (String::new(), source);
    while let Some((before, block)) = rest.split_once(BLOCK) {
        let (name, default, after) = split_block(block);
        text.push_str(before);
        text.push_str(&fill(filled.get(name).copied().unwrap_or(default), filled));
        rest = after;
    }
    text + rest
}

/// Name and content of the block that `text` begins in, and what follows it.
fn split_block(text: &'static str) -> (&'static str, &'static str, &'static str) {
    let (name, body) = text.split_once(" %}").expect("the name ends");
    let mut from = 0;
    loop {
        let end = from + body[from..].find(END).expect("every block ends");
        let nested = body[..end].matches(BLOCK).count() > body[..end].matches(END).count();
        if !nested {
            return (name, &body[..end], &body[end + END.len()..]);
        }
        from = end + END.len();
    }
}

/// `source` without the comment in its first line, which is for readers of the file.
fn without_comment(source: &'static str) -> &'static str {
    let Some(comment) = source.strip_prefix("{#-") else { return source };
    comment.split_once("-#}").map_or(source, |(_, rest)| rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_may_lie_in_blocks() {
        let (name, content, after) =
            split_block("a %}1{% block b %}2{% endblock %}3{% endblock %}4{% endblock %}");
        assert_eq!(name, "a");
        assert_eq!(content, "1{% block b %}2{% endblock %}3");
        assert_eq!(after, "4{% endblock %}");
        let filled = HashMap::from([("a", "x{% block b %}y{% endblock %}"), ("b", "z")]);
        assert_eq!(fill("<{% block a %}{% endblock %}>", &filled), "<xz>");
    }

    #[test]
    fn nothing_is_left_to_extend() {
        for (name, _) in SOURCES {
            let whole = whole(name);
            for word in ["block", "extends", "{#"] {
                assert!(!whole.contains(&format!("{{% {word}")), "{word} in {name}");
            }
        }
    }
}
