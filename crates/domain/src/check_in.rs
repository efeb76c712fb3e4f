use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::{ApplicationStatus, AttendeeId, CheckInId, Patch, Period, Popup, TenantId};

/// What is known of an attendee's coming and going; one for each attendee at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckIn {
    /// Identifies the check-in within the tenant.
    pub id: CheckInId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Whose it is.
    pub attendee: AttendeeId,
    /// When the attendee came.
    pub arrival_date: Option<DateTime<Utc>>,
    /// When the attendee left; not before the arrival.
    pub departure_date: Option<DateTime<Utc>>,
    /// Whether the attendee's code was scanned.
    pub qr_check_in: bool,
    /// When it was scanned last.
    pub qr_scan_timestamp: Option<DateTime<Utc>>,
    /// When the check-in was first written down.
    pub created_at: DateTime<Utc>,
}

/// What a request changes about a check-in; `Keep` changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckInChange {
    /// See [`CheckIn::arrival_date`].
    pub arrival_date: Patch<DateTime<Utc>>,
    /// See [`CheckIn::departure_date`].
    pub departure_date: Patch<DateTime<Utc>>,
}

/// Which rule a check-in would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCheckIn {
    /// The arrival lies too far ahead.
    #[error("must not be more than 24 hours in the future")]
    ArrivalAhead,
    /// The departure lies too far ahead.
    #[error("must not be more than 24 hours in the future")]
    DepartureAhead,
    /// Nobody leaves before they come.
    #[error("must not be before the arrival")]
    DepartureBeforeArrival,
}

/// Why nobody is let in with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScanRefusal {
    /// The application isn't accepted, or not any more.
    #[error("the application is not accepted")]
    NotAccepted,
    /// Nothing was bought for the attendee.
    #[error("the attendee holds no product")]
    NoProduct,
}

/// What whoever scans a code should look at. Nobody is turned away for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanWarning {
    /// None of the attendee's products counts now.
    OutsideProductDates,
    /// The popup is yet to begin.
    PopupNotStarted,
    /// The popup is over.
    PopupEnded,
    /// The attendee has left.
    Departed,
}

/// The outcome of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// The check-in as it is now.
    pub check_in: CheckIn,
    /// Whether the attendee hadn't arrived before.
    pub first: bool,
}

impl CheckIn {
    /// How far ahead coming and going may be written down.
    const AHEAD: TimeDelta = TimeDelta::hours(24);

    /// A check-in of `attendee` that says nothing yet.
    #[must_use]
    pub fn new(id: CheckInId, tenant: TenantId, attendee: AttendeeId, now: DateTime<Utc>) -> Self {
        Self {
            id,
            tenant,
            attendee,
            arrival_date: None,
            departure_date: None,
            qr_check_in: false,
            qr_scan_timestamp: None,
            created_at: now,
        }
    }

    /// This check-in once the attendee's code is scanned. The first arrival stays. A departure before it was
    /// none: the attendee is at the door.
    #[must_use]
    pub fn scanned(self, now: DateTime<Utc>) -> Scan {
        let arrival = self.arrival_date.unwrap_or(now);
        let check_in = Self {
            arrival_date: Some(arrival),
            departure_date: self.departure_date.filter(|departure| *departure >= arrival),
            qr_check_in: true,
            qr_scan_timestamp: Some(now),
            ..self
        };
        Scan { check_in, first: self.arrival_date.is_none() }
    }

    /// This check-in after `change`.
    ///
    /// # Errors
    ///
    /// The first [`InvalidCheckIn`] that applies, in the order of its variants.
    pub fn changed(
        self,
        change: CheckInChange,
        now: DateTime<Utc>,
    ) -> Result<Self, InvalidCheckIn> {
        let ahead = |time: Patch<DateTime<Utc>>| matches!(time, Patch::Set(time) if time > now + Self::AHEAD);
        if ahead(change.arrival_date) {
            return Err(InvalidCheckIn::ArrivalAhead);
        }
        if ahead(change.departure_date) {
            return Err(InvalidCheckIn::DepartureAhead);
        }
        let arrival_date = change.arrival_date.over(self.arrival_date);
        let departure_date = change.departure_date.over(self.departure_date);
        match (arrival_date, departure_date) {
            (Some(arrival), Some(departure)) if departure < arrival => {
                Err(InvalidCheckIn::DepartureBeforeArrival)
            }
            _ => Ok(Self { arrival_date, departure_date, ..self }),
        }
    }
}

impl InvalidCheckIn {
    /// The field to blame, as the contract names it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::ArrivalAhead => "arrival_date",
            Self::DepartureAhead | Self::DepartureBeforeArrival => "departure_date",
        }
    }
}

impl ScanWarning {
    /// The warning as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutsideProductDates => "outside_product_dates",
            Self::PopupNotStarted => "popup_not_started",
            Self::PopupEnded => "popup_ended",
            Self::Departed => "departed",
        }
    }
}

/// Whether somebody whose application has this status, and who holds so many products, is let in.
///
/// # Errors
///
/// The first [`ScanRefusal`] that applies, in the order of its variants.
pub fn check_admission(status: ApplicationStatus, products: usize) -> Result<(), ScanRefusal> {
    if status != ApplicationStatus::Accepted {
        return Err(ScanRefusal::NotAccepted);
    }
    if products == 0 { Err(ScanRefusal::NoProduct) } else { Ok(()) }
}

/// What to look at when the code of somebody is scanned who holds products for the periods `products`.
/// `before` is the check-in that there was.
#[must_use]
pub fn scan_warnings(
    popup: &Popup,
    products: impl IntoIterator<Item = Period>,
    before: Option<&CheckIn>,
    now: DateTime<Utc>,
) -> Vec<ScanWarning> {
    let covered =
        products.into_iter().any(|period| !is_ahead(period, now) && !is_over(period, now));
    let event = Period::stored(
        popup.start_date.map(|time| time.and_utc()),
        popup.end_date.map(|time| time.and_utc()),
    );
    let departure = before.and_then(|check_in| check_in.departure_date);
    let warnings = [
        (!covered, ScanWarning::OutsideProductDates),
        (is_ahead(event, now), ScanWarning::PopupNotStarted),
        (is_over(event, now), ScanWarning::PopupEnded),
        (departure.is_some_and(|departure| departure < now), ScanWarning::Departed),
    ];
    warnings.into_iter().filter_map(|(applies, warning)| applies.then_some(warning)).collect()
}

fn is_ahead(period: Period, now: DateTime<Utc>) -> bool {
    period.start().is_some_and(|start| now < start)
}

/// An end at midnight is a bare date, which is what the backoffice sends: its whole day (in UTC) belongs to the
/// period.
fn is_over(period: Period, now: DateTime<Utc>) -> bool {
    period.end().is_some_and(|end| {
        let bare_date = end.time() == NaiveTime::MIN;
        if bare_date { now >= end + TimeDelta::days(1) } else { now > end }
    })
}

#[cfg(test)]
mod tests;
