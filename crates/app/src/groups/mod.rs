//! Groups: set up by the organiser, run by their leaders, shown to whoever follows their links.
//!
//! Every way into a group, and out of it, locks the group first: what is counted then stays true.

mod ambassador;
mod leaders;
mod led;
mod members;
mod refusal;
mod shown;
mod staff;

use edgeos_domain::{Group, GroupId, GroupRefusal, HumanId, Popup};
use edgeos_ports::{
    GroupDoor, GroupLeaders, GroupMemberView, GroupView, Groups, Popups, Resource, Savepoints,
};

use crate::{AppError, applications::ApplicationTx, html::safe_html};

pub(crate) use self::ambassador::invite_link;
pub use self::{
    led::LeadGroups,
    members::{BatchedMember, MemberChange, NewMember},
    shown::ShownGroups,
    staff::ManageGroups,
};

/// Everything that a change of a group touches.
pub trait GroupTx: ApplicationTx + GroupLeaders + Savepoints {}

impl<T: ApplicationTx + GroupLeaders + Savepoints> GroupTx for T {}

/// A group with everybody in it.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupWithMembers {
    /// The group.
    pub view: GroupView,
    /// Who is in it, in the order in which they joined.
    pub members: Vec<GroupMemberView>,
}

/// The group `id`, as it may be shown.
async fn seen(tx: &mut impl Groups, id: GroupId) -> Result<GroupView, AppError> {
    let view = tx.group(id).await?.ok_or(AppError::NotFound(Resource::Group))?;
    Ok(safe(view))
}

/// `view` with a description that a page can show. Descriptions are cleaned before they are stored, but
/// whoever has a login to the database writes what they like.
fn safe(mut view: GroupView) -> GroupView {
    view.group.description = view.group.description.map(safe_html);
    view
}

/// A description as it may be shown and kept. What makes it safe may make it longer, and whoever is shown it sends it
/// back.
fn description(sent: String) -> Result<String, AppError> {
    let description = safe_html(sent);
    if description.chars().count() > Group::DESCRIPTION_MAX {
        let rule =
            format!("must not be longer than {} characters, as shown", Group::DESCRIPTION_MAX);
        return Err(AppError::invalid("description")(rule));
    }
    Ok(description)
}

/// The group `id`, which `human` leads, and its popup. The group is locked, the popup stays as it is.
async fn lock_led(
    tx: &mut (impl Groups + GroupLeaders + Popups),
    id: GroupId,
    human: HumanId,
) -> Result<(Popup, GroupDoor), AppError> {
    let missing = || AppError::NotFound(Resource::Group);
    let popup = tx.popup_of_group(id).await?.ok_or_else(missing)?;
    let popup = tx.hold_popup(popup).await?.ok_or_else(missing)?;
    let door = tx.lock_group(id).await?.ok_or_else(missing)?;
    if !tx.is_leader(id, human).await? {
        return Err(GroupRefusal::NotLeader.into());
    }
    Ok((popup, door))
}
