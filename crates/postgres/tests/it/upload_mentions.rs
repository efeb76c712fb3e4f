use std::collections::HashSet;

use edgeos_domain::{ImageType, Tenant, UploadKey, UploadOwner};
use edgeos_ports::{Store, TenantScope, UploadMentions};
use sea_orm::sqlx::{self, PgPool};

use crate::support::{TestStore, uuid};

fn key(tenant: &Tenant) -> UploadKey {
    UploadKey::new(UploadOwner::Tenant(tenant.id), ImageType::Jpeg, "a.jpg", uuid())
}

async fn mentioned(test: &TestStore, tenant: &Tenant, keys: &[UploadKey]) -> HashSet<UploadKey> {
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    tx.mentioned_uploads(keys).await.unwrap()
}

/// A person of `tenant` with this picture.
async fn person(sql: &PgPool, tenant: &Tenant, picture: &str) {
    let human = "INSERT INTO humans (id, tenant_id, email, picture_url) \
                 VALUES (gen_random_uuid(), $1, gen_random_uuid() || '@x.example', $2)";
    sqlx::query(human).bind(tenant.id.0).bind(picture).execute(sql).await.unwrap();
}

#[tokio::test]
async fn a_file_is_mentioned_by_its_name_wherever_it_is_seen() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let sql = test.database.superuser().await.unwrap();
    let (shown, listed, hidden, foreign) = (key(&ours), key(&ours), key(&ours), key(&ours));
    person(&sql, &ours, &format!("https://cdn.example.com/{shown}")).await;
    person(&sql, &theirs, &format!("https://cdn.example.com/{foreign}")).await;
    // A longer name is another file.
    person(&sql, &ours, &format!("https://cdn.example.com/{hidden}x")).await;
    let tenant = "UPDATE tenants SET logo_url = $2 WHERE id = $1";
    let logo = format!("http://localhost:9000/edgeos/{listed}?v=2");
    sqlx::query(tenant).bind(ours.id.0).bind(logo).execute(&sql).await.unwrap();

    let keys = [shown.clone(), listed.clone(), hidden, foreign];
    assert_eq!(mentioned(&test, &ours, &keys).await, HashSet::from([shown.clone(), listed]));
    let alone = mentioned(&test, &ours, &keys[..1]).await;
    assert_eq!(alone, HashSet::from([shown]));
    assert!(mentioned(&test, &ours, &[]).await.is_empty());
    assert!(mentioned(&test, &theirs, &keys).await.is_empty());
}
