use crate::{AttendeeCategory, Patch};

/// What kind of thing a product is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductCategory {
    /// Admits an attendee.
    Ticket,
    /// A place to sleep, priced per night.
    Housing,
    /// A thing to take home.
    Merch,
    /// Anything else.
    Other,
    /// A contribution; who makes one gets the own tickets free.
    Patreon,
}

/// How long a ticket admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketDuration {
    /// A day; bought in quantities.
    Day,
    /// A week.
    Week,
    /// A month, its weeks included.
    Month,
    /// The whole event.
    Full,
}

/// What kind of thing a product is, with what only things of this kind have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductKind {
    /// See [`ProductCategory::Ticket`].
    Ticket {
        /// To whom the portal offers it; `None` for nobody.
        attendee: Option<AttendeeCategory>,
        /// How long it admits.
        duration: Option<TicketDuration>,
    },
    /// See [`ProductCategory::Housing`].
    Housing,
    /// See [`ProductCategory::Merch`].
    Merch,
    /// See [`ProductCategory::Other`].
    Other,
    /// See [`ProductCategory::Patreon`].
    Patreon,
}

/// Something that only tickets have was asked of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProductKind {
    /// To whom it is offered.
    #[error("only tickets have an attendee category")]
    AttendeeCategory,
    /// How long it admits.
    #[error("only tickets have a duration")]
    DurationType,
}

impl ProductCategory {
    /// Every category, in the order of the contract.
    pub const ALL: [Self; 5] =
        [Self::Ticket, Self::Housing, Self::Merch, Self::Other, Self::Patreon];

    /// The category as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Housing => "housing",
            Self::Merch => "merch",
            Self::Other => "other",
            Self::Patreon => "patreon",
        }
    }

    /// The category that is sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == text)
    }
}

impl ProductKind {
    /// Something of `category`, with what only tickets have.
    ///
    /// # Errors
    ///
    /// The first [`InvalidProductKind`] that applies, in the order of its variants.
    pub fn new(
        category: ProductCategory,
        attendee: Option<AttendeeCategory>,
        duration: Option<TicketDuration>,
    ) -> Result<Self, InvalidProductKind> {
        let plain = match category {
            ProductCategory::Ticket => return Ok(Self::Ticket { attendee, duration }),
            ProductCategory::Housing => Self::Housing,
            ProductCategory::Merch => Self::Merch,
            ProductCategory::Other => Self::Other,
            ProductCategory::Patreon => Self::Patreon,
        };
        match (attendee, duration) {
            (Some(_), _) => Err(InvalidProductKind::AttendeeCategory),
            (None, Some(_)) => Err(InvalidProductKind::DurationType),
            (None, None) => Ok(plain),
        }
    }

    /// This kind after a change. What stops being a ticket loses what only tickets have, unless the change
    /// itself gives it.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn changed(
        self,
        category: Option<ProductCategory>,
        attendee: Patch<AttendeeCategory>,
        duration: Patch<TicketDuration>,
    ) -> Result<Self, InvalidProductKind> {
        let category = category.unwrap_or(self.category());
        if category == ProductCategory::Ticket {
            let attendee = attendee.over(self.attendee_category());
            return Self::new(category, attendee, duration.over(self.duration_type()));
        }
        Self::new(category, attendee.over(None), duration.over(None))
    }

    /// The kind in one word.
    #[must_use]
    pub fn category(self) -> ProductCategory {
        match self {
            Self::Ticket { .. } => ProductCategory::Ticket,
            Self::Housing => ProductCategory::Housing,
            Self::Merch => ProductCategory::Merch,
            Self::Other => ProductCategory::Other,
            Self::Patreon => ProductCategory::Patreon,
        }
    }

    /// To whom the portal offers it, if it is a ticket that it offers.
    #[must_use]
    pub fn attendee_category(self) -> Option<AttendeeCategory> {
        match self {
            Self::Ticket { attendee, .. } => attendee,
            _ => None,
        }
    }

    /// How long it admits, if it is a ticket that says so.
    #[must_use]
    pub fn duration_type(self) -> Option<TicketDuration> {
        match self {
            Self::Ticket { duration, .. } => duration,
            _ => None,
        }
    }
}
