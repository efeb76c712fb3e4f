use rstest::rstest;
use serde_json::{Map, Value, json};

use super::*;
use crate::fixtures::{TENANT, popup};

fn ids() -> impl FnMut() -> Uuid {
    let mut last = 0;
    move || {
        last += 1;
        Uuid::from_u128(last)
    }
}

fn whole(popup: &Popup) -> Form {
    Form::default().additions(popup, &SectionKind::newly_needed(None, popup), ids())
}

fn everything() -> Popup {
    Popup { allows_spouse: true, allows_children: true, allows_scholarship: true, ..popup() }
}

fn field(id: u128, name: &str, field_type: FieldType) -> FormField {
    FormField {
        id: FieldId(Uuid::from_u128(id)),
        tenant: TENANT,
        popup: popup().id,
        name: name.to_owned(),
        label: name.to_uppercase(),
        field_type,
        section: None,
        position: 0,
        required: false,
        options: None,
        placeholder: None,
        help_text: None,
    }
}

fn with_options(field: FormField, options: &[&str]) -> FormField {
    let options = options.iter().map(|option| (*option).to_owned()).collect();
    FormField { options: Some(options), ..field }
}

fn answers(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[rstest]
#[case(popup(), 2, 8)]
#[case(Popup { allows_spouse: true, ..popup() }, 3, 11)]
#[case(Popup { allows_children: true, ..popup() }, 3, 11)]
#[case(Popup { allows_scholarship: true, ..popup() }, 3, 11)]
#[case(everything(), 4, 14)]
fn a_popup_starts_with_what_its_switches_need(
    #[case] popup: Popup,
    #[case] sections: usize,
    #[case] configs: usize,
) {
    let form = whole(&popup);
    assert_eq!((form.sections.len(), form.configs.len()), (sections, configs));
    assert!(form.sections.iter().all(|section| section.protected));
    assert!(form.configs.iter().all(|config| config.label.is_none()));
    assert!(form.configs.iter().all(|config| form.section(config.section.unwrap()).is_some()));
}

#[test]
fn a_feature_switched_off_and_on_again_adds_nothing() {
    let (off, on) = (popup(), Popup { allows_spouse: true, ..popup() });
    let needed = SectionKind::newly_needed(Some(&off), &on);
    assert_eq!(needed, [SectionKind::Companions]);
    assert_eq!(whole(&on).additions(&on, &needed, ids()), Form::default());
    let both = Popup { allows_children: true, ..on.clone() };
    assert!(SectionKind::newly_needed(Some(&on), &both).is_empty());
}

#[test]
fn a_renamed_section_is_known_by_its_questions() {
    let mut form = whole(&everything());
    form.sections[2].label = "Family".to_owned();
    form.configs.retain(|config| config.field_name != "kids");
    let added = form.additions(&everything(), &[SectionKind::Companions], ids());
    assert_eq!((added.sections.len(), added.configs.len()), (0, 1));
    assert_eq!(added.configs[0].section, Some(form.sections[2].id));
}

#[test]
fn a_schema_shows_what_the_popup_asks() {
    let form = whole(&everything());
    let schema = form.schema(&everything());
    assert_eq!(schema["base_fields"].as_object().unwrap().len(), 14);
    let names: Vec<_> = schema["base_fields"].as_object().unwrap().keys().collect();
    assert_eq!(names, BUILT_INS.iter().map(|question| question.name).collect::<Vec<_>>());
    assert_eq!(schema["sections"].as_array().unwrap().len(), 4);

    let off = form.schema(&popup());
    let names: Vec<_> = off["base_fields"].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "first_name",
            "last_name",
            "telegram",
            "residence",
            "gender",
            "age",
            "referral",
            "info_not_shared"
        ]
    );
    assert_eq!(off["sections"].as_array().unwrap().len(), 4);
}

#[test]
fn a_schema_has_an_exact_shape() {
    let mut form = whole(&popup());
    form.configs.retain(|config| config.field_name != "age");
    let section = form.sections[1].id;
    form.fields = vec![
        FormField {
            position: -1,
            help_text: Some("Hi {popup_name}".to_owned()),
            ..field(1, "last", FieldType::Text)
        },
        FormField {
            section: Some(section),
            ..with_options(field(2, "size", FieldType::Select), &["S"])
        },
    ];
    let schema = form.schema(&popup());
    assert_eq!(
        schema["base_fields"]["gender"],
        json!({
            "type": "select", "label": "Gender", "required": true, "target": "human",
            "section_id": form.sections[0].id.to_string(), "position": 4,
            "options": ["Male", "Female", "Non-binary", "Specify"],
        })
    );
    assert_eq!(schema["base_fields"]["age"]["section_id"], Value::Null);
    let custom = json!({
        "size": {
            "type": "select", "label": "SIZE", "required": false,
            "section_id": section.to_string(), "position": 0, "options": ["S"],
        },
        "last": {
            "type": "text", "label": "LAST", "required": false, "section_id": null,
            "position": -1, "help_text": "Hi {popup_name}",
        },
    });
    assert_eq!(schema["custom_fields"].to_string(), custom.to_string());
    assert_eq!(
        schema["sections"][1],
        json!({
            "id": section.to_string(), "label": "Info not shared", "description": null, "order": 1,
        })
    );
}

#[test]
fn an_organiser_puts_built_in_questions_otherwise() {
    let zed = Popup { name: "Zed".to_owned(), ..popup() };
    let mut form = whole(&zed);
    for config in &mut form.configs {
        match config.field_name.as_str() {
            "telegram" => config.help_text = Some("Hi {popup_name} {x}".to_owned()),
            "gender" => {
                config.label = Some("Sex".to_owned());
                config.options = Some(Vec::new());
            }
            "age" => config.label = Some("  ".to_owned()),
            "referral" => config.field_name = "unknown".to_owned(),
            _ => {}
        }
    }
    let fields = &form.schema(&zed)["base_fields"];
    assert_eq!(fields["telegram"]["help_text"], "Hi Zed {x}");
    assert_eq!(fields["gender"]["label"], "Sex");
    assert_eq!(fields["gender"]["options"][3], "Specify");
    assert_eq!(fields["age"]["label"], "Age");
    assert!(fields.get("unknown").is_none());
}

#[rstest]
#[case(FieldType::Text, json!("x"), true)]
#[case(FieldType::Text, json!({}), false)]
#[case(FieldType::Textarea, json!([1]), false)]
#[case(FieldType::Number, json!(1.5), true)]
#[case(FieldType::Number, json!("12"), true)]
#[case(FieldType::Number, json!("-1.5e3"), true)]
#[case(FieldType::Number, json!(true), false)]
#[case(FieldType::Number, json!("x"), false)]
#[case(FieldType::Number, json!("nan"), false)]
#[case(FieldType::Number, json!("inf"), false)]
#[case(FieldType::Number, json!("1e999"), false)]
#[case(FieldType::Number, json!("1_000"), false)]
#[case(FieldType::Boolean, json!(false), true)]
#[case(FieldType::Boolean, json!("true"), false)]
#[case(FieldType::Boolean, json!(0), false)]
#[case(FieldType::Select, json!("A"), true)]
#[case(FieldType::Select, json!("C"), false)]
#[case(FieldType::SelectCards, json!(1), false)]
#[case(FieldType::Multiselect, json!([]), true)]
#[case(FieldType::Multiselect, json!(["B", "A"]), true)]
#[case(FieldType::Multiselect, json!(["C"]), false)]
#[case(FieldType::Multiselect, json!([["A"]]), false)]
#[case(FieldType::Multiselect, json!("A"), false)]
#[case(FieldType::Date, json!("2030-02-28"), true)]
#[case(FieldType::Date, json!("2030-02-29"), false)]
#[case(FieldType::Date, json!("2030-2-28"), false)]
#[case(FieldType::Date, json!("+030-02-28"), false)]
#[case(FieldType::Email, json!("a@b"), true)]
#[case(FieldType::Email, json!("@"), false)]
#[case(FieldType::Email, json!(5), false)]
#[case(FieldType::Url, json!("HTTPS://x"), true)]
#[case(FieldType::Url, json!("http://"), false)]
#[case(FieldType::Url, json!(5), false)]
fn an_answer_fits_its_question(
    #[case] field_type: FieldType,
    #[case] answer: Value,
    #[case] fits: bool,
) {
    let field = with_options(field(1, "q", field_type), &["A", "B"]);
    let form = Form { fields: vec![field], ..Form::default() };
    let checked = form.check_answers(&Map::new(), answers(&json!({ "q": answer })), false);
    assert_eq!(checked.is_ok(), fits, "{checked:?}");
    if let Err(problems) = checked {
        assert!(problems.iter().all(|problem| problem.starts_with("Q: ")));
    }
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
fn nobody_is_held_up_by_a_question_that_the_portal_does_not_put() {
    let mut form = whole(&everything());
    let section = form.sections[3].id;
    let hidden =
        FormField { required: true, section: Some(section), ..field(1, "q", FieldType::Text) };
    form.fields.push(hidden);
    assert_eq!(form.check_answers(&Map::new(), Map::new(), true), Ok(Map::new()));
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
