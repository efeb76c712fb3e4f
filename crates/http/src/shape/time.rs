use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::json;

use super::{Described, Fault, Wrong, described};

/// An instant: ISO 8601 (without an offset: UTC), a bare date (its midnight), or seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) DateTime<Utc>);

/// A date and time on the clocks of a place. An offset is converted to UTC and dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WallTime(pub(crate) NaiveDateTime);

/// Numbers beyond this are milliseconds, not seconds: the year 2603 would begin.
const MILLISECONDS_FROM: f64 = 2e10;

impl Deserr<Wrong> for Moment {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        read_utc(value, location).map(|time| Self(time.and_utc()))
    }
}

impl Deserr<Wrong> for WallTime {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        read_utc(value, location).map(Self)
    }
}

fn read_utc<V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
) -> Result<NaiveDateTime, Wrong> {
    let time = match &value {
        Value::Integer(number) => i64::try_from(*number).ok().and_then(since_1970),
        Value::NegativeInteger(number) => since_1970(*number),
        Value::Float(number) => fraction_since_1970(*number),
        Value::String(text) => parse(text),
        _ => None,
    };
    time.ok_or_else(|| {
        let msg = "Input should be a valid date and time";
        Wrong::kind(location, Fault::DatetimeFromDateParsing, msg, value)
    })
}

#[expect(clippy::cast_precision_loss, reason = "only compared with a far smaller bound")]
fn since_1970(number: i64) -> Option<NaiveDateTime> {
    let time = if (number as f64).abs() > MILLISECONDS_FROM {
        DateTime::from_timestamp_millis(number)
    } else {
        DateTime::from_timestamp(number, 0)
    };
    time.map(|time| time.naive_utc()).filter(in_range)
}

#[expect(clippy::cast_possible_truncation, reason = "what saturates is out of range anyway")]
fn fraction_since_1970(number: f64) -> Option<NaiveDateTime> {
    let seconds = if number.abs() > MILLISECONDS_FROM { number / 1000.0 } else { number };
    let time = DateTime::from_timestamp_micros((seconds * 1e6).round() as i64)?;
    Some(time.naive_utc()).filter(in_range)
}

/// Years with four digits: what ISO 8601, the clients and the database agree on.
fn in_range(time: &NaiveDateTime) -> bool {
    use chrono::Datelike;
    (1..=9999).contains(&time.year())
}

fn parse(text: &str) -> Option<NaiveDateTime> {
    if let Ok(number) = text.parse::<i64>() {
        return since_1970(number);
    }
    let (date, rest) = text.split_at_checked(10)?;
    let shape = b"dddd-dd-dd".iter().zip(date.bytes());
    let mut shape = shape.map(|(shape, byte)| match shape {
        b'd' => byte.is_ascii_digit(),
        _ => byte == *shape,
    });
    if !shape.all(|fits| fits) {
        return fraction(text);
    }
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    if rest.is_empty() {
        return Some(date.and_time(NaiveTime::MIN)).filter(in_range);
    }
    let clock = rest.strip_prefix(['T', 't', ' ', '_'])?;
    let at = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(at);
    let local = date.and_time(time_of_day(clock)?);
    let utc = local.checked_sub_signed(offset(zone)?)?;
    Some(utc).filter(in_range)
}

fn fraction(text: &str) -> Option<NaiveDateTime> {
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    numeric.then(|| text.parse().ok())?.and_then(fraction_since_1970)
}

/// `hh:mm`, `hh:mm:ss`, `hh:mm:ss.f…`; digits after the sixth are cut.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let (clock, fraction) = match text.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.split(':').map(two_digits);
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        Some(second) => second?,
        None if fraction.is_some() => return None,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    let micros = match fraction {
        Some(digits) if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) => {
            return None;
        }
        Some(digits) => digits
            .bytes()
            .chain([b'0'; 6])
            .take(6)
            .fold(0, |micros, digit| micros * 10 + u32::from(digit - b'0')),
        None => 0,
    };
    NaiveTime::from_hms_micro_opt(hour, minute, second, micros)
}

/// Nothing, `Z`, `±hh:mm`, `±hhmm`, `±hh`.
fn offset(text: &str) -> Option<TimeDelta> {
    if matches!(text, "" | "Z" | "z") {
        return Some(TimeDelta::zero());
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?;
    let (hours, minutes) = match digits.len() {
        2 => (two_digits(digits)?, 0),
        4 => (two_digits(digits.get(..2)?)?, two_digits(digits.get(2..)?)?),
        5 if digits.get(2..3) == Some(":") => {
            (two_digits(digits.get(..2)?)?, two_digits(digits.get(3..)?)?)
        }
        _ => return None,
    };
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()? * sign;
    let offset = FixedOffset::east_opt(seconds).filter(|_| minutes < 60)?;
    Some(TimeDelta::seconds(offset.local_minus_utc().into()))
}

fn two_digits(text: &str) -> Option<u32> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

impl Described for Moment {
    fn describe() -> serde_json::Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

impl Described for WallTime {
    fn describe() -> serde_json::Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

described!([] Moment);
described!([] WallTime);
