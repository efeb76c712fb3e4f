use chrono::{DateTime, TimeZone, Utc};
use edgeos_domain::{
    ApplicationId, ApplicationStatus, HumanId, PopupId, ReviewDecision, ReviewId, Tenant, UserId,
};
use edgeos_ports::{
    ApplicationFilter, ApplicationReviews, Applications, NewReview, Paging, Store, TenantScope,
    Transaction,
};
use edgeos_postgres::PgTx;
use sea_orm::prelude::Uuid;
use sqlx::PgPool;

use crate::support::{TestStore, uuid};

/// One application of one human to one popup, put straight into the database.
pub(crate) struct Slate {
    pub(crate) db: TestStore,
    pub(crate) sql: PgPool,
    pub(crate) tenant: Tenant,
    pub(crate) popup: PopupId,
    pub(crate) human: HumanId,
    pub(crate) application: ApplicationId,
}

impl Slate {
    pub(crate) async fn new() -> Self {
        let db = TestStore::new().await;
        let tenant = db.tenant("Ours").await;
        let sql = db.database.superuser().await.unwrap();
        let popup = "INSERT INTO popups (id, tenant_id, name, slug, status) \
                     VALUES (gen_random_uuid(), $1, 'P', 'p', 'active') RETURNING id";
        let popup: Uuid =
            sqlx::query_scalar(popup).bind(tenant.id.0).fetch_one(&sql).await.unwrap();
        let human = "INSERT INTO humans (id, tenant_id, email, first_name) \
                     VALUES (gen_random_uuid(), $1, 'ada@x.com', 'Ada') RETURNING id";
        let human: Uuid =
            sqlx::query_scalar(human).bind(tenant.id.0).fetch_one(&sql).await.unwrap();
        let application = "INSERT INTO applications (id, tenant_id, popup_id, human_id, status, \
                           custom_fields_schema) \
                           VALUES (gen_random_uuid(), $1, $2, $3, 'in review', '{}') RETURNING id";
        let application = sqlx::query_scalar(application).bind(tenant.id.0).bind(popup).bind(human);
        let application: Uuid = application.fetch_one(&sql).await.unwrap();
        Self {
            db,
            sql,
            tenant,
            popup: PopupId(popup),
            human: HumanId(human),
            application: ApplicationId(application),
        }
    }

    pub(crate) async fn begin(&self) -> PgTx {
        self.db.store.begin(&TenantScope::of_worker(self.tenant.id)).await.unwrap()
    }
}

pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2030, 6, 10, 12, 0, 0).unwrap()
}

pub(crate) const ALL: Paging = Paging { skip: 0, limit: 100 };

#[tokio::test]
async fn a_list_leaves_out_the_captured_form() {
    let slate = Slate::new().await;
    let mut tx = slate.begin().await;
    let single = tx.application_view(slate.application).await.unwrap().unwrap();
    assert!(single.application.custom_fields_schema.is_some());
    assert_eq!(single.human.id, slate.human);
    let filter = ApplicationFilter {
        status: Some(ApplicationStatus::InReview),
        search: Some("ADA".to_owned()),
        ..ApplicationFilter::default()
    };
    let list = tx.application_views(&filter, ALL).await.unwrap();
    assert_eq!(list.total, 1);
    assert_eq!(list.items[0].application.custom_fields_schema, None);
    let other = ApplicationFilter { search: Some("a%a".to_owned()), ..filter };
    assert_eq!(tx.application_views(&other, ALL).await.unwrap().total, 0);
}

#[tokio::test]
async fn an_update_leaves_the_credit_to_payments() {
    let slate = Slate::new().await;
    let mut tx = slate.begin().await;
    let mut application = tx.lock_application(slate.application).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    sqlx::query("UPDATE applications SET credit = 5").execute(&slate.sql).await.unwrap();
    application.referral = Some("Bo".to_owned());
    let mut tx = slate.begin().await;
    tx.update_application(&application).await.unwrap();
    let after = tx.application(slate.application).await.unwrap().unwrap();
    assert_eq!(
        (after.referral.as_deref(), after.credit.to_string()),
        (Some("Bo"), "5.00".to_owned())
    );
}

#[tokio::test]
async fn another_tenant_finds_nothing() {
    let slate = Slate::new().await;
    let theirs = slate.db.tenant("Theirs").await;
    let mut tx = slate.db.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.application(slate.application).await.unwrap(), None);
    assert_eq!(tx.lock_application_of(slate.human, slate.popup).await.unwrap(), None);
    assert!(tx.application_view(slate.application).await.unwrap().is_none());
    let all = tx.application_views(&ApplicationFilter::default(), ALL).await.unwrap();
    assert_eq!(all.total, 0);
    assert!(tx.votes(&[slate.application]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_vote_replaces_the_one_before_and_keeps_its_notes() {
    let slate = Slate::new().await;
    let user = "INSERT INTO users (id, email, role, tenant_id, full_name) \
                VALUES (gen_random_uuid(), 'rev@x.com', 'admin', $1, 'Rev') RETURNING id";
    let user = sqlx::query_scalar(user).bind(slate.tenant.id.0).fetch_one(&slate.sql);
    let reviewer = UserId(user.await.unwrap());
    let mut tx = slate.begin().await;
    let vote = NewReview {
        id: ReviewId(uuid()),
        application: slate.application,
        reviewer,
        decision: ReviewDecision::No,
        notes: Some("hmm".to_owned()),
        now: noon(),
    };
    let first = tx.upsert_review(&vote).await.unwrap();
    assert_eq!(first.reviewer_full_name.as_deref(), Some("Rev"));
    let again =
        NewReview { id: ReviewId(uuid()), decision: ReviewDecision::Yes, notes: None, ..vote };
    let second = tx.upsert_review(&again).await.unwrap();
    assert_eq!(second.review.id, first.review.id);
    assert_eq!(second.review.decision, ReviewDecision::Yes);
    assert_eq!(second.review.notes.as_deref(), Some("hmm"));
    assert_eq!(tx.pending_reviews(reviewer, None, ALL).await.unwrap().total, 0);
    assert_eq!(tx.pending_reviews(UserId(uuid()), None, ALL).await.unwrap().total, 1);
}
