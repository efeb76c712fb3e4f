//! The directory of attendees, in which participants of a popup find each other.

use std::fmt;

use edgeos_domain::{AttendeeCategory, DirectoryEntry, PopupId};
use edgeos_ports::{
    ApplicationView, Directories, DirectoryFilter, DirectoryPlace, Page, Paging, Participant, Store,
};

use crate::AppError;

/// How many entries an export reads at a time.
const STRETCH: u64 = 250;

/// Looks into directories of attendees.
#[derive(Clone)]
pub struct AttendeeDirectory<S> {
    store: S,
}

/// A whole directory, as it was when the reading began, read stretch by stretch. Holds a connection to the
/// database.
pub struct DirectoryExport<Tx> {
    tx: Tx,
    popup: PopupId,
    filter: DirectoryFilter,
    place: Option<DirectoryPlace>,
    ended: bool,
}

impl<S: Store<Tx: Directories>> AttendeeDirectory<S> {
    /// The use cases over `store`.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// One page of the directory of `popup`, newest application first.
    ///
    /// # Errors
    ///
    /// `Forbidden` for who doesn't take part in the popup, and where there is no such popup.
    pub async fn list(
        &self,
        by: &Participant,
        popup: PopupId,
        filter: &DirectoryFilter,
        paging: Paging,
    ) -> Result<Page<DirectoryEntry>, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        admit(&mut tx, by, popup).await?;
        Ok(tx.directory(popup, filter, paging).await?.map(entry))
    }

    /// The whole directory of `popup`, in the same order.
    ///
    /// # Errors
    ///
    /// As for [`list`](Self::list).
    pub async fn export(
        &self,
        by: &Participant,
        popup: PopupId,
        filter: DirectoryFilter,
    ) -> Result<DirectoryExport<S::Tx>, AppError> {
        let mut tx = self.store.begin_snapshot(&by.reading()).await?;
        admit(&mut tx, by, popup).await?;
        Ok(DirectoryExport { tx, popup, filter, place: None, ended: false })
    }
}

impl<Tx: Directories> DirectoryExport<Tx> {
    /// The next entries; `None` after the last ones.
    ///
    /// # Errors
    ///
    /// `Store`; what was read before is not the whole directory then.
    pub async fn next(&mut self) -> Result<Option<Vec<DirectoryEntry>>, AppError> {
        if self.ended {
            return Ok(None);
        }
        let views = self.tx.directory_after(self.popup, &self.filter, self.place, STRETCH).await?;
        self.ended = u64::try_from(views.len()).is_ok_and(|read| read < STRETCH);
        let Some(last) = views.last() else { return Ok(None) };
        self.place = Some((last.application.created_at, last.application.id));
        Ok(Some(views.into_iter().map(entry).collect()))
    }
}

async fn admit(
    tx: &mut impl Directories,
    by: &Participant,
    popup: PopupId,
) -> Result<(), AppError> {
    if tx.may_look(by.human(), popup).await? {
        return Ok(());
    }
    Err(AppError::Forbidden("only participants of this event see who attends".into()))
}

fn entry(view: ApplicationView) -> DirectoryEntry {
    let ApplicationView { application, human, attendees } = view;
    let mut passes = Vec::new();
    let mut people = Vec::with_capacity(attendees.len());
    for one in attendees {
        if one.attendee.category == AttendeeCategory::Main {
            passes = one.products.into_iter().map(|held| held.product).collect();
        }
        people.push(one.attendee);
    }
    DirectoryEntry::of(&application, human, people, passes)
}

impl<S> fmt::Debug for AttendeeDirectory<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttendeeDirectory").finish_non_exhaustive()
    }
}

impl<Tx> fmt::Debug for DirectoryExport<Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryExport").field("popup", &self.popup).finish_non_exhaustive()
    }
}
