use edgeos_domain::{Group, GroupId, Human, Popup};
use edgeos_ports::{Environment, GroupLeaders, Groups, Source, StoreError};

use crate::html::safe_html;

/// How often a slug is drawn until one is found that no group of the popup has.
const DRAWS: usize = 5;

/// Gives `human` an invite link to `popup`: a group that they lead. Nothing changes when they have one there, also
/// when that comes to be at this moment.
///
/// # Errors
///
/// [`StoreError`].
pub(crate) async fn invite_link(
    tx: &mut (impl Groups + GroupLeaders),
    env: &dyn Environment,
    popup: &Popup,
    human: &Human,
) -> Result<(), StoreError> {
    for _ in 0..DRAWS {
        if tx.is_ambassador(human.id, popup.id).await? {
            return Ok(());
        }
        let mut random = [0; 4];
        env.fill(&mut random);
        let group = Group::of_ambassador(GroupId(env.uuid()), popup, human, random, env.now());
        let group = Group { description: group.description.map(safe_html), ..group };
        if tx.insert_group_if_new(&group).await? {
            tx.insert_leader(group.id, human.id).await?;
            return Ok(());
        }
    }
    Err(StoreError::Failed(Source::from("every slug that was drawn is taken")))
}
