use rstest::rstest;
use uuid::Uuid;

use super::*;

const OURS: TenantId = TenantId(Uuid::from_u128(100));
const THEIRS: TenantId = TenantId(Uuid::from_u128(200));
const SOME: OtherHolders = OtherHolders { superadmins: true, admins: true };
const NONE: OtherHolders = OtherHolders { superadmins: false, admins: false };

fn user(id: u128, role: Role) -> User {
    User {
        id: UserId(Uuid::from_u128(id)),
        email: StaffEmail::parse(&format!("user{id}@x.example")).unwrap(),
        full_name: Some("Ann".to_owned()),
        role,
        tenant: (role != Role::Superadmin).then_some(OURS),
        deleted: false,
    }
}

fn elsewhere(role: Role) -> User {
    User { tenant: Some(THEIRS), ..user(9, role) }
}

/// A superadmin who was left in a tenant.
fn superadmin_of_ours() -> User {
    User { tenant: Some(OURS), ..user(8, Role::Superadmin) }
}

fn to_role(role: Role) -> UserChange {
    UserChange { role: Some(role), ..UserChange::default() }
}

fn to_email() -> UserChange {
    UserChange { email: Some(StaffEmail::parse("new@x.example").unwrap()), ..UserChange::default() }
}

fn to_name() -> UserChange {
    UserChange { full_name: Some(None), ..UserChange::default() }
}

#[rstest]
// superadmin – anyone
#[case(user(1, Role::Superadmin), user(2, Role::Viewer), to_email(), SOME, None)]
#[case(user(1, Role::Superadmin), elsewhere(Role::Admin), to_role(Role::Viewer), NONE, None)]
#[case(user(1, Role::Superadmin), user(2, Role::Admin), to_role(Role::Superadmin), NONE, None)]
#[case(user(1, Role::Superadmin), user(2, Role::Superadmin), to_name(), NONE, None)]
#[case(
    user(1, Role::Superadmin),
    user(2, Role::Superadmin),
    to_role(Role::Viewer),
    NONE,
    Some(UserRefusal::LastSuperadmin)
)]
#[case(
    user(1, Role::Superadmin),
    user(1, Role::Superadmin),
    to_role(Role::Viewer),
    NONE,
    Some(UserRefusal::LastSuperadmin)
)]
#[case(
    user(1, Role::Superadmin),
    user(1, Role::Superadmin),
    to_role(Role::Viewer),
    SOME,
    Some(UserRefusal::TenantMissing)
)]
#[case(user(1, Role::Superadmin), user(1, Role::Superadmin), to_role(Role::Superadmin), NONE, None)]
// admin – viewer of the tenant
#[case(user(1, Role::Admin), user(2, Role::Viewer), to_name(), NONE, None)]
#[case(user(1, Role::Admin), user(2, Role::Viewer), to_email(), NONE, None)]
#[case(user(1, Role::Admin), user(2, Role::Viewer), to_role(Role::Admin), NONE, None)]
#[case(
    user(1, Role::Admin),
    user(2, Role::Viewer),
    to_role(Role::Superadmin),
    SOME,
    Some(UserRefusal::Role)
)]
// admin – oneself
#[case(user(1, Role::Admin), user(1, Role::Admin), to_name(), NONE, None)]
#[case(user(1, Role::Admin), user(1, Role::Admin), to_email(), NONE, None)]
#[case(user(1, Role::Admin), user(1, Role::Admin), to_role(Role::Admin), NONE, None)]
#[case(user(1, Role::Admin), user(1, Role::Admin), to_role(Role::Viewer), SOME, None)]
#[case(
    user(1, Role::Admin),
    user(1, Role::Admin),
    to_role(Role::Viewer),
    NONE,
    Some(UserRefusal::LastAdmin)
)]
#[case(
    user(1, Role::Admin),
    user(1, Role::Admin),
    to_role(Role::Superadmin),
    SOME,
    Some(UserRefusal::Role)
)]
// admin – another admin of the tenant
#[case(user(1, Role::Admin), user(2, Role::Admin), to_name(), SOME, None)]
#[case(user(1, Role::Admin), user(2, Role::Admin), to_role(Role::Admin), SOME, None)]
#[case(
    user(1, Role::Admin),
    user(2, Role::Admin),
    to_role(Role::Viewer),
    SOME,
    Some(UserRefusal::ColleagueRole)
)]
#[case(
    user(1, Role::Admin),
    user(2, Role::Admin),
    to_email(),
    SOME,
    Some(UserRefusal::ColleagueEmail)
)]
// admin – superadmin, with and without tenant; another tenant
#[case(user(1, Role::Admin), superadmin_of_ours(), to_name(), SOME, Some(UserRefusal::Superadmin))]
#[case(user(1, Role::Admin), superadmin_of_ours(), to_email(), SOME, Some(UserRefusal::Superadmin))]
#[case(
    user(1, Role::Admin),
    user(2, Role::Superadmin),
    to_role(Role::Viewer),
    SOME,
    Some(UserRefusal::OtherTenant)
)]
#[case(
    user(1, Role::Admin),
    elsewhere(Role::Viewer),
    to_name(),
    SOME,
    Some(UserRefusal::OtherTenant)
)]
// viewer – oneself
#[case(user(1, Role::Viewer), user(1, Role::Viewer), to_name(), SOME, None)]
#[case(user(1, Role::Viewer), user(1, Role::Viewer), to_email(), SOME, Some(UserRefusal::Role))]
#[case(
    user(1, Role::Viewer),
    user(1, Role::Viewer),
    to_role(Role::Admin),
    SOME,
    Some(UserRefusal::Role)
)]
#[case(
    user(1, Role::Viewer),
    user(2, Role::Viewer),
    to_name(),
    SOME,
    Some(UserRefusal::OtherTenant)
)]
fn who_may_change_whom(
    #[case] caller: User,
    #[case] target: User,
    #[case] change: UserChange,
    #[case] others: OtherHolders,
    #[case] expected: Option<UserRefusal>,
) {
    assert_eq!(change.decide(&caller, &target, others).err(), expected);
}

#[test]
fn a_superadmin_has_no_tenant_and_gets_one_with_the_next_role() {
    let (caller, ann) = (user(1, Role::Superadmin), user(2, Role::Admin));
    let promoted = to_role(Role::Superadmin).decide(&caller, &ann, SOME).unwrap();
    assert_eq!(promoted.tenant, None);
    let demotion = UserChange { tenant: Some(THEIRS), ..to_role(Role::Viewer) };
    assert_eq!(demotion.decide(&caller, &promoted, SOME).unwrap().tenant, Some(THEIRS));
}

#[test]
fn nobody_is_moved_to_another_tenant() {
    let change = UserChange { tenant: Some(THEIRS), ..UserChange::default() };
    let moved = change.decide(&user(1, Role::Superadmin), &user(2, Role::Admin), SOME).unwrap();
    assert_eq!(moved.tenant, Some(OURS));
}

#[test]
fn the_whole_form_can_be_saved_unchanged() {
    let colleague = user(2, Role::Admin);
    let change = UserChange {
        email: Some(colleague.email.clone()),
        full_name: Some(colleague.full_name.clone()),
        role: Some(colleague.role),
        tenant: None,
    };
    assert_eq!(change.decide(&user(1, Role::Admin), &colleague, NONE), Ok(colleague));
}

#[test]
fn a_deleted_user_is_not_changed() {
    let gone = User { deleted: true, ..user(2, Role::Viewer) };
    let refused = to_name().decide(&user(1, Role::Superadmin), &gone, SOME);
    assert_eq!(refused, Err(UserRefusal::Deleted));
}

#[rstest]
#[case(user(1, Role::Superadmin), user(2, Role::Admin), SOME, None)]
#[case(user(1, Role::Superadmin), user(2, Role::Superadmin), SOME, None)]
#[case(
    user(1, Role::Superadmin),
    user(2, Role::Superadmin),
    NONE,
    Some(UserRefusal::LastSuperadmin)
)]
#[case(user(1, Role::Superadmin), user(1, Role::Superadmin), SOME, Some(UserRefusal::Oneself))]
#[case(user(1, Role::Admin), user(2, Role::Viewer), SOME, None)]
#[case(user(1, Role::Admin), user(2, Role::Admin), SOME, Some(UserRefusal::ColleagueDeletion))]
#[case(user(1, Role::Admin), user(1, Role::Admin), SOME, Some(UserRefusal::Oneself))]
#[case(user(1, Role::Admin), superadmin_of_ours(), SOME, Some(UserRefusal::Superadmin))]
#[case(user(1, Role::Admin), elsewhere(Role::Viewer), SOME, Some(UserRefusal::OtherTenant))]
fn who_may_delete_whom(
    #[case] caller: User,
    #[case] target: User,
    #[case] others: OtherHolders,
    #[case] expected: Option<UserRefusal>,
) {
    assert_eq!(target.may_be_deleted_by(&caller, others).err(), expected);
}

#[rstest]
#[case(Role::Superadmin, Role::Superadmin, Some(THEIRS), Ok(None))]
#[case(Role::Superadmin, Role::Viewer, Some(THEIRS), Ok(Some(THEIRS)))]
#[case(Role::Superadmin, Role::Admin, None, Err(UserRefusal::TenantMissing))]
#[case(Role::Admin, Role::Admin, Some(THEIRS), Ok(Some(OURS)))]
#[case(Role::Admin, Role::Superadmin, None, Err(UserRefusal::Role))]
#[case(Role::Viewer, Role::Viewer, None, Err(UserRefusal::Role))]
fn where_a_new_user_works(
    #[case] caller: Role,
    #[case] role: Role,
    #[case] sent: Option<TenantId>,
    #[case] expected: Result<Option<TenantId>, UserRefusal>,
) {
    let email = StaffEmail::parse("eve@x.example").unwrap();
    let new = NewUser { email, full_name: None, role, tenant: sent };
    let created = new.by(&user(1, caller), UserId(Uuid::from_u128(5)));
    assert_eq!(created.map(|user| user.tenant), expected);
}

#[test]
fn a_deleted_user_comes_back_to_the_same_tenant_only() {
    let gone = User { deleted: true, ..user(2, Role::Viewer) };
    let new = NewUser {
        email: gone.email.clone(),
        full_name: None,
        role: Role::Admin,
        tenant: Some(THEIRS),
    };
    let back = new.clone().revive(&user(1, Role::Admin), &gone).unwrap();
    assert_eq!((back.id, back.role, back.deleted), (gone.id, Role::Admin, false));
    let foreign = new.clone().revive(&elsewhere(Role::Admin), &gone);
    assert_eq!(foreign, Err(UserRefusal::EmailTaken));
    assert_eq!(new.clone().revive(&user(1, Role::Superadmin), &gone).unwrap().tenant, Some(THEIRS));
    let present = new.revive(&user(1, Role::Admin), &user(2, Role::Viewer));
    assert_eq!(present, Err(UserRefusal::EmailTaken));
}
