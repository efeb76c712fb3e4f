use std::collections::{BTreeSet, HashMap};

use edgeos_domain::{
    Candidate, Email, GroupId, GroupRefusal, Human, HumanId, PopupId, Profile, ProfileChange,
    TenantId, check_candidate,
};
use edgeos_ports::{
    Applications, Environment, Forms, GroupDoor, GroupMemberView, GroupMembers, Humans,
    Participant, Resource, Savepoints, Store, Transaction,
};

use super::{GroupTx, LeadGroups, lock_led};
use crate::{
    AppError,
    applications::{Entry, bring_in, take_out},
    humans::known_or_new,
    idempotency::{Once, Repeatable},
};

/// Somebody whom a leader wants in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// Who it is, known or not.
    pub email: Email,
    /// What the leader knows about the person.
    pub profile: Profile,
}

/// What became of one of many.
#[derive(Debug)]
pub struct BatchedMember {
    /// Who was to be a member.
    pub sent: NewMember,
    /// The member; or why there is none, and nothing has changed for this person.
    pub outcome: Result<GroupMemberView, AppError>,
}

/// What a leader changes about a member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberChange {
    /// What the person tells about themselves.
    pub profile: ProfileChange,
    /// The address, which can't be another one.
    pub email: Option<String>,
}

/// Somebody who is a member now.
struct Admitted {
    human: HumanId,
    /// Whether they weren't before.
    joined: bool,
}

impl<S: Store<Tx: GroupTx>> LeadGroups<S> {
    /// Brings somebody into the group `id`: who is new becomes known, and who hasn't applied yet is accepted.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Forbidden` for who doesn't lead it, and in an ambassador group; then as
    /// [`check_candidate`] says. With a key, as [`Repeatable`] says.
    pub async fn add_member(
        &self,
        by: &Participant,
        id: GroupId,
        new: NewMember,
        once: Option<&Repeatable<'_, GroupMemberView>>,
    ) -> Result<Once<GroupMemberView>, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        if let Some(answer) = Repeatable::claim(once, &mut tx, env).await? {
            return Ok(Once::Repeated(answer));
        }
        let (popup, door) = lock_led(&mut tx, id, by.human()).await?;
        check_regular(&door)?;
        let form = tx.form(popup.id).await?.schema(&popup);
        let entry = Entry { popup: &popup, group: id, form: &form };
        let admitted = admit(&mut tx, env, by.tenant(), &entry, &door, &new, false).await?;
        let view = member(&mut tx, id, admitted.human).await?;
        Repeatable::settle(once, &mut tx, env, &view).await?;
        tx.commit().await?;
        Ok(Once::Done(view))
    }

    /// As [`add_member`](Self::add_member), many people one after the other: whoever can't be brought in is
    /// left out. With `update_existing`, who is a member already gets what the leader tells.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Forbidden` for who doesn't lead it, and in an ambassador group. With a key, as
    /// [`Repeatable`] says.
    pub async fn add_members(
        &self,
        by: &Participant,
        id: GroupId,
        members: Vec<NewMember>,
        update_existing: bool,
        once: Option<&Repeatable<'_, Vec<BatchedMember>>>,
    ) -> Result<Once<Vec<BatchedMember>>, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        if let Some(answer) = Repeatable::claim(once, &mut tx, env).await? {
            return Ok(Once::Repeated(answer));
        }
        let (popup, mut door) = lock_led(&mut tx, id, by.human()).await?;
        check_regular(&door)?;
        lock_ahead(&mut tx, popup.id, &members).await?;
        let form = tx.form(popup.id).await?.schema(&popup);
        let entry = Entry { popup: &popup, group: id, form: &form };

        let mut outcomes = Vec::with_capacity(members.len());
        for new in members {
            tx.set_savepoint().await?;
            let admitted =
                admit(&mut tx, env, by.tenant(), &entry, &door, &new, update_existing).await;
            match &admitted {
                Ok(admitted) => {
                    tx.release_savepoint().await?;
                    door.members += u64::from(admitted.joined);
                }
                Err(error) => {
                    if let AppError::Store(error) = error {
                        let error: &dyn std::error::Error = error;
                        tracing::error!(error, group.id = %id, "somebody can't be brought in");
                    }
                    tx.undo_to_savepoint().await?;
                }
            }
            outcomes.push((new, admitted.map(|admitted| admitted.human)));
        }

        let humans: Vec<_> =
            outcomes.iter().filter_map(|(_, human)| human.as_ref().ok()).copied().collect();
        let views = tx.members(id, Some(&humans)).await?;
        let views: HashMap<_, _> = views.into_iter().map(|view| (view.human.id, view)).collect();
        let missing = || AppError::NotFound(Resource::GroupMember);
        let batched = outcomes.into_iter().map(|(sent, human)| {
            let view = human.and_then(|human| views.get(&human).cloned().ok_or_else(missing));
            BatchedMember { sent, outcome: view }
        });
        let batched = batched.collect();
        Repeatable::settle(once, &mut tx, env, &batched).await?;
        tx.commit().await?;
        Ok(Once::Done(batched))
    }

    /// Changes what `change` mentions about the profile of a member.
    ///
    /// # Errors
    ///
    /// `NotFound` for the group; `Forbidden` for who doesn't lead it, and in an ambassador group; `NotFound`
    /// for who isn't a member; `Refused` for another e-mail.
    pub async fn update_member(
        &self,
        by: &Participant,
        id: GroupId,
        human: HumanId,
        change: MemberChange,
    ) -> Result<GroupMemberView, AppError> {
        let missing = || AppError::NotFound(Resource::GroupMember);
        let mut tx = self.store.begin(&by.scope()).await?;
        let (_, door) = lock_led(&mut tx, id, by.human()).await?;
        check_regular(&door)?;
        tx.membership(id, human).await?.ok_or_else(missing)?;
        let human = tx.lock_human(human).await?.ok_or_else(missing)?;
        let is_another = |email: String| email.trim().to_lowercase() != human.email.as_str();
        if change.email.is_some_and(is_another) {
            return Err(GroupRefusal::EmailFixed.into());
        }
        let profile = human.profile.clone().changed(change.profile);
        store_profile(&mut tx, human.clone(), profile).await?;
        let view = member(&mut tx, id, human.id).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Takes somebody out of the group `id`. An application that the group made accepted stands where it would
    /// without.
    ///
    /// # Errors
    ///
    /// `NotFound` for the group; `Forbidden` for who doesn't lead it, and in an ambassador group; `NotFound`
    /// for who isn't a member; `Refused` while anybody whom the member brings holds a product.
    pub async fn remove_member(
        &self,
        by: &Participant,
        id: GroupId,
        human: HumanId,
    ) -> Result<(), AppError> {
        let missing = || AppError::NotFound(Resource::GroupMember);
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        let (popup, door) = lock_led(&mut tx, id, by.human()).await?;
        check_regular(&door)?;
        let membership = tx.membership(id, human).await?.ok_or_else(missing)?;
        let human = tx.hold_human(human).await?.ok_or_else(missing)?;
        if let Some(application) = tx.lock_application_of(human.id, popup.id).await? {
            if tx.holds_products(application.id).await? {
                return Err(GroupRefusal::HoldsProducts.into());
            }
            take_out(&mut tx, env, &popup, &human, application, id, membership).await?;
        }
        tx.delete_member(id, human.id).await?;
        Ok(tx.commit().await?)
    }
}

fn check_regular(door: &GroupDoor) -> Result<(), GroupRefusal> {
    if door.is_ambassador_group { Err(GroupRefusal::AmbassadorGroup) } else { Ok(()) }
}

/// Locks whom `members` are about in the order in which everybody locks, though they are brought in in another
/// one: addresses, the humans who have them, their applications to `popup`, and the attendees who become theirs.
async fn lock_ahead(
    tx: &mut impl GroupTx,
    popup: PopupId,
    members: &[NewMember],
) -> Result<(), AppError> {
    let emails: BTreeSet<_> = members.iter().map(|new| new.email.clone()).collect();
    let emails: Vec<_> = emails.into_iter().collect();
    tx.humans_with(&emails).await?;
    let known = tx.lock_humans_with(&emails).await?;
    let ids: Vec<_> = known.iter().map(|human| human.id).collect();
    tx.lock_applications_to(popup, &ids).await?;
    tx.lock_unlinked_attendees(&emails).await?;
    Ok(())
}

/// Brings somebody in by `door`, which is locked.
async fn admit(
    tx: &mut impl GroupTx,
    env: &dyn Environment,
    tenant: TenantId,
    entry: &Entry<'_>,
    door: &GroupDoor,
    new: &NewMember,
    update_existing: bool,
) -> Result<Admitted, AppError> {
    let profile = Profile::default().completed_by(new.profile.clone());
    let told = Human::new(HumanId(env.uuid()), tenant, new.email.clone(), profile, None);
    let (human, is_new) = known_or_new(tx, told).await?;
    let stranger = Candidate {
        popup_closed: entry.popup.is_closed(),
        is_member: false,
        is_full: door.is_full(),
        red_flag: human.red_flag,
        is_listed: door.is_open || tx.is_listed(door.id, &human.email).await?,
        application: None,
        is_companion: false,
    };
    let application =
        if is_new { None } else { tx.lock_application_of(human.id, entry.popup.id).await? };
    // Who is new is somebody's companion only if attendees have the address.
    let may_be_companion =
        application.is_none() && (!is_new || tx.link_attendees(human.id, &human.email).await? > 0);
    let candidate = Candidate {
        is_member: !is_new && tx.membership(door.id, human.id).await?.is_some(),
        application: application.as_ref(),
        // Whoever has applied takes part as applicant, whoever else brings them along.
        is_companion: may_be_companion && tx.is_companion(human.id, entry.popup.id).await?,
        ..stranger
    };
    match check_candidate(door.id, &candidate) {
        Err(GroupRefusal::AlreadyMember) if update_existing => {
            let told = ProfileChange::filling_in(new.profile.clone());
            let profile = human.profile.clone().changed(told);
            let human = store_profile(tx, human, profile).await?;
            return Ok(Admitted { human: human.id, joined: false });
        }
        checked => checked?,
    }
    let profile = human.profile.clone().completed_by(new.profile.clone());
    let human = store_profile(tx, human, profile).await?;
    bring_in(tx, env, entry, &human, application).await?;
    Ok(Admitted { human: human.id, joined: true })
}

/// `human` with `profile`, stored if that is another one.
async fn store_profile(
    tx: &mut impl Humans,
    human: Human,
    profile: Profile,
) -> Result<Human, AppError> {
    if profile == human.profile {
        return Ok(human);
    }
    let human = Human { profile, ..human };
    tx.update_human(&human).await?;
    Ok(human)
}

/// The member `human` of `group`, after this transaction's changes.
async fn member(
    tx: &mut impl GroupMembers,
    group: GroupId,
    human: HumanId,
) -> Result<GroupMemberView, AppError> {
    let view = tx.members(group, Some(&[human])).await?.pop();
    view.ok_or(AppError::NotFound(Resource::GroupMember))
}
