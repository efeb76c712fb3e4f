//! Text that people write and browsers show as HTML.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};

/// What may be in it. The content of other elements stays, but for that of scripts and styles.
const ELEMENTS: [&str; 18] = [
    "a",
    "b",
    "blockquote",
    "br",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "i",
    "li",
    "ol",
    "p",
    "s",
    "span",
    "strong",
    "u",
    "ul",
];

static RULES: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut rules = Builder::empty();
    rules
        .tags(HashSet::from(ELEMENTS))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    rules
});

/// `text` without anything that a page couldn't show safely: no script, no style, no event handler, no link but
/// to the web and to mailboxes. Plain text stays as it is.
pub(crate) fn safe_html(text: String) -> String {
    if has_markup(&text) { RULES.clean(&text).to_string() } else { text }
}

/// Whether anything in `text` could open an element, also together with what a page puts after it: `<` and a
/// letter, `/`, `!` or `?` (HTML, 13.2.5.6 "Tag open state").
fn has_markup(text: &str) -> bool {
    let mut pieces = text.split('<');
    pieces.next();
    pieces.any(|after| {
        after.chars().next().is_none_or(|c| c.is_ascii_alphabetic() || "/!?".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Tom & Jerry: 1 < 2 > 0", "Tom & Jerry: 1 < 2 > 0")]
    #[case(" two\n lines ", " two\n lines ")]
    #[case("<b>hi</b><script>x</script>", "<b>hi</b>")]
    #[case("<style>p{}</style><p>a</p>", "<p>a</p>")]
    #[case("<h1>a</h1><h5>b</h5>", "<h1>a</h1>b")]
    #[case("<ul><li>a</li></ul><ol><li>b</li></ol>", "<ul><li>a</li></ul><ol><li>b</li></ol>")]
    #[case("<br><i>a</i><em>b</em><u>c</u><s>d</s>", "<br><i>a</i><em>b</em><u>c</u><s>d</s>")]
    #[case("<p onclick=\"x()\" style=\"a\" class=\"b\" id=\"c\">a</p>", "<p>a</p>")]
    #[case("<img src=x onerror=alert(1)>", "")]
    #[case("<img src=x onerror=alert(1) ", "")]
    #[case("<svg onload=alert(1)>a</svg>", "a")]
    #[case("<iframe src=\"https://x.com\"></iframe>", "")]
    #[case("<!-- a -->b", "b")]
    #[case("a<", "a&lt;")]
    #[case("<a href=\"javascript:y\">z</a>", "<a rel=\"noopener noreferrer\">z</a>")]
    #[case("<a href=\" jAvA\tscript:y\">z</a>", "<a rel=\"noopener noreferrer\">z</a>")]
    #[case("<a href=\"/checkout\">z</a>", "<a rel=\"noopener noreferrer\">z</a>")]
    #[case("<a href=\"//evil.com\">z</a>", "<a rel=\"noopener noreferrer\">z</a>")]
    #[case("<a href=\"data:text/html,x\">z</a>", "<a rel=\"noopener noreferrer\">z</a>")]
    #[case(
        "<a href=\"https://x.com\" target=\"_blank\" rel=\"opener\">z</a>",
        "<a href=\"https://x.com\" rel=\"noopener noreferrer\">z</a>"
    )]
    #[case(
        "<a href=\"mailto:a@x.com\">z</a>",
        "<a href=\"mailto:a@x.com\" rel=\"noopener noreferrer\">z</a>"
    )]
    fn only_what_is_harmless_stays(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(safe_html(text.to_owned()), shown);
    }

    proptest! {
        #[test]
        fn what_is_safe_stays_as_it_is(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just("<"), Just(">"), Just("</"), Just("script"), Just("a href="), Just("\""),
                    Just("javascript:"), Just("b"), Just("svg"), Just(" onload="), Just("&lt;"),
                    Just("<!--"), Just("-->"), Just("style"), Just("x"), Just("'"), Just("math"),
                ],
                0..30,
            ),
        ) {
            let safe = safe_html(pieces.concat());
            prop_assert!(!safe.contains("<script") && !safe.contains("<svg"), "{safe}");
            prop_assert_eq!(safe_html(safe.clone()), safe);
        }
    }
}
