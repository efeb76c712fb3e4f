use chrono::{DateTime, Utc};
use edgeos_domain::{MailId, PopupId};

use crate::{Page, Paging, StoreError, Transaction};

/// How far a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// It waits for its first attempt or the next.
    Queued,
    /// The mail server has it.
    Sent,
    /// It can't be sent.
    Dead,
    /// It wasn't worth sending any more.
    Expired,
}

impl MailState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Dead, Self::Expired];

    /// The state as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Expired => "expired",
        }
    }

    /// The state that is stored as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What became of a mail; never what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRecord {
    /// Which mail.
    pub id: MailId,
    /// The event that it is about, which may be gone.
    pub popup: Option<PopupId>,
    /// Its template, as stored.
    pub template: String,
    /// The address that gets it.
    pub to: String,
    /// How far it is.
    pub state: MailState,
    /// How many times somebody tried to send it.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// From when on the next attempt is due; `None` when there is none.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when the mail server has it.
    pub sent_at: Option<DateTime<Utc>>,
}

/// Which mails a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// Mails in this state.
    pub state: Option<MailState>,
    /// Mails made of this template.
    pub template: Option<String>,
    /// Mails about this event.
    pub popup: Option<PopupId>,
    /// Part of the address, in any letter case.
    pub search: Option<String>,
}

/// The tenant's mails as staff see them.
#[trait_variant::make(Send)]
pub trait MailRecords: Transaction {
    /// One page of the mails that match `filter`, newest first, then by id.
    async fn mail_records(
        &mut self,
        filter: &MailFilter,
        paging: Paging,
    ) -> Result<Page<MailRecord>, StoreError>;

    /// The mail `id`, locked until the transaction ends.
    async fn lock_mail_record(&mut self, id: MailId) -> Result<Option<MailRecord>, StoreError>;

    /// Queues a dead mail again, due at `now`, as if nobody had tried. Announce
    /// [`Change::Mail`](crate::Change::Mail) with it.
    async fn revive_mail(&mut self, id: MailId, now: DateTime<Utc>) -> Result<(), StoreError>;
}
