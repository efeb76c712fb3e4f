use chrono::TimeDelta;
use rstest::rstest;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::fixtures::{TENANT, noon};

fn new() -> NewProduct {
    NewProduct {
        name: " Gen Adm ".to_owned(),
        slug: None,
        price: Price::new(Decimal::ONE_HUNDRED).unwrap(),
        compare_price: None,
        description: None,
        image_url: None,
        category: ProductCategory::Ticket,
        attendee_category: None,
        duration_type: None,
        start_date: None,
        end_date: None,
        is_active: true,
        exclusive: false,
        max_quantity: None,
        insurance_percentage: None,
    }
}

fn made(new: NewProduct) -> Result<Product, InvalidProduct> {
    new.into_product(ProductId(Uuid::from_u128(1)), TENANT, PopupId(Uuid::from_u128(2)), noon())
}

/// A ticket for the applicant, for the whole event.
fn pass() -> Product {
    made(NewProduct {
        attendee_category: Some(AttendeeCategory::Main),
        duration_type: Some(TicketDuration::Full),
        ..new()
    })
    .unwrap()
}

#[test]
fn names_lose_the_blanks_around_them() {
    let product = made(new()).unwrap();
    assert_eq!((product.name.as_str(), product.slug.as_str()), ("Gen Adm", "gen-adm"));
    let change = ProductChange { name: Some("  VIP ".to_owned()), ..ProductChange::default() };
    assert_eq!(product.changed(change, noon()).unwrap().name, "VIP");
}

#[rstest]
#[case("  ", InvalidText::Blank)]
#[case(&"n".repeat(256), InvalidText::TooLong(255))]
fn a_name_can_be_read_and_stored(#[case] name: &str, #[case] rule: InvalidText) {
    let refused = Err(InvalidProduct::Name(rule));
    assert_eq!(made(NewProduct { name: name.to_owned(), ..new() }), refused);
    let change = ProductChange { name: Some(name.to_owned()), ..ProductChange::default() };
    assert_eq!(pass().changed(change, noon()), refused);
}

#[rstest]
#[case(None, "gen-adm")]
#[case(Some(" "), "gen-adm")]
#[case(Some("Early Bird!"), "early-bird")]
#[case(Some("!!!"), "product")]
fn a_given_slug_goes_before_the_name(#[case] given: Option<&str>, #[case] slug: &str) {
    let product = made(NewProduct { slug: given.map(str::to_owned), ..new() }).unwrap();
    assert_eq!(product.slug.as_str(), slug);
}

#[rstest]
#[case::nothing(None, None, None)]
#[case::same_name(Some("Gen Adm"), None, None)]
#[case::same_name_with_blanks(Some(" Gen Adm "), None, None)]
#[case::other_name(Some("VIP"), None, Some("vip"))]
#[case::same_slug(None, Some("gen-adm"), None)]
#[case::same_slug_and_other_name(Some("VIP"), Some("gen-adm"), None)]
#[case::other_slug(Some("VIP"), Some("Early Bird"), Some("early-bird"))]
fn a_slug_follows_the_name_unless_one_is_given(
    #[case] name: Option<&str>,
    #[case] slug: Option<&str>,
    #[case] wanted: Option<&str>,
) {
    let change = ProductChange {
        name: name.map(str::to_owned),
        slug: slug.map(str::to_owned),
        ..ProductChange::default()
    };
    let got = pass().wanted_slug(&change);
    assert_eq!(got.as_ref().map(ProductSlug::as_str), wanted);
}

#[rstest]
#[case(Some(AttendeeCategory::Main), None, InvalidProductKind::AttendeeCategory)]
#[case(None, Some(TicketDuration::Day), InvalidProductKind::DurationType)]
fn only_tickets_have_ticket_fields(
    #[case] attendee: Option<AttendeeCategory>,
    #[case] duration: Option<TicketDuration>,
    #[case] rule: InvalidProductKind,
) {
    for category in ProductCategory::ALL {
        let kind = ProductKind::new(category, attendee, duration);
        match category {
            ProductCategory::Ticket => {
                assert_eq!(kind, Ok(ProductKind::Ticket { attendee, duration }));
            }
            _ => assert_eq!(kind, Err(rule)),
        }
    }
}

#[test]
fn what_stops_being_a_ticket_loses_its_ticket_fields() {
    let merch = Some(ProductCategory::Merch);
    let (kid, day) = (Patch::Set(AttendeeCategory::Kid), Patch::Set(TicketDuration::Day));
    let ticket = pass().kind;
    assert_eq!(ticket.changed(merch, Patch::Keep, Patch::Keep), Ok(ProductKind::Merch));
    assert_eq!(ticket.changed(merch, Patch::Clear, Patch::Clear), Ok(ProductKind::Merch));
    let refused = Err(InvalidProductKind::AttendeeCategory);
    assert_eq!(ticket.changed(merch, kid, Patch::Keep), refused);
    let refused = Err(InvalidProductKind::DurationType);
    assert_eq!(ProductKind::Merch.changed(None, Patch::Keep, day), refused);
    let day_ticket = ProductKind::Ticket { attendee: None, duration: Some(TicketDuration::Day) };
    let back = ProductKind::Merch.changed(Some(ProductCategory::Ticket), Patch::Keep, day);
    assert_eq!(back, Ok(day_ticket));
}

#[test]
fn a_product_ends_after_it_starts() {
    let (early, late) = (noon(), noon() + TimeDelta::days(1));
    let backwards = NewProduct { start_date: Some(late), end_date: Some(early), ..new() };
    let refused = made(backwards).unwrap_err();
    assert_eq!((refused, refused.field()), (InvalidProduct::Period(InvalidPeriod), "end_date"));
}

#[test]
fn a_change_leaves_alone_what_it_does_not_mention() {
    let later = noon() + TimeDelta::hours(1);
    let change = ProductChange {
        max_quantity: Patch::Set(5),
        description: Patch::Set(" Nice ".to_owned()),
        ..ProductChange::default()
    };
    let changed = pass().changed(change, later).unwrap();
    let expected = Product {
        max_quantity: Some(5),
        description: Some("Nice".to_owned()),
        updated_at: later,
        ..pass()
    };
    assert_eq!(changed, expected);
}

#[rstest]
#[case::without_limit(None, 7, None)]
#[case::some_left(Some(10), 7, Some(3))]
#[case::oversold(Some(5), 7, Some(-2))]
fn an_order_may_take_what_is_left(
    #[case] max_quantity: Option<u32>,
    #[case] taken: i64,
    #[case] available: Option<i64>,
) {
    let product = Product { max_quantity, exclusive: true, ..pass() };
    let offer = crate::Offer::of(&product, taken);
    assert_eq!(offer.available, available);
    assert_eq!((offer.kind, offer.price), (product.kind, product.price));
    assert!(offer.exclusive && offer.is_active);
}
