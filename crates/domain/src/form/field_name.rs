use unicode_normalization::UnicodeNormalization;

/// The longest name before a number is appended, in characters.
const MAX_LENGTH: usize = 80;

/// The key for answers to a question labelled `label`: letters, digits and underscores; the first of `x`,
/// `x_1`, `x_2`, … that isn't taken.
#[must_use]
pub fn derive_field_name(label: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let base = base_name(label);
    if !is_taken(&base) {
        return base;
    }
    let numbered = (1_u32..).map(|number| format!("{base}_{number}"));
    numbered.into_iter().find(|name| !is_taken(name)).unwrap_or(base)
}

fn base_name(label: &str) -> String {
    let ascii = label.nfkd().filter(char::is_ascii).map(|c| c.to_ascii_lowercase());
    let kept = ascii.filter(|c| c.is_ascii_alphanumeric() || *c == '_' || c.is_whitespace());
    let kept: String = kept.collect();
    let joined = kept.split_whitespace().collect::<Vec<_>>().join("_");
    let stripped = joined.trim_matches('_');
    let name = &stripped[..stripped.len().min(MAX_LENGTH)];
    if name.is_empty() { "field".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("T-shirt Size!", &[], "tshirt_size")]
    #[case("T-shirt size", &["tshirt_size"], "tshirt_size_1")]
    #[case("T-shirt size", &["tshirt_size", "tshirt_size_1"], "tshirt_size_2")]
    #[case("Été à la plage", &[], "ete_a_la_plage")]
    #[case("日本", &[], "field")]
    #[case("日本", &["field"], "field_1")]
    #[case("  __a   b__ ", &[], "a_b")]
    fn a_name_is_made_of_the_label(
        #[case] label: &str,
        #[case] taken: &[&str],
        #[case] expected: &str,
    ) {
        assert_eq!(derive_field_name(label, |name| taken.contains(&name)), expected);
    }

    #[test]
    fn a_name_is_cut_before_it_is_numbered() {
        let name = derive_field_name(&"a".repeat(200), |name| name.len() == 80);
        assert_eq!(name, format!("{}_1", "a".repeat(80)));
    }
}
