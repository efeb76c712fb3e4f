use chrono::{DateTime, Utc};
use edgeos_domain::PaymentId;
use edgeos_ports::{IdempotencyKeys, IdempotentRequest, KeyClaim, StoreError, StoredAnswer};
use sea_orm::FromQueryResult;

use crate::{PgTx, error::stored};

impl IdempotencyKeys for PgTx {
    async fn claim_key(
        &mut self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<KeyClaim, StoreError> {
        // What is known needs no lock, which outlives an answer by the moment that a rollback takes.
        if let Some(claim) = self.known_key(request, now).await? {
            return Ok(claim);
        }
        let IdempotentRequest { actor, operation, key, .. } = request;
        // Two keys whose hashes collide would take turns, which harms neither.
        let lock = format!("idempotency|{}|{actor}|{operation}|{key}", self.tenant);
        let sql = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked";
        let row = self.db.one::<LockRow>(sql, [lock.into()]).await?;
        if !row.is_some_and(|row| row.locked) {
            return Ok(KeyClaim::Running);
        }
        // A statement of its own: its snapshot is taken with the lock held, so it sees what the last holder
        // of the lock committed.
        Ok(self.known_key(request, now).await?.unwrap_or(KeyClaim::New))
    }

    async fn hold_key(
        &mut self,
        request: &IdempotentRequest,
        payment: PaymentId,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        // What conflicts is over: otherwise the key couldn't have been claimed.
        self.db
            .execute(
                "INSERT INTO idempotency_keys (tenant_id, actor_id, operation, key, request_hash, \
                 payment_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT (tenant_id, actor_id, operation, key) DO UPDATE SET \
                 request_hash = excluded.request_hash, status = NULL, body = NULL, \
                 payment_id = excluded.payment_id, created_at = excluded.created_at, \
                 expires_at = excluded.expires_at",
                [
                    self.tenant.0.into(),
                    request.actor.into(),
                    request.operation.into(),
                    request.key.as_str().into(),
                    request.hash.to_vec().into(),
                    payment.0.into(),
                    now.into(),
                    expires_at.into(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn store_answer(
        &mut self,
        request: &IdempotentRequest,
        answer: &StoredAnswer,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let status = i16::try_from(answer.status)
            .map_err(|error| StoreError::OutOfBounds(error.to_string()))?;
        // What conflicts is over, or held for this request.
        self.db
            .execute(
                "INSERT INTO idempotency_keys (tenant_id, actor_id, operation, key, request_hash, \
                 status, body, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                 ON CONFLICT (tenant_id, actor_id, operation, key) DO UPDATE SET \
                 request_hash = excluded.request_hash, status = excluded.status, \
                 body = excluded.body, payment_id = NULL, created_at = excluded.created_at, \
                 expires_at = excluded.expires_at",
                [
                    self.tenant.0.into(),
                    request.actor.into(),
                    request.operation.into(),
                    request.key.as_str().into(),
                    request.hash.to_vec().into(),
                    status.into(),
                    answer.body.as_str().into(),
                    now.into(),
                    expires_at.into(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn release_key(&mut self, payment: PaymentId) -> Result<(), StoreError> {
        self.db
            .execute(
                "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND payment_id = $2",
                [self.tenant.0.into(), payment.0.into()],
            )
            .await?;
        Ok(())
    }

    async fn purge_idempotency_keys(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.db
            .execute(
                "WITH old AS (SELECT ctid FROM idempotency_keys \
                 WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED) \
                 DELETE FROM idempotency_keys k USING old WHERE k.ctid = old.ctid",
                [self.tenant.0.into(), now.into(), limit.into()],
            )
            .await
    }
}

impl PgTx {
    /// What is stored about the key of `request`; `None` when nothing is, or not any more.
    async fn known_key(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<KeyClaim>, StoreError> {
        let IdempotentRequest { actor, operation, key, hash } = request;
        let row = self
            .db
            .one::<AnswerRow>(
                "SELECT request_hash, status, body FROM idempotency_keys \
                 WHERE tenant_id = $1 AND actor_id = $2 AND operation = $3 AND key = $4 \
                 AND expires_at > $5",
                [
                    self.tenant.0.into(),
                    (*actor).into(),
                    (*operation).into(),
                    key.as_str().into(),
                    now.into(),
                ],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.request_hash != hash {
            return Ok(Some(KeyClaim::Misused));
        }
        let (Some(status), Some(body)) = (row.status, row.body) else {
            return Ok(Some(KeyClaim::Running));
        };
        let status = stored("idempotency_keys", *actor, u16::try_from(status))?;
        Ok(Some(KeyClaim::Answered(StoredAnswer { status, body })))
    }
}

#[derive(FromQueryResult)]
struct LockRow {
    locked: bool,
}

#[derive(FromQueryResult)]
struct AnswerRow {
    request_hash: Vec<u8>,
    status: Option<i16>,
    body: Option<String>,
}
