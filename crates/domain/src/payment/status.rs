use super::Currency;

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentStatus {
    /// Waiting for the money.
    Pending,
    /// Paid, or free: the attendees hold what it sells.
    Approved,
    /// Turned down by the provider.
    Rejected,
    /// Not paid in time.
    Expired,
    /// Called off.
    Cancelled,
}

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentType {
    /// Products for the attendees of an application.
    PassPurchase,
    /// That somebody looks at an application.
    ApplicationFee,
}

/// Through whom the money came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentSource {
    /// The provider itself.
    SimpleFi,
    /// A card, charged for the provider.
    Stripe,
}

impl PaymentStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Approved, Self::Rejected, Self::Expired, Self::Cancelled];

    /// The status as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl PaymentType {
    /// Every type.
    pub const ALL: [Self; 2] = [Self::PassPurchase, Self::ApplicationFee];

    /// The type as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PassPurchase => "pass_purchase",
            Self::ApplicationFee => "application_fee",
        }
    }

    /// The type that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|payment_type| payment_type.as_str() == text)
    }
}

impl PaymentSource {
    /// Every source.
    pub const ALL: [Self; 2] = [Self::SimpleFi, Self::Stripe];

    /// The source as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SimpleFi => "SimpleFI",
            Self::Stripe => "Stripe",
        }
    }

    /// The source that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }

    /// Through whom money in `currency` came: dollars are paid by card.
    #[must_use]
    pub fn of(currency: &Currency) -> Self {
        if currency.is_usd() { Self::Stripe } else { Self::SimpleFi }
    }
}
