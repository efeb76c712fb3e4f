use std::ops::Range;

use edgeos_domain::HumanId;
use edgeos_ports::{Crowds, StoreError};
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::PgTx;

/// What belongs to a human, those that others refer to first: the table, and how its row `s` leads to the human.
const BELONGINGS: [(&str, &str); 10] = [
    ("humans", "s.id"),
    ("groups", "s.ambassador_id"),
    ("group_leaders", "s.human_id"),
    ("applications", "s.human_id"),
    ("application_snapshots", BY_APPLICATION),
    ("applicationreviews", BY_APPLICATION),
    ("attendees", "s.human_id"),
    ("attendee_products", BY_ATTENDEE),
    ("payments", BY_APPLICATION),
    ("payment_products", BY_ATTENDEE),
];

const BY_APPLICATION: &str = "(SELECT a.human_id FROM applications a \
     WHERE a.tenant_id = s.tenant_id AND a.id = s.application_id)";

const BY_ATTENDEE: &str = "(SELECT a.human_id FROM attendees a \
     WHERE a.tenant_id = s.tenant_id AND a.id = s.attendee_id)";

/// The number of check-in codes of eight letters.
const CODES: &str = "110075314176";

/// Eight letters that nobody else of the tenant gets: multiplying by a number that has no factor in common with 24
/// goes through all codes before one comes again.
const CODE: &str = "left(s.check_in_code, 3) || (SELECT string_agg(substr('ABCDEFGHJKLMNPQRSTUVWXYZ', \
     (c.number * 48271000003 % CODES / (24 ^ place)::bigint % 24)::integer + 1, 1), '' ORDER BY place) \
     FROM generate_series(0, 7) place)";

/// A plan names the only attendee of its application.
const PLAN: &str = "(SELECT replace(s.settlement::text, a.id::text, md5(a.id || '/' || c.turn)::uuid::text)::jsonb \
     FROM attendees a WHERE a.tenant_id = s.tenant_id AND a.application_id = s.application_id)";

impl Crowds for PgTx {
    async fn multiply_humans(
        &mut self,
        models: &[HumanId],
        numbers: Range<u64>,
    ) -> Result<u64, StoreError> {
        let models: Vec<Uuid> = models.iter().map(|model| model.0).collect();
        let mut rows = 0;
        for (table, human) in BELONGINGS {
            let columns = self.columns(table).await?;
            let names: Vec<_> =
                columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
            let values: Vec<_> = columns.iter().map(another).collect();
            // Models have numbers below those of everybody else, who come after them in turn.
            let sql = format!(
                "WITH crowd AS (
                     SELECT m.id, number, number / cardinality($2::uuid[]) AS turn
                     FROM generate_series($3::bigint, $4::bigint - 1) number
                     JOIN unnest($2::uuid[]) WITH ORDINALITY AS m (id, place)
                         ON m.place - 1 = number % cardinality($2::uuid[])
                 )
                 INSERT INTO {table} ({}) SELECT {}
                 FROM (SELECT s.*, {human} AS model FROM {table} s WHERE s.tenant_id = $1) s
                 JOIN crowd c ON c.id = s.model",
                names.join(", "),
                values.join(", "),
            );
            let values = [
                self.tenant.0.into(),
                models.clone().into(),
                numbers.start.cast_signed().into(),
                numbers.end.cast_signed().into(),
            ];
            rows += self.db.execute(&sql, values).await?;
        }
        Ok(rows)
    }

    async fn recount_coupons(&mut self) -> Result<(), StoreError> {
        let sql = "UPDATE coupons c SET current_uses = (
                       SELECT count(*) FROM payments p WHERE p.tenant_id = c.tenant_id
                           AND p.coupon_id = c.id AND p.status IN ('pending', 'approved'))
                   WHERE tenant_id = $1";
        self.db.execute(sql, [self.tenant.0.into()]).await?;
        Ok(())
    }
}

impl PgTx {
    async fn columns(&self, table: &str) -> Result<Vec<Column>, StoreError> {
        let sql = "SELECT attname::text AS name, atttypid = 'timestamptz'::regtype AS is_time
                   FROM pg_attribute WHERE attrelid = ('public.' || $1::text)::regclass
                       AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
        self.db.all(sql, [table.into()]).await
    }
}

#[derive(FromQueryResult)]
struct Column {
    name: String,
    is_time: bool,
}

/// What stands in a column for the human that `c` makes of the model that `s` belongs to.
fn another(column: &Column) -> String {
    let name = &column.name;
    match name.as_str() {
        "id" | "human_id" | "ambassador_id" | "group_id" | "application_id" | "attendee_id"
        | "payment_id" => format!("md5(s.{name} || '/' || c.turn)::uuid"),
        "name" | "last_name" => format!("s.{name} || ' ' || c.turn"),
        "slug" | "external_id" | "checkout_url" => format!("s.{name} || '-' || c.turn"),
        "email" => "replace(s.email, '@', '-' || c.turn || '@')".to_owned(),
        "check_in_code" => CODE.replace("CODES", CODES),
        "settlement" => PLAN.to_owned(),
        _ if column.is_time => format!("s.{name} - make_interval(secs => c.turn)"),
        _ => format!("s.\"{name}\""),
    }
}
