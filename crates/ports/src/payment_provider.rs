use std::fmt;

use chrono::{DateTime, Utc};
use edgeos_domain::{ApplicationId, AttendeeId, HttpUrl, PaymentId, ProductId};
use rust_decimal::Decimal;

/// Where customers pay. It is called outside of any transaction: what is asked is recorded before, what it
/// answers after.
///
/// Whatever the provider announces by itself (see [`ProviderEvent`]) is a hint until
/// [`verify_signature`](Self::verify_signature) or a token of ours vouches for it, or
/// [`payment_request`](Self::payment_request) confirms it. There is no call that takes a request back or
/// returns money: a request whose checkout address nobody was given can't be paid.
#[async_trait::async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Opens a checkout for a payment; the same payment again finds the same one, as far as the provider
    /// keeps count. Answers within 20 seconds.
    ///
    /// # Errors
    ///
    /// [`ProviderError`]; after `Unavailable` and `InvalidAnswer` there may be a request, whose address nobody
    /// knows.
    async fn create_payment_request(
        &self,
        account: &ProviderAccount,
        new: &NewPaymentRequest,
    ) -> Result<CreatedRequest, ProviderError>;

    /// How far a request has come, by the provider's own word. Answers within 20 seconds.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    async fn payment_request(
        &self,
        account: &ProviderAccount,
        external_id: &str,
    ) -> Result<RequestState, ProviderError>;

    /// Whether `signature` is what the provider signs `body`, the bytes of an announcement as they arrived,
    /// with for this account. Takes the same time wherever they differ.
    fn verify_signature(&self, account: &ProviderAccount, body: &[u8], signature: &str) -> bool;
}

/// A popup's account at the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderAccount {
    key: String,
}

/// A checkout to be opened.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPaymentRequest {
    /// What is paid.
    pub payment: PaymentId,
    /// How much is due: 0.01 or more, in whole cents.
    pub amount: Decimal,
    /// In which currency: `USD`.
    pub currency: String,
    /// What the provider shows the organiser beside the payment.
    pub reference: PaymentReference,
    /// What the customer reads.
    pub memo: String,
    /// Where the provider announces what happens.
    pub notification_url: HttpUrl,
    /// Where the customer goes after paying.
    pub success_url: HttpUrl,
    /// Where the customer goes instead.
    pub cancel_url: HttpUrl,
}

/// Who pays for what.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentReference {
    /// The human's address; empty if there is none.
    pub email: String,
    /// The application that it is paid for.
    pub application: ApplicationId,
    /// What it is paid for.
    pub subject: PaymentSubject,
}

/// What a payment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentSubject {
    /// Products, in the order of the request.
    Products(Vec<ReferencedProduct>),
    /// The fee of an application.
    ApplicationFee,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferencedProduct {
    /// What is bought.
    pub product: ProductId,
    /// What it is called.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// For whom.
    pub attendee: AttendeeId,
}

/// A checkout that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedRequest {
    /// The provider's name for it: 1 to 255 characters.
    pub external_id: String,
    /// How far it has come already.
    pub status: RequestStatus,
    /// Where the customer pays.
    pub checkout_url: HttpUrl,
}

/// How far a request has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestState {
    /// The provider's name for it.
    pub external_id: String,
    /// How far it has come.
    pub status: RequestStatus,
    /// What it asks for, if the provider tells.
    pub amount: Option<Decimal>,
}

/// The provider's word for how far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStatus {
    /// Nothing was paid, or not everything.
    Pending,
    /// Paid.
    Approved,
    /// The payment was turned down.
    Rejected,
    /// Nobody paid in time.
    Expired,
    /// Somebody called it off.
    Cancelled,
    /// A word that we don't know; nothing follows from it.
    Unknown,
}

/// Why the provider gives no usable answer. Says nothing of keys, contents or the provider's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It can't be reached, takes too long, fails, or has too much to do: what became of the request is
    /// unknown. Asking later may help.
    #[error("the payment provider can't be reached")]
    Unavailable,
    /// It doesn't accept the account's key, or what is asked. Asking again won't help.
    #[error("the payment provider refuses the request")]
    Refused,
    /// It knows no such request; never the answer to a creation.
    #[error("the payment provider knows no such request")]
    NoSuchRequest,
    /// What it says can't be understood.
    #[error("the payment provider's answer can't be understood")]
    InvalidAnswer,
}

/// Something that the provider announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderEvent {
    /// A request that is paid at once has come somewhere.
    Payment(PaymentEvent),
    /// An installment of a plan has come somewhere.
    Installment(InstallmentEvent),
    /// The customer has agreed to pay by installments.
    PlanActivated {
        /// The provider's name for the plan.
        plan: String,
        /// How many installments there will be.
        installments: u32,
    },
    /// All installments are paid.
    PlanCompleted {
        /// The provider's name for the plan.
        plan: String,
        /// How many there were.
        paid: u32,
    },
    /// The plan was called off.
    PlanCancelled {
        /// The provider's name for the plan.
        plan: String,
    },
    /// Anything else; nothing follows from it.
    Other,
}

/// What the provider says about a request that is paid at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    /// The provider's name for the request, at most 255 characters.
    pub external_id: String,
    /// How far it has come.
    pub status: RequestStatus,
    /// What it is paid in, at most 10 characters: `ETH`, or `USD` if that isn't told.
    pub currency: String,
    /// USD per unit of `currency`: above 0, below 10^10, eight decimals at most; `None` while nothing is paid, and for
    /// a rate that can't be told so.
    pub rate: Option<Decimal>,
}

/// What the provider says about an installment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallmentEvent {
    /// The provider's name for the plan, at most 255 characters.
    pub plan: String,
    /// The provider's name for the installment's own request, at most 255 characters.
    pub external_id: String,
    /// How far it has come; only `Approved` is paid.
    pub status: RequestStatus,
    /// What was paid, in `currency`: below 10^10, eight decimals at most. There whenever it is paid.
    pub amount: Option<Decimal>,
    /// What was paid in, at most 10 characters.
    pub currency: String,
    /// When it was paid, if the provider tells.
    pub paid_at: Option<DateTime<Utc>>,
}

impl ProviderAccount {
    /// The account that `key` opens; `None` for an empty one: nothing can be paid there, and nothing that it
    /// signs counts.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Option<Self> {
        let key = key.into();
        (!key.is_empty()).then_some(Self { key })
    }

    /// The key in clear, for an adapter.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl RequestStatus {
    /// The status that the provider calls `word`, in whatever case.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "pending" => Self::Pending,
            "approved" => Self::Approved,
            "rejected" => Self::Rejected,
            "expired" => Self::Expired,
            "cancelled" | "canceled" => Self::Cancelled,
            _ => Self::Unknown,
        }
    }
}

// Keys, addresses of people and tokens in addresses of ours don't belong in a log, so they don't print.

impl fmt::Debug for ProviderAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderAccount(..)")
    }
}

impl fmt::Debug for NewPaymentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPaymentRequest").field("payment", &self.payment).finish_non_exhaustive()
    }
}

impl fmt::Debug for PaymentReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentReference")
            .field("application", &self.application)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("pending", RequestStatus::Pending)]
    #[case("Approved", RequestStatus::Approved)]
    #[case("REJECTED", RequestStatus::Rejected)]
    #[case("expired", RequestStatus::Expired)]
    #[case("cancelled", RequestStatus::Cancelled)]
    #[case("Canceled", RequestStatus::Cancelled)]
    #[case("created", RequestStatus::Unknown)]
    #[case("", RequestStatus::Unknown)]
    fn the_words_of_the_provider_are_understood(#[case] word: &str, #[case] status: RequestStatus) {
        assert_eq!(RequestStatus::of(word), status);
    }

    #[test]
    fn there_is_no_account_without_a_key() {
        assert_eq!(ProviderAccount::new(""), None);
        assert_eq!(ProviderAccount::new("k").as_ref().map(ProviderAccount::key), Some("k"));
    }

    #[test]
    fn a_key_is_never_printed() {
        let printed = format!("{:?}", ProviderAccount::new("sk_live_1"));
        assert!(!printed.contains("sk_live_1"), "{printed}");
    }
}
