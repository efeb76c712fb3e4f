use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use rstest::rstest;
use serde_json::{Map, Value, json};

use super::{answers, everything, field, whole, with_options};
use crate::form::{FieldType, Form, FormField, InvalidAnswers, check_answer_limits};

/// Answers that fit nearly any, nearly no, or a single type.
fn candidates() -> Vec<(&'static str, Value)> {
    vec![
        ("nothing", json!(null)),
        ("empty", json!("")),
        ("blank", json!("  ")),
        ("option", json!("A")),
        ("no option", json!("C")),
        ("number", json!(-1.5)),
        ("number text", json!("-1.5e3")),
        ("integer text", json!("12")),
        ("nan", json!("nan")),
        ("inf", json!("inf")),
        ("huge", json!("1e999")),
        ("underscores", json!("1_000")),
        ("hex", json!("0x10")),
        ("yes", json!(true)),
        ("no", json!(false)),
        ("yes text", json!("true")),
        ("zero", json!(0)),
        ("list", json!([])),
        ("options", json!(["B", "A", "B"])),
        ("no options", json!(["A", "C"])),
        ("numbers", json!([1])),
        ("lists", json!([["A"]])),
        ("nothings", json!([null])),
        ("object", json!({ "A": 1 })),
        ("date", json!("2028-02-29")),
        ("no date", json!("2030-02-29")),
        ("short date", json!("2030-2-28")),
        ("time", json!("2030-02-28T00:00:00")),
        ("signed date", json!("+030-02-28")),
        ("mail", json!("a@b")),
        ("odd mail", json!("ü\"<x>@b_c")),
        ("at", json!("@")),
        ("half mail", json!("a@")),
        ("two at", json!("a@b@c")),
        ("mail and blank", json!(" a@b")),
        ("mails", json!("a@b c@d")),
        ("url", json!("https://x")),
        ("loud url", json!("HTTPS://bücher.de/a b")),
        ("odd url", json!("http://u:p@x_y.com:80?q#f")),
        ("address url", json!("http://[::1]:80/")),
        ("no host", json!("http://")),
        ("port only", json!("http://:80")),
        ("user only", json!("http://a@/b")),
        ("path only", json!("https:///b")),
        ("blank host", json!("https:// /")),
        ("script", json!("javascript://x")),
        ("no scheme", json!("x.com")),
    ]
}

/// Which of the candidates fit, besides nothing and an empty text, which always do.
#[rstest]
#[case(FieldType::Text, &["blank", "number", "yes", "no", "zero"], true)]
#[case(FieldType::Textarea, &["blank", "number", "yes", "no", "zero"], true)]
#[case(FieldType::Number, &["number", "number text", "integer text", "zero"], false)]
#[case(FieldType::Boolean, &["yes", "no"], false)]
#[case(FieldType::Select, &["option"], false)]
#[case(FieldType::SelectCards, &["option"], false)]
#[case(FieldType::Multiselect, &["list", "options"], false)]
#[case(FieldType::Date, &["date"], false)]
// Odd as they are: one `@` with something on both sides.
#[case(FieldType::Email, &["mail", "odd mail", "odd url", "user only"], false)]
#[case(FieldType::Url, &["url", "loud url", "odd url", "address url"], false)]
fn an_answer_fits_its_question(
    #[case] field_type: FieldType,
    #[case] fitting: &[&str],
    #[case] takes_any_text: bool,
) {
    let form = of(with_options(field(1, "q", field_type), &["A", "B"]));
    for (name, answer) in candidates() {
        let always = answer.is_null() || answer == "" || answer.is_string() && takes_any_text;
        let checked = form.check_answers(&Map::new(), answers(&json!({ "q": answer })), false);
        assert_eq!(checked.is_ok(), always || fitting.contains(&name), "{name}: {checked:?}");
        if let Err(problems) = checked {
            assert!(!problems.is_empty());
            assert!(problems.iter().all(|problem| problem.starts_with("Q: ")), "{problems:?}");
        }
    }
}

#[rstest]
#[case(FieldType::Select, json!("anything"), true)]
#[case(FieldType::SelectCards, json!("anything"), true)]
#[case(FieldType::Select, json!(1), false)]
#[case(FieldType::Multiselect, json!(["anything"]), true)]
#[case(FieldType::Multiselect, json!([1]), false)]
fn without_options_any_text_can_be_chosen(
    #[case] field_type: FieldType,
    #[case] answer: Value,
    #[case] fits: bool,
) {
    for options in [None, Some(Vec::new())] {
        let form = of(FormField { options, ..field(1, "q", field_type) });
        let checked = form.check_answers(&Map::new(), answers(&json!({ "q": answer })), true);
        assert_eq!(checked.is_ok(), fits, "{checked:?}");
    }
}

/// A form that asks this alone.
fn of(field: FormField) -> Form {
    Form { fields: vec![field], ..Form::default() }
}

/// The example of the rule: a required choice, a number, and any of two.
fn example() -> Form {
    let size = with_options(field(1, "size", FieldType::Select), &["S", "M"]);
    let fields = vec![
        FormField { required: true, ..size },
        FormField { position: 1, ..field(2, "age", FieldType::Number) },
        FormField {
            position: 2,
            ..with_options(field(3, "tags", FieldType::Multiselect), &["A", "B"])
        },
    ];
    Form { fields, ..Form::default() }
}

#[test]
fn a_draft_may_lack_what_a_submission_must_have() {
    let draft = answers(&json!({ "age": "12" }));
    assert_eq!(example().check_answers(&Map::new(), draft.clone(), false), Ok(draft.clone()));
    let missing = example().check_answers(&draft, draft.clone(), true);
    assert_eq!(missing, Err(vec!["SIZE: an answer is required".to_owned()]));
    let nothing = example().check_answers(&Map::new(), Map::new(), true);
    assert_eq!(nothing, Err(vec!["SIZE: an answer is required".to_owned()]));
}

#[test]
fn every_problem_is_told() {
    let wrong = answers(&json!({ "age": "x", "tags": ["C", 1] }));
    let problems = example().check_answers(&Map::new(), wrong, true).unwrap_err();
    assert_eq!(
        problems,
        [
            "SIZE: an answer is required",
            "AGE: must be a number",
            "TAGS: C is not one of the options",
            "TAGS: 1 is not a text",
        ]
    );
}

#[test]
fn answers_are_stored_clean_and_strangers_are_kept() {
    let mut form = example();
    form.fields.push(field(4, "note", FieldType::Text));
    let sent = json!({ "tags": ["B", "A", "B"], "note": 5, "gone": {"any": [1]}, "age": "" });
    let stored = form.check_answers(&Map::new(), answers(&sent), false).unwrap();
    let expected = json!({ "tags": ["B", "A"], "note": "5", "gone": {"any": [1]}, "age": "" });
    assert_eq!(Value::Object(stored), expected);
}

#[test]
fn an_unchanged_answer_outlives_its_option() {
    let stored = answers(&json!({ "size": "XL" }));
    assert!(example().check_answers(&stored, stored.clone(), true).is_ok());
    assert!(example().check_answers(&Map::new(), stored, true).is_err());
}

#[rstest]
#[case(FieldType::Text, json!("  "), false)]
#[case(FieldType::Text, json!(null), false)]
#[case(FieldType::Multiselect, json!([]), false)]
#[case(FieldType::Multiselect, json!(["A"]), true)]
#[case(FieldType::Boolean, json!(false), true)]
#[case(FieldType::Number, json!(0), true)]
fn a_required_answer_says_something(
    #[case] field_type: FieldType,
    #[case] answer: Value,
    #[case] answered: bool,
) {
    let fields = vec![FormField { required: true, ..field(1, "q", field_type) }];
    let form = Form { fields, ..Form::default() };
    let checked = form.check_answers(&Map::new(), answers(&json!({ "q": answer })), true);
    assert_eq!(checked.is_ok(), answered, "{checked:?}");
}

#[test]
fn answers_have_limits() {
    let keys = |count: usize| (0..count).map(|key| (key.to_string(), json!(1))).collect();
    let one = |key: &str, value: Value| Map::from_iter([(key.to_owned(), value)]);
    assert_eq!(check_answer_limits(&keys(500)), Ok(()));
    assert_eq!(check_answer_limits(&keys(501)), Err(InvalidAnswers::TooMany));
    let long = one(&"é".repeat(101), json!(1));
    assert_eq!(check_answer_limits(&long), Err(InvalidAnswers::LongKey));
    let large = one("a", json!("x".repeat(64 * 1024)));
    assert_eq!(check_answer_limits(&large), Err(InvalidAnswers::TooLarge));
    assert_eq!(check_answer_limits(&one("a", json!([{"b": "\0"}]))), Err(InvalidAnswers::Nul));
    assert_eq!(check_answer_limits(&one("a", json!("\\u0000"))), Ok(()));
}

#[test]
fn nobody_is_held_up_by_a_question_that_the_portal_does_not_put() {
    let mut form = whole(&everything());
    let section = form.sections[3].id;
    let hidden =
        FormField { required: true, section: Some(section), ..field(1, "q", FieldType::Text) };
    form.fields.push(hidden);
    assert_eq!(form.check_answers(&Map::new(), Map::new(), true), Ok(Map::new()));
}

/// Any JSON, and often what some type takes.
fn any_answer() -> impl Strategy<Value = Value> {
    let text = prop_oneof![any::<String>(), "[AB@:/. 0-9eE+-]{0,8}", "https?://[a-z@:\\[\\]]{0,6}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
        proptest::sample::select(candidates()).prop_map(|(_, answer)| answer),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{0,2}", inner, 0..4)
                .prop_map(|object| Value::Object(object.into_iter().collect())),
        ]
    })
}

/// Answers to the questions of [`any_form`], and to others.
fn any_answers() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map("q[0-9]|x", any_answer(), 0..8)
        .prop_map(|answers| answers.into_iter().collect())
}

/// A form with up to ten questions, called `q0`, `q1`, ….
fn any_form() -> impl Strategy<Value = Form> {
    let options = proptest::option::of(proptest::sample::subsequence(vec!["A", "B"], 0..=2));
    let kind = proptest::sample::select(FieldType::CUSTOM.to_vec());
    proptest::collection::vec((kind, any::<bool>(), options), 0..10).prop_map(|kinds| {
        let fields = kinds.into_iter().zip(0_u32..).map(|((kind, required, options), number)| {
            let field = field(u128::from(number), &format!("q{number}"), kind);
            let field = with_options(field, options.as_deref().unwrap_or_default());
            FormField { required, ..field }
        });
        Form { fields: fields.collect(), ..Form::default() }
    })
}

proptest! {
    #[test]
    fn whatever_is_answered_every_problem_names_a_question(
        form in any_form(), stored in any_answers(), new in any_answers(), submitting: bool,
    ) {
        if let Err(problems) = form.check_answers(&stored, new, submitting) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| problem.starts_with('Q')), "{problems:?}");
        }
    }

    #[test]
    fn what_was_submitted_can_be_submitted_again_and_stays(form in any_form(), new in any_answers()) {
        if let Ok(kept) = form.check_answers(&Map::new(), new, true) {
            for stored in [Map::new(), kept.clone()] {
                prop_assert_eq!(form.check_answers(&stored, kept.clone(), true), Ok(kept.clone()));
            }
        }
    }

    #[test]
    fn a_draft_takes_what_a_submission_takes(
        form in any_form(), stored in any_answers(), new in any_answers(),
    ) {
        if let Ok(submitted) = form.check_answers(&stored, new.clone(), true) {
            prop_assert_eq!(form.check_answers(&stored, new, false), Ok(submitted));
        }
    }

    #[test]
    fn no_answer_gets_lost(form in any_form(), new in any_answers()) {
        if let Ok(kept) = form.check_answers(&Map::new(), new.clone(), false) {
            prop_assert_eq!(kept.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
        }
    }
}
