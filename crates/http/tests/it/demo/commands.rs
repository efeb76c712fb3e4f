//! `edgeos seed`, as people run it.

use std::process::{Child, Command, Output, Stdio};

use edgeos_testkit::TestDatabase;
use sqlx::{Connection, Executor, PgConnection, PgPool};

use crate::{fingerprint::fingerprint, harness::SECRET_KEY, patience::until};

/// A migrated database with its first superadmin, and the program to work on it.
struct Site {
    database: TestDatabase,
    sql: PgPool,
}

impl Site {
    async fn new() -> Self {
        let database = TestDatabase::new().await.unwrap();
        let site = Self { sql: database.superuser().await.unwrap(), database };
        assert!(site.run(&["migrate"], "dev").status.success());
        site
    }

    fn program(&self, arguments: &[&str], stage: &str) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_edgeos"));
        program.args(arguments).env_clear().envs([
            ("SECRET_KEY", SECRET_KEY),
            ("POSTGRES_SERVER", self.database.host()),
            ("POSTGRES_PORT", &self.database.port().to_string()),
            ("POSTGRES_USER", self.database.owner_name()),
            ("POSTGRES_DB", self.database.name()),
            ("POSTGRES_SSL_MODE", "disable"),
            ("DATABASE_LOCK_TIMEOUT", "30s"),
            ("SUPERADMIN", "root@corp.example.com"),
            ("ENVIRONMENT", stage),
        ]);
        program
    }

    fn run(&self, arguments: &[&str], stage: &str) -> Output {
        self.program(arguments, stage).output().unwrap()
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.program(arguments, "dev").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs a command that succeeds; what it printed.
    #[track_caller]
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, "dev");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn tenants(&self) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM tenants");
        count.fetch_one(&self.sql).await.unwrap()
    }
}

#[tokio::test]
async fn a_second_run_creates_nothing() {
    let site = Site::new().await;
    let first = site.says(&["seed", "demo"]);
    assert!(first.starts_with("demo: ") && !first.contains(" 0 created"), "{first}");
    for address in
        ["admin@demo.example.com", "viewer@demo.example.com", "admin@harbour.example.com"]
    {
        assert!(first.contains(address), "{first}");
    }
    let before = fingerprint(&site.sql, None).await;
    let second = site.says(&["seed", "demo"]);
    assert!(second.starts_with("demo: 0 created\n"), "{second}");
    assert_eq!(fingerprint(&site.sql, None).await, before);
}

#[tokio::test]
async fn what_somebody_changed_stays_and_what_somebody_deleted_stays_away() {
    let site = Site::new().await;
    site.says(&["seed"]);
    for change in [
        "UPDATE tenants SET name = 'Ours', slug = 'ours' WHERE slug = 'demo'",
        "UPDATE tenant_labels SET label = 'ours' WHERE label = 'demo'",
        "UPDATE coupons SET code = 'MINE' WHERE code = 'FRESH10'",
        "DELETE FROM carts",
        "UPDATE users SET deleted = true WHERE email = 'viewer@demo.example.com'",
        "UPDATE tenants SET deleted = true WHERE slug = 'harbour'",
    ] {
        site.sql.execute(change).await.unwrap();
    }
    let before = fingerprint(&site.sql, None).await;
    assert!(site.says(&["seed", "demo"]).starts_with("demo: 0 created\n"));
    assert_eq!(fingerprint(&site.sql, None).await, before);
}

#[tokio::test]
async fn outside_of_development_nothing_is_seeded_without_a_word() {
    let site = Site::new().await;
    let before = fingerprint(&site.sql, None).await;
    for arguments in [&["seed"][..], &["seed", "demo"], &["seed", "demo", "--yes-in-staging"]] {
        assert_eq!(site.run(arguments, "production").status.code(), Some(3));
    }
    assert_eq!(fingerprint(&site.sql, None).await, before);
    let meant = site.run(&["seed", "demo", "--yes-in-staging"], "staging");
    assert!(meant.status.success(), "{}", String::from_utf8_lossy(&meant.stderr));
    assert_eq!(site.tenants().await, 3);
}

#[tokio::test]
async fn a_seeding_that_is_killed_leaves_nothing_and_can_be_repeated() {
    let site = Site::new().await;
    let mut blocker = PgConnection::connect_with(&site.database.superuser_options()).await.unwrap();
    blocker.execute("BEGIN; LOCK TABLE check_ins IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut seeding = site.start(&["seed", "demo"]);
    // Far in, it comes to a table that somebody else has.
    let waits = "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                 WHERE NOT granted AND relname = 'check_ins')";
    until(async || sqlx::query_scalar(waits).fetch_one(&site.sql).await.unwrap()).await;
    seeding.kill().unwrap();
    seeding.wait().unwrap();
    blocker.execute("ROLLBACK").await.unwrap();
    let sessions = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'edgeos')";
    until(async || sqlx::query_scalar(sessions).fetch_one(&site.sql).await.unwrap()).await;
    assert_eq!(site.tenants().await, 0);

    site.says(&["seed", "demo"]);
    assert_eq!(site.tenants().await, 3);
    let complete = "SELECT count(*) FROM check_ins";
    let complete: i64 = sqlx::query_scalar(complete).fetch_one(&site.sql).await.unwrap();
    assert!(complete > 5);
}

#[tokio::test]
async fn several_that_seed_at_once_make_one_demonstration() {
    let site = Site::new().await;
    let children = [(); 3].map(|()| site.start(&["seed", "demo"]));
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(site.tenants().await, 3);
}

#[tokio::test]
async fn a_removal_takes_what_was_seeded_and_nothing_else() {
    let site = Site::new().await;
    site.sql
        .execute(
            "INSERT INTO tenants (id, name, slug) VALUES (gen_random_uuid(), 'Ours', 'ours');
             INSERT INTO users (id, email, role, tenant_id)
                 SELECT gen_random_uuid(), 'ann@ours.example.com', 'admin', id FROM tenants;
             INSERT INTO user_login_codes (user_id, code_hash, expires_at)
                 SELECT id, '\\x00', now() FROM users;
             INSERT INTO humans (id, tenant_id, email)
                 SELECT gen_random_uuid(), id, 'ines.carvalho@example.com' FROM tenants;
             INSERT INTO audit_log (id, tenant_id, actor_id, action, subject_type)
                 SELECT gen_random_uuid(), t.id, u.id, 'human.red_flag_set', 'human'
                 FROM tenants t JOIN users u ON u.tenant_id = t.id",
        )
        .await
        .unwrap();
    let before = fingerprint(&site.sql, None).await;
    let roles = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'usr_%' AND EXISTS
                 (SELECT FROM tenant_credentials c WHERE c.db_username = rolname)";
    site.says(&["seed", "demo"]);
    let logins: i64 = sqlx::query_scalar(roles).fetch_one(&site.sql).await.unwrap();
    assert_eq!(logins, 4);
    let names = "SELECT db_username FROM tenant_credentials";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(&site.sql).await.unwrap();
    // What came to be in the demonstration afterwards goes with it.
    site.sql
        .execute(
            "INSERT INTO humans (id, tenant_id, email)
                 SELECT gen_random_uuid(), id, 'new@example.com' FROM tenants WHERE slug = 'demo';
             INSERT INTO platform_outbox (id, user_id, template_type, to_email, state)
                 SELECT gen_random_uuid(), id, 'login_code_user', email, 'sent' FROM users
                 WHERE email = 'admin@demo.example.com'",
        )
        .await
        .unwrap();

    let removed = site.says(&["seed", "demo", "--remove"]);
    assert_eq!(removed, "demo: 3 removed\n  demo\n  harbour\n  old-mill\n");
    assert_eq!(fingerprint(&site.sql, None).await, before);
    let left = "SELECT count(*) FROM pg_roles WHERE rolname = ANY ($1)";
    let left: i64 = sqlx::query_scalar(left).bind(&names).fetch_one(&site.sql).await.unwrap();
    assert_eq!(left, 0);
    let unforced = "SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity";
    let unforced: i64 = sqlx::query_scalar(unforced).fetch_one(&site.sql).await.unwrap();
    assert_eq!(unforced, 0);

    assert_eq!(site.says(&["seed", "demo", "--remove"]), "demo: 0 removed\n");
    assert!(site.says(&["seed", "demo"]).contains("organisations"));
}

#[tokio::test]
async fn an_organisation_of_somebody_else_is_not_touched() {
    let site = Site::new().await;
    let theirs = "INSERT INTO tenants (id, name, slug) VALUES (gen_random_uuid(), 'Demo', 'demo');
                  INSERT INTO tenant_labels (label, tenant_id) SELECT slug, id FROM tenants";
    site.sql.execute(theirs).await.unwrap();
    let before = fingerprint(&site.sql, None).await;
    let refused = site.run(&["seed", "demo"], "dev");
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("no demonstration"), "{said}");
    assert_eq!(fingerprint(&site.sql, None).await, before);
    assert_eq!(site.says(&["seed", "demo", "--remove"]), "demo: 0 removed\n");
}

#[tokio::test]
async fn an_installation_that_has_organisations_can_be_spared() {
    let site = Site::new().await;
    let theirs = "INSERT INTO tenants (id, name, slug) VALUES (gen_random_uuid(), 'Ours', 'ours')";
    site.sql.execute(theirs).await.unwrap();
    let nothing = site.says(&["seed", "demo", "--if-empty"]);
    assert!(nothing.contains("nothing created") && !nothing.contains('@'), "{nothing}");
    assert_eq!(site.tenants().await, 1);
    site.sql.execute("DELETE FROM tenants").await.unwrap();
    let made = site.says(&["seed", "demo", "--if-empty"]);
    assert_eq!(site.tenants().await, 3);
    // Who may sign in is said again.
    let again = site.says(&["seed", "demo", "--if-empty"]);
    assert_eq!(again.lines().next(), Some("demo: 0 created"));
    let who = |said: &str| said.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(who(&again), who(&made));
}

#[tokio::test]
async fn many_people_are_made_by_the_same_rules() {
    let site = Site::new().await;
    let scale = ["seed", "scale", "--humans", "2005", "--tenants", "2"];
    let first = site.says(&scale);
    assert!(first.contains("2005 people") && first.contains("2 organisations"), "{first}");
    let sizes = "SELECT count(*) FROM humans h JOIN tenants t ON t.id = h.tenant_id
                 WHERE is_demo GROUP BY slug ORDER BY slug";
    let sizes: Vec<i64> = sqlx::query_scalar(sizes).fetch_all(&site.sql).await.unwrap();
    assert_eq!(sizes, [1003, 1002]);
    for wrong in [
        "SELECT count(*) FROM humans h WHERE
             (SELECT count(*) FROM applications a WHERE a.tenant_id = h.tenant_id
              AND a.human_id = h.id) <> 1",
        "SELECT count(*) FROM applications a LEFT JOIN attendees m
             ON m.tenant_id = a.tenant_id AND m.application_id = a.id
             WHERE m.human_id IS DISTINCT FROM a.human_id OR m.popup_id <> a.popup_id",
        "SELECT count(*) FROM applications a WHERE status <> 'draft' AND status <>
             (SELECT s.status FROM application_snapshots s WHERE s.tenant_id = a.tenant_id
              AND s.application_id = a.id ORDER BY created_at DESC LIMIT 1)",
        "SELECT count(*) FROM payments p JOIN attendees a
             ON a.tenant_id = p.tenant_id AND a.application_id = p.application_id
             WHERE p.status = 'approved' AND (p.settlement #>> '{add,0,attendee_id}' <> a.id::text
             OR (p.settlement #>> '{add,0,paid}')::numeric <>
                (SELECT sum(paid_amount) FROM attendee_products h
                 WHERE h.tenant_id = a.tenant_id AND h.attendee_id = a.id))",
        "SELECT count(*) FROM coupons c WHERE current_uses = 0 OR current_uses <>
             (SELECT count(*) FROM payments p WHERE p.tenant_id = c.tenant_id
              AND p.coupon_id = c.id AND p.status IN ('pending', 'approved'))",
        "SELECT count(*) FROM attendees WHERE check_in_code !~ '^THE[A-HJ-NP-Z]{8}$'",
        "SELECT count(*) FROM outbox WHERE state = 'queued'",
    ] {
        let found: i64 = sqlx::query_scalar(wrong).fetch_one(&site.sql).await.unwrap();
        assert_eq!(found, 0, "{wrong}");
    }

    let before = fingerprint(&site.sql, None).await;
    assert!(site.says(&scale).contains("scale: 0 created"));
    assert_eq!(fingerprint(&site.sql, None).await, before);
    assert_eq!(site.run(&scale, "production").status.code(), Some(3));
    assert_eq!(site.says(&["seed", "demo", "--remove"]), "demo: 2 removed\n  scale-1\n  scale-2\n");
}
