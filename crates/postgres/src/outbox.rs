use chrono::{DateTime, Utc};
use edgeos_domain::{EmailTemplateId, MailId, PopupId, TenantId};
use edgeos_ports::{
    CustomTemplate, MAIL_LEASE, MailLease, MailOutcome, NewMail, NewUserMail, OldMail, Outbox,
    PlatformOutbox, QueuedMail, StoreError,
};
use sea_orm::{
    FromQueryResult, Value,
    prelude::{Json, Uuid},
};

use crate::{PgPlatformTx, PgTx};

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

    async fn claim_due_mail(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<QueuedMail>, StoreError> {
        let rows = self
            .db
            .all::<MailRow>(
                "WITH due AS (
                     SELECT id FROM outbox
                     WHERE tenant_id = $1 AND state = 'queued' AND next_attempt_at <= $2
                       AND (locked_until IS NULL OR locked_until <= $2)
                     ORDER BY priority DESC, next_attempt_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
                 ), claimed AS (
                     UPDATE outbox o SET locked_until = $3, attempts = o.attempts + 1
                     FROM due WHERE o.tenant_id = $1 AND o.id = due.id
                     RETURNING o.*
                 )
                 SELECT c.id, c.locked_until, c.tenant_id, c.popup_id,
                        c.popup_id IS NOT NULL AND p.id IS NULL AS popup_deleted,
                        c.template_type, c.to_email, c.context, c.attempts, c.not_after,
                        t.id AS custom_id, t.subject, t.html_content,
                        coalesce(t.updated_at, t.created_at) AS written_at
                 FROM claimed c LEFT JOIN popups p ON p.tenant_id = c.tenant_id AND p.id = c.popup_id
                 LEFT JOIN email_templates t ON t.tenant_id = c.tenant_id AND t.popup_id = c.popup_id
                     AND t.template_type = c.template_type AND t.is_active
                     AND t.template_type NOT IN ('login_code_user', 'login_code_human')
                 ORDER BY c.priority DESC, c.next_attempt_at, c.id",
                [
                    self.tenant.0.into(),
                    now.into(),
                    (now + MAIL_LEASE).into(),
                    i64::from(limit).into(),
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
                "UPDATE outbox SET state = $3, sent_at = $4, last_error = $5, \
                 next_attempt_at = coalesce($6, next_attempt_at), locked_until = NULL, \
                 context = CASE WHEN $3 <> 'queued' \
                     AND template_type IN ('login_code_user', 'login_code_human') \
                     THEN '{}'::jsonb ELSE context END \
                 WHERE tenant_id = $7 AND id = $1 AND state = 'queued' AND locked_until = $2",
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

    async fn purge_mail(&mut self, old: OldMail, limit: u64) -> Result<u64, StoreError> {
        self.db
            .execute(
                "DELETE FROM outbox WHERE tenant_id = $1 AND id IN (
                     SELECT id FROM outbox WHERE tenant_id = $1
                       AND (state IN ('sent', 'expired') AND created_at < $2
                            OR state = 'dead' AND created_at < $3)
                     ORDER BY created_at, id LIMIT $4)",
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

    async fn claim_due_user_mail(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<QueuedMail>, StoreError> {
        let rows = self
            .db
            .all::<MailRow>(
                "WITH due AS (
                     SELECT id FROM platform_outbox
                     WHERE state = 'queued' AND next_attempt_at <= $1
                       AND (locked_until IS NULL OR locked_until <= $1)
                     ORDER BY priority DESC, next_attempt_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
                 ), claimed AS (
                     UPDATE platform_outbox o SET locked_until = $2, attempts = o.attempts + 1
                     FROM due WHERE o.id = due.id
                     RETURNING o.*
                 )
                 SELECT c.id, c.locked_until, u.tenant_id, NULL::uuid AS popup_id,
                        false AS popup_deleted, c.template_type, c.to_email, c.context, c.attempts,
                        c.not_after, NULL::uuid AS custom_id, NULL::varchar AS subject,
                        NULL::text AS html_content, NULL::timestamptz AS written_at
                 FROM claimed c JOIN users u ON u.id = c.user_id
                 ORDER BY c.priority DESC, c.next_attempt_at, c.id",
                [now.into(), (now + MAIL_LEASE).into(), i64::from(limit).into()],
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
                "UPDATE platform_outbox SET state = $3, sent_at = $4, last_error = $5, \
                 next_attempt_at = coalesce($6, next_attempt_at), locked_until = NULL, \
                 context = CASE WHEN $3 <> 'queued' THEN '{}'::jsonb ELSE context END \
                 WHERE id = $1 AND state = 'queued' AND locked_until = $2",
                settled.values(lease),
            )
            .await?;
        Ok(touched == 1)
    }

    async fn purge_user_mail(&mut self, old: OldMail, limit: u64) -> Result<u64, StoreError> {
        self.db
            .execute(
                "DELETE FROM platform_outbox WHERE id IN (
                     SELECT id FROM platform_outbox
                     WHERE state IN ('sent', 'expired') AND created_at < $1
                        OR state = 'dead' AND created_at < $2
                     ORDER BY created_at, id LIMIT $3)",
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
    custom_id: Option<Uuid>,
    subject: Option<String>,
    html_content: Option<String>,
    written_at: Option<DateTime<Utc>>,
}

impl MailRow {
    fn custom(&mut self) -> Option<CustomTemplate> {
        Some(CustomTemplate {
            id: EmailTemplateId(self.custom_id?),
            written_at: self.written_at?,
            subject: self.subject.take(),
            html: self.html_content.take()?,
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
        }
    }
}

/// An outcome as the columns have it.
struct Settled<'a> {
    state: &'static str,
    sent_at: Option<DateTime<Utc>>,
    error: Option<&'a str>,
    next_attempt_at: Option<DateTime<Utc>>,
}

impl<'a> From<&'a MailOutcome> for Settled<'a> {
    fn from(outcome: &'a MailOutcome) -> Self {
        let settled = |state| Self { state, sent_at: None, error: None, next_attempt_at: None };
        match outcome {
            MailOutcome::Sent { at } => Self { sent_at: Some(*at), ..settled("sent") },
            MailOutcome::Retry { at, error } => {
                Self { error: Some(error), next_attempt_at: Some(*at), ..settled("queued") }
            }
            MailOutcome::Dead { error } => Self { error: Some(error), ..settled("dead") },
            MailOutcome::Expired => settled("expired"),
        }
    }
}

impl Settled<'_> {
    fn values(&self, lease: MailLease) -> [Value; 6] {
        [
            lease.id.0.into(),
            lease.until.into(),
            self.state.into(),
            self.sent_at.into(),
            self.error.map(str::to_owned).into(),
            self.next_attempt_at.into(),
        ]
    }
}
