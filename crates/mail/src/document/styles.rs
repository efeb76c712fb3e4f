use css_inline::CSSInliner;

use super::{Excess, tree::Tree};

/// The longest document with its styles applied, in bytes.
const LENGTH_MAX: usize = 2 * 1024 * 1024;

/// The most `<style>` elements.
const SHEETS_MAX: usize = 50;

/// Work that applying styles may take: elements times bytes of styles, or what selectors that count siblings
/// compare.
const WORK_MAX: usize = 100_000_000;

/// `html` with the rules of its `<style>` elements at the elements that they are for. What depends on the
/// reader's screen or mouse stays in `<style>`. Nothing is fetched from anywhere; links to style sheets go.
///
/// # Errors
///
/// [`Excess`].
pub(crate) fn inlined(html: &str) -> Result<String, Excess> {
    let tree = Tree::read(html)?;
    check_work(&tree)?;
    let inliner = CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_style_tags(true)
        .remove_inlined_selectors(true)
        .keep_at_rules(true)
        .build();
    let inlined = inliner.inline(html).map_err(|_| Excess::Unreadable)?;
    if inlined.len() > LENGTH_MAX { Err(Excess::Length) } else { Ok(inlined) }
}

fn check_work(tree: &Tree) -> Result<(), Excess> {
    let (elements, siblings) = tree.elements_and_siblings();
    let (mut sheets, mut bytes, mut counting) = (0, 0, 0);
    for style in tree.styles() {
        sheets += 1;
        bytes += style.len();
        counting += counting_steps(style);
    }
    let work = elements.saturating_mul(bytes.max(siblings.saturating_mul(counting)));
    if sheets > SHEETS_MAX || work > WORK_MAX { Err(Excess::Styles) } else { Ok(()) }
}

/// The steps of selectors in `css` that may look at every sibling: `:nth-child(2)`, `~`, `+`.
fn counting_steps(css: &str) -> usize {
    let (mut steps, mut in_selector) = (0, 0);
    let mut rest = css.bytes().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'/' if rest.peek() == Some(&b'*') => {
                let mut before = b' ';
                rest.by_ref()
                    .skip(1)
                    .find(|byte| std::mem::replace(&mut before, *byte) == b'*' && *byte == b'/');
            }
            b'"' | b'\'' => {
                while let Some(inside) = rest.next() {
                    match inside {
                        b'\\' => drop(rest.next()),
                        b'\n' => break,
                        inside if inside == byte => break,
                        _ => {}
                    }
                }
            }
            b':' | b'~' | b'+' => in_selector += 1,
            b'{' => steps += std::mem::take(&mut in_selector),
            b'}' | b';' => in_selector = 0,
            _ => {}
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("p { color: red; margin: 0 }", 0)]
    #[case("a:hover, li:nth-child(2) + li { color: red }", 3)]
    #[case("@media (max-width: 9px) { p ~ p { color: red } }", 2)]
    #[case("p:not([a=\"}\"]) /* : { */ { }", 1)]
    fn selectors_are_told_from_declarations(#[case] css: &str, #[case] steps: usize) {
        assert_eq!(counting_steps(css), steps);
    }
}
