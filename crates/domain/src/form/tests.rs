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

#[test]
fn a_feature_finds_its_questions_wherever_they_are() {
    let mut form = whole(&everything());
    form.sections[2].label = "Family".to_owned();
    for config in &mut form.configs {
        config.section = None;
    }
    assert_eq!(form.additions(&everything(), &SectionKind::ALL, ids()), Form::default());
}

#[test]
fn questions_are_one_list_by_position() {
    let mut form = whole(&popup());
    let late = FormSection { order: 9, ..form.sections[1].clone() };
    let late = FormSection { id: SectionId(Uuid::from_u128(900)), ..late };
    let early = form.sections[0].id;
    form.sections.push(late.clone());
    let at = |position, section, field| FormField { section, position, ..field };
    form.fields = vec![
        at(1, None, field(101, "nowhere", FieldType::Text)),
        at(1, Some(late.id), field(102, "late", FieldType::Url)),
        at(1, Some(early), field(103, "early", FieldType::Text)),
        at(-1, None, field(104, "first", FieldType::Text)),
    ];
    form.configs.retain(|config| ["last_name", "telegram"].contains(&&*config.field_name));
    form.configs[0].field_name = "of another version".to_owned();
    let names = |search| {
        let questions = form.questions(search).into_iter();
        questions.map(|question| question.name).collect::<Vec<_>>()
    };
    assert_eq!(names(None), ["first", "early", "late", "nowhere", "telegram"]);
    assert_eq!(names(Some("URL")), ["late"]);
    assert_eq!(names(Some("username")), ["telegram"]);
    assert_eq!(names(Some("%")), Vec::<String>::new());

    let telegram = form.questions(Some("telegram")).remove(0);
    assert_eq!((telegram.is_built_in(), telegram.target), (true, Some(Target::Human)));
    assert_eq!(telegram.section_label.as_deref(), Some("Personal Information"));
    assert!(telegram.help_text.unwrap().contains("{popup_name}"));
    assert_eq!(telegram.options, None);
    let late = form.questions(Some("late")).remove(0);
    assert_eq!(
        (late.is_built_in(), late.section_label),
        (false, Some("Info not shared".to_owned()))
    );
}

mod answers;
