//! The table of what was bought: a grid, with its heading on every page.

use edgeos_domain::{Invoice, InvoiceRow};

use crate::{
    sheet::{Sheets, Side},
    text::{Line, Style},
};

const HEADING: Style = Style::bold(10.0);
const TEXT: Style = Style::regular(10.0);

/// Between text and grid, in points.
const BESIDE: f32 = 5.0;
const ABOVE: f32 = 3.5;

/// How much of the breadth numbers may take; the description has the rest.
const NUMBERS_MAX: f32 = 0.75;

struct Column<'a> {
    heading: &'static str,
    side: Side,
    cells: Vec<&'a str>,
    width: f32,
}

/// The cells of a row, each broken into lines.
struct Row(Vec<Vec<Line>>);

/// Puts the table of `invoice` below what is there.
pub(crate) fn lay_out(sheets: &mut Sheets, invoice: &Invoice) {
    let columns = columns(invoice);
    let heading = || Row::new(&columns, HEADING, |column| column.heading);
    let mut is_headed = false;
    for index in 0..invoice.rows.len() {
        let row = Row::new(&columns, TEXT, |column| column.cells[index]);
        let above = if is_headed { 0.0 } else { heading().height() };
        if !sheets.has_room(above + row.height()) {
            sheets.turn();
            is_headed = false;
        }
        if !is_headed {
            let (top, height) = (sheets.top, heading().height());
            sheets.shade(Sheets::LEFT, top, Sheets::BREADTH, height);
            heading().put(sheets, &columns);
            is_headed = true;
        }
        row.put(sheets, &columns);
    }
}

fn columns(invoice: &Invoice) -> Vec<Column<'_>> {
    let column = |heading, side, cell: fn(&InvoiceRow) -> &str| {
        let cells = invoice.rows.iter().map(cell).collect();
        Column { heading, side, cells, width: 0.0 }
    };
    let mut columns = vec![
        column("Qty", Side::Right, |row| &row.quantity),
        column("Description", Side::Left, |row| &row.description),
        column("Unit Price", Side::Right, |row| &row.unit_price),
    ];
    if let Some(rate) = &invoice.rate {
        let cells = vec![rate.as_str(); invoice.rows.len()];
        columns.push(Column { heading: "Rate", side: Side::Right, cells, width: 0.0 });
    }
    columns.push(column("Amount", Side::Right, |row| &row.amount));
    share_breadth(&mut columns);
    columns
}

/// Numbers get what they need, as long as enough is left for the description.
fn share_breadth(columns: &mut [Column<'_>]) {
    let is_number = |column: &&mut Column<'_>| column.side == Side::Right;
    let mut sum = 0.0;
    for column in columns.iter_mut().filter(is_number) {
        let cells = column.cells.iter().map(|cell| TEXT.width_of(cell));
        // Rounding must not break what fits exactly.
        let widest = cells.fold(HEADING.width_of(column.heading), f32::max) + 0.1;
        column.width = widest + 2.0 * BESIDE;
        sum += column.width;
    }
    let most = Sheets::BREADTH * NUMBERS_MAX;
    let shrink = if sum > most { most / sum } else { 1.0 };
    for column in &mut *columns {
        column.width = match column.side {
            Side::Right => column.width * shrink,
            Side::Left => Sheets::BREADTH - sum * shrink,
        };
    }
}

impl Row {
    fn new<'a>(
        columns: &[Column<'a>],
        style: Style,
        text: impl Fn(&Column<'a>) -> &'a str,
    ) -> Self {
        let cell = |column| style.lines(text(column), column.width - 2.0 * BESIDE);
        Self(columns.iter().map(cell).collect())
    }

    fn height(&self) -> f32 {
        let cell = |lines: &Vec<Line>| lines.iter().map(|line| line.style.leading()).sum::<f32>();
        self.0.iter().map(cell).fold(TEXT.leading(), f32::max) + 2.0 * ABOVE
    }

    fn put(self, sheets: &mut Sheets, columns: &[Column<'_>]) {
        let (mut left, top, height) = (Sheets::LEFT, sheets.top, self.height());
        for (lines, column) in self.0.into_iter().zip(columns) {
            let right = left + column.width;
            sheets.frame(left, top, column.width, height);
            let mut top = top + ABOVE;
            for line in lines {
                let leading = line.style.leading();
                sheets.write(line, column.side, left + BESIDE, right - BESIDE, top);
                top += leading;
            }
            left = right;
        }
        sheets.top += height;
    }
}
