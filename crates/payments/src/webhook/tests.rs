use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn parse(event: &Value) -> Result<ProviderEvent, InvalidEvent> {
    parse_event(event.to_string().as_bytes())
}

#[expect(clippy::needless_pass_by_value, reason = "`json!` takes it")]
fn payment(request: Value, new_payment: Value) -> Value {
    let data = json!({ "payment_request": request, "new_payment": new_payment });
    json!({ "event_type": "new_payment", "data": data })
}

#[expect(clippy::needless_pass_by_value, reason = "`json!` takes it")]
fn of_plan(kind: &str, plan: Value) -> Value {
    json!({ "event_type": kind, "entity_id": "plan", "data": { "installment_plan": plan } })
}

#[test]
fn a_card_payment_is_in_dollars() {
    let request = json!({ "id": "r1", "status": "approved", "transactions": [] });
    let card = json!({ "provider": "stripe", "status": "approved", "coin": "USD" });
    let mut event = payment(request, card);
    event["event_type"] = json!("new_card_payment");
    let expected = PaymentEvent {
        external_id: "r1".to_owned(),
        status: RequestStatus::Approved,
        currency: "USD".to_owned(),
        rate: Some(Decimal::ONE),
    };
    assert_eq!(parse(&event), Ok(ProviderEvent::Payment(expected)));
}

#[rstest]
#[case::of_its_own_transaction(json!([
    { "coin": "BTC", "price_details": { "rate": 60000 } },
    { "coin": "ETH", "price_details": { "rate": 2500.5 } },
    { "coin": "ETH", "price_details": { "rate": 1 } },
]), "2500.5")]
#[case::digit_by_digit(json!([{ "coin": "ETH", "price_details": { "rate": "2500.123456789" } }]), "2500.12345679")]
#[case::without_transactions(Value::Null, "1")]
#[case::of_another_coin(json!([{ "coin": "BTC", "price_details": { "rate": 60000 } }]), "1")]
#[case::without_a_price(json!([{ "coin": "ETH" }]), "1")]
fn a_coin_has_the_rate_of_its_transaction(#[case] transactions: Value, #[case] rate: Decimal) {
    let request = json!({ "id": "r1", "status": "approved", "transactions": transactions });
    let event =
        payment(request, json!({ "coin": "ETH", "hash": "0x1", "amount": 0.2, "paid_at": 7 }));
    let Ok(ProviderEvent::Payment(event)) = parse(&event) else { panic!("no payment") };
    assert_eq!((event.currency.as_str(), event.rate), ("ETH", Some(rate)));
}

#[rstest]
#[case::of_coins(
    json!({ "coin": "ETH", "hash": "0x1", "amount": 0.1, "paid_at": "2026-01-02T03:04:05.5Z" }),
    ("0.1", "ETH", Some("2026-01-02T03:04:05.500Z"))
)]
#[case::at_a_time_without_zone(
    json!({ "coin": "ETH", "hash": "0x1", "amount": "0.1", "paid_at": "2026-01-02T03:04:05" }),
    ("0.1", "ETH", Some("2026-01-02T03:04:05Z"))
)]
#[case::of_coins_uncounted(json!({ "coin": "ETH", "hash": "0x1" }), ("150.5", "ETH", None))]
#[case::by_card(json!({ "provider": "stripe", "coin": "USD", "amount": 7 }), ("150.5", "USD", None))]
#[case::by_whatever(Value::Null, ("150.5", "USD", None))]
fn an_installment_tells_what_was_paid(
    #[case] new_payment: Value,
    #[case] (amount, currency, paid_at): (&str, &str, Option<&str>),
) {
    let request = json!({
        "id": "r1", "status": "approved", "installment_plan_id": "plan", "amount_paid": 150.5,
    });
    let expected = InstallmentEvent {
        plan: "plan".to_owned(),
        external_id: "r1".to_owned(),
        status: RequestStatus::Approved,
        amount: Some(amount.parse().unwrap()),
        currency: currency.to_owned(),
        paid_at: paid_at.map(|time| time.parse().unwrap()),
    };
    assert_eq!(parse(&payment(request, new_payment)), Ok(ProviderEvent::Installment(expected)));
}

#[test]
fn an_installment_that_is_not_paid_needs_no_amount() {
    let request = |status| json!({ "id": "r1", "status": status, "installment_plan_id": "plan" });
    let unpaid = parse(&payment(request("pending"), Value::Null));
    assert!(matches!(unpaid, Ok(ProviderEvent::Installment(event)) if event.amount.is_none()));
    let missing = InvalidEvent::Field("data.payment_request.amount_paid".to_owned());
    assert_eq!(parse(&payment(request("approved"), Value::Null)), Err(missing));
}

#[rstest]
#[case(
    of_plan("installment_plan_activated", json!({ "number_of_installments": 3, "status": 7 })),
    ProviderEvent::PlanActivated { plan: "plan".to_owned(), installments: 3 }
)]
#[case(
    of_plan("installment_plan_completed", json!({ "paid_installments_count": 3 })),
    ProviderEvent::PlanCompleted { plan: "plan".to_owned(), paid: 3 }
)]
#[case(
    json!({ "event_type": "installment_plan_cancelled", "entity_id": "plan" }),
    ProviderEvent::PlanCancelled { plan: "plan".to_owned() }
)]
#[case(json!({ "event_type": "refund_created", "data": 7 }), ProviderEvent::Other)]
fn plans_are_told_apart(#[case] event: Value, #[case] expected: ProviderEvent) {
    assert_eq!(parse(&event), Ok(expected));
}

#[rstest]
#[case("")]
#[case("{")]
#[case("[]")]
#[case("[\"new_payment\", {}]")]
#[case("null")]
#[case("\"new_payment\"")]
#[case("{} {}")]
fn what_is_no_object_is_no_event(#[case] body: &str) {
    assert_eq!(parse_event(body.as_bytes()), Err(InvalidEvent::NotAnObject));
    assert_eq!(parse_event(b"{\"event_type\": \"\xff\"}"), Err(InvalidEvent::NotAnObject));
}

#[rstest]
#[case(json!({}), "event_type")]
#[case(json!({ "event_type": 7 }), "event_type")]
#[case(json!({ "event_type": "new_payment" }), "data")]
#[case(json!({ "event_type": "new_payment", "data": [] }), "data")]
#[case(payment(Value::Null, Value::Null), "data.payment_request")]
#[case(payment(json!({ "status": "approved" }), Value::Null), "data.payment_request.id")]
#[case(payment(json!({ "id": "", "status": "approved" }), Value::Null), "data.payment_request.id")]
#[case(payment(json!({ "id": "a\0", "status": "approved" }), Value::Null), "data.payment_request.id")]
#[case(payment(json!({ "id": "x".repeat(256), "status": "approved" }), Value::Null), "data.payment_request.id")]
#[case(payment(json!({ "id": "r1" }), Value::Null), "data.payment_request.status")]
#[case(payment(json!({ "id": "r1", "status": "approved" }), json!({ "coin": 7 })), "data.new_payment.coin")]
#[case(payment(json!({ "id": "r1", "status": "approved" }), json!([])), "data.new_payment")]
#[case(of_plan("installment_plan_activated", json!({})), "data.installment_plan.number_of_installments")]
#[case(of_plan("installment_plan_completed", json!({ "paid_installments_count": -1 })), "data.installment_plan.paid_installments_count")]
#[case(of_plan("installment_plan_completed", json!({ "paid_installments_count": 3_000_000_000_u32 })), "data.installment_plan.paid_installments_count")]
#[case(json!({ "event_type": "installment_plan_cancelled" }), "entity_id")]
fn a_field_that_is_needed_is_named(#[case] event: Value, #[case] field: &str) {
    assert_eq!(parse(&event), Err(InvalidEvent::Field(field.to_owned())));
}

#[rstest]
#[case("0")]
#[case("-1")]
#[case("0.000000001")]
#[case("9999999999.999999999")]
#[case("1e30")]
#[case("\"NaN\"")]
fn a_rate_that_no_column_holds_is_left_out(#[case] rate: &str) {
    let body = format!(
        r#"{{"event_type": "new_payment", "data": {{
            "payment_request": {{"id": "r1", "status": "approved", "transactions": [
                {{"coin": "ETH", "price_details": {{"rate": {rate}}}}}]}},
            "new_payment": {{"coin": "ETH", "hash": "0x1"}}}}}}"#
    );
    let Ok(ProviderEvent::Payment(event)) = parse_event(body.as_bytes()) else { panic!("{rate}") };
    assert_eq!((event.status, event.rate), (RequestStatus::Approved, None));
}

#[rstest]
#[case("WRAPPED-ETHER", "WRAPPED-ET")]
#[case(" ETH\u{0}", "ETH")]
#[case(" ", "USD")]
fn a_coin_is_called_as_far_as_its_column_goes(#[case] coin: &str, #[case] expected: &str) {
    let transactions = json!([{ "coin": coin, "price_details": { "rate": 2500.5 } }]);
    let request = json!({ "id": "r1", "status": "approved", "transactions": transactions });
    let event = parse(&payment(request, json!({ "coin": coin, "hash": "0x1" })));
    let Ok(ProviderEvent::Payment(event)) = event else { panic!("{event:?}") };
    assert_eq!(event.currency, expected);
    let of_its_own = if expected == "USD" { "1" } else { "2500.5" };
    assert_eq!(event.rate, Some(of_its_own.parse().unwrap()));
}

#[rstest]
#[case("expired")]
#[case("pending")]
#[case("rejected")]
fn in_what_something_was_not_paid_is_not_asked(#[case] status: &str) {
    let request = json!({ "id": "r1", "status": status, "transactions": 7 });
    let event = parse(&payment(request, json!({ "coin": { "name": "ETH" } })));
    assert!(matches!(event, Ok(ProviderEvent::Payment(event)) if event.rate.is_none()));
}

#[test]
fn more_of_a_coin_than_the_column_holds_is_counted_as_the_request_does() {
    let request = json!({
        "id": "r1", "status": "approved", "installment_plan_id": "plan", "amount_paid": 150.5,
    });
    let coins = json!({ "coin": "SHIB", "hash": "0x1", "amount": 2e10, "paid_at": 7 });
    let Ok(ProviderEvent::Installment(event)) = parse(&payment(request, coins)) else {
        panic!("no installment")
    };
    let amount = "150.5".parse().unwrap();
    assert_eq!((event.amount, event.currency.as_str()), (Some(amount), "SHIB"));
}
