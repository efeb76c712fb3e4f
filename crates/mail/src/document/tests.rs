use rstest::rstest;

use super::*;

#[rstest]
#[case("<p>Hi <b>Ann</b>,</p><p>a\n b</p>", "Hi Ann,\n\na b\n")]
#[case("a<br>b<br><br>c", "a\nb\n\nc\n")]
#[case("<a href=\"https://x.example\">Buy</a> now", "Buy (https://x.example) now\n")]
#[case("<a href=\"https://x.example\">https://x.example</a>", "https://x.example\n")]
#[case("<a href=\"mailto:a@x.example\">a@x.example</a>", "a@x.example\n")]
#[case("<a href=\"https://x.example\"><img alt=\"Logo\"></a>", "Logo (https://x.example)\n")]
#[case("<a href=\"https://x.example\"><img></a>", "https://x.example\n")]
#[case("<a href=\"#top\">Top</a>", "Top\n")]
#[case("<ul><li>one</li><li>two</li></ul>end", "- one\n- two\n\nend\n")]
#[case(
    "<table><tr><td>Pass</td><td>9.00</td></tr><tr><td>Total</td></tr></table>",
    "Pass 9.00\nTotal\n"
)]
#[case("<div style=\"color:red; display: none\">x</div><p hidden>y</p>z", "z\n")]
#[case("<head><title>t</title><style>p{}</style></head><script>s</script>a &amp; b", "a & b\n")]
#[case("<pre>a\n  b</pre>", "a\n  b\n")]
#[case("don<b>'t</b>!", "don't!\n")]
#[case("", "\n")]
fn text_is_what_a_reader_sees(#[case] html: &str, #[case] text: &str) {
    assert_eq!(plain_text(html).unwrap(), text);
}

#[test]
fn styles_go_to_their_elements_and_what_depends_on_the_reader_stays() {
    let html = "<html><head><style>p { color: red } a:hover { color: blue }\n\
                @media (max-width: 480px) { p { margin: 0 !important } }</style></head>\
                <body><p>Hi <a href=\"https://x.example\">x</a></p></body></html>";
    let inlined = inlined(html).unwrap();
    assert!(inlined.contains("<p style=\"color: red;\">"), "{inlined}");
    assert!(inlined.contains("a:hover"), "{inlined}");
    assert!(inlined.contains("margin: 0 !important"), "{inlined}");
    assert!(!inlined.contains("p { color: red }"), "{inlined}");
}

/// `pattern` so many times, each with its number instead of `#`.
fn numbered(times: usize, pattern: &str) -> String {
    let numbers = (0..times).map(|number| pattern.replace('#', &number.to_string()));
    numbers.collect::<Vec<_>>().concat()
}

#[rstest]
#[case::many_elements("<i></i>".repeat(30_000), Excess::Nodes)]
#[case::deep("<div>".repeat(300), Excess::Depth)]
#[case::formatting_that_is_opened_again(numbered(5_000, "<p><b id=#>x</p>"), Excess::Depth)]
#[case::tables_in_tables("<table><tr><td>".repeat(200), Excess::Depth)]
#[case::many_attributes(format!("<p {}>", numbered(50_000, "a# ")),
    Excess::Attributes)]
#[case::many_attributes_behind_a_quote(
    format!("<p x=\">\" y='<a>' {}>", numbered(50_000, "a#/")),
    Excess::Attributes)]
#[case::many_rules(
    format!("<style>{}</style>{}", ".a .b { color: red } ".repeat(20_000), "<p>x</p>".repeat(5_000)),
    Excess::Styles)]
#[case::rules_that_count(
    format!("<style>{}</style>{}", ":nth-child(2n) { color: red } ".repeat(50), "<p></p>".repeat(9_000)),
    Excess::Styles)]
#[case::many_sheets("<style>p{}</style>".repeat(100), Excess::Styles)]
fn documents_that_would_take_too_much_are_refused(#[case] html: String, #[case] excess: Excess) {
    assert_eq!(inlined(&html), Err(excess));
}

#[test]
fn a_long_letter_is_fine() {
    let html = format!(
        "<style>p {{ color: red }}</style>{}<img src=\"data:image/png;base64,{}\">",
        "<p>Some <b>words</b> that <a href=\"https://x.example\">lead</a> on.</p>".repeat(1_000),
        "iVBORw0KGgo/".repeat(1_000)
    );
    let inlined = inlined(&html).unwrap();
    assert!(plain_text(&inlined).unwrap().contains("Some words that lead (https://x.example) on."));
}
