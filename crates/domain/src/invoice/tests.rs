use chrono::{DateTime, Utc};
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::{
    ApplicationId, CouponId, Currency, GroupId, Installments, PaymentProgress, PaymentTerms, Rate,
    Settlement,
    fixtures::{TENANT, noon, popup},
};

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn issuing() -> Popup {
    Popup {
        invoice_company_name: Some("Edge GmbH".to_owned()),
        invoice_company_address: Some("Hauptplatz 1".to_owned()),
        invoice_company_email: Some("billing@edge.example".to_owned()),
        ..popup()
    }
}

/// An approved purchase for this many USD, with nothing taken off.
fn paid(amount: &str) -> Payment {
    Payment {
        id: PaymentId(Uuid::from_u128(4)),
        tenant: TENANT,
        application: ApplicationId(Uuid::from_u128(3)),
        popup: popup().id,
        payment_type: PaymentType::PassPurchase,
        external_id: Some("pr_1".to_owned()),
        checkout_url: None,
        amount: money(amount),
        insurance_amount: money("0.00"),
        progress: PaymentProgress::stored(PaymentStatus::Approved),
        terms: PaymentTerms { currency: Currency::usd(), rate: None, source: None },
        installments: Installments::default(),
        coupon: None,
        coupon_code: None,
        discount_value: Some(money("0.00")),
        discount_amount: Some(money("0.00")),
        edit_passes: false,
        group: None,
        settlement: Some(Settlement::default()),
        created_at: noon(),
        updated_at: noon(),
    }
}

fn using(credit: &str, payment: Payment) -> Payment {
    let settlement = Settlement { credit_used: money(credit), ..Settlement::default() };
    Payment { settlement: Some(settlement), ..payment }
}

fn with_coupon(code: &str, percent: &str, payment: Payment) -> Payment {
    Payment {
        coupon: Some(CouponId(Uuid::from_u128(6))),
        coupon_code: Some(code.to_owned()),
        discount_value: Some(money(percent)),
        ..payment
    }
}

fn insured(payment: Payment) -> Payment {
    Payment { insurance_amount: money("25.00"), ..payment }
}

fn paid_in(coin: &str, rate: &str, payment: Payment) -> Payment {
    let terms = PaymentTerms {
        currency: Currency::parse(coin).unwrap(),
        rate: Some(Rate::new(money(rate)).unwrap()),
        source: None,
    };
    Payment { terms, ..payment }
}

fn edited(discount: &str, payment: Payment) -> Payment {
    Payment { edit_passes: true, discount_amount: Some(money(discount)), ..payment }
}

const WEEK: (i32, &str, &str) = (1, "Week1", "500.00");
const NEXT_WEEK: (i32, &str, &str) = (1, "Week2", "600.00");
const SHIRTS: (i32, &str, &str) = (2, "Shirt", "30.00");
const PATRON: (i32, &str, &str) = (1, "Patron", "2500.00");

fn sold(lines: &[(i32, &str, &str)]) -> Vec<InvoiceLine> {
    let line = |(quantity, name, price): &(i32, &str, &str)| InvoiceLine {
        quantity: *quantity,
        name: (*name).to_owned(),
        price: money(price),
    };
    lines.iter().map(line).collect()
}

fn called(first: &str, last: &str) -> Profile {
    let (first_name, last_name) = (Some(first.to_owned()), Some(last.to_owned()));
    Profile { first_name, last_name, ..Profile::default() }
}

fn invoice(payment: &Payment, lines: &[(i32, &str, &str)]) -> Invoice {
    Invoice::of(&issuing(), payment, &sold(lines), &called("Ann", "Lee")).unwrap()
}

fn totals(invoice: &Invoice) -> Vec<String> {
    invoice.totals.iter().map(|line| format!("{} {}", line.label, line.amount)).collect()
}

fn worked_example() -> Payment {
    with_coupon("C20", "20.00", insured(paid("473.00")))
}

#[rstest]
#[case::plain(paid("500.00"), &[WEEK], &["500,00 USD"], &["Total 500,00 USD"])]
#[case::coupon(worked_example(), &[WEEK, SHIRTS], &["500,00 USD", "60,00 USD"], &[
    "Subtotal 560,00 USD",
    "Discount (coupon: C20) -112,00 USD",
    "Insurance 25,00 USD",
    "Total 473,00 USD",
])]
#[case::in_a_coin(
    paid_in("ETH", "2500.5", worked_example()),
    &[WEEK, SHIRTS],
    &["0,19996001 ETH", "0,02399520 ETH"],
    &[
        "Subtotal 0,22395521 ETH",
        "Discount (coupon: C20) -0,04479104 ETH",
        "Insurance 0,00999800 ETH",
        "Total 0,18916217 ETH",
    ],
)]
#[case::group(
    Payment {
        group: Some(GroupId(Uuid::from_u128(7))),
        discount_value: Some(money("33.33")),
        ..paid("333.35")
    },
    &[WEEK],
    &["500,00 USD"],
    &["Subtotal 500,00 USD", "Discount (group 33.33%) -166,65 USD", "Total 333,35 USD"],
)]
#[case::scholarship(
    Payment { discount_value: Some(money("20.00")), ..paid("400.00") },
    &[WEEK],
    &["500,00 USD"],
    &["Subtotal 500,00 USD", "Discount (20%) -100,00 USD", "Total 400,00 USD"],
)]
#[case::insurance(insured(paid("525.00")), &[WEEK], &["500,00 USD"], &[
    "Subtotal 500,00 USD",
    "Insurance 25,00 USD",
    "Total 525,00 USD",
])]
#[case::credit(using("400.00", paid("200.00")), &[NEXT_WEEK], &["600,00 USD"], &[
    "Subtotal 600,00 USD",
    "Credit -400,00 USD",
    "Total 200,00 USD",
])]
#[case::exchange(
    edited("10.00", with_coupon("C10", "10.00", paid("90.00"))),
    &[NEXT_WEEK],
    &["600,00 USD"],
    &[
        "Subtotal 600,00 USD",
        "Discount (coupon: C10) -10,00 USD",
        "Credit -500,00 USD",
        "Total 90,00 USD",
    ],
)]
#[case::patron(paid("2500.00"), &[PATRON, WEEK], &["2.500,00 USD", "500,00 USD"], &[
    "Subtotal 3.000,00 USD",
    "Discount -500,00 USD",
    "Total 2.500,00 USD",
])]
#[case::free(
    Payment { external_id: None, ..with_coupon("C100", "100.00", paid("0.00")) },
    &[WEEK],
    &["500,00 USD"],
    &["Subtotal 500,00 USD", "Discount (coupon: C100) -500,00 USD", "Total 0,00 USD"],
)]
#[case::fee(
    Payment {
        payment_type: PaymentType::ApplicationFee,
        settlement: None,
        discount_value: None,
        discount_amount: None,
        ..paid("25.50")
    },
    &[],
    &["25,50 USD"],
    &["Total 25,50 USD"],
)]
#[case::older_change(
    Payment { settlement: None, discount_amount: None, edit_passes: true, ..paid("100.00") },
    &[NEXT_WEEK],
    &["600,00 USD"],
    &["Subtotal 600,00 USD", "Discount -500,00 USD", "Total 100,00 USD"],
)]
#[case::older_and_dearer(Payment { settlement: None, ..paid("510.00") }, &[WEEK], &["500,00 USD"], &[
    "Subtotal 500,00 USD",
    "Adjustment 10,00 USD",
    "Total 510,00 USD",
])]
fn what_is_paid_adds_up(
    #[case] payment: Payment,
    #[case] lines: &[(i32, &str, &str)],
    #[case] amounts: &[&str],
    #[case] below: &[&str],
) {
    let invoice = invoice(&payment, lines);
    let shown: Vec<_> = invoice.rows.iter().map(|row| row.amount.as_str()).collect();
    assert_eq!(shown, amounts);
    assert_eq!(totals(&invoice), below);
}

#[test]
fn the_head_says_who_pays_whom_and_when() {
    let invoice = invoice(&paid("500.00"), &[WEEK]);
    assert_eq!(invoice.number, "pr_1");
    assert_eq!(invoice.date.to_string(), "2030-06-10");
    assert_eq!(invoice.bill_to, "Ann Lee");
    assert_eq!(invoice.issuer.name, "Edge GmbH");
    assert_eq!(invoice.rate, None);
    let row = InvoiceRow {
        quantity: "1".to_owned(),
        description: "Week1".to_owned(),
        unit_price: "500,00 USD".to_owned(),
        amount: "500,00 USD".to_owned(),
    };
    assert_eq!(invoice.rows, [row]);
}

#[test]
fn what_the_provider_has_no_name_for_goes_by_its_own() {
    let payment = Payment { external_id: None, ..paid("0.00") };
    assert_eq!(invoice(&payment, &[WEEK]).number, payment.id.to_string());
}

#[test]
fn a_fee_is_a_row_of_its_own() {
    let fee = Payment { payment_type: PaymentType::ApplicationFee, ..paid("25.50") };
    let row = InvoiceRow {
        quantity: "1".to_owned(),
        description: "Application fee".to_owned(),
        unit_price: "25,50 USD".to_owned(),
        amount: "25,50 USD".to_owned(),
    };
    assert_eq!(invoice(&fee, &[]).rows, [row]);
}

#[rstest]
#[case("USD", Some("1"), None)]
#[case("ETH", Some("2500.5"), Some("1 ETH = 2.500,50 USD"))]
#[case("USDC", Some("0.9998"), Some("1 USDC = 1,00 USD"))]
#[case("BTC", None, None)]
fn the_rate_is_shown_where_it_is_known_and_not_dollars(
    #[case] coin: &str,
    #[case] rate: Option<&str>,
    #[case] shown: Option<&str>,
) {
    let mut payment = paid_in(coin, rate.unwrap_or("1"), paid("333.35"));
    payment.terms.rate = payment.terms.rate.filter(|_| rate.is_some());
    let invoice = invoice(&payment, &[WEEK]);
    assert_eq!(invoice.rate.as_deref(), shown);
    assert_eq!(invoice.rows[0].unit_price, "500,00 USD");
    // Amounts in USD are never called something else.
    let of_coin = invoice.totals.iter().all(|line| line.amount.ends_with(coin));
    assert_eq!(of_coin, shown.is_some() || coin == "USD");
}

#[rstest]
#[case("  Ann ", "Lee", "Ann Lee")]
#[case("", "Lee", "Lee")]
#[case("Ann", "", "Ann")]
#[case(" ", "", "N/A")]
#[case("Łukasz", "李 <b>x</b>", "Łukasz 李 <b>x</b>")]
fn whoever_pays_is_called_by_name(#[case] first: &str, #[case] last: &str, #[case] shown: &str) {
    let payer = called(first, last);
    let invoice = Invoice::of(&issuing(), &paid("1.00"), &[], &payer).unwrap();
    assert_eq!(invoice.bill_to, shown);
}

#[rstest]
#[case(PaymentStatus::Pending)]
#[case(PaymentStatus::Rejected)]
#[case(PaymentStatus::Expired)]
#[case(PaymentStatus::Cancelled)]
fn what_is_not_paid_has_no_invoice(#[case] status: PaymentStatus) {
    let payment = Payment { progress: PaymentProgress::stored(status), ..paid("500.00") };
    assert_eq!(Invoice::of(&issuing(), &payment, &[], &Profile::default()), None);
}

#[rstest]
#[case(|popup: &mut Popup| popup.invoice_company_name = None)]
#[case(|popup: &mut Popup| popup.invoice_company_address = Some(" ".to_owned()))]
#[case(|popup: &mut Popup| popup.invoice_company_email = Some(String::new()))]
fn nobody_issues_invoices_without_saying_who(#[case] forget: fn(&mut Popup)) {
    let mut popup = issuing();
    forget(&mut popup);
    assert_eq!(Invoice::of(&popup, &paid("500.00"), &[], &Profile::default()), None);
}

#[test]
fn the_day_is_the_day_in_utc() {
    let late: DateTime<Utc> = "2030-06-10T23:30:00-03:00".parse::<DateTime<_>>().unwrap();
    let payment = Payment { created_at: late, ..paid("1.00") };
    assert_eq!(invoice(&payment, &[WEEK]).date.to_string(), "2030-06-11");
}

proptest::proptest! {
    #[test]
    fn the_lines_add_up_in_whatever_is_paid(
        prices in proptest::collection::vec((1..5_i64, 0..100_000_i64), 1..8),
        off in 0..100_000_i64,
        credit in 0..100_000_i64,
        insurance in 0..5_000_i64,
        rate in 1..1_000_000_000_000_i64,
        edit: bool,
    ) {
        let lines: Vec<_> = prices
            .iter()
            .map(|(quantity, cents)| InvoiceLine {
                quantity: i32::try_from(*quantity).unwrap(),
                name: "Pass".to_owned(),
                price: Decimal::new(*cents, 2),
            })
            .collect();
        let worth: Decimal = lines.iter().map(|line| line.price * Decimal::from(line.quantity)).sum();
        let (off, insurance) = (Decimal::new(off, 2).min(worth), Decimal::new(insurance, 2));
        let credit = Decimal::new(credit, 2).min(worth - off);
        let rate = Rate::new(Decimal::new(rate, 8)).unwrap();
        let terms = PaymentTerms {
            currency: Currency::parse("ETH").unwrap(), rate: Some(rate), source: None,
        };
        let settlement = Settlement { credit_used: credit, ..Settlement::default() };
        let payment = Payment {
            amount: worth - off - credit + insurance,
            insurance_amount: insurance,
            discount_amount: Some(off),
            edit_passes: edit,
            settlement: Some(settlement),
            terms,
            ..paid("0.00")
        };
        let invoice = Invoice::of(&issuing(), &payment, &lines, &Profile::default()).unwrap();
        let value = |line: &InvoiceTotal| -> Decimal {
            let digits = line.amount.trim_end_matches(" ETH").replace('.', "").replace(',', ".");
            digits.parse().unwrap()
        };
        let (total, before) = invoice.totals.split_last().unwrap();
        if !before.is_empty() {
            proptest::prop_assert_eq!(before.iter().map(value).sum::<Decimal>(), value(total));
        }
    }
}
