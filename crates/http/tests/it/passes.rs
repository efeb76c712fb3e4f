//! What is sold and held, put straight into the database.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::harness::TestServer;

/// A ticket of `popup`, without dates.
pub(crate) async fn product(server: &TestServer, tenant: Uuid, popup: Uuid, name: &str) -> Uuid {
    let sql = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price) \
               VALUES (gen_random_uuid(), $1, $2, $3, lower($3), 10) RETURNING id";
    let product = sqlx::query_scalar(sql).bind(tenant).bind(popup).bind(name);
    product.fetch_one(&server.sql).await.unwrap()
}

/// Lets a product count from `start` to `end` only.
pub(crate) async fn set_period(
    server: &TestServer,
    product: Uuid,
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
) {
    let sql = "UPDATE products SET start_date = $2, end_date = $3 WHERE id = $1";
    let change = sqlx::query(sql).bind(product).bind(start).bind(end);
    change.execute(&server.sql).await.unwrap();
}

/// Puts so many units of `product` into the hands of `attendee`.
pub(crate) async fn give(server: &TestServer, attendee: Uuid, product: Uuid, quantity: i32) {
    let sql = "INSERT INTO attendee_products (tenant_id, attendee_id, product_id, quantity) \
               SELECT tenant_id, id, $2, $3 FROM attendees WHERE id = $1";
    let gift = sqlx::query(sql).bind(attendee).bind(product).bind(quantity);
    gift.execute(&server.sql).await.unwrap();
}

/// Takes every product out of the hands of `attendee`.
pub(crate) async fn take(server: &TestServer, attendee: Uuid) {
    let sql = "DELETE FROM attendee_products WHERE attendee_id = $1";
    sqlx::query(sql).bind(attendee).execute(&server.sql).await.unwrap();
}

/// A payment in this status that names `attendee` as the holder-to-be of one `product`.
pub(crate) async fn order(
    server: &TestServer,
    attendee: Uuid,
    product: Uuid,
    status: &str,
) -> Uuid {
    let sql = "INSERT INTO payments (id, tenant_id, application_id, popup_id, status, amount) \
               SELECT gen_random_uuid(), tenant_id, application_id, popup_id, $2, 10 \
               FROM attendees WHERE id = $1 RETURNING id";
    let payment = sqlx::query_scalar(sql).bind(attendee).bind(status);
    let payment: Uuid = payment.fetch_one(&server.sql).await.unwrap();
    let sql = "INSERT INTO payment_products (tenant_id, payment_id, product_id, attendee_id, \
               product_name, product_price, product_category) \
               SELECT tenant_id, $2, id, $3, name, price, 'ticket' FROM products WHERE id = $1";
    let line = sqlx::query(sql).bind(product).bind(payment).bind(attendee);
    line.execute(&server.sql).await.unwrap();
    payment
}
