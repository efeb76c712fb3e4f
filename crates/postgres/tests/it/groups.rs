use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{
    Email, Group, GroupId, GroupSlug, Human, HumanId, ListedEmail, ListedEmailId, NewGroup,
    Percentage, Popup, Profile, Tenant,
};
use edgeos_ports::{
    GroupFilter, GroupLeaders, GroupMembers, Groups, Humans, Key, Paging, Savepoints, Store,
    StoreError, TenantScope, Transaction,
};
use edgeos_postgres::PgTx;

use crate::support::{TestStore, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn group(popup: &Popup, name: &str, second: i64) -> Group {
    let new = NewGroup {
        popup: popup.id,
        name: name.to_owned(),
        slug: None,
        description: None,
        discount: Percentage::ZERO,
        max_members: Some(2),
        welcome_message: None,
        is_ambassador_group: false,
        ambassador: None,
    };
    new.into_group(GroupId(uuid()), popup.tenant, [0; 4], at(second))
}

fn listed(email: &str, second: i64) -> ListedEmail {
    let email = Email::parse(email).unwrap();
    ListedEmail { id: ListedEmailId(uuid()), email, created_at: at(second) }
}

async fn begin(test: &TestStore, tenant: &Tenant) -> PgTx {
    test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap()
}

async fn human(tx: &mut PgTx, tenant: &Tenant, email: &str) -> Human {
    let email = Email::parse(email).unwrap();
    let human = Human::new(HumanId(uuid()), tenant.id, email, Profile::default(), None);
    assert!(tx.insert_human_if_new(&human).await.unwrap());
    human
}

#[tokio::test]
async fn a_group_is_found_as_it_was_stored() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let (popup, other) = (test.popup(&tenant, "Fair").await, test.popup(&tenant, "Other").await);
    let (early, late) = (group(&popup, "Early", 1), group(&other, "Late", 2));
    let mut tx = begin(&test, &tenant).await;
    for group in [&early, &late] {
        tx.insert_group(group).await.unwrap();
    }
    let names = async |tx: &mut PgTx, filter: &GroupFilter| {
        let page = tx.groups(filter, ALL).await.unwrap();
        page.items.into_iter().map(|view| view.group.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&mut tx, &GroupFilter::default()).await, ["Late", "Early"]);
    let of_popup = GroupFilter { popup: Some(popup.id), ..GroupFilter::default() };
    assert_eq!(names(&mut tx, &of_popup).await, ["Early"]);
    let found = GroupFilter { search: Some("AR".to_owned()), ..GroupFilter::default() };
    assert_eq!(names(&mut tx, &found).await, ["Early"]);

    let ann = human(&mut tx, &tenant, "ann@x.com").await;
    assert!(tx.insert_leader(early.id, ann.id).await.unwrap());
    assert!(!tx.insert_leader(early.id, ann.id).await.unwrap());
    let led = GroupFilter { leader: Some(ann.id), ..GroupFilter::default() };
    assert_eq!(names(&mut tx, &led).await, ["Early"]);
    assert_eq!(tx.leaders(early.id).await.unwrap(), std::slice::from_ref(&ann));

    let changed = Group {
        description: Some("Text".to_owned()),
        discount: Percentage::new("12.5".parse().unwrap()).unwrap(),
        max_members: None,
        ambassador: Some(ann.id),
        updated_at: at(3),
        ..early.clone()
    };
    tx.update_group(&changed).await.unwrap();
    assert_eq!(tx.group(early.id).await.unwrap().unwrap().group, changed);
}

#[tokio::test]
async fn slugs_and_invite_links_are_there_once() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let (popup, other) = (test.popup(&tenant, "Fair").await, test.popup(&tenant, "Other").await);
    let mut tx = begin(&test, &tenant).await;
    let ann = human(&mut tx, &tenant, "ann@x.com").await;
    let team =
        Group { is_ambassador_group: true, ambassador: Some(ann.id), ..group(&popup, "Team", 0) };
    tx.insert_group(&team).await.unwrap();
    tx.insert_group(&group(&other, "Team", 0)).await.unwrap();
    assert!(tx.is_ambassador(ann.id, popup.id).await.unwrap());
    assert!(!tx.is_ambassador(ann.id, other.id).await.unwrap());

    let same_slug = group(&popup, "Team", 0);
    let second = Group { slug: GroupSlug::parse("second").unwrap(), id: GroupId(uuid()), ..team };
    for taken in [&same_slug, &second] {
        assert!(!tx.insert_group_if_new(taken).await.unwrap());
    }
    for (taken, key) in [(&same_slug, Key::GroupSlug), (&second, Key::AmbassadorGroup)] {
        tx.set_savepoint().await.unwrap();
        let refused = tx.insert_group(taken).await;
        assert!(matches!(&refused, Err(StoreError::Taken(found)) if *found == key), "{refused:?}");
        tx.undo_to_savepoint().await.unwrap();
    }
    assert_eq!(tx.groups(&GroupFilter::default(), ALL).await.unwrap().total, 2);
}

#[tokio::test]
async fn who_stays_on_the_list_keeps_the_entry() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let group = group(&popup, "Team", 0);
    let mut tx = begin(&test, &tenant).await;
    tx.insert_group(&group).await.unwrap();
    assert!(tx.group(group.id).await.unwrap().unwrap().is_open);

    let (a, b) = (listed("a@x.com", 1), listed("b@x.com", 1));
    tx.replace_listed(group.id, &[b.clone(), a.clone()]).await.unwrap();
    assert_eq!(tx.group(group.id).await.unwrap().unwrap().listed, [a.clone(), b.clone()]);
    let c = listed("c@x.com", 2);
    tx.replace_listed(group.id, &[listed("b@x.com", 2), c.clone()]).await.unwrap();
    let view = tx.group(group.id).await.unwrap().unwrap();
    assert_eq!((view.is_open, view.listed), (false, vec![b, c]));
    assert!(!tx.is_listed(group.id, &a.email).await.unwrap());
    let by_slug = tx.group_by_slug("team").await.unwrap().unwrap();
    assert_eq!((by_slug.is_open, by_slug.listed), (false, vec![]));
    tx.replace_listed(group.id, &[]).await.unwrap();
    assert!(tx.group(group.id).await.unwrap().unwrap().is_open);
}

#[tokio::test]
async fn members_are_counted_in_the_order_in_which_they_joined() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let group = group(&popup, "Team", 0);
    let mut tx = begin(&test, &tenant).await;
    tx.insert_group(&group).await.unwrap();
    let ann = human(&mut tx, &tenant, "ann@x.com").await;
    let bo = human(&mut tx, &tenant, "bo@x.com").await;
    for (human, admitted, second) in
        [(&ann, true, 2), (&bo, false, 1), (&ann, false, 0), (&bo, true, 5)]
    {
        tx.insert_member(group.id, human.id, admitted, at(second)).await.unwrap();
    }
    let door = tx.lock_group(group.id).await.unwrap().unwrap();
    assert_eq!((door.members, door.is_full(), door.is_open), (2, true, true));
    let members = tx.members(group.id, None).await.unwrap();
    let members: Vec<_> = members.into_iter().map(|view| view.human).collect();
    assert_eq!(members, [bo.clone(), ann.clone()]);
    let one = tx.members(group.id, Some(&[ann.id])).await.unwrap();
    assert_eq!(one.len(), 1);
    for human in [&ann, &bo] {
        assert!(tx.membership(group.id, human.id).await.unwrap().unwrap().admitted);
    }
    tx.delete_member(group.id, ann.id).await.unwrap();
    assert_eq!(tx.membership(group.id, ann.id).await.unwrap(), None);
    tx.delete_group(group.id, at(3)).await.unwrap();
    assert_eq!(tx.lock_group(group.id).await.unwrap(), None);
    assert!(tx.members(group.id, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_fails_after_a_savepoint_fails_alone() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let mut tx = begin(&test, &tenant).await;
    let ann = human(&mut tx, &tenant, "ann@x.com").await;
    tx.set_savepoint().await.unwrap();
    human(&mut tx, &tenant, "bo@x.com").await;
    tx.insert_leader(GroupId(uuid()), ann.id).await.unwrap_err();
    tx.human(ann.id).await.unwrap_err();
    tx.undo_to_savepoint().await.unwrap();
    tx.set_savepoint().await.unwrap();
    human(&mut tx, &tenant, "cy@x.com").await;
    tx.release_savepoint().await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&test, &tenant).await;
    let emails = ["ann@x.com", "bo@x.com", "cy@x.com"].map(|email| Email::parse(email).unwrap());
    let known = tx.lock_humans_with(&emails).await.unwrap();
    let mut known: Vec<_> = known.iter().map(|human| human.email.as_str()).collect();
    known.sort_unstable();
    assert_eq!(known, ["ann@x.com", "cy@x.com"]);
}

#[tokio::test]
async fn another_tenants_groups_arent_there() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let popup = test.popup(&ours, "Fair").await;
    let group = group(&popup, "Team", 0);
    let mut tx = begin(&test, &ours).await;
    tx.insert_group(&group).await.unwrap();
    let ann = human(&mut tx, &ours, "ann@x.com").await;
    tx.insert_leader(group.id, ann.id).await.unwrap();
    tx.insert_member(group.id, ann.id, false, at(0)).await.unwrap();
    tx.replace_listed(group.id, &[listed("a@x.com", 0)]).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = begin(&test, &theirs).await;
    assert_eq!(tx.popup_of_group(group.id).await.unwrap(), None);
    assert_eq!(tx.lock_group(group.id).await.unwrap(), None);
    assert_eq!(tx.group(group.id).await.unwrap(), None);
    assert_eq!(tx.group_by_slug("team").await.unwrap(), None);
    assert_eq!(tx.groups(&GroupFilter::default(), ALL).await.unwrap().total, 0);
    assert!(tx.leaders(group.id).await.unwrap().is_empty());
    assert!(!tx.is_leader(group.id, ann.id).await.unwrap());
    assert!(!tx.delete_leader(group.id, ann.id).await.unwrap());
    assert_eq!(tx.membership(group.id, ann.id).await.unwrap(), None);
    assert!(!tx.is_listed(group.id, &Email::parse("a@x.com").unwrap()).await.unwrap());
    tx.delete_member(group.id, ann.id).await.unwrap();
    tx.delete_group(group.id, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&test, &ours).await;
    assert_eq!(tx.members(group.id, None).await.unwrap().len(), 1);
}
