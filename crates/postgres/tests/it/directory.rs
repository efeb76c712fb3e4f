use edgeos_domain::{ApplicationId, DirectoryField, PopupId, Withheld};
use edgeos_ports::{
    ApplicationReviews, ApplicationView, Directories, DirectoryFilter, Paging, Store, TenantScope,
    Transaction,
};
use sea_orm::prelude::Uuid;
use sqlx::PgPool;

use crate::support::TestStore;

/// An event of which many people hold a pass for the first week.
struct Event {
    db: TestStore,
    sql: PgPool,
    scope: TenantScope,
    popup: PopupId,
}

impl Event {
    async fn new() -> Self {
        let db = TestStore::new().await;
        let tenant = db.tenant("Ours").await.id;
        let sql = db.database.superuser().await.unwrap();
        let popup = "WITH event AS (
                INSERT INTO popups (id, tenant_id, name, slug, status)
                VALUES (gen_random_uuid(), $1, 'P', 'p', 'active') RETURNING id
            )
            INSERT INTO products (id, tenant_id, popup_id, name, slug, price)
            SELECT gen_random_uuid(), $1, id, 'Week', 'WEEK1-x', 1 FROM event RETURNING popup_id";
        let popup: Uuid = sqlx::query_scalar(popup).bind(tenant.0).fetch_one(&sql).await.unwrap();
        Self { db, sql, scope: TenantScope::of_worker(tenant), popup: PopupId(popup) }
    }

    /// Somebody with a kid and a pass, who hides `hidden`.
    async fn attend(&self, hidden: &[&str]) {
        let person = "WITH person AS (
                INSERT INTO humans (id, tenant_id, email, first_name, last_name, telegram)
                VALUES (gen_random_uuid(), $1, gen_random_uuid() || '@mail.com', 'Fifi', 'Lala', '@tete')
                RETURNING id
            ), applied AS (
                INSERT INTO applications (id, tenant_id, popup_id, human_id, status, info_not_shared)
                SELECT gen_random_uuid(), $1, $2, id, 'accepted', $3 FROM person RETURNING id
            ), came AS (
                INSERT INTO attendees (id, tenant_id, application_id, popup_id, name, category, check_in_code)
                SELECT gen_random_uuid(), $1, id, $2, 'N', category, upper(gen_random_uuid()::text)
                FROM applied, (VALUES ('main'), ('kid')) c (category) RETURNING id, category
            )
            INSERT INTO attendee_products (tenant_id, attendee_id, product_id)
            SELECT $1, came.id, products.id FROM came, products WHERE came.category = 'main'";
        let person = sqlx::query(person).bind(self.scope.tenant().0).bind(self.popup.0);
        person.bind(hidden).execute(&self.sql).await.unwrap();
    }

    async fn found(&self, filter: DirectoryFilter) -> Vec<ApplicationView> {
        let mut tx = self.db.store.begin(&self.scope).await.unwrap();
        let paging = Paging { skip: 0, limit: 100 };
        let page = tx.directory(self.popup, &filter, paging).await.unwrap();
        assert_eq!(u64::try_from(page.items.len()).unwrap(), page.total);
        page.items
    }
}

/// The statement and the rule of the domain agree on what is hidden.
#[tokio::test]
async fn who_is_found_by_something_shows_it() {
    let event = Event::new().await;
    for hidden in [
        &[][..],
        &["First name"],
        &["LAST-name", "telegram"],
        &["Email"],
        &["e-mail", "first", "last__name", " telegram", "brings_\u{212a}ids", "kids", ""],
        &["brings kids"],
        &["Participation", "FIRST_NAME"],
        &["\u{130}", "Brings-Kids", "EMAIL"],
    ] {
        event.attend(hidden).await;
    }
    let everybody = event.found(DirectoryFilter::default()).await;
    assert_eq!(everybody.len(), 8);

    let search = |text: &str| DirectoryFilter {
        search: Some(text.to_owned()),
        ..DirectoryFilter::default()
    };
    let kids = DirectoryFilter { brings_kids: Some(true), ..DirectoryFilter::default() };
    let weeks = DirectoryFilter { weeks: vec!["1".to_owned()], ..DirectoryFilter::default() };
    for (filter, field) in [
        (search("fif"), DirectoryField::FirstName),
        (search("LALA"), DirectoryField::LastName),
        (search("@Mail"), DirectoryField::Email),
        (search("@tete"), DirectoryField::Telegram),
        (kids, DirectoryField::BringsKids),
        (weeks, DirectoryField::Participation),
    ] {
        let found: Vec<_> =
            event.found(filter).await.into_iter().map(|one| one.application.id).collect();
        let shown: Vec<_> = everybody
            .iter()
            .filter(|one| !Withheld::of(&one.application.info_not_shared).has(field))
            .map(|one| one.application.id)
            .collect();
        assert!(shown.len() < everybody.len(), "{field:?}");
        assert_eq!(found, shown, "{field:?}");
    }
    let childless = DirectoryFilter { brings_kids: Some(false), ..DirectoryFilter::default() };
    assert!(event.found(childless).await.is_empty());
}

#[tokio::test]
async fn a_directory_read_in_steps_is_the_one_of_the_first_step() {
    let event = Event::new().await;
    for _ in 0..3 {
        event.attend(&[]).await;
    }
    let filter = DirectoryFilter::default();
    let whole: Vec<_> =
        event.found(filter.clone()).await.into_iter().map(|one| one.application.id).collect();

    let mut tx = event.db.store.begin_snapshot(&event.scope).await.unwrap();
    let (mut read, mut place) = (Vec::new(), None);
    while let Some(one) = tx.directory_after(event.popup, &filter, place, 1).await.unwrap().pop() {
        place = Some((one.application.created_at, one.application.id));
        read.push(one.application.id);
        if read.len() == 1 {
            event.attend(&[]).await;
            let gone = "UPDATE applications SET status = 'rejected' WHERE id = $1";
            sqlx::query(gone).bind(whole[2].0).execute(&event.sql).await.unwrap();
        }
    }
    assert_eq!(read, whole);
    tx.commit().await.unwrap();
    assert_eq!(event.found(filter).await.len(), 3);
}

#[tokio::test]
async fn a_snapshot_is_for_reading() {
    let event = Event::new().await;
    let mut tx = event.db.store.begin_snapshot(&event.scope).await.unwrap();
    assert!(tx.delete_reviews(ApplicationId(event.popup.0)).await.is_err());
}
