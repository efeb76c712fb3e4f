use rstest::rstest;
use uuid::Uuid;

use super::*;

fn tenant() -> Tenant {
    let new = NewTenant {
        name: "Acme Events".to_owned(),
        sender_email: None,
        sender_name: None,
        image_url: None,
        icon_url: None,
        logo_url: None,
    };
    new.into_tenant(TenantId(Uuid::from_u128(1))).unwrap()
}

fn host(name: &str) -> HostName {
    HostName::parse(name).unwrap()
}

fn with_domain(name: &str, active: bool) -> Tenant {
    Tenant { custom_domain: Some(host(name)), custom_domain_active: active, ..tenant() }
}

fn domain(name: &str) -> TenantChange {
    TenantChange { custom_domain: Patch::Set(host(name)), ..TenantChange::default() }
}

fn no_domain() -> TenantChange {
    TenantChange { custom_domain: Patch::Clear, ..TenantChange::default() }
}

fn switched(active: bool) -> TenantChange {
    TenantChange { custom_domain_active: Some(active), ..TenantChange::default() }
}

#[test]
fn a_new_tenant_sends_in_its_own_name() {
    let tenant = tenant();
    assert_eq!(tenant.slug.as_str(), "acme-events");
    assert_eq!(tenant.sender_name.as_deref(), Some("Acme Events"));
    assert!(!tenant.custom_domain_active);
}

#[test]
fn the_slug_follows_the_name_only_when_the_name_changes() {
    let named =
        |name: &str| TenantChange { name: Some(name.to_owned()), ..TenantChange::default() };
    let sluggy = TenantChange { slug: Some("fairs".to_owned()), ..TenantChange::default() };
    let patched = |tenant: &Tenant, patch| tenant.patched(patch, Role::Admin, &[]).unwrap();

    let renamed = patched(&tenant(), named("Acme Fairs"));
    assert_eq!(renamed.slug.as_str(), "acme-fairs");
    let slugged = patched(&renamed, sluggy.clone());
    assert_eq!(slugged.slug.as_str(), "fairs");
    assert_eq!(patched(&slugged, named("Acme Fairs")).slug.as_str(), "fairs");
    let both = TenantChange { slug: sluggy.slug, ..named("Acme Shows") };
    assert_eq!(patched(&slugged, both).slug.as_str(), "acme-shows");
}

#[test]
fn an_adopted_slug_may_stay_but_not_come_back() {
    let adopted = Tenant { slug: TenantSlug::stored("Weird Slug/..?%".to_owned()), ..tenant() };
    let same = TenantChange { slug: Some("Weird Slug/..?%".to_owned()), ..TenantChange::default() };
    assert_eq!(adopted.patched(same.clone(), Role::Admin, &[]), Ok(adopted.clone()));
    let refused = tenant().patched(same, Role::Admin, &[]);
    assert_eq!(refused, Err(TenantRefusal::Slug(InvalidTenantSlug::Form)));
}

#[test]
fn a_name_without_letters_for_an_address_is_refused() {
    let patch = TenantChange { name: Some("日本".to_owned()), ..TenantChange::default() };
    let refused = tenant().patched(patch, Role::Admin, &[]);
    assert_eq!(refused, Err(TenantRefusal::Name(InvalidTenantSlug::Empty)));
}

#[rstest]
#[case::set(tenant(), domain("a.example"), Role::Admin, Ok((Some("a.example"), false)))]
#[case::changed(with_domain("a.example", false), domain("b.example"), Role::Admin,
    Ok((Some("b.example"), false)))]
#[case::unchanged(with_domain("a.example", true), domain("A.example."), Role::Admin,
    Ok((Some("a.example"), true)))]
#[case::changed_while_active(
    with_domain("a.example", true),
    domain("b.example"),
    Role::Admin,
    Err(TenantRefusal::ActiveDomain)
)]
#[case::cleared_while_active(
    with_domain("a.example", true),
    no_domain(),
    Role::Admin,
    Err(TenantRefusal::ActiveDomain)
)]
#[case::cleared(with_domain("a.example", true), no_domain(), Role::Superadmin, Ok((None, false)))]
#[case::moved(with_domain("a.example", true), domain("b.example"), Role::Superadmin,
    Ok((Some("b.example"), true)))]
#[case::switched_on(with_domain("a.example", false), switched(true), Role::Superadmin,
    Ok((Some("a.example"), true)))]
#[case::switched_by_admin(
    with_domain("a.example", false),
    switched(true),
    Role::Admin,
    Err(TenantRefusal::Activation)
)]
#[case::switched_off_by_admin(
    with_domain("a.example", false),
    switched(false),
    Role::Admin,
    Err(TenantRefusal::Activation)
)]
#[case::nothing_to_switch(tenant(), switched(true), Role::Superadmin, Err(TenantRefusal::NoDomain))]
#[case::platform(
    tenant(),
    domain("portal.example.com"),
    Role::Superadmin,
    Err(TenantRefusal::PlatformHost)
)]
fn a_custom_domain_changes_hands_carefully(
    #[case] tenant: Tenant,
    #[case] patch: TenantChange,
    #[case] by: Role,
    #[case] expected: Result<(Option<&str>, bool), TenantRefusal>,
) {
    let patched = tenant.patched(patch, by, &[host("portal.example.com")]);
    let domain = patched.as_ref().map(|tenant| {
        (tenant.custom_domain.as_ref().map(HostName::as_str), tenant.custom_domain_active)
    });
    assert_eq!(domain, expected.as_ref().copied());
}

#[test]
fn a_deleted_tenant_frees_its_domain_and_refuses_changes() {
    let gone = with_domain("a.example", true).into_deleted();
    assert_eq!(gone.custom_domain, None);
    assert_eq!(gone.host_labels(&host("localhost")), ["acme-events"]);
    let refused = gone.patched(TenantChange::default(), Role::Superadmin, &[]);
    assert_eq!(refused, Err(TenantRefusal::Deleted));
    assert!(!gone.restored().deleted);
}

#[rstest]
#[case(tenant(), &["acme-events"])]
#[case(with_domain("demo", false), &["acme-events", "demo"])]
#[case(with_domain("demo.foo.portal.example.com", true), &["acme-events", "demo"])]
#[case(with_domain("acme-events.portal.example.com", true), &["acme-events"])]
#[case(with_domain("tickets.acme.example", true), &["acme-events"])]
fn labels_that_lead_to_a_tenant(#[case] tenant: Tenant, #[case] labels: &[&str]) {
    assert_eq!(tenant.host_labels(&host("portal.example.com")), labels);
}

#[rstest]
#[case(tenant(), "https://portal.example.com", "https://acme-events.portal.example.com")]
#[case(tenant(), "http://localhost:3000/", "http://acme-events.localhost:3000")]
#[case(with_domain("a.example", false), "http://localhost", "http://acme-events.localhost")]
#[case(with_domain("a.example", true), "http://localhost:3000", "https://a.example")]
fn the_portal_of_a_tenant(#[case] tenant: Tenant, #[case] base: &str, #[case] url: &str) {
    assert_eq!(tenant.portal_url(base), url);
}
