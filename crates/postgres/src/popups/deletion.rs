use edgeos_domain::PopupId;
use edgeos_ports::{Deletion, StoreError};
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::PgTx;

/// Rows are locked as everywhere: popup, groups, applications. Nothing that refers to one of them comes from
/// then on, so that no application, group or payment slips in.
const LOCKS: [&str; 2] = [
    "SELECT id FROM groups WHERE tenant_id = $1 AND popup_id = $2 ORDER BY id FOR UPDATE",
    "SELECT id FROM applications WHERE tenant_id = $1 AND popup_id = $2 ORDER BY id FOR UPDATE",
];

/// Where money went.
const MONEY: &str = "SELECT id FROM payments WHERE tenant_id = $1 AND popup_id = $2 \
    UNION ALL SELECT t.id FROM attendees t \
    JOIN attendee_products h ON h.tenant_id = t.tenant_id AND h.attendee_id = t.id \
    WHERE t.tenant_id = $1 AND t.popup_id = $2 LIMIT 1";

/// What doesn't go with its parent by itself, children first. Reviews and snapshots go with their
/// application, leaders, members, addresses and places of products with their group, the form, templates,
/// strategy and reviewers with the popup.
const DELETIONS: [&str; 8] = [
    "DELETE FROM carts WHERE tenant_id = $1 AND popup_id = $2",
    "DELETE FROM check_ins c USING attendees t WHERE c.tenant_id = $1 AND t.tenant_id = $1 \
     AND t.id = c.attendee_id AND t.popup_id = $2",
    "DELETE FROM attendees WHERE tenant_id = $1 AND popup_id = $2",
    "DELETE FROM applications WHERE tenant_id = $1 AND popup_id = $2",
    "DELETE FROM groups WHERE tenant_id = $1 AND popup_id = $2",
    "DELETE FROM coupons WHERE tenant_id = $1 AND popup_id = $2",
    "DELETE FROM products WHERE tenant_id = $1 AND popup_id = $2",
    "DELETE FROM popups WHERE tenant_id = $1 AND id = $2",
];

impl PgTx {
    pub(super) async fn delete_with_all_of_it(
        &self,
        popup: PopupId,
    ) -> Result<Deletion, StoreError> {
        let values = || [self.tenant.0.into(), popup.0.into()];
        let lock = "SELECT id FROM popups WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
        if self.db.one::<IdRow>(lock, values()).await?.is_none() {
            return Ok(Deletion::Missing);
        }
        for lock in LOCKS {
            self.db.execute(lock, values()).await?;
        }
        if self.db.one::<IdRow>(MONEY, values()).await?.is_some() {
            return Ok(Deletion::InUse);
        }
        for deletion in DELETIONS {
            match self.db.execute(deletion, values()).await {
                // Something refers to it that nobody thought of: it stays.
                Err(StoreError::Missing(_)) => return Ok(Deletion::InUse),
                deleted => deleted?,
            };
        }
        Ok(Deletion::Done)
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    #[expect(dead_code, reason = "only that there is one counts")]
    id: Uuid,
}
