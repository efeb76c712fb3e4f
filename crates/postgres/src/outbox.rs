use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{EmailTemplateId, MailId, PopupId, TenantId};
use edgeos_ports::{
    CustomTemplate, MAIL_LEASE, MailLease, MailOutcome, NewMail, NewUserMail, OldMail, Outbox,
    PlatformOutbox, QueuedMail, StoreError, TemplateWords,
};
use sea_orm::{
    FromQueryResult, Value,
    prelude::{Json, Uuid},
};

use crate::{PgPlatformTx, PgTx};

/// How long a mail may be due before nobody expects it any more: mail was off, or nobody served.
const STALE: TimeDelta = TimeDelta::days(7);

/// The longest words that are read, in bytes: what may be stored through the server fits.
const HTML_MAX: i32 = 512 * 1024;
const SUBJECT_MAX: i32 = 4 * 500;

impl Outbox for PgTx {
    async fn enqueue_mail(&mut self, mail: &NewMail) -> Result<(), StoreError> {
        self.db
            .execute(
                "INSERT INTO outbox (id, tenant_id, popup_id, template_type, to_email, context, \
                 dedupe_key, priority, not_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                 ON CONFLICT (tenant_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING",
                [
                    mail.id.0.into(),
                    self.tenant.0.into(),
                    mail.popup_id.map(|popup| popup.0).into(),
                    mail.template.as_str().into(),
                    mail.to.as_str().into(),
                    mail.context.clone().into(),
                    mail.dedupe_key.clone().into(),
                    mail.priority.into(),
                    mail.not_after.into(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn claim_due_mail(&mut self, limit: u32) -> Result<Vec<QueuedMail>, StoreError> {
        let rows = self
            .db
            .all::<MailRow>(
                // Words that a tenant's own database login wrote may be of any size: those aren't read.
                "WITH due AS (
                     SELECT id FROM outbox
                     WHERE tenant_id = $1 AND state = 'queued' AND next_attempt_at <= now()
                       AND (locked_until IS NULL OR locked_until <= now())
                     ORDER BY priority DESC, next_attempt_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
                 ), claimed AS (
                     UPDATE outbox o SET locked_until = now() + $3 * interval '1 second',
                         attempts = o.attempts + 1
                     FROM due WHERE o.tenant_id = $1 AND o.id = due.id
                     RETURNING o.*
                 )
                 SELECT c.id, c.locked_until, c.tenant_id, c.popup_id,
                        c.popup_id IS NOT NULL AND p.id IS NULL AS popup_deleted,
                        c.template_type, c.to_email, c.context, c.attempts, c.not_after,
                        c.next_attempt_at < now() - $4 * interval '1 second' AS stale,
                        t.id AS custom_id, t.fits AS custom_fits,
                        CASE WHEN t.fits THEN t.subject END AS subject,
                        CASE WHEN t.fits THEN t.html_content END AS html_content,
                        t.written_at
                 FROM claimed c LEFT JOIN popups p ON p.tenant_id = c.tenant_id AND p.id = c.popup_id
                 LEFT JOIN LATERAL (
                     SELECT e.id, e.subject, e.html_content,
                            octet_length(e.html_content) <= $5
                                AND coalesce(octet_length(e.subject), 0) <= $6 AS fits,
                            coalesce(e.updated_at, e.created_at) AS written_at
                     FROM email_templates e
                     WHERE e.tenant_id = c.tenant_id AND e.popup_id = c.popup_id
                       AND e.template_type = c.template_type AND e.is_active
                       AND e.template_type NOT IN ('login_code_user', 'login_code_human')
                 ) t ON true
                 ORDER BY c.priority DESC, c.next_attempt_at, c.id",
                [
                    self.tenant.0.into(),
                    i64::from(limit).into(),
                    MAIL_LEASE.as_seconds_f64().into(),
                    STALE.as_seconds_f64().into(),
                    HTML_MAX.into(),
                    SUBJECT_MAX.into(),
                ],
            )
            .await?;
        Ok(rows.into_iter().map(QueuedMail::from).collect())
    }

    async fn settle_mail(
        &mut self,
        lease: MailLease,
        outcome: &MailOutcome,
    ) -> Result<bool, StoreError> {
        let settled = Settled::from(outcome);
        let touched = self
            .db
            .execute(
                "UPDATE outbox SET state = $3, sent_at = $4, \
                 last_error = CASE WHEN $7 > 0 THEN last_error ELSE $5 END, \
                 next_attempt_at = coalesce($6, next_attempt_at), locked_until = NULL, \
                 attempts = greatest(attempts - $7, 0), \
                 context = CASE WHEN $3 <> 'queued' \
                     AND template_type IN ('login_code_user', 'login_code_human') \
                     THEN '{}'::jsonb ELSE context END \
                 WHERE tenant_id = $8 AND id = $1 AND state = 'queued' AND locked_until = $2",
                settled.values(lease).into_iter().chain([self.tenant.0.into()]),
            )
            .await?;
        Ok(touched == 1)
    }

    async fn report_template_error(
        &mut self,
        custom: &CustomTemplate,
        error: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.db
            .execute(
                "UPDATE email_templates SET last_error = $4, last_error_at = $5 \
                 WHERE tenant_id = $1 AND id = $2 AND coalesce(updated_at, created_at) = $3",
                [
                    self.tenant.0.into(),
                    custom.id.0.into(),
                    custom.written_at.into(),
                    error.into(),
                    at.into(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn expire_mail(&mut self, limit: u64) -> Result<u64, StoreError> {
        self.db
            .execute(
                "WITH over AS (
                     SELECT id FROM outbox WHERE tenant_id = $1 AND state = 'queued'
                       AND (locked_until IS NULL OR locked_until <= now())
                       AND (not_after <= now()
                            OR next_attempt_at < now() - $2 * interval '1 second')
                     ORDER BY next_attempt_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
                 )
                 UPDATE outbox o SET state = 'expired', locked_until = NULL,
                     context = CASE WHEN template_type IN ('login_code_user', 'login_code_human')
                         THEN '{}'::jsonb ELSE context END
                 FROM over WHERE o.tenant_id = $1 AND o.id = over.id",
                [self.tenant.0.into(), STALE.as_seconds_f64().into(), limit.cast_signed().into()],
            )
            .await
    }

    async fn purge_mail(&mut self, old: OldMail, limit: u64) -> Result<u64, StoreError> {
        self.db
            .execute(
                // No mail is settled before it is made.
                "WITH old AS (
                     SELECT id FROM outbox WHERE tenant_id = $1 AND created_at < $2
                       AND (state IN ('sent', 'expired') AND coalesce(sent_at, next_attempt_at) < $2
                            OR state = 'dead' AND next_attempt_at < $3)
                     ORDER BY created_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
                 )
                 DELETE FROM outbox o USING old WHERE o.tenant_id = $1 AND o.id = old.id",
                [
                    self.tenant.0.into(),
                    old.settled_before.into(),
                    old.dead_before.into(),
                    limit.cast_signed().into(),
                ],
            )
            .await
    }
}

impl PlatformOutbox for PgPlatformTx {
    async fn enqueue_user_mail(&mut self, mail: &NewUserMail) -> Result<(), StoreError> {
        self.db
            .execute(
                "INSERT INTO platform_outbox (id, user_id, template_type, to_email, context, \
                 priority, not_after) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [
                    mail.id.0.into(),
                    mail.user.0.into(),
                    mail.template.as_str().into(),
                    mail.to.as_str().into(),
                    mail.context.clone().into(),
                    mail.priority.into(),
                    mail.not_after.into(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn claim_due_user_mail(&mut self, limit: u32) -> Result<Vec<QueuedMail>, StoreError> {
        let rows = self
            .db
            .all::<MailRow>(
                "WITH due AS (
                     SELECT id FROM platform_outbox
                     WHERE state = 'queued' AND next_attempt_at <= now()
                       AND (locked_until IS NULL OR locked_until <= now())
                     ORDER BY priority DESC, next_attempt_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
                 ), claimed AS (
                     UPDATE platform_outbox o SET locked_until = now() + $2 * interval '1 second',
                         attempts = o.attempts + 1
                     FROM due WHERE o.id = due.id
                     RETURNING o.*
                 )
                 SELECT c.id, c.locked_until, u.tenant_id, NULL::uuid AS popup_id,
                        false AS popup_deleted, c.template_type, c.to_email, c.context, c.attempts,
                        c.not_after, c.next_attempt_at < now() - $3 * interval '1 second' AS stale,
                        NULL::uuid AS custom_id, NULL::boolean AS custom_fits, NULL::varchar AS subject,
                        NULL::text AS html_content, NULL::timestamptz AS written_at
                 FROM claimed c JOIN users u ON u.id = c.user_id
                 ORDER BY c.priority DESC, c.next_attempt_at, c.id",
                [
                    i64::from(limit).into(),
                    MAIL_LEASE.as_seconds_f64().into(),
                    STALE.as_seconds_f64().into(),
                ],
            )
            .await?;
        Ok(rows.into_iter().map(QueuedMail::from).collect())
    }

    async fn settle_user_mail(
        &mut self,
        lease: MailLease,
        outcome: &MailOutcome,
    ) -> Result<bool, StoreError> {
        let settled = Settled::from(outcome);
        let touched = self
            .db
            .execute(
                "UPDATE platform_outbox SET state = $3, sent_at = $4, \
                 last_error = CASE WHEN $7 > 0 THEN last_error ELSE $5 END, \
                 next_attempt_at = coalesce($6, next_attempt_at), locked_until = NULL, \
                 attempts = greatest(attempts - $7, 0), \
                 context = CASE WHEN $3 <> 'queued' THEN '{}'::jsonb ELSE context END \
                 WHERE id = $1 AND state = 'queued' AND locked_until = $2",
                settled.values(lease),
            )
            .await?;
        Ok(touched == 1)
    }

    async fn expire_user_mail(&mut self, limit: u64) -> Result<u64, StoreError> {
        self.db
            .execute(
                "WITH over AS (
                     SELECT id FROM platform_outbox WHERE state = 'queued'
                       AND (locked_until IS NULL OR locked_until <= now())
                       AND (not_after <= now()
                            OR next_attempt_at < now() - $1 * interval '1 second')
                     ORDER BY next_attempt_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
                 )
                 UPDATE platform_outbox o SET state = 'expired', locked_until = NULL, context = '{}'
                 FROM over WHERE o.id = over.id",
                [STALE.as_seconds_f64().into(), limit.cast_signed().into()],
            )
            .await
    }

    async fn purge_user_mail(&mut self, old: OldMail, limit: u64) -> Result<u64, StoreError> {
        self.db
            .execute(
                "WITH old AS (
                     SELECT id FROM platform_outbox
                     WHERE state IN ('sent', 'expired') AND coalesce(sent_at, next_attempt_at) < $1
                        OR state = 'dead' AND next_attempt_at < $2
                     ORDER BY created_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
                 )
                 DELETE FROM platform_outbox o USING old WHERE o.id = old.id",
                [old.settled_before.into(), old.dead_before.into(), limit.cast_signed().into()],
            )
            .await
    }

    async fn tenants_with_due_mail(&mut self, limit: u32) -> Result<Vec<TenantId>, StoreError> {
        let rows = self
            .db
            .all::<TenantRow>(
                "SELECT t.id FROM platform.tenants_with_due_mail($1) AS t(id)",
                [i32::try_from(limit).unwrap_or(i32::MAX).into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| TenantId(row.id)).collect())
    }
}

#[derive(FromQueryResult)]
struct TenantRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct MailRow {
    id: Uuid,
    locked_until: DateTime<Utc>,
    tenant_id: Option<Uuid>,
    popup_id: Option<Uuid>,
    popup_deleted: bool,
    template_type: String,
    to_email: String,
    context: Json,
    attempts: i32,
    not_after: Option<DateTime<Utc>>,
    stale: bool,
    custom_id: Option<Uuid>,
    custom_fits: Option<bool>,
    subject: Option<String>,
    html_content: Option<String>,
    written_at: Option<DateTime<Utc>>,
}

impl MailRow {
    fn custom(&mut self) -> Option<CustomTemplate> {
        Some(CustomTemplate {
            id: EmailTemplateId(self.custom_id?),
            tenant: TenantId(self.tenant_id?),
            written_at: self.written_at?,
            words: self.custom_fits?.then(|| TemplateWords {
                subject: self.subject.take(),
                html: self.html_content.take().unwrap_or_default(),
            }),
        })
    }
}

impl From<MailRow> for QueuedMail {
    fn from(mut row: MailRow) -> Self {
        Self {
            custom: row.custom(),
            lease: MailLease { id: MailId(row.id), until: row.locked_until },
            tenant: row.tenant_id.map(TenantId),
            popup_id: row.popup_id.map(PopupId),
            popup_deleted: row.popup_deleted,
            template: row.template_type,
            to: row.to_email,
            context: row.context,
            attempts: row.attempts.unsigned_abs(),
            not_after: row.not_after,
            stale: row.stale,
        }
    }
}

/// An outcome as the columns have it.
struct Settled<'a> {
    state: &'static str,
    sent_at: Option<DateTime<Utc>>,
    error: Option<&'a str>,
    next_attempt_at: Option<DateTime<Utc>>,
    /// Attempts that don't count.
    given_back: i32,
}

impl<'a> From<&'a MailOutcome> for Settled<'a> {
    fn from(outcome: &'a MailOutcome) -> Self {
        let settled = |state| Self {
            state,
            sent_at: None,
            error: None,
            next_attempt_at: None,
            given_back: 0,
        };
        match outcome {
            MailOutcome::Sent { at } => Self { sent_at: Some(*at), ..settled("sent") },
            MailOutcome::PutBack { at } => {
                Self { next_attempt_at: Some(*at), given_back: 1, ..settled("queued") }
            }
            MailOutcome::Retry { at, error } => {
                Self { error: Some(error), next_attempt_at: Some(*at), ..settled("queued") }
            }
            MailOutcome::Dead { error } => Self { error: Some(error), ..settled("dead") },
            MailOutcome::Expired => settled("expired"),
        }
    }
}

impl Settled<'_> {
    fn values(&self, lease: MailLease) -> [Value; 7] {
        [
            lease.id.0.into(),
            lease.until.into(),
            self.state.into(),
            self.sent_at.into(),
            self.error.map(str::to_owned).into(),
            self.next_attempt_at.into(),
            self.given_back.into(),
        ]
    }
}
