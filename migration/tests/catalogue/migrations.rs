//! Up, down and up again; several at the same moment; an owner that may not do it.

use edgeos_testkit::TestDatabase;
use migration::{Migrator, latest, lock, pending};
use sea_orm_migration::MigratorTrait;
use sqlx::PgConnection;

use crate::{
    rules::{findings, texts},
    session::{A, owner, run, seed, session},
};

/// Everything that the catalogue tells about the schema, in one order.
async fn description(db: &mut PgConnection) -> Vec<String> {
    let query = "
        SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
            pg_get_expr(adbin, adrelid), attacl)
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT concat_ws(' ', relname, relkind, relacl, relrowsecurity, relforcerowsecurity) FROM pg_class
        WHERE relnamespace IN ('public'::regnamespace, to_regnamespace('platform'))
        UNION ALL
        SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT pg_policies::text FROM pg_policies
        UNION ALL SELECT concat_ws(' ', pg_get_functiondef(oid), proowner::regrole, proacl) FROM pg_proc
        WHERE pronamespace IN ('public'::regnamespace, to_regnamespace('platform'))
        UNION ALL SELECT concat_ws(' ', nspname, nspacl) FROM pg_namespace WHERE nspname IN ('public', 'platform')
        UNION ALL SELECT concat_ws(' ', typname, enumlabel) FROM pg_enum JOIN pg_type t ON t.oid = enumtypid
        ORDER BY 1";
    texts(db, query.to_owned()).await
}

#[tokio::test]
async fn down_leaves_nothing_and_up_again_makes_the_same() {
    let database = TestDatabase::empty().await.unwrap();
    let db = lock::single_connection(database.owner_options()).await.unwrap();
    let mut owner = owner(&database).await;
    let pristine = description(&mut owner).await;

    assert_eq!(pending(&db).await.unwrap().last(), Some(&latest()));
    assert_eq!(description(&mut owner).await, pristine, "asking changes nothing");
    lock::migrate_up(&db).await.unwrap();
    assert!(pending(&db).await.unwrap().is_empty());
    let migrated = description(&mut owner).await;

    Migrator::down(&db, None).await.unwrap();
    assert_eq!(pending(&db).await.unwrap().len(), Migrator::migrations().len());
    Migrator::uninstall(&db).await.unwrap();
    assert_eq!(description(&mut owner).await, pristine);
    // Neither grants nor ownership of a role are left behind in this database.
    let left = "SELECT refobjid::regrole::text FROM pg_shdepend
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert!(texts(&mut owner, left.to_owned()).await.is_empty());

    lock::migrate_up(&db).await.unwrap();
    assert_eq!(description(&mut owner).await, migrated);
    assert!(findings(&mut owner).await.is_empty());
    db.close().await.unwrap();
}

#[tokio::test]
async fn every_migration_can_be_taken_back_by_itself() {
    let database = TestDatabase::empty().await.unwrap();
    let db = lock::single_connection(database.owner_options()).await.unwrap();
    let mut owner = owner(&database).await;
    for _ in Migrator::migrations() {
        let before = description(&mut owner).await;
        Migrator::up(&db, Some(1)).await.unwrap();
        let after = description(&mut owner).await;
        Migrator::down(&db, Some(1)).await.unwrap();
        if before.len() > 1 {
            let name = &pending(&db).await.unwrap()[0];
            let bookkeeping = |line: &String| !line.contains("seaql_migrations");
            let (before, now): (Vec<_>, Vec<_>) = (
                before.into_iter().filter(bookkeeping).collect(),
                description(&mut owner).await.into_iter().filter(bookkeeping).collect(),
            );
            assert_eq!(before, now, "{name}");
        }
        Migrator::up(&db, Some(1)).await.unwrap();
        assert_eq!(description(&mut owner).await, after);
    }
    db.close().await.unwrap();
}

#[tokio::test]
async fn down_drops_the_tenants_logins() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = crate::session::server(&database).await;
    let verifier = format!("SCRAM-SHA-256$4096:c2FsdA==${0}=:{0}=", "A".repeat(43));
    run(
        &mut server,
        format!(
            "BEGIN; SET LOCAL app.platform = 'on';
             SELECT platform.issue_tenant_login(tenant_id, credential_type, db_username, '{verifier}')
                 FROM tenant_credentials WHERE tenant_id = '{A}'; COMMIT"
        ),
    )
    .await;
    let mut superuser = session(database.superuser_options()).await;
    let names =
        texts(&mut superuser, "SELECT db_username FROM tenant_credentials".to_owned()).await;
    let existing =
        format!("SELECT rolname::text FROM pg_roles WHERE rolname IN ('{}')", names.join("', '"));
    assert_eq!(texts(&mut superuser, existing.clone()).await.len(), 2);

    let db = lock::single_connection(database.owner_options()).await.unwrap();
    Migrator::down(&db, None).await.unwrap();
    assert!(texts(&mut superuser, existing).await.is_empty());
    db.close().await.unwrap();
}

#[tokio::test]
async fn databases_of_one_cluster_migrate_at_the_same_moment() {
    // An owner that is no member yet, so that both change the roles that the cluster shares.
    let owner = NewOwner::create("CREATEROLE").await;
    let (one, two) = (owner.database().await, owner.database().await);
    let migrate = |database: &TestDatabase| {
        let options = database.superuser_options().username(&owner.name);
        async move {
            let db = lock::single_connection(options).await.unwrap();
            lock::migrate_up(&db).await.unwrap();
            db.close().await.unwrap();
        }
    };
    tokio::join!(migrate(&one), migrate(&two));
    for database in [&one, &two] {
        let mut session = session(database.superuser_options().username(&owner.name)).await;
        let findings = findings(&mut session).await;
        assert!(findings.is_empty(), "{findings:#?}");
    }

    drop((one, two));
    owner.remove().await;
}

#[tokio::test]
async fn servers_that_start_together_migrate_once() {
    let database = TestDatabase::empty().await.unwrap();
    let migrate = async || {
        let db = lock::single_connection(database.owner_options()).await.unwrap();
        lock::migrate_up(&db).await.unwrap();
        db.close().await.unwrap();
    };
    tokio::join!(migrate(), migrate(), migrate());
    let mut owner = owner(&database).await;
    assert!(findings(&mut owner).await.is_empty());
    let held = "SELECT pid::text FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE locktype = 'advisory' AND datname = current_database()";
    assert!(texts(&mut owner, held.to_owned()).await.is_empty(), "the lock is free again");
}

#[tokio::test]
async fn a_migration_that_waits_for_a_table_lets_others_pass() {
    let database = TestDatabase::empty().await.unwrap();
    let db = lock::single_connection(database.owner_options()).await.unwrap();
    let changes_payments = Migrator::migrations()
        .iter()
        .position(|migration| migration.name() == "m20261126_000015_payment_history")
        .unwrap();
    Migrator::up(&db, Some(changes_payments.try_into().unwrap())).await.unwrap();
    let (mut holder, mut other) = (owner(&database).await, owner(&database).await);
    run(&mut holder, "BEGIN; LOCK TABLE payments IN ACCESS SHARE MODE").await;

    let migrating = tokio::spawn(async move { lock::migrate_up(&db).await });
    let waiting =
        "SELECT pid::text FROM pg_locks WHERE relation = 'payments'::regclass AND NOT granted";
    while texts(&mut other, waiting.to_owned()).await.is_empty() {
        assert!(!migrating.is_finished(), "nothing keeps the migration");
    }
    // Stands behind the migration, which stands behind the holder.
    let lookup = "SELECT count(*)::text FROM payments";
    assert_eq!(texts(&mut other, lookup.to_owned()).await, ["0"]);
    assert!(!migrating.is_finished(), "the table isn't free yet");
    run(&mut holder, "COMMIT").await;
    migrating.await.unwrap().unwrap();
    assert!(findings(&mut other).await.is_empty());
}

#[tokio::test]
async fn an_owner_without_the_needed_roles_learns_what_to_do() {
    let owner = NewOwner::create("NOCREATEROLE").await;
    let database = owner.database().await;
    let options = database.superuser_options().username(&owner.name);
    let db = lock::single_connection(options.clone()).await.unwrap();
    let error = lock::migrate_up(&db).await.unwrap_err().to_string();
    assert!(error.contains("let a superuser GRANT edgeos_app, edgeos_lookup TO"), "{error}");

    let mut superuser = session(database.superuser_options()).await;
    run(&mut superuser, format!("GRANT edgeos_app, edgeos_lookup TO {}", owner.name)).await;
    lock::migrate_up(&db).await.unwrap();
    db.close().await.unwrap();
    let mut session = session(options).await;
    let findings = findings(&mut session).await;
    assert!(findings.is_empty(), "{findings:#?}");

    drop(database);
    owner.remove().await;
}

/// A role that owns databases without having any part in the roles of the schema.
struct NewOwner {
    name: String,
    /// Outlives the databases that the role owns; it is dropped from here.
    aside: TestDatabase,
}

impl NewOwner {
    async fn create(attribute: &str) -> Self {
        let aside = TestDatabase::empty().await.unwrap();
        let name = format!("owner_{}", aside.name());
        let mut superuser = session(aside.superuser_options()).await;
        let version = texts(&mut superuser, "SHOW server_version_num".to_owned()).await;
        // From PostgreSQL 16 on, a role is given away only by those who may administer it.
        let admin = if attribute == "CREATEROLE" && version[0].as_str() >= "16" {
            format!(
                "GRANT edgeos_app, edgeos_lookup TO {name} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;"
            )
        } else {
            String::new()
        };
        run(&mut superuser, format!("CREATE ROLE {name} LOGIN {attribute}; {admin}")).await;
        Self { name, aside }
    }

    /// A database without a schema that this role owns.
    async fn database(&self) -> TestDatabase {
        let database = TestDatabase::empty().await.unwrap();
        let mut superuser = session(self.aside.superuser_options()).await;
        run(&mut superuser, format!("ALTER DATABASE {} OWNER TO {}", database.name(), self.name))
            .await;
        database
    }

    async fn remove(self) {
        let mut superuser = session(self.aside.superuser_options()).await;
        run(&mut superuser, format!("DROP ROLE {}", self.name)).await;
    }
}
