use chrono::{DateTime, Utc};
use edgeos_domain::{Email, HttpUrl, Human, UserId};
use edgeos_ports::{
    CodeTry, HumanLoginCodes, PendingHuman, StoreError, StoredLoginCode, UserLoginCodes,
};
use sea_orm::{FromQueryResult, Value, prelude::Uuid};

use crate::{PgPlatformTx, PgTx, connection::Connection};

impl UserLoginCodes for PgPlatformTx {
    async fn replace_user_login_code(
        &mut self,
        user: UserId,
        code: &StoredLoginCode,
    ) -> Result<(), StoreError> {
        let values = [user.0.into(), code.hash.to_vec().into(), code.expires_at.into()];
        self.db
            .execute(
                "INSERT INTO user_login_codes (user_id, code_hash, expires_at, attempts) \
                 VALUES ($1, $2, $3, 0) \
                 ON CONFLICT (user_id) DO UPDATE SET code_hash = excluded.code_hash, \
                 expires_at = excluded.expires_at, attempts = 0, created_at = now()",
                values,
            )
            .await?;
        Ok(())
    }

    async fn try_user_login_code(
        &mut self,
        user: UserId,
        tries: u32,
        now: DateTime<Utc>,
    ) -> Result<CodeTry, StoreError> {
        const TRY: &str = "UPDATE user_login_codes SET attempts = attempts + 1 \
             WHERE user_id = $1 AND expires_at > $2 AND attempts < $3 RETURNING code_hash";
        const LEFT: &str =
            "SELECT code_hash FROM user_login_codes WHERE user_id = $1 AND expires_at > $2";
        try_code(&self.db, TRY, LEFT, [user.0.into(), now.into()], tries).await
    }

    async fn delete_user_login_code(&mut self, user: UserId) -> Result<(), StoreError> {
        let sql = "DELETE FROM user_login_codes WHERE user_id = $1";
        self.db.execute(sql, [user.0.into()]).await?;
        Ok(())
    }

    async fn purge_user_login_codes(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        self.db
            .execute(
                "WITH old AS (SELECT user_id FROM user_login_codes WHERE expires_at <= $1 \
                 LIMIT $2 FOR UPDATE SKIP LOCKED) \
                 DELETE FROM user_login_codes c USING old WHERE c.user_id = old.user_id",
                [now.into(), limit.into()],
            )
            .await
    }
}

impl HumanLoginCodes for PgTx {
    async fn replace_human_login_code(
        &mut self,
        email: &Email,
        code: &StoredLoginCode,
    ) -> Result<(), StoreError> {
        let values = [
            self.tenant.0.into(),
            email.as_str().into(),
            code.hash.to_vec().into(),
            code.expires_at.into(),
        ];
        self.db
            .execute(
                "INSERT INTO human_login_codes (tenant_id, email, code_hash, expires_at, attempts) \
                 VALUES ($1, $2, $3, $4, 0) \
                 ON CONFLICT (tenant_id, email) DO UPDATE SET code_hash = excluded.code_hash, \
                 expires_at = excluded.expires_at, attempts = 0, created_at = now()",
                values,
            )
            .await?;
        Ok(())
    }

    async fn try_human_login_code(
        &mut self,
        email: &Email,
        tries: u32,
        now: DateTime<Utc>,
    ) -> Result<CodeTry, StoreError> {
        const TRY: &str = "UPDATE human_login_codes SET attempts = attempts + 1 \
             WHERE tenant_id = $1 AND email = $2 AND expires_at > $3 AND attempts < $4 \
             RETURNING code_hash";
        const LEFT: &str = "SELECT code_hash FROM human_login_codes \
             WHERE tenant_id = $1 AND email = $2 AND expires_at > $3";
        let values = [self.tenant.0.into(), email.as_str().into(), now.into()];
        try_code(&self.db, TRY, LEFT, values, tries).await
    }

    async fn delete_human_login_code(&mut self, email: &Email) -> Result<(), StoreError> {
        let sql = "DELETE FROM human_login_codes WHERE tenant_id = $1 AND email = $2";
        self.db.execute(sql, [self.tenant.0.into(), email.as_str().into()]).await?;
        Ok(())
    }

    async fn purge_human_login_codes(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        self.db
            .execute(
                "WITH old AS (SELECT email FROM human_login_codes \
                 WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED) \
                 DELETE FROM human_login_codes c USING old \
                 WHERE c.tenant_id = $1 AND c.email = old.email",
                [self.tenant.0.into(), now.into(), limit.into()],
            )
            .await
    }

    async fn replace_pending_human(&mut self, pending: &PendingHuman) -> Result<(), StoreError> {
        let values = [
            self.tenant.0.into(),
            pending.id.into(),
            pending.email.as_str().into(),
            pending.picture_url.clone().map(String::from).into(),
            pending.expires_at.into(),
        ];
        self.db
            .execute(
                "INSERT INTO pending_humans \
                 (tenant_id, id, email, picture_url, code_expiration, attempts, red_flag) \
                 VALUES ($1, $2, $3, $4, $5, 0, false) \
                 ON CONFLICT (tenant_id, email) DO UPDATE SET \
                 picture_url = excluded.picture_url, code_expiration = excluded.code_expiration",
                values,
            )
            .await?;
        Ok(())
    }

    async fn take_pending_human(
        &mut self,
        email: &Email,
        now: DateTime<Utc>,
    ) -> Result<Option<PendingHuman>, StoreError> {
        let row = self
            .db
            .one::<PendingRow>(
                "DELETE FROM pending_humans WHERE tenant_id = $1 AND email = $2 \
                 RETURNING id, email, picture_url, code_expiration",
                [self.tenant.0.into(), email.as_str().into()],
            )
            .await?;
        Ok(row.filter(|row| row.code_expiration > now).map(PendingHuman::from))
    }

    async fn purge_pending_humans(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        self.db
            .execute(
                "WITH old AS (SELECT id FROM pending_humans \
                 WHERE tenant_id = $1 AND code_expiration <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED) \
                 DELETE FROM pending_humans h USING old WHERE h.tenant_id = $1 AND h.id = old.id",
                [self.tenant.0.into(), now.into(), limit.into()],
            )
            .await
    }
}

#[derive(FromQueryResult)]
struct CodeRow {
    code_hash: Vec<u8>,
}

#[derive(FromQueryResult)]
struct PendingRow {
    id: Uuid,
    email: String,
    picture_url: Option<String>,
    code_expiration: DateTime<Utc>,
}

/// Counts a try with the statement `count`. It locks the row, so tries at one code come one after the
/// other, and each finds what the one before left. When it counts nothing, `left` finds the reason.
async fn try_code<const N: usize>(
    db: &Connection,
    count: &str,
    left: &str,
    owner: [Value; N],
    tries: u32,
) -> Result<CodeTry, StoreError> {
    let limit = i32::try_from(tries).unwrap_or(i32::MAX);
    let values = owner.clone().into_iter().chain([limit.into()]);
    if let Some(row) = db.one::<CodeRow>(count, values).await? {
        return Ok(CodeTry::Counted(row.code_hash));
    }
    let exhausted = db.one::<CodeRow>(left, owner).await?.is_some();
    Ok(if exhausted { CodeTry::Exhausted } else { CodeTry::Missing })
}

impl From<PendingRow> for PendingHuman {
    fn from(row: PendingRow) -> Self {
        let picture_url = row.picture_url.as_deref();
        Self {
            id: row.id,
            email: Email::stored(row.email),
            // A picture that older rows hold without its being an address is none.
            picture_url: picture_url.and_then(|url| HttpUrl::parse(url, Human::PICTURE_MAX).ok()),
            expires_at: row.code_expiration,
        }
    }
}
