use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::{
    FieldConfigId, SectionKind,
    fixtures::{TENANT, popup},
};

fn section() -> FormSection {
    let new = NewFormSection {
        popup: popup().id,
        label: " More ".to_owned(),
        description: Some(" about you ".to_owned()),
        order: -1,
    };
    new.into_section(SectionId(Uuid::from_u128(1)), TENANT).unwrap()
}

fn question() -> NewFormField {
    NewFormField {
        popup: popup().id,
        label: " Size ".to_owned(),
        field_type: FieldType::Select,
        section: None,
        position: 0,
        required: false,
        options: Some(["S", " M ", "S"].map(str::to_owned).to_vec()),
        placeholder: None,
        help_text: None,
    }
}

fn field() -> FormField {
    question().into_field(FieldId(Uuid::from_u128(2)), TENANT, "size".to_owned()).unwrap()
}

fn gender() -> FieldConfig {
    crate::built_in("gender").unwrap().config(FieldConfigId(Uuid::from_u128(3)), &popup(), None)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn set(text: &str) -> Patch<String> {
    Patch::Set(text.to_owned())
}

#[test]
fn labels_and_options_are_kept_without_their_edges_and_once() {
    assert_eq!(field().label, "Size");
    assert_eq!(field().options, Some(texts(&["S", "M"])));
    assert_eq!(section().label, "More");
    assert_eq!(section().description.as_deref(), Some(" about you "));
    assert!(!section().protected);
}

#[test]
fn a_change_leaves_what_it_does_not_mention() {
    assert_eq!(field().changed(QuestionChange::default()), Ok(field()));
    assert_eq!(gender().changed(QuestionChange::default()), Ok(gender()));
    assert_eq!(section().changed(FormSectionChange::default()), Ok(section()));
}

#[test]
fn a_question_changes_but_its_name_stays() {
    let change = QuestionChange {
        label: set(" Shirt "),
        field_type: Some(FieldType::Text),
        section: Patch::Set(SectionId(Uuid::from_u128(1))),
        position: Some(-7),
        required: Some(true),
        options: Patch::Clear,
        placeholder: set(" p "),
        help_text: set(""),
    };
    let expected = FormField {
        label: "Shirt".to_owned(),
        field_type: FieldType::Text,
        section: Some(SectionId(Uuid::from_u128(1))),
        position: -7,
        required: true,
        options: None,
        placeholder: Some(" p ".to_owned()),
        help_text: Some(String::new()),
        ..field()
    };
    assert_eq!(field().changed(change), Ok(expected));
}

#[test]
fn of_a_built_in_question_changes_how_it_is_put() {
    let change = QuestionChange {
        label: set(" Sex "),
        field_type: Some(FieldType::Text),
        required: Some(false),
        position: Some(9),
        options: Patch::Set(texts(&["M", "M", "F"])),
        help_text: set(&"x".repeat(501)),
        ..QuestionChange::default()
    };
    let changed = gender().changed(change).unwrap();
    let expected = FieldConfig {
        label: Some("Sex".to_owned()),
        position: 9,
        options: Some(texts(&["M", "F"])),
        help_text: Some("x".repeat(501)),
        ..gender()
    };
    assert_eq!(changed, expected);
    for label in [Patch::Clear, set(" ")] {
        let reset = QuestionChange { label, ..QuestionChange::default() };
        assert_eq!(changed.clone().changed(reset).unwrap().label, None);
    }
}

#[rstest]
#[case(QuestionChange { label: Patch::Clear, ..Default::default() }, "label")]
#[case(QuestionChange { label: set(" "), ..Default::default() }, "label")]
#[case(QuestionChange { label: set(&"x".repeat(256)), ..Default::default() }, "label")]
#[case(QuestionChange { field_type: Some(FieldType::Kids), ..Default::default() }, "field_type")]
#[case(QuestionChange { options: Patch::Set(texts(&["a", " "])), ..Default::default() }, "options")]
#[case(QuestionChange { options: Patch::Set(vec!["x".repeat(501)]), ..Default::default() }, "options")]
#[case(QuestionChange { placeholder: set(&"x".repeat(256)), ..Default::default() }, "placeholder")]
#[case(QuestionChange { help_text: set(&"x".repeat(501)), ..Default::default() }, "help_text")]
#[case(QuestionChange { help_text: set("\0"), ..Default::default() }, "help_text")]
fn what_a_question_can_not_be_is_named(#[case] change: QuestionChange, #[case] named: &str) {
    assert_eq!(field().changed(change).map_err(InvalidFormPart::field), Err(named));
}

#[rstest]
#[case(QuestionChange { label: set(&"x".repeat(256)), ..Default::default() }, "label")]
#[case(QuestionChange { options: Patch::Set(texts(&[""])), ..Default::default() }, "options")]
#[case(QuestionChange { placeholder: set(&"x".repeat(10_001)), ..Default::default() }, "placeholder")]
#[case(QuestionChange { help_text: set(&"x".repeat(10_001)), ..Default::default() }, "help_text")]
fn what_a_built_in_question_can_not_be_is_named(
    #[case] change: QuestionChange,
    #[case] named: &str,
) {
    assert_eq!(gender().changed(change).map_err(InvalidFormPart::field), Err(named));
}

#[test]
fn what_is_new_is_checked_alike() {
    let made = |new: NewFormField| {
        let made = new.into_field(FieldId(Uuid::nil()), TENANT, "size".to_owned());
        made.map(|_| ()).map_err(InvalidFormPart::field)
    };
    assert_eq!(made(question()), Ok(()));
    assert_eq!(made(NewFormField { label: " ".to_owned(), ..question() }), Err("label"));
    assert_eq!(made(NewFormField { field_type: FieldType::Kids, ..question() }), Err("field_type"));
    let blank = Some(texts(&[" "]));
    assert_eq!(made(NewFormField { options: blank, ..question() }), Err("options"));
    let long = Some("x".repeat(256));
    assert_eq!(made(NewFormField { placeholder: long, ..question() }), Err("placeholder"));
    let long = Some("x".repeat(501));
    assert_eq!(made(NewFormField { help_text: long, ..question() }), Err("help_text"));
    assert_eq!(made(NewFormField { options: Some(Vec::new()), ..question() }), Ok(()));
}

#[test]
fn a_section_keeps_what_makes_it_one() {
    let change = FormSectionChange {
        label: Some(" Other ".to_owned()),
        description: Patch::Clear,
        order: Some(5),
    };
    let expected =
        FormSection { label: "Other".to_owned(), description: None, order: 5, ..section() };
    assert_eq!(section().changed(change), Ok(expected));
    let blank = FormSectionChange { label: Some(" ".to_owned()), ..Default::default() };
    assert_eq!(section().changed(blank), Err(InvalidFormPart::Label(InvalidText::Blank)));
    let long = FormSectionChange { description: set(&"x".repeat(10_001)), ..Default::default() };
    assert_eq!(section().changed(long).map_err(InvalidFormPart::field), Err("description"));
    assert_eq!(section().check_deletable(), Ok(()));
    let protected = FormSection { protected: true, ..section() };
    assert_eq!(protected.check_deletable(), Err(FormRefusal::SectionProtected));
}

#[test]
fn a_form_has_room_for_so_much() {
    let mut form = Form::default().additions(&popup(), &SectionKind::ALL, Uuid::nil);
    form.sections.resize(Form::MAX_SECTIONS - 1, section());
    form.fields.resize(Form::MAX_FIELDS - 1, field());
    let (here, elsewhere) = (Some(section().id), Some(SectionId(Uuid::from_u128(99))));
    assert_eq!(form.check_room_for_section(), Ok(()));
    assert_eq!(form.check_room_for_field(None), Ok(()));
    assert_eq!(form.check_room_for_field(here), Ok(()));
    form.sections.push(section());
    form.fields.push(field());
    assert_eq!(form.check_room_for_section(), Err(FormRefusal::TooManySections));
    assert_eq!(form.check_room_for_field(here), Err(FormRefusal::TooManyFields));
    assert_eq!(form.check_room_for_field(elsewhere), Err(FormRefusal::SectionElsewhere));
}
