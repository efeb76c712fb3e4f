use std::collections::HashMap;

use chrono::{DateTime, Utc};
use edgeos_domain::{PopupId, ProductId};
use edgeos_ports::{HeldProduct, StoreError};
use rust_decimal::Decimal;
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::PgTx;

impl PgTx {
    /// What each of `attendees` holds, by name, then by id.
    pub(crate) async fn held_products(
        &self,
        attendees: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Vec<HeldProduct>>, StoreError> {
        if attendees.is_empty() {
            return Ok(HashMap::new());
        }
        // Enumerations are stored in upper case and sent in lower case.
        let rows = self
            .db
            .all::<HeldRow>(
                "SELECT h.attendee_id, h.quantity, p.id, p.popup_id, p.name, p.slug, p.price, \
                 p.compare_price, p.description, p.image_url, lower(p.category::text) AS category, \
                 lower(p.attendee_category::text) AS attendee_category, \
                 lower(p.duration_type::text) AS duration_type, p.start_date, p.end_date, \
                 p.is_active, p.exclusive, p.max_quantity, p.insurance_percentage \
                 FROM attendee_products h \
                 JOIN products p ON p.tenant_id = h.tenant_id AND p.id = h.product_id \
                 WHERE h.tenant_id = $1 AND h.attendee_id = ANY($2) ORDER BY p.name, p.id",
                [self.tenant.0.into(), attendees.into()],
            )
            .await?;
        let mut held: HashMap<Uuid, Vec<HeldProduct>> = HashMap::new();
        for row in rows {
            held.entry(row.attendee_id).or_default().push(HeldProduct {
                id: ProductId(row.id),
                tenant: self.tenant,
                popup: PopupId(row.popup_id),
                name: row.name,
                slug: row.slug,
                price: row.price,
                compare_price: row.compare_price,
                description: row.description,
                image_url: row.image_url,
                category: row.category,
                attendee_category: row.attendee_category,
                duration_type: row.duration_type,
                start_date: row.start_date,
                end_date: row.end_date,
                is_active: row.is_active,
                exclusive: row.exclusive,
                max_quantity: row.max_quantity,
                insurance_percentage: row.insurance_percentage,
                quantity: row.quantity,
            });
        }
        Ok(held)
    }
}

#[derive(FromQueryResult)]
struct HeldRow {
    attendee_id: Uuid,
    quantity: i32,
    id: Uuid,
    popup_id: Uuid,
    name: String,
    slug: String,
    price: Decimal,
    compare_price: Option<Decimal>,
    description: Option<String>,
    image_url: Option<String>,
    category: String,
    attendee_category: Option<String>,
    duration_type: Option<String>,
    start_date: Option<DateTime<Utc>>,
    end_date: Option<DateTime<Utc>>,
    is_active: bool,
    exclusive: bool,
    max_quantity: Option<i32>,
    insurance_percentage: Option<Decimal>,
}
