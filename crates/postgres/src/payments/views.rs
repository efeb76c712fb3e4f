use std::collections::HashMap;

use edgeos_domain::Payment;
use edgeos_ports::{PaymentLineView, PaymentView, StoreError};
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::{
    PgTx,
    entity::{payment::Model, payment_product},
};

impl PgTx {
    /// `rows` with their lines, in the same order: one statement more.
    pub(super) async fn payment_views_of(
        &self,
        rows: impl IntoIterator<Item = Model>,
    ) -> Result<Vec<PaymentView>, StoreError> {
        let rows: Vec<Model> = rows.into_iter().collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut lines: HashMap<Uuid, Vec<PaymentLineView>> = HashMap::new();
        let found = self
            .db
            .all::<LineRow>(
                "SELECT l.tenant_id, l.payment_id, l.product_id, l.attendee_id, l.quantity, \
                 l.product_name, l.product_description, l.product_price, l.product_category, \
                 l.created_at, t.name AS attendee_name \
                 FROM payment_products l \
                 LEFT JOIN attendees t ON t.tenant_id = l.tenant_id AND t.id = l.attendee_id \
                 WHERE l.tenant_id = $1 AND l.payment_id = ANY($2) \
                 ORDER BY l.payment_id, l.product_id, l.attendee_id",
                [self.tenant.0.into(), ids.into()],
            )
            .await?;
        for LineRow { attendee_name, line } in found {
            let of_payment = lines.entry(line.payment_id).or_default();
            of_payment.push(PaymentLineView { line: line.into(), attendee_name });
        }
        rows.into_iter()
            .map(|row| {
                let lines = lines.remove(&row.id).unwrap_or_default();
                Ok(PaymentView { payment: Payment::try_from(row)?, lines })
            })
            .collect()
    }
}

#[derive(FromQueryResult)]
struct LineRow {
    attendee_name: Option<String>,
    #[sea_orm(nested)]
    line: payment_product::Model,
}
