use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, FromQueryResult, QueryResult, Statement, Value,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, Executor, PgConnection, Postgres, query::Query},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Mutex, MutexGuard};

use edgeos_ports::StoreError;

use crate::{
    error::{db_error, sqlx_error, store_error},
    tally::Tally,
    whole::Part,
};

/// One open transaction. Lets sea-orm's entities, and statements written out, run inside it.
#[derive(Debug)]
pub(crate) struct Connection {
    tx: Mutex<Share>,
    tally: Tally,
}

/// How much of a transaction it is.
#[derive(Debug)]
pub(crate) enum Share {
    /// All of one.
    Own(sqlx::Transaction<'static, Postgres>),
    /// A part.
    Part(Part),
}

impl Share {
    fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::Own(tx) => tx,
            Self::Part(part) => part.connection(),
        }
    }
}

impl Connection {
    /// The transaction `tx`, which is of this `kind`.
    pub(crate) fn new(tx: Share, kind: &'static str) -> Self {
        Self { tx: Mutex::new(tx), tally: Tally::new(kind) }
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let Self { tx, tally } = self;
        match tx.into_inner() {
            Share::Own(tx) => tx.commit().await.map_err(sqlx_error)?,
            Share::Part(mut part) => part.release().await?,
        }
        tally.committed();
        Ok(())
    }

    /// The connection, for one more statement.
    async fn next(&self) -> MutexGuard<'_, Share> {
        let tx = self.tx.lock().await;
        self.tally.count();
        tx
    }

    /// Every row of `sql`.
    pub(crate) async fn all<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.query_all_raw(statement(sql, values)).await.map_err(store_error)?;
        rows.iter().map(|row| T::from_query_result(row, "").map_err(store_error)).collect()
    }

    /// The first row of `sql`, if there is one.
    pub(crate) async fn one<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, StoreError> {
        let row = self.query_one_raw(statement(sql, values)).await.map_err(store_error)?;
        row.map(|row| T::from_query_result(&row, "").map_err(store_error)).transpose()
    }

    /// Runs `sql`; how many rows it touched.
    pub(crate) async fn execute(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, StoreError> {
        let result = self.execute_raw(statement(sql, values)).await.map_err(store_error)?;
        Ok(result.rows_affected())
    }
}

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

#[async_trait::async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        let mut tx = self.next().await;
        query(stmt).execute(tx.connection()).await.map(Into::into).map_err(db_error)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut tx = self.next().await;
        tx.connection().execute(AssertSqlSafe(sql)).await.map(Into::into).map_err(db_error)
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut tx = self.next().await;
        let row = query(stmt).fetch_optional(tx.connection()).await.map_err(db_error)?;
        Ok(row.map(Into::into))
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut tx = self.next().await;
        let rows = query(stmt).fetch_all(tx.connection()).await.map_err(db_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

fn query(stmt: Statement) -> Query<'static, Postgres, SqlxValues> {
    sqlx::query_with(AssertSqlSafe(stmt.sql), SqlxValues(stmt.values.unwrap_or(Values(Vec::new()))))
}
