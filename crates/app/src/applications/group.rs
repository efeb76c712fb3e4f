use edgeos_domain::{ApplicationRefusal, Email, GroupId, HumanId, PopupId};
use edgeos_ports::{GroupDoor, GroupMembers, Groups, Resource};

use crate::AppError;

/// The group that a request names, locked. `Some(None)` when the tenant has no such group; that is told only
/// once it is its turn.
pub(super) type Named = Option<Option<GroupDoor>>;

/// Locks the group `id`, if one is named.
pub(super) async fn lock_named(
    tx: &mut impl Groups,
    id: Option<GroupId>,
) -> Result<Named, AppError> {
    Ok(match id {
        Some(id) => Some(tx.lock_group(id).await?),
        None => None,
    })
}

/// The group behind `named`, if it gathers participants of `popup`.
pub(super) fn of_popup(named: Named, popup: PopupId) -> Result<Option<GroupDoor>, AppError> {
    let Some(door) = named else { return Ok(None) };
    let door = door.ok_or(AppError::NotFound(Resource::Group))?;
    if door.popup != popup {
        return Err(ApplicationRefusal::GroupOfAnotherPopup.into());
    }
    Ok(Some(door))
}

/// Whether somebody with this address may come in by `door`.
pub(super) async fn check_list(
    tx: &mut impl Groups,
    door: &GroupDoor,
    email: &Email,
) -> Result<(), AppError> {
    if door.is_open || tx.is_listed(door.id, email).await? {
        return Ok(());
    }
    Err(ApplicationRefusal::NotWhitelisted.into())
}

/// Whether there is a place for `human` behind `door`. Who is a member already has one.
pub(super) async fn check_room(
    tx: &mut impl GroupMembers,
    door: &GroupDoor,
    human: HumanId,
) -> Result<(), AppError> {
    if door.is_full() && tx.membership(door.id, human).await?.is_none() {
        return Err(ApplicationRefusal::GroupFull.into());
    }
    Ok(())
}
