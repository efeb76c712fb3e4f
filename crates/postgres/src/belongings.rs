use chrono::{DateTime, Utc};
use edgeos_domain::{ApplicationId, AttendeeId, Holding, HoldingChanges, Holdings, ProductId};
use edgeos_ports::{Belongings, StoreError};
use rust_decimal::Decimal;
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::{PgTx, error::stored};

impl Belongings for PgTx {
    async fn holdings(&mut self, application: ApplicationId) -> Result<Holdings, StoreError> {
        let rows = self
            .db
            .all::<HoldingRow>(
                "SELECT h.attendee_id, h.product_id, h.quantity, h.paid_amount \
                 FROM attendee_products h \
                 JOIN attendees t ON t.tenant_id = h.tenant_id AND t.id = h.attendee_id \
                 WHERE h.tenant_id = $1 AND t.application_id = $2",
                [self.tenant.0.into(), application.0.into()],
            )
            .await?;
        let mut holdings = Holdings::new();
        for row in rows {
            let quantity =
                stored("attendee_products", row.attendee_id, u32::try_from(row.quantity))?;
            let holding = Holding { quantity, paid: row.paid_amount };
            holdings.insert((AttendeeId(row.attendee_id), ProductId(row.product_id)), holding);
        }
        Ok(holdings)
    }

    async fn change_holdings(&mut self, changes: &HoldingChanges) -> Result<(), StoreError> {
        let (mut held, mut gone) = (Rows::default(), Rows::default());
        for (&place, after) in &changes.after {
            match after {
                Some(holding) => held.push(place, Some(*holding))?,
                None => gone.push(place, None)?,
            }
        }
        if !held.attendees.is_empty() {
            self.db
                .execute(
                    "INSERT INTO attendee_products \
                     (tenant_id, attendee_id, product_id, quantity, paid_amount) \
                     SELECT $1, attendee_id, product_id, quantity, nullif(paid_amount, '')::numeric \
                     FROM unnest($2::uuid[], $3::uuid[], $4::integer[], $5::text[]) \
                     AS held (attendee_id, product_id, quantity, paid_amount) \
                     ON CONFLICT (tenant_id, attendee_id, product_id) DO UPDATE SET \
                     quantity = excluded.quantity, paid_amount = excluded.paid_amount",
                    [
                        self.tenant.0.into(),
                        held.attendees.into(),
                        held.products.into(),
                        held.quantities.into(),
                        held.paid.into(),
                    ],
                )
                .await?;
        }
        if !gone.attendees.is_empty() {
            self.db
                .execute(
                    "DELETE FROM attendee_products h \
                     USING unnest($2::uuid[], $3::uuid[]) AS gone (attendee_id, product_id) \
                     WHERE h.tenant_id = $1 AND h.attendee_id = gone.attendee_id \
                     AND h.product_id = gone.product_id",
                    [self.tenant.0.into(), gone.attendees.into(), gone.products.into()],
                )
                .await?;
        }
        Ok(())
    }

    async fn set_credit(
        &mut self,
        application: ApplicationId,
        credit: Decimal,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.db
            .execute(
                "UPDATE applications SET credit = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
                [self.tenant.0.into(), application.0.into(), credit.into(), now.into()],
            )
            .await?;
        Ok(())
    }
}

/// Holdings, column by column.
#[derive(Default)]
struct Rows {
    attendees: Vec<Uuid>,
    products: Vec<Uuid>,
    quantities: Vec<i32>,
    /// Digit by digit; empty where nobody knows any more.
    paid: Vec<String>,
}

impl Rows {
    fn push(
        &mut self,
        (attendee, product): (AttendeeId, ProductId),
        holding: Option<Holding>,
    ) -> Result<(), StoreError> {
        self.attendees.push(attendee.0);
        self.products.push(product.0);
        let Some(Holding { quantity, paid }) = holding else { return Ok(()) };
        let quantity =
            i32::try_from(quantity).map_err(|error| StoreError::OutOfBounds(error.to_string()))?;
        self.quantities.push(quantity);
        self.paid.push(paid.map_or_else(String::new, |paid| paid.to_string()));
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct HoldingRow {
    attendee_id: Uuid,
    product_id: Uuid,
    quantity: i32,
    paid_amount: Option<Decimal>,
}
