use edgeos_domain::{Email, Human, HumanId, Profile, Tenant};
use edgeos_ports::{HumanFilter, Humans, Paging, Store, TenantScope, Transaction};

use crate::support::{TestStore, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

fn human(tenant: &Tenant, email: &str, first: Option<&str>, last: Option<&str>) -> Human {
    let profile = Profile {
        first_name: first.map(str::to_owned),
        last_name: last.map(str::to_owned),
        ..Profile::default()
    };
    Human::new(HumanId(uuid()), tenant.id, Email::parse(email).unwrap(), profile, None)
}

#[tokio::test]
async fn humans_are_listed_by_address_within_their_tenant() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    for (tenant, email, first, last) in [
        (&ours, "c@x.com", Some("Ada"), Some("Lovelace")),
        (&ours, "a_b@x.com", None, Some("Byron")),
        (&theirs, "b@x.com", Some("Ada"), Some("Lovelace")),
    ] {
        let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
        assert!(tx.insert_human_if_new(&human(tenant, email, first, last)).await.unwrap());
        assert!(!tx.insert_human_if_new(&human(tenant, email, None, None)).await.unwrap());
        tx.commit().await.unwrap();
    }
    let mut tx = test.store.begin(&TenantScope::of_worker(ours.id)).await.unwrap();
    for (search, expected) in [
        ("", vec!["a_b@x.com", "c@x.com"]),
        ("a lov", vec!["c@x.com"]),
        ("BYRON", vec!["a_b@x.com"]),
        (" Byron", vec![]),
        ("a_b", vec!["a_b@x.com"]),
        ("%", vec![]),
    ] {
        let filter = HumanFilter { search: Some(search.to_owned()), drafting: None };
        let page = tx.humans(&filter, ALL).await.unwrap();
        let found: Vec<_> = page.items.iter().map(|human| human.email.as_str()).collect();
        assert_eq!(found, expected, "{search}");
    }
}

#[tokio::test]
async fn an_update_keeps_the_address() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    let ada = human(&tenant, "ada@x.com", Some("Ada"), None);
    tx.insert_human_if_new(&ada).await.unwrap();
    let changed = Human {
        email: Email::parse("other@x.com").unwrap(),
        profile: Profile { age: Some("25-34".to_owned()), ..Profile::default() },
        picture_url: Some("https://x.example/a.png".to_owned()),
        red_flag: true,
        ..ada.clone()
    };
    tx.update_human(&changed).await.unwrap();
    let stored = tx.lock_human(ada.id).await.unwrap();
    assert_eq!(stored, Some(Human { email: ada.email, ..changed }));
}
