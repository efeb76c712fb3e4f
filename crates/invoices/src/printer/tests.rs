use chrono::{NaiveDate, TimeZone};
use edgeos_domain::{InvoiceIssuer, InvoiceRow, InvoiceTotal, PaymentId};
use edgeos_ports::PictureFormat;
use rstest::rstest;
use uuid::Uuid;

use super::*;

const PNG: &[u8] = include_bytes!("../../fixtures/banner.png");
const JPEG: &[u8] = include_bytes!("../../fixtures/banner.jpg");
const WEBP: &[u8] = include_bytes!("../../fixtures/banner.webp");
/// 60 000 × 60 000 pixels, it says.
const BOMB: &[u8] = include_bytes!("../../fixtures/bomb.png");

fn row(description: &str) -> InvoiceRow {
    InvoiceRow {
        quantity: "2".to_owned(),
        description: description.to_owned(),
        unit_price: "30,00 USD".to_owned(),
        amount: "0,02399520 ETH".to_owned(),
    }
}

fn total(label: &str, amount: &str) -> InvoiceTotal {
    InvoiceTotal { label: label.to_owned(), amount: amount.to_owned() }
}

fn invoice() -> Invoice {
    Invoice {
        payment: PaymentId(Uuid::from_u128(7)),
        number: "pr_8f1c2a".to_owned(),
        date: NaiveDate::from_ymd_opt(2030, 6, 10).unwrap(),
        issuer: InvoiceIssuer {
            name: "Edge City GmbH".to_owned(),
            address: "Hauptplatz 1\n8010 Graz".to_owned(),
            email: "billing@edge.example".to_owned(),
        },
        bill_to: "Łukasz 李 <b>x</b>".to_owned(),
        rows: vec![row("Week 1, Ωμέγα, Привет, 한국어, カタカナ"), row("Shirt & <i>socks</i>")],
        rate: Some("1 ETH = 2.500,50 USD".to_owned()),
        totals: vec![
            total("Subtotal", "0,22395521 ETH"),
            total("Discount (coupon: C20)", "-0,04479104 ETH"),
            total("Total", "0,18916217 ETH"),
        ],
    }
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2030, 6, 11, 12, 0, 0).unwrap()
}

async fn print(invoice: Invoice, head: Option<Picture>) -> Vec<u8> {
    PdfPrinter::default().print(invoice, head, noon()).await.unwrap()
}

/// The text of each page, with one space wherever there is white space.
fn pages(document: &[u8]) -> Vec<String> {
    let pages = pdf_extract::extract_text_from_mem_by_pages(document).unwrap();
    pages.iter().map(|page| page.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn has_image(document: &[u8]) -> bool {
    let contains = |what: &[u8]| document.windows(what.len()).any(|window| window == what);
    contains(b"/Subtype /Image") || contains(b"/Subtype/Image")
}

#[tokio::test]
async fn everything_that_it_says_can_be_read() {
    let document = print(invoice(), None).await;
    assert!(document.starts_with(b"%PDF-"));
    let pages = pages(&document);
    assert_eq!(pages.len(), 1);
    for text in [
        "Edge City GmbH",
        "Address: Hauptplatz 1",
        "8010 Graz",
        "Email: billing@edge.example",
        "Date: 2030-06-10",
        "Invoice #: pr_8f1c2a",
        "Bill to: Łukasz 李 <b>x</b>",
        "Qty",
        "Description",
        "Unit Price",
        "Rate",
        "Amount",
        "Week 1, Ωμέγα, Привет",
        "한국어",
        "カタカナ",
        "Shirt & <i>socks</i>",
        "30,00 USD",
        "1 ETH = 2.500,50 USD",
        "0,02399520 ETH",
        "Subtotal",
        "0,22395521 ETH",
        "Discount (coupon: C20)",
        "-0,04479104 ETH",
        "Total",
        "0,18916217 ETH",
    ] {
        assert!(pages[0].contains(text), "{text} is not in {}", pages[0]);
    }
}

#[tokio::test]
async fn a_number_is_in_one_piece() {
    let number = "d4ebb369-c161-4b92-845e-baf04373b925";
    let document = print(Invoice { number: number.to_owned(), ..invoice() }, None).await;
    assert!(pages(&document)[0].contains(&format!("Invoice #: {number}")));
}

#[tokio::test]
async fn a_long_table_has_its_heading_on_every_page_and_its_totals_once() {
    let rows = (1..=120).map(|number| row(&format!("Pass number {number:03}"))).collect();
    let document = print(Invoice { rows, ..invoice() }, None).await;
    let pages = pages(&document);
    assert!(pages.len() >= 3, "{}", pages.len());
    for page in &pages {
        assert_eq!(page.matches("Description").count(), 1, "{page}");
    }
    let all = pages.join(" ");
    for number in 1..=120 {
        assert_eq!(all.matches(&format!("Pass number {number:03}")).count(), 1);
    }
    assert_eq!(all.matches("Subtotal").count(), 1);
    assert_eq!(all.matches("Bill to").count(), 1);
    assert!(pages.last().unwrap().contains("0,18916217 ETH"));
}

#[rstest]
#[case(1)]
#[case(14)]
#[case(28)]
#[case(33)]
#[case(34)]
#[case(35)]
#[case(36)]
#[case(37)]
#[case(38)]
#[tokio::test]
async fn wherever_the_page_ends_nothing_is_lost(#[case] count: usize) {
    let rows = (0..count).map(|number| row(&format!("Pass-{number:03}"))).collect();
    let pages = pages(&print(Invoice { rows, ..invoice() }, None).await);
    let all = pages.join(" ");
    assert_eq!(all.matches("Pass-").count(), count);
    let last = pages.iter().filter(|page| page.contains("Subtotal")).collect::<Vec<_>>();
    assert_eq!(last.len(), 1);
    assert!(last[0].contains("0,18916217 ETH"), "the totals stay together");
    // A page whose table is over has no heading.
    assert_eq!(
        all.matches("Description").count(),
        pages.iter().filter(|page| page.contains("Pass-")).count()
    );
}

#[tokio::test]
async fn the_longest_words_have_their_place() {
    let endless = "Donaudampfschifffahrtsgesellschaft".repeat(14);
    let document = print(
        Invoice {
            number: "x".repeat(255),
            bill_to: "李".repeat(500),
            issuer: InvoiceIssuer {
                name: endless.clone(),
                address: format!("{endless}\n{endless}"),
                email: endless.clone(),
            },
            rows: vec![InvoiceRow { unit_price: "9".repeat(120), ..row(&endless) }; 30],
            totals: vec![total(
                &format!("Discount (coupon: {})", "C".repeat(100)),
                &"9".repeat(120),
            )],
            ..invoice()
        },
        None,
    )
    .await;
    let text = pages(&document).concat();
    assert_eq!((text.matches('x').count(), text.matches('李').count()), (255, 500));
    assert_eq!(text.matches('C').count(), 100);
}

#[tokio::test]
async fn the_same_in_gives_the_same_out() {
    let picture = || Some(Picture { format: PictureFormat::Png, bytes: PNG.to_vec() });
    let first = print(invoice(), picture()).await;
    assert_eq!(first, print(invoice(), picture()).await);
    let later = noon() + chrono::TimeDelta::days(1);
    let later = PdfPrinter::default().print(invoice(), picture(), later).await.unwrap();
    assert_ne!(first, later);
    assert_eq!(pages(&first), pages(&later));
}

#[rstest]
#[case(PictureFormat::Png, PNG)]
#[case(PictureFormat::Jpeg, JPEG)]
#[case(PictureFormat::WebP, WEBP)]
#[tokio::test]
async fn an_image_goes_on_top(#[case] format: PictureFormat, #[case] bytes: &[u8]) {
    let document = print(invoice(), Some(Picture { format, bytes: bytes.to_vec() })).await;
    assert!(has_image(&document));
    assert!(pages(&document)[0].contains("Invoice #: pr_8f1c2a"));
}

#[rstest]
#[case::too_many_pixels(PictureFormat::Png, BOMB)]
#[case::cut_off(PictureFormat::Png, &PNG[..PNG.len() / 2])]
#[case::cut_short(PictureFormat::WebP, &WEBP[..WEBP.len() / 2])]
#[case::another_kind(PictureFormat::WebP, PNG)]
#[case::no_image(PictureFormat::Jpeg, b"\xff\xd8\xffnothing")]
#[case::nothing(PictureFormat::Png, b"")]
#[tokio::test]
async fn an_image_that_can_t_be_printed_is_left_out(
    #[case] format: PictureFormat,
    #[case] bytes: &[u8],
) {
    let document = print(invoice(), Some(Picture { format, bytes: bytes.to_vec() })).await;
    assert!(!has_image(&document));
    assert_eq!(document, print(invoice(), None).await);
}
