use actix_web::web::Bytes;
use chrono::{DateTime, SecondsFormat, Timelike, Utc};
use csv::{Terminator, Writer, WriterBuilder};
use edgeos_domain::{DirectoryEntry, Masked, MaskedText};

use super::output::{MASK, unmasked};

/// The names of the columns, as the first line of the table.
pub(super) fn header() -> Bytes {
    let mut table = table();
    let names = [
        "First Name",
        "Last Name",
        "Email",
        "Telegram",
        "Role",
        "Organization",
        "Residence",
        "Age",
        "Gender",
        "Brings Kids",
        "Check In",
        "Check Out",
    ];
    write(&mut table, names);
    bytes(table)
}

/// One line for each of `entries`.
pub(super) fn lines(entries: Vec<DirectoryEntry>) -> Bytes {
    let mut table = table();
    for entry in entries {
        let brings_kids = match entry.brings_kids {
            Masked::Shown(true) => "True",
            Masked::Shown(false) => "False",
            Masked::Hidden => MASK,
        };
        write(
            &mut table,
            [
                cell(entry.first_name),
                cell(entry.last_name),
                cell(entry.email),
                cell(entry.telegram),
                cell(entry.role),
                cell(entry.organization),
                cell(entry.residence),
                cell(entry.age),
                cell(entry.gender),
                brings_kids.to_owned(),
                entry.check_in.map(instant).unwrap_or_default(),
                entry.check_out.map(instant).unwrap_or_default(),
            ],
        );
    }
    bytes(table)
}

fn table() -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new())
}

fn write<T: AsRef<[u8]>>(table: &mut Writer<Vec<u8>>, line: [T; 12]) {
    table.write_record(line).expect("memory takes everything, and every line has twelve cells");
}

fn bytes(table: Writer<Vec<u8>>) -> Bytes {
    table.into_inner().expect("memory takes everything").into()
}

fn cell(text: MaskedText) -> String {
    harmless(unmasked(text).unwrap_or_default())
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

/// `2026-03-02T00:00:00+00:00`, with six more digits where there are any.
fn instant(time: DateTime<Utc>) -> String {
    let digits = if time.nanosecond() < 1000 { SecondsFormat::Secs } else { SecondsFormat::Micros };
    time.to_rfc3339_opts(digits, false)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use edgeos_domain::{ApplicationId, Masked};

    use super::*;

    fn shown(text: &str) -> MaskedText {
        Masked::Shown(Some(text.to_owned()))
    }

    fn entry() -> DirectoryEntry {
        DirectoryEntry {
            id: ApplicationId(uuid::Uuid::nil()),
            first_name: shown("A"),
            last_name: shown("L"),
            email: Masked::Hidden,
            telegram: shown("tg"),
            role: shown("Dev"),
            organization: shown("Org"),
            residence: shown("X"),
            age: shown("25-34"),
            gender: Masked::Hidden,
            picture_url: None,
            brings_kids: Masked::Shown(false),
            participation: Vec::new(),
            check_in: Utc.with_ymd_and_hms(2026, 3, 2, 0, 0, 0).single(),
            check_out: None,
            associated_attendees: Vec::new(),
        }
    }

    fn line(entry: DirectoryEntry) -> String {
        String::from_utf8(lines(vec![entry]).to_vec()).unwrap()
    }

    #[test]
    fn a_line_has_twelve_cells() {
        assert_eq!(
            line(entry()),
            "A,L,*,tg,Dev,Org,X,25-34,*,False,2026-03-02T00:00:00+00:00,\r\n"
        );
        let header = "First Name,Last Name,Email,Telegram,Role,Organization,Residence,Age,Gender,\
                      Brings Kids,Check In,Check Out\r\n";
        assert_eq!(super::header(), header);
    }

    #[test]
    fn cells_are_quoted_where_they_have_to_be() {
        let entry = DirectoryEntry {
            first_name: shown("A \"B\""),
            last_name: shown("L, M"),
            role: shown("one\ntwo"),
            organization: Masked::Shown(None),
            brings_kids: Masked::Hidden,
            check_in: None,
            ..entry()
        };
        assert_eq!(line(entry), "\"A \"\"B\"\"\",\"L, M\",*,tg,\"one\ntwo\",,X,25-34,*,*,,\r\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            let text = format!("{start}1+1");
            let entry = DirectoryEntry { telegram: shown(&text), ..entry() };
            let line = line(entry);
            let guarded = format!("'{text}");
            assert!(line.contains(&guarded), "{line}");
        }
        assert_eq!(harmless("a=1".to_owned()), "a=1");
        assert_eq!(harmless(String::new()), "");
    }

    #[test]
    fn times_show_fractions_where_there_are_any() {
        let time = Utc.timestamp_opt(0, 1_000).unwrap();
        assert_eq!(instant(time), "1970-01-01T00:00:00.000001+00:00");
    }
}
