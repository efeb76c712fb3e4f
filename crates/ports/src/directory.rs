use chrono::{DateTime, Utc};
use edgeos_domain::{ApplicationId, HumanId, PopupId};

use crate::{ApplicationView, Page, Paging, StoreError, Transaction};

/// Whom a look into the directory of attendees finds; what is empty doesn't narrow it. Nobody is found by what
/// they keep back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryFilter {
    /// Part of the first name, last name, address or Telegram name, in any letter case.
    pub search: Option<String>,
    /// Whether kids come along.
    pub brings_kids: Option<bool>,
    /// Numbers of weeks, in digits: the person holds a pass whose slug begins with `week` and one of them.
    pub weeks: Vec<String>,
}

/// Where the directory goes on: behind the application of this time and id.
pub type DirectoryPlace = (DateTime<Utc>, ApplicationId);

/// The directories of attendees of the transaction's tenant: accepted applications whose main attendee holds a
/// product, newest first, then by id. They come with everything that is known, hidden or not.
#[trait_variant::make(Send)]
pub trait Directories: Transaction {
    /// Whether `human` takes part in `popup` by an accepted application, as applicant or as companion.
    async fn may_look(&mut self, human: HumanId, popup: PopupId) -> Result<bool, StoreError>;

    /// One page of the directory of `popup`.
    async fn directory(
        &mut self,
        popup: PopupId,
        filter: &DirectoryFilter,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, StoreError>;

    /// The next of the directory of `popup` behind `place`, or the first, `limit` at most.
    async fn directory_after(
        &mut self,
        popup: PopupId,
        filter: &DirectoryFilter,
        place: Option<DirectoryPlace>,
        limit: u64,
    ) -> Result<Vec<ApplicationView>, StoreError>;
}
