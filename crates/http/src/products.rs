mod output;

pub(crate) use self::output::{ProductPublic, ProductWithQuantity};
use crate::shape::choice;

choice! {
    /// What kind of thing a product is.
    ProductCategory(edgeos_domain::ProductCategory) {
        "ticket" => Ticket, "housing" => Housing, "merch" => Merch, "other" => Other,
        "patreon" => Patreon,
    }
}

choice! {
    /// To whom a ticket is offered.
    TicketAttendeeCategory(edgeos_domain::AttendeeCategory) {
        "main" => Main, "spouse" => Spouse, "kid" => Kid,
    }
}

choice! {
    /// How long a ticket admits.
    TicketDuration(edgeos_domain::TicketDuration) {
        "day" => Day, "week" => Week, "month" => Month, "full" => Full,
    }
}
