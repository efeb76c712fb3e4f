use std::collections::HashMap;

use edgeos_domain::Product;
use edgeos_ports::{HeldProduct, StoreError};
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::{PgTx, entity::product::Model, error::stored};

impl PgTx {
    /// What each of `attendees` holds, by name, then by id.
    pub(crate) async fn held_products(
        &self,
        attendees: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Vec<HeldProduct>>, StoreError> {
        if attendees.is_empty() {
            return Ok(HashMap::new());
        }
        // Enumerations are read as texts.
        let rows = self
            .db
            .all::<HeldRow>(
                "SELECT h.attendee_id, h.quantity, p.tenant_id, p.id, p.popup_id, p.name, p.slug, \
                 p.price, p.compare_price, p.description, p.image_url, p.category::text, \
                 p.attendee_category::text, p.duration_type::text, p.start_date, p.end_date, \
                 p.is_active, p.exclusive, p.max_quantity, p.insurance_percentage, p.created_at, \
                 p.updated_at \
                 FROM attendee_products h \
                 JOIN products p ON p.tenant_id = h.tenant_id AND p.id = h.product_id \
                 WHERE h.tenant_id = $1 AND h.attendee_id = ANY($2) ORDER BY p.name, p.id",
                [self.tenant.0.into(), attendees.into()],
            )
            .await?;
        let mut held: HashMap<Uuid, Vec<HeldProduct>> = HashMap::new();
        for row in rows {
            let quantity = u32::try_from(row.quantity);
            let quantity = stored("attendee_products", row.attendee_id, quantity)?;
            let product = Product::try_from(row.product)?;
            held.entry(row.attendee_id).or_default().push(HeldProduct { product, quantity });
        }
        Ok(held)
    }
}

#[derive(FromQueryResult)]
struct HeldRow {
    attendee_id: Uuid,
    quantity: i32,
    #[sea_orm(nested)]
    product: Model,
}
