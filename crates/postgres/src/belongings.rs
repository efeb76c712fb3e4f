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
        for (&(attendee, product), holding) in &changes.after {
            let place = [self.tenant.0.into(), attendee.0.into(), product.0.into()];
            match holding {
                Some(Holding { quantity, paid }) => {
                    let quantity = i32::try_from(*quantity)
                        .map_err(|error| StoreError::OutOfBounds(error.to_string()))?;
                    self.db
                        .execute(
                            "INSERT INTO attendee_products \
                             (tenant_id, attendee_id, product_id, quantity, paid_amount) \
                             VALUES ($1, $2, $3, $4, $5) \
                             ON CONFLICT (tenant_id, attendee_id, product_id) DO UPDATE SET \
                             quantity = excluded.quantity, paid_amount = excluded.paid_amount",
                            place.into_iter().chain([quantity.into(), (*paid).into()]),
                        )
                        .await?;
                }
                None => {
                    self.db
                        .execute(
                            "DELETE FROM attendee_products \
                             WHERE tenant_id = $1 AND attendee_id = $2 AND product_id = $3",
                            place,
                        )
                        .await?;
                }
            }
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

#[derive(FromQueryResult)]
struct HoldingRow {
    attendee_id: Uuid,
    product_id: Uuid,
    quantity: i32,
    paid_amount: Option<Decimal>,
}
