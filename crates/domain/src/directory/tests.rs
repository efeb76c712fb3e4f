use chrono::TimeDelta;
use proptest::{prelude::*, sample::subsequence};
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    ApplicationStatus, AttendeeId, Beginning, CheckInCode, Circumstances, Email, HumanId,
    NewProduct, Popup, PortalEdit, Price, ProductCategory, ProductId, Profile, Scholarship,
    TicketDuration,
    fixtures::{TENANT, noon, popup},
};

fn application(popup: &Popup, human: &Human) -> Application {
    let circumstances = Circumstances {
        popup,
        red_flag: false,
        fee_paid: false,
        strategy: None,
        votes: &[],
        reviewers: &[],
        now: noon(),
    };
    let begun = Beginning::Portal(PortalEdit::default())
        .transition(&Scholarship::default(), &circumstances)
        .unwrap();
    assert_eq!(begun.status(), ApplicationStatus::Draft);
    let id = ApplicationId(Uuid::from_u128(3));
    let mut application = Application::new(id, popup.id, human, &begun, noon());
    application.custom_fields.insert("role".to_owned(), json!("the-role"));
    application.custom_fields.insert("organization".to_owned(), json!(["the-organization"]));
    application
}

/// Everything about her says what it is.
fn ada() -> Human {
    let text = |text: &str| Some(text.to_owned());
    let profile = Profile {
        first_name: text("the-first-name"),
        last_name: text("the-last-name"),
        telegram: text("the-telegram"),
        gender: text("the-gender"),
        age: text("the-age"),
        residence: text("the-residence"),
    };
    let email = Email::parse("the-email@x.com").unwrap();
    let human = Human::new(HumanId(Uuid::from_u128(1)), TENANT, email, profile, None);
    Human { picture_url: text("https://x.com/the-picture"), ..human }
}

fn family(application: &Application, human: &Human) -> Vec<Attendee> {
    let one = |category: AttendeeCategory, name: &str| Attendee {
        id: AttendeeId(Uuid::from_u128(9)),
        tenant: TENANT,
        application: application.id,
        popup: application.popup,
        human: None,
        name: name.to_owned(),
        category,
        email: Some(Email::parse("companions-email@x.com").unwrap()),
        gender: Some("companions-gender".to_owned()),
        check_in_code: CheckInCode::stored("the-code".to_owned()),
        poap_url: None,
        created_at: noon(),
        updated_at: noon(),
    };
    vec![
        one(AttendeeCategory::Main, &human.display_name()),
        one(AttendeeCategory::Kid, "the-kid"),
        one(AttendeeCategory::Spouse, "the-spouse"),
    ]
}

fn pass(from: i64, days: i64) -> Product {
    let from = noon() + TimeDelta::days(from);
    let new = NewProduct {
        name: "the-pass".to_owned(),
        slug: None,
        price: Price::new(Decimal::TEN).unwrap(),
        compare_price: None,
        description: None,
        image_url: None,
        category: ProductCategory::Ticket,
        attendee_category: Some(AttendeeCategory::Main),
        duration_type: Some(TicketDuration::Week),
        start_date: Some(from),
        end_date: Some(from + TimeDelta::days(days)),
        is_active: true,
        exclusive: false,
        max_quantity: None,
        insurance_percentage: None,
    };
    new.into_product(ProductId(Uuid::from_u128(7)), TENANT, popup().id, noon()).unwrap()
}

fn entry(hidden: &[String]) -> DirectoryEntry {
    let (popup, human) = (popup(), ada());
    let mut application = application(&popup, &human);
    application.info_not_shared = hidden.to_vec();
    let attendees = family(&application, &human);
    DirectoryEntry::of(&application, human, attendees, vec![pass(7, 6), pass(0, 6)])
}

fn shown(text: &str) -> MaskedText {
    Masked::Shown(Some(text.to_owned()))
}

/// The word that stands for `field` in [`ada`]'s entry.
fn trace(field: DirectoryField) -> &'static str {
    match field {
        DirectoryField::FirstName => "the-first-name",
        DirectoryField::LastName => "the-last-name",
        DirectoryField::Email => "the-email",
        DirectoryField::Telegram => "the-telegram",
        DirectoryField::Role => "the-role",
        DirectoryField::Organization => "the-organization",
        DirectoryField::Residence => "the-residence",
        DirectoryField::Age => "the-age",
        DirectoryField::Gender => "the-gender",
        DirectoryField::PictureUrl => "the-picture",
        DirectoryField::BringsKids => "the-kid",
        DirectoryField::Participation => "the-pass",
        DirectoryField::AssociatedAttendees => "the-spouse",
    }
}

#[test]
fn who_hides_nothing_is_shown_with_everything() {
    let entry = entry(&[]);
    assert_eq!(entry.first_name, shown("the-first-name"));
    assert_eq!(entry.email, shown("the-email@x.com"));
    assert_eq!(entry.organization, shown("the-organization"));
    assert_eq!(entry.brings_kids, Masked::Shown(true));
    assert_eq!(entry.check_in, Some(noon()));
    assert_eq!(entry.check_out, Some(noon() + TimeDelta::days(13)));
    let names: Vec<_> = entry.associated_attendees.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["the-kid", "the-spouse"]);
}

#[rstest]
#[case("Email", DirectoryField::Email)]
#[case("email", DirectoryField::Email)]
#[case("First name", DirectoryField::FirstName)]
#[case("LAST-NAME", DirectoryField::LastName)]
#[case("brings kids", DirectoryField::BringsKids)]
#[case("Associated-Attendees", DirectoryField::AssociatedAttendees)]
#[case("participation", DirectoryField::Participation)]
fn a_field_has_many_spellings(#[case] name: &str, #[case] field: DirectoryField) {
    let names = [name.to_owned()];
    let withheld = Withheld::of(&names);
    for other in DirectoryField::ALL {
        assert_eq!(withheld.has(other), other == field, "{other:?}");
    }
}

#[rstest]
#[case("e mail")]
#[case("e-mail")]
#[case("emails")]
#[case("")]
#[case("firstname")]
// Lower-cased by other rules, this would be `brings_kids`.
#[case("brings_\u{212a}ids")]
fn what_is_no_field_hides_nothing(#[case] name: &str) {
    let names = [name.to_owned()];
    assert!(DirectoryField::ALL.iter().all(|field| !Withheld::of(&names).has(*field)));
}

#[test]
fn what_is_hidden_is_hidden_where_there_is_nothing_too() {
    let (popup, human) = (popup(), Human { profile: Profile::default(), ..ada() });
    let mut application = application(&popup, &human);
    application.info_not_shared = vec!["telegram".to_owned()];
    let entry = DirectoryEntry::of(&application, human, Vec::new(), Vec::new());
    assert_eq!(entry.telegram, Masked::Hidden);
    assert_eq!(entry.gender, Masked::Shown(None));
    assert_eq!(entry.brings_kids, Masked::Shown(false));
    assert_eq!((entry.check_in, entry.check_out), (None, None));
}

#[rstest]
#[case(&["first name"], true)]
#[case(&["last name"], true)]
#[case(&["first name", "Last-Name"], false)]
#[case(&["picture_url"], false)]
fn a_picture_goes_with_both_names(#[case] hidden: &[&str], #[case] seen: bool) {
    let hidden: Vec<_> = hidden.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(entry(&hidden).picture_url.is_some(), seen);
}

#[rstest]
#[case(json!("Dev"), Some("Dev"))]
#[case(json!(["x"]), Some("x"))]
#[case(json!(["x", 1, true, null, { "y": 2 }, ["z"]]), Some("x, 1, true, z"))]
#[case(json!(4.5), Some("4.5"))]
#[case(json!(false), Some("false"))]
#[case(json!({ "a": "b" }), None)]
#[case(json!([{ "a": "b" }]), None)]
#[case(json!([]), None)]
#[case(json!(null), None)]
fn an_answer_of_any_kind_is_read_as_text(#[case] answer: Value, #[case] expected: Option<&str>) {
    assert_eq!(text(&answer).as_deref(), expected);
}

#[rstest]
#[case("1", &["1"])]
#[case("1,2, 3 ,10", &["1", "2", "3", "10"])]
#[case("", &[])]
#[case(",,", &[])]
#[case("%,1%,_,-1,1.5,one,\u{0661}", &[])]
#[case("x,4", &["4"])]
fn weeks_are_numbers(#[case] list: &str, #[case] expected: &[&str]) {
    assert_eq!(week_numbers(list), expected);
}

proptest! {
    /// Nothing of what somebody hides is anywhere in the entry, and nothing else is missing.
    #[test]
    fn the_hidden_is_nowhere_and_the_rest_is_there(
        hidden in subsequence(&DirectoryField::ALL, 0..=DirectoryField::ALL.len()),
        upper: bool,
        separator in prop::sample::select(vec!["_", " ", "-"]),
    ) {
        let spelled = |field: &DirectoryField| {
            let name = field.as_str().replace('_', separator);
            if upper { name.to_ascii_uppercase() } else { name }
        };
        let entry = entry(&hidden.iter().map(spelled).collect::<Vec<_>>());
        let everything = format!("{entry:?}");
        let hides = |field| hidden.contains(&field);
        for field in DirectoryField::ALL {
            let gone = hides(field) || match field {
                DirectoryField::PictureUrl => {
                    hides(DirectoryField::FirstName) && hides(DirectoryField::LastName)
                }
                DirectoryField::BringsKids => hides(DirectoryField::AssociatedAttendees),
                _ => false,
            };
            prop_assert_eq!(everything.contains(trace(field)), !gone, "{:?} in {}", field, everything);
        }
        if hides(DirectoryField::Participation) {
            prop_assert_eq!((entry.check_in, entry.check_out), (None, None));
        }
        prop_assert_eq!(entry.brings_kids == Masked::Hidden, hides(DirectoryField::BringsKids));
        for never in ["companions-email", "companions-gender", "the-code"] {
            prop_assert!(!everything.contains(never), "{} in {}", never, everything);
        }
    }

    #[test]
    fn no_list_of_weeks_holds_anything_but_digits(list in ".{0,40}") {
        for week in week_numbers(&list) {
            prop_assert!(!week.is_empty() && week.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
