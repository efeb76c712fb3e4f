//! What is over, and nobody needs any more.

use std::sync::Arc;

use edgeos_app::expired::DeleteExpired;
use edgeos_http::Machine;
use edgeos_postgres::PgStore;
use edgeos_testkit::TestDatabase;
use sqlx::{AssertSqlSafe, Executor};

use crate::harness::settings;

/// More than one statement takes.
const MANY: u32 = 1001;

#[tokio::test]
async fn what_is_over_goes_everywhere_and_nothing_else() {
    // Without a server, which would do the same at some time.
    let database = TestDatabase::new().await.unwrap();
    let sql = database.superuser().await.unwrap();
    let codes = format!(
        "INSERT INTO tenants (id, name, slug)
             VALUES (gen_random_uuid(), 'Ours', 'ours'), (gen_random_uuid(), 'Theirs', 'theirs');
         INSERT INTO human_login_codes (tenant_id, email, code_hash, expires_at)
             SELECT t.id, n || '@x.example', decode(repeat('00', 32), 'hex'), now() - interval '1 hour'
             FROM tenants t, generate_series(1, {MANY}) AS n"
    );
    sql.execute(AssertSqlSafe(codes)).await.unwrap();
    let others = "
        UPDATE human_login_codes SET expires_at = now() + interval '1 hour' WHERE email = '7@x.example';
        INSERT INTO revoked_tokens (token_key, expires_at) VALUES
            ('over', now() - interval '1 hour'), ('counts', now() + interval '1 hour')";
    sql.execute(others).await.unwrap();

    let store = PgStore::connect(&settings(&database, &[]).postgres);
    let expired = DeleteExpired::new(store, Arc::new(Machine));
    assert_eq!(expired.run().await.unwrap(), u64::from(2 * (MANY - 1) + 1));
    let left = "SELECT email FROM human_login_codes UNION ALL SELECT token_key FROM revoked_tokens ORDER BY 1";
    let left: Vec<String> = sqlx::query_scalar(left).fetch_all(&sql).await.unwrap();
    assert_eq!(left, ["7@x.example", "7@x.example", "counts"]);
    assert_eq!(expired.run().await.unwrap(), 0);
}
