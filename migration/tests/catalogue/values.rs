//! What a tenant's own login can write, the server can read.

use edgeos_testkit::TestDatabase;
use migration::{Migrator, lock};
use sea_orm_migration::MigratorTrait;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    rules::texts,
    session::{owner, run, session},
};

/// What no program reads, of each type that can hold such a thing.
const UNREADABLE: &[(&str, &[&str])] = &[
    ("numeric", &["NaN"]),
    ("double precision", &["NaN", "Infinity", "-Infinity"]),
    ("timestamp with time zone", BEYOND),
    ("timestamp without time zone", BEYOND),
    ("date", BEYOND),
    ("character varying[]", HOLES),
    ("text[]", HOLES),
    ("jsonb", &[r#"{"n": [1e400]}"#, r#"{"n": -1e400}"#, "1e400"]),
];

/// The least and the most that programs read.
const READABLE: &[(&str, &[&str])] = &[
    ("numeric", &["0", "1.5"]),
    ("timestamp with time zone", &["0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"]),
    ("timestamp without time zone", &["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"]),
    ("character varying[]", &["{}", "{a,b}"]),
    ("jsonb", &[r#"{"n": [1.7976931348623157e308, -1.7976931348623157e308, "1e400", null]}"#]),
];

/// Types whose every value can be read.
const HARMLESS: &[&str] = &[
    "uuid",
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "character varying",
    "text",
    "popupstatus",
    "productcategory",
    "ticketattendeecategory",
    "ticketduration",
];

const BEYOND: &[&str] =
    &["infinity", "-infinity", "10000-01-01", "290000-01-01", "0001-12-31 BC", "4000-01-01 BC"];
const HOLES: &[&str] = &["{NULL}", "{a,NULL}", "{{a,b},{c,d}}"];

/// A column of a table that a tenant's own login may write.
struct Column {
    table: String,
    name: String,
    r#type: String,
    /// What is checked of it alone.
    rules: Vec<String>,
}

impl Column {
    async fn all(db: &mut PgConnection) -> Vec<Self> {
        let query = "
            SELECT c.relname::text, quote_ident(a.attname), format_type(a.atttypid, NULL),
                ARRAY(SELECT pg_get_expr(k.conbin, k.conrelid) FROM pg_constraint k
                    WHERE k.contype = 'c' AND k.conrelid = c.oid AND k.conkey = ARRAY[a.attnum] AND k.convalidated)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                AND a.attnum > 0 AND NOT a.attisdropped
                AND has_column_privilege('tenant_role', c.oid, a.attnum, 'INSERT, UPDATE')";
        let columns: Vec<(String, String, String, Vec<String>)> =
            sqlx::query_as(query).fetch_all(db).await.unwrap();
        let column = |(table, name, r#type, rules)| Self { table, name, r#type, rules };
        columns.into_iter().map(column).collect()
    }

    /// Whether every rule admits `value`. A rule may fail instead of saying no.
    async fn admits(&self, db: &mut PgConnection, value: &str) -> bool {
        let Self { name, r#type, rules, .. } = self;
        let rules: Vec<_> = rules.iter().map(|rule| format!("({rule}) IS NOT FALSE")).collect();
        let rules = if rules.is_empty() { "true".to_owned() } else { rules.join(" AND ") };
        let query = format!("SELECT {rules} FROM (SELECT '{value}'::{type} AS {name}) AS row");
        let admitted = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(db).await;
        admitted.is_ok_and(|admitted: bool| admitted)
    }
}

#[tokio::test]
async fn nothing_that_cant_be_read_can_be_written() {
    let database = TestDatabase::new().await.unwrap();
    let mut owner = owner(&database).await;
    let columns = Column::all(&mut owner).await;
    assert!(columns.len() > 100, "{}", columns.len());
    let nested = format!("{}{}", "[".repeat(128), "]".repeat(128));
    for column in columns {
        let Column { table, name, r#type, .. } = &column;
        if HARMLESS.contains(&r#type.as_str()) {
            continue;
        }
        let of_type = |values: &[(&str, &'static [&'static str])]| {
            values.iter().find(|(known, _)| known == r#type).map(|(_, values)| *values)
        };
        let unreadable = of_type(UNREADABLE);
        let unreadable = unreadable.unwrap_or_else(|| panic!("what of {type} can't be read?"));
        let nested = (r#type == "jsonb").then_some(nested.as_str());
        for value in unreadable.iter().copied().chain(nested) {
            let admitted = column.admits(&mut owner, value).await;
            assert!(!admitted, "{table}.{name} may hold {value:.20}");
        }
        for value in of_type(READABLE).unwrap_or_default() {
            assert!(column.admits(&mut owner, value).await, "{table}.{name} may not hold {value}");
        }
    }
}

#[tokio::test]
async fn rows_that_cant_be_read_stop_the_migration_and_are_named() {
    let database = TestDatabase::empty().await.unwrap();
    let db = lock::single_connection(database.owner_options()).await.unwrap();
    let migrations = Migrator::migrations();
    let is_it = |name: &str| name == "m20261124_000014_readable_values";
    let before = migrations.iter().position(|migration| is_it(migration.name())).unwrap();
    Migrator::up(&db, Some(u32::try_from(before).unwrap())).await.unwrap();
    let mut superuser = session(database.superuser_options()).await;
    run(
        &mut superuser,
        "INSERT INTO tenants (id, name, slug) VALUES (gen_random_uuid(), 'A', 'a');
         INSERT INTO popups (id, tenant_id, name, slug, status, end_date)
             SELECT gen_random_uuid(), id, 'P', 'p', 'active', 'infinity' FROM tenants",
    )
    .await;
    let error = Migrator::up(&db, None).await.unwrap_err().to_string();
    assert!(error.contains("popups: some rows hold what can't be read"), "{error}");
    assert!(error.contains("ck_popups_end_date_readable"), "{error}");

    run(&mut superuser, "UPDATE popups SET end_date = NULL").await;
    Migrator::up(&db, None).await.unwrap();
    let left = "SELECT conname::text FROM pg_constraint WHERE contype = 'c' AND NOT convalidated";
    assert!(texts(&mut superuser, left.to_owned()).await.is_empty());
    db.close().await.unwrap();
}
