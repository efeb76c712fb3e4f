//! Sessions of the roles that the database knows, and a few rows to look at.

use edgeos_testkit::TestDatabase;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions,
};

/// Two tenants.
pub(crate) const A: &str = "00000000-0000-0000-0000-00000000000a";
pub(crate) const B: &str = "00000000-0000-0000-0000-00000000000b";

/// A session of the owner of the schema.
pub(crate) async fn owner(database: &TestDatabase) -> PgConnection {
    session(database.owner_options()).await
}

/// A session of the server: the owner in the role `edgeos_app`.
pub(crate) async fn server(database: &TestDatabase) -> PgConnection {
    let mut session = owner(database).await;
    run(&mut session, "SET ROLE edgeos_app").await;
    session
}

pub(crate) async fn session(options: PgConnectOptions) -> PgConnection {
    options.connect().await.unwrap()
}

/// Runs statements that succeed.
pub(crate) async fn run(session: &mut PgConnection, sql: impl Into<String>) {
    let sql = sql.into();
    if let Err(error) = session.execute(AssertSqlSafe(sql.as_str())).await {
        panic!("{error}: {sql}");
    }
}

/// Runs statements within a transaction that starts with `settings` and is committed.
pub(crate) async fn commit(session: &mut PgConnection, settings: &str, sql: &str) {
    run(session, format!("BEGIN; {settings}; {sql}; COMMIT")).await;
}

/// The error of the statement `sql`, tried within a transaction that starts with `settings`.
pub(crate) async fn refused(session: &mut PgConnection, settings: &str, sql: &str) -> Refusal {
    run(session, format!("BEGIN; {settings}")).await;
    let error = match session.execute(AssertSqlSafe(sql)).await {
        Ok(_) => panic!("not refused: {sql}"),
        Err(error) => error.into_database_error().unwrap(),
    };
    run(session, "ROLLBACK").await;
    Refusal {
        code: error.code().unwrap().into_owned(),
        constraint: error.constraint().map(str::to_owned),
        message: error.message().to_owned(),
    }
}

/// The number that `query` tells within a transaction that starts with `settings`.
pub(crate) async fn number(session: &mut PgConnection, settings: &str, query: &str) -> i64 {
    run(session, format!("BEGIN; {settings}")).await;
    let number = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut *session).await.unwrap();
    run(session, "ROLLBACK").await;
    number
}

/// How many rows the statement `sql` changes within a transaction that starts with `settings`, and is
/// rolled back.
pub(crate) async fn changed(session: &mut PgConnection, settings: &str, sql: &str) -> u64 {
    run(session, format!("BEGIN; {settings}")).await;
    let result = session.execute(AssertSqlSafe(sql)).await.unwrap();
    run(session, "ROLLBACK").await;
    result.rows_affected()
}

/// What the database answers a statement that it doesn't run.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) constraint: Option<String>,
    pub(crate) message: String,
}

impl Refusal {
    /// Neither granted nor allowed by a policy.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.code == "42501"
    }

    /// Kept by the foreign key of this name.
    pub(crate) fn is_of_key(&self, name: &str) -> bool {
        self.code == "23503" && self.constraint.as_deref() == Some(name)
    }
}

/// The settings of a transaction in the scope of `tenant`.
pub(crate) fn scope(tenant: &str) -> String {
    format!("SET LOCAL app.tenant_id = '{tenant}'")
}

/// The settings of a transaction on the global tables.
pub(crate) const PLATFORM: &str = "SET LOCAL app.platform = 'on'";

/// Two tenants with users and one superadmin; in A and B each a human, two popups, a product, and a
/// group of the first popup; in A one accepted application with its attendee and a payment.
pub(crate) async fn seed(database: &TestDatabase) {
    let mut owner = owner(database).await;
    let global = format!(
        "INSERT INTO tenants (id, name, slug) VALUES ('{A}', 'A', 'a'), ('{B}', 'B', 'b');
         INSERT INTO users (id, email, role, tenant_id) VALUES
             (gen_random_uuid(), 'root@x.example', 'superadmin', NULL),
             (gen_random_uuid(), 'admin@a.example', 'admin', '{A}'),
             (gen_random_uuid(), 'admin@b.example', 'admin', '{B}');
         INSERT INTO tenant_credentials (id, tenant_id, credential_type, db_username, db_password_encrypted)
             SELECT gen_random_uuid(), id, kind, name(id, kind), '' FROM tenants, unnest(ARRAY['crud', 'readonly']) kind;
         INSERT INTO tenant_labels SELECT slug, id FROM tenants;
         INSERT INTO revoked_tokens (token_key, expires_at) VALUES ('key', now());
         INSERT INTO platform_outbox (id, user_id, template_type, to_email)
             SELECT gen_random_uuid(), id, 'login_code_user', email FROM users"
    );
    // A login belongs to the cluster, which many tests share.
    let global = global.replace(
        "name(id, kind)",
        &format!("'usr_' || left(md5('{}' || id || kind), 16)", database.name()),
    );
    commit(&mut owner, PLATFORM, &global).await;
    for tenant in [A, B] {
        let rows = format!(
            "INSERT INTO humans (id, tenant_id, email) VALUES ('{human}', '{tenant}', 'h@x.example');
             INSERT INTO popups (id, tenant_id, name, slug, status) VALUES
                 ('{popup}', '{tenant}', 'First', 'first', 'active'),
                 ('{other}', '{tenant}', 'Other', 'other', 'active');
             INSERT INTO products (id, tenant_id, popup_id, name, slug, price)
                 VALUES ('{product}', '{tenant}', '{popup}', 'Pass', 'pass', 100);
             INSERT INTO groups (id, tenant_id, popup_id, name, slug)
                 VALUES ('{group}', '{tenant}', '{popup}', 'Group', 'group');
             INSERT INTO outbox (id, tenant_id, template_type, to_email)
                 VALUES (gen_random_uuid(), '{tenant}', 'application_received', 'h@x.example');
             INSERT INTO audit_log (id, tenant_id, action, subject_type)
                 VALUES (gen_random_uuid(), '{tenant}', 'application.decided', 'application')",
            human = human(tenant),
            popup = popup(tenant),
            other = other_popup(tenant),
            product = product(tenant),
            group = group(tenant),
        );
        commit(&mut owner, &scope(tenant), &rows).await;
    }
    let story = format!(
        "INSERT INTO applications (id, tenant_id, popup_id, human_id, status)
             VALUES ('{application}', '{A}', '{popup}', '{human}', 'accepted');
         INSERT INTO application_snapshots (id, tenant_id, application_id, event, email, status)
             VALUES (gen_random_uuid(), '{A}', '{application}', 'accepted', 'h@x.example', 'accepted');
         INSERT INTO attendees (id, tenant_id, application_id, popup_id, name, category, check_in_code)
             VALUES ('{attendee}', '{A}', '{application}', '{popup}', 'H', 'main', 'CODE');
         INSERT INTO payments (id, tenant_id, application_id, popup_id, amount, external_id, created_at)
             VALUES ('{payment}', '{A}', '{application}', '{popup}', 100, 'external', '2026-01-01');
         INSERT INTO payment_products
             (tenant_id, payment_id, product_id, attendee_id, product_name, product_price, product_category)
             VALUES ('{A}', '{payment}', '{product}', '{attendee}', 'Pass', 100, 'ticket')",
        application = APPLICATION,
        attendee = ATTENDEE,
        payment = PAYMENT,
        popup = popup(A),
        human = human(A),
        product = product(A),
    );
    commit(&mut owner, &scope(A), &story).await;
    owner.close().await.unwrap();
}

pub(crate) const APPLICATION: &str = "00000000-0000-0000-0006-00000000000a";
pub(crate) const ATTENDEE: &str = "00000000-0000-0000-0007-00000000000a";
pub(crate) const PAYMENT: &str = "00000000-0000-0000-0008-00000000000a";

pub(crate) fn human(tenant: &str) -> String {
    tenant.replace("-0000-0000-0000-", "-0000-0000-0001-")
}

pub(crate) fn popup(tenant: &str) -> String {
    tenant.replace("-0000-0000-0000-", "-0000-0000-0002-")
}

pub(crate) fn other_popup(tenant: &str) -> String {
    tenant.replace("-0000-0000-0000-", "-0000-0000-0003-")
}

pub(crate) fn product(tenant: &str) -> String {
    tenant.replace("-0000-0000-0000-", "-0000-0000-0004-")
}

pub(crate) fn group(tenant: &str) -> String {
    tenant.replace("-0000-0000-0000-", "-0000-0000-0005-")
}
