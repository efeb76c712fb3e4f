//! The rules over the migrated schema, and that each of them notices when it is broken.

use edgeos_testkit::TestDatabase;
use sqlx::Connection;

use crate::{
    rules::findings,
    session::{owner, run},
};

#[tokio::test]
async fn the_schema_keeps_every_rule() {
    let database = TestDatabase::new().await.unwrap();
    let mut owner = owner(&database).await;
    let findings = findings(&mut owner).await;
    assert!(findings.is_empty(), "{findings:#?}");
}

/// What breaks a rule, and a part of what is found then.
const BROKEN: [(&str, &str); 22] = [
    ("CREATE TABLE notes (tenant_id uuid NOT NULL, id uuid)", "a class: notes"),
    ("CREATE TABLE notes (tenant_id uuid NOT NULL, id uuid)", "global by intention: notes"),
    ("CREATE TABLE notes (tenant_id uuid NOT NULL, id uuid)", "enabled and forced: notes"),
    ("CREATE VIEW notes AS SELECT 1", "every relation is a table of a class: notes"),
    ("DROP TABLE carts", "every relation is a table of a class: carts"),
    ("ALTER TABLE carts NO FORCE ROW LEVEL SECURITY", "enabled and forced: carts"),
    ("ALTER TABLE carts DISABLE ROW LEVEL SECURITY", "enabled and forced: carts"),
    ("DROP POLICY tenant_rows ON carts", "policies: missing carts | tenant_rows"),
    ("CREATE POLICY open ON carts USING (true)", "policies: surplus carts | open"),
    (
        "CREATE POLICY random ON carts USING (random() > 0.5)",
        "no policy calls a volatile function: carts random",
    ),
    ("GRANT SELECT ON users TO tenant_role", "grants on tables: surplus tenant_role users"),
    ("GRANT UPDATE ON audit_log TO edgeos_app", "grants on tables: missing edgeos_app audit_log"),
    ("GRANT SELECT (email) ON humans TO edgeos_lookup", "surplus edgeos_lookup humans.email"),
    ("CREATE UNIQUE INDEX uq_carts_id ON carts (id)", "starts with its tenant: uq_carts_id"),
    ("CREATE INDEX ix_carts_human_id ON carts (human_id)", "starts with its tenant: ix_carts_human_id"),
    (
        "ALTER TABLE carts DROP CONSTRAINT fk_carts_tenant_id",
        "a tenant-scoped row names a tenant that exists: carts",
    ),
    (
        "ALTER TABLE payments DROP CONSTRAINT fk_payments_coupon_id, ADD CONSTRAINT fk_payments_coupon_id
             FOREIGN KEY (tenant_id, coupon_id) REFERENCES coupons (tenant_id, id) ON DELETE SET NULL (coupon_id)",
        "nor follows an update: fk_payments_coupon_id",
    ),
    ("DROP INDEX ix_payments_coupon_id", "another of its columns: fk_payments_coupon_id"),
    (
        "ALTER FUNCTION platform.tenant_of_human(uuid) RESET search_path",
        "functions: missing platform.tenant_of_human(uuid)",
    ),
    (
        "GRANT EXECUTE ON FUNCTION platform.drop_tenant_login(text) TO PUBLIC",
        "functions: missing platform.drop_tenant_login(text)",
    ),
    (
        "ALTER TABLE outbox DROP CONSTRAINT ck_outbox_state_known, ADD CONSTRAINT ck_outbox_state_known
             CHECK (state IN ('queued', 'sent', 'dead'))",
        "enumerations: missing ck_outbox_state_known",
    ),
    ("ALTER INDEX ix_carts_updated_at_id RENAME TO carts_by_time", "names tell table and columns: carts_by_time"),
];

#[tokio::test]
async fn whatever_breaks_a_rule_is_found() {
    let database = TestDatabase::new().await.unwrap();
    let mut owner = owner(&database).await;
    for (broken, expected) in BROKEN {
        let mut transaction = owner.begin().await.unwrap();
        run(&mut transaction, broken).await;
        let findings = findings(&mut transaction).await;
        transaction.rollback().await.unwrap();
        assert!(
            findings.iter().any(|finding| finding.contains(expected)),
            "{broken}: {expected} is not in {findings:#?}"
        );
    }
}
