use chrono::{DateTime, Utc};
use edgeos_ports::{RevokedToken, RevokedTokens, StoreError};
use sea_orm::FromQueryResult;

use crate::PgPlatformTx;

impl RevokedTokens for PgPlatformTx {
    async fn revoke_token(&mut self, token: &RevokedToken) -> Result<(), StoreError> {
        self.db
            .execute(
                "INSERT INTO revoked_tokens (token_key, expires_at) VALUES ($1, $2) \
                 ON CONFLICT (token_key) DO NOTHING",
                [token.key.as_str().into(), token.expires_at.into()],
            )
            .await?;
        Ok(())
    }

    async fn revoked_tokens(
        &mut self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<RevokedToken>, StoreError> {
        let rows = self
            .db
            .all::<Row>(
                "SELECT token_key, expires_at FROM revoked_tokens \
                 WHERE created_at >= $1 AND expires_at >= $2 ORDER BY created_at, token_key",
                [since.into(), now.into()],
            )
            .await?;
        Ok(rows.into_iter().map(RevokedToken::from).collect())
    }

    async fn purge_revoked_tokens(&mut self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.db.execute("DELETE FROM revoked_tokens WHERE expires_at < $1", [now.into()]).await
    }
}

#[derive(FromQueryResult)]
struct Row {
    token_key: String,
    expires_at: DateTime<Utc>,
}

impl From<Row> for RevokedToken {
    fn from(row: Row) -> Self {
        Self { key: row.token_key, expires_at: row.expires_at }
    }
}
