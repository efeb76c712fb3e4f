use edgeos_domain::{ApplicationStatus, AttendeeCategory, PopupId};
use edgeos_ports::{
    ApplicationStats, AttendeeStats, Dashboard, PaymentStats, PopupStats, StoreError,
};
use rust_decimal::Decimal;
use sea_orm::FromQueryResult;

use crate::PgTx;

/// One statement, so that totals and parts are of one moment. Orders from before discounts were stored as
/// amounts tell only a percentage; of what it took off patrons' goods and the tickets that come with them are
/// left out, and the discounted price is rounded, not the discount.
const STATS: &str = "
    SELECT 'application' AS part, status AS name, count(*) AS count, NULL::numeric AS amount
    FROM applications WHERE tenant_id = $1 AND popup_id = $2 GROUP BY status
    UNION ALL
    SELECT 'attendee', category, count(*), NULL
    FROM attendees WHERE tenant_id = $1 AND popup_id = $2 GROUP BY category
    UNION ALL
    SELECT 'accepted', '', count(*), NULL
    FROM attendees t
    JOIN applications a ON a.tenant_id = t.tenant_id AND a.id = t.application_id
    WHERE t.tenant_id = $1 AND t.popup_id = $2 AND a.status = 'accepted'
    UNION ALL
    SELECT 'with_products', '', count(*), NULL
    FROM attendees t
    WHERE t.tenant_id = $1 AND t.popup_id = $2 AND EXISTS (
        SELECT 1 FROM attendee_products h WHERE h.tenant_id = t.tenant_id AND h.attendee_id = t.id)
    UNION ALL
    SELECT 'payment', status, count(*), sum(amount)
    FROM payments WHERE tenant_id = $1 AND popup_id = $2 GROUP BY status
    UNION ALL
    SELECT 'fees', '', count(*), sum(amount)
    FROM payments
    WHERE tenant_id = $1 AND popup_id = $2 AND status = 'approved'
    AND payment_type = 'application_fee'
    UNION ALL
    SELECT 'discounts', '', count(*), sum(coalesce(p.discount_amount, adopted.discount))
    FROM payments p
    LEFT JOIN LATERAL (
        SELECT sum(l.product_price * l.quantity)
            - round(sum(l.product_price * l.quantity) * (1 - p.discount_value / 100), 2) AS discount
        FROM payment_products l
        WHERE l.tenant_id = p.tenant_id AND l.payment_id = p.id
        AND l.product_category NOT IN ('patreon', 'supporter')
        AND NOT (l.product_category = 'ticket' AND EXISTS (
            SELECT 1 FROM payment_products o
            WHERE o.tenant_id = l.tenant_id AND o.payment_id = l.payment_id
            AND o.attendee_id = l.attendee_id AND o.product_category = 'patreon'))
    ) adopted ON p.discount_amount IS NULL AND p.discount_value > 0
    WHERE p.tenant_id = $1 AND p.popup_id = $2 AND p.status = 'approved'
    AND p.payment_type = 'pass_purchase'";

impl Dashboard for PgTx {
    async fn popup_stats(&mut self, popup: PopupId) -> Result<PopupStats, StoreError> {
        let rows = self.db.all::<Row>(STATS, [self.tenant.0.into(), popup.0.into()]).await?;
        let rows = Rows(rows);
        Ok(PopupStats {
            applications: rows.applications(),
            attendees: rows.attendees(),
            payments: rows.payments(),
        })
    }
}

#[derive(FromQueryResult)]
struct Row {
    part: String,
    name: String,
    count: i64,
    amount: Option<Decimal>,
}

struct Rows(Vec<Row>);

impl Rows {
    fn of<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a Row> {
        self.0.iter().filter(move |row| row.part == part)
    }

    fn total(&self, part: &str) -> u64 {
        self.of(part).map(|row| row.count.unsigned_abs()).sum()
    }

    fn named(&self, part: &str, name: &str) -> u64 {
        let named = self.of(part).filter(|row| row.name == name);
        named.map(|row| row.count.unsigned_abs()).sum()
    }

    /// What the rows add up to; `None` when there is nothing to add up.
    fn sum<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<Decimal> {
        rows.filter_map(|row| row.amount).reduce(|sum, amount| sum + amount)
    }

    fn applications(&self) -> ApplicationStats {
        let count = |status: ApplicationStatus| self.named("application", status.as_str());
        ApplicationStats {
            total: self.total("application"),
            draft: count(ApplicationStatus::Draft),
            pending_fee: count(ApplicationStatus::PendingFee),
            in_review: count(ApplicationStatus::InReview),
            accepted: count(ApplicationStatus::Accepted),
            rejected: count(ApplicationStatus::Rejected),
            withdrawn: count(ApplicationStatus::Withdrawn),
        }
    }

    fn attendees(&self) -> AttendeeStats {
        let count = |category: AttendeeCategory| self.named("attendee", category.as_str());
        AttendeeStats {
            total: self.total("attendee"),
            main: count(AttendeeCategory::Main),
            spouse: count(AttendeeCategory::Spouse),
            kid: count(AttendeeCategory::Kid),
            accepted: self.total("accepted"),
            with_products: self.total("with_products"),
        }
    }

    fn payments(&self) -> PaymentStats {
        let count = |status: &str| self.named("payment", status);
        let amount = |status: &str| {
            let named = self.of("payment").filter(|row| row.name == status);
            Self::sum(named)
        };
        PaymentStats {
            total: self.total("payment"),
            pending: count("pending"),
            approved: count("approved"),
            rejected: count("rejected"),
            expired: count("expired"),
            cancelled: count("cancelled"),
            total_revenue: Self::sum(self.of("payment")),
            pending_revenue: amount("pending"),
            approved_revenue: amount("approved"),
            total_discounts: Self::sum(self.of("discounts")),
            application_fee_revenue: Self::sum(self.of("fees")),
        }
    }
}
