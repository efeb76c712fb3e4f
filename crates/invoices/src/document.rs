//! An invoice from top to bottom.

use std::collections::VecDeque;

use chrono::{DateTime, Datelike, Timelike, Utc};
use edgeos_domain::Invoice;
use krilla::{Document, SerializeSettings, image::Image, metadata::Metadata};

use crate::{
    sheet::{Sheets, Side},
    table,
    text::{Line, Style},
};

/// Text outside of the table.
const BODY: Style = Style::regular(12.0);
const STRONG: Style = Style::bold(12.0);

/// How high the image on top is, in millimetres.
const BANNER: f32 = 46.0;

/// Between the parts of a page, and between the two columns on top, in points.
const GAP: f32 = 22.0;

/// How much of the breadth the right column on top may take, and the amounts of the totals.
const RIGHT_SHARE: f32 = 0.64;
const AMOUNTS_SHARE: f32 = 0.45;

/// `invoice` as a PDF document that says it was created at `now`, with `head` on top.
///
/// # Errors
///
/// What is wrong with `head`.
pub(crate) fn document(
    invoice: &Invoice,
    head: Option<Image>,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, String> {
    let mut sheets = Sheets::new();
    if let Some(image) = head {
        sheets.banner(image, BANNER);
        sheets.top += GAP;
    }
    who_and_when(&mut sheets, invoice);
    sheets.top += GAP;
    table::lay_out(&mut sheets, invoice);
    sheets.top += GAP / 2.0;
    totals(&mut sheets, invoice);

    let mut document = Document::new_with(SerializeSettings::default());
    document.set_metadata(metadata(invoice, now));
    sheets.draw(&mut document);
    document.finish().map_err(|error| format!("{error:?}"))
}

/// Who issues it on the left, when and to whom on the right. The right side has what it needs, as far as enough is left
/// for the other: numbers are not broken.
fn who_and_when(sheets: &mut Sheets, invoice: &Invoice) {
    let issuer = &invoice.issuer;
    let on_the_left = [
        (STRONG, issuer.name.clone()),
        (BODY, format!("Address: {}", issuer.address)),
        (BODY, format!("Email: {}", issuer.email)),
    ];
    let on_the_right = [
        (BODY, format!("Date: {}", invoice.date)),
        (BODY, format!("Invoice #: {}", invoice.number)),
        (BODY, format!("Bill to: {}", invoice.bill_to)),
    ];
    let widest = |widths: &mut dyn Iterator<Item = f32>| widths.fold(0.0, f32::max) + 0.1;
    let needed = widest(&mut on_the_right.iter().map(|(style, text)| style.width_of(text)));
    // Words on the left stay whole, unless they are longer than half of a line.
    let mut words = on_the_left
        .iter()
        .flat_map(|(style, text)| text.split_whitespace().map(|word| style.width_of(word)));
    let room = Sheets::BREADTH - GAP;
    let most = (Sheets::BREADTH * RIGHT_SHARE).min(room - widest(&mut words)).max(room / 2.0);
    let middle = Sheets::RIGHT - needed.min(most);
    let lines = |texts: &[(Style, String)], width: f32| -> VecDeque<Line> {
        texts.iter().flat_map(|(style, text)| style.lines(text, width)).collect()
    };
    let mut left = lines(&on_the_left, middle - GAP - Sheets::LEFT);
    let mut right = lines(&on_the_right, Sheets::RIGHT - middle);
    // One side after the other, as it is read.
    let column = |sheets: &mut Sheets, lines: &mut VecDeque<Line>, side: Side| {
        let mut top = sheets.top;
        while Sheets::has_room_below(top, BODY.leading())
            && let Some(line) = lines.pop_front()
        {
            sheets.write(line, side, Sheets::LEFT, Sheets::RIGHT, top);
            top += BODY.leading();
        }
        top
    };
    loop {
        let ends = [column(sheets, &mut left, Side::Left), column(sheets, &mut right, Side::Right)];
        sheets.top = ends[0].max(ends[1]);
        if left.is_empty() && right.is_empty() {
            break;
        }
        sheets.turn();
    }
}

/// What it comes to, on the right.
fn totals(sheets: &mut Sheets, invoice: &Invoice) {
    let style = |index: usize| if index + 1 == invoice.totals.len() { STRONG } else { BODY };
    let widths = invoice.totals.iter().enumerate();
    let widest = widths.map(|(index, total)| style(index).width_of(&total.amount));
    let widest = widest.fold(0.0, f32::max).min(Sheets::BREADTH * AMOUNTS_SHARE) + 0.1;
    let amounts = Sheets::RIGHT - widest;
    let labels = amounts - GAP;
    let rows = invoice.totals.iter().enumerate().map(|(index, total)| {
        let label = style(index).lines(&total.label, labels - Sheets::LEFT);
        (label, style(index).lines(&total.amount, widest))
    });
    let rows: Vec<_> = rows.collect();
    let lines: usize = rows.iter().map(|(label, amount)| label.len().max(amount.len())).sum();
    let height: f32 = (0..lines).map(|_| BODY.leading()).sum();
    // It stays together.
    if !sheets.has_room(height) {
        sheets.turn();
    }
    for (label, amount) in rows {
        let (mut top, mut beside) = (sheets.top, sheets.top);
        for line in label {
            sheets.write(line, Side::Right, Sheets::LEFT, labels, top);
            top += BODY.leading();
        }
        for line in amount {
            sheets.write(line, Side::Right, amounts, Sheets::RIGHT, beside);
            beside += BODY.leading();
        }
        sheets.top = top.max(beside);
    }
}

fn metadata(invoice: &Invoice, now: DateTime<Utc>) -> Metadata {
    let of_two_digits = |number: u32| u8::try_from(number).unwrap_or_default();
    let created = krilla::metadata::DateTime::new(u16::try_from(now.year()).unwrap_or_default())
        .month(of_two_digits(now.month()))
        .day(of_two_digits(now.day()))
        .hour(of_two_digits(now.hour()))
        .minute(of_two_digits(now.minute()))
        .second(of_two_digits(now.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(format!("Invoice {}", invoice.payment))
        .authors(vec![invoice.issuer.name.clone()])
        .creator("EdgeOS".to_owned())
        .language("en".to_owned())
        .document_id(invoice.payment.to_string())
        .creation_date(created)
}
