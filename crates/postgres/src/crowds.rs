use std::ops::Range;

use edgeos_domain::HumanId;
use edgeos_ports::{Crowds, StoreError};
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::PgTx;

/// What belongs to a human, those that others refer to first: the table, how its row `s` leads to the human, and which
/// rows lead to models.
const BELONGINGS: [(&str, &str, &str); 10] = [
    ("humans", "s.id", "s.id = ANY ($2)"),
    ("groups", "s.ambassador_id", "s.ambassador_id = ANY ($2)"),
    ("group_leaders", "s.human_id", "s.human_id = ANY ($2)"),
    ("applications", "s.human_id", "s.human_id = ANY ($2)"),
    ("application_snapshots", BY_APPLICATION, OF_APPLICATIONS),
    ("applicationreviews", BY_APPLICATION, OF_APPLICATIONS),
    ("attendees", "s.human_id", "s.human_id = ANY ($2)"),
    ("attendee_products", BY_ATTENDEE, OF_ATTENDEES),
    ("payments", BY_APPLICATION, OF_APPLICATIONS),
    ("payment_products", BY_ATTENDEE, OF_ATTENDEES),
];

const BY_APPLICATION: &str = "(SELECT a.human_id FROM applications a \
     WHERE a.tenant_id = s.tenant_id AND a.id = s.application_id)";

const OF_APPLICATIONS: &str = "s.application_id IN (SELECT a.id FROM applications a \
     WHERE a.tenant_id = $1 AND a.human_id = ANY ($2))";

const BY_ATTENDEE: &str = "(SELECT a.human_id FROM attendees a \
     WHERE a.tenant_id = s.tenant_id AND a.id = s.attendee_id)";

const OF_ATTENDEES: &str = "s.attendee_id IN (SELECT a.id FROM attendees a \
     WHERE a.tenant_id = $1 AND a.human_id = ANY ($2))";

/// The number of check-in codes of eight letters.
const CODES: &str = "110075314176";

/// Eight letters that nobody else of the tenant gets: multiplying by a number that has no factor in common with 24
/// goes through all codes before one comes again.
const CODE: &str = "left(s.check_in_code, 3) || (SELECT string_agg(substr('ABCDEFGHJKLMNPQRSTUVWXYZ', \
     (c.number * 48271000003 % CODES / (24 ^ place)::bigint % 24)::integer + 1, 1), '' ORDER BY place) \
     FROM generate_series(0, 7) place)";

/// A plan names the only attendee of its human.
const PLAN: &str = "replace(s.settlement::text, s.attendee::text, \
     md5(s.attendee || '/' || c.turn)::uuid::text)::jsonb";

impl Crowds for PgTx {
    async fn multiply_humans(
        &mut self,
        models: &[HumanId],
        numbers: Range<u64>,
    ) -> Result<u64, StoreError> {
        let models: Vec<Uuid> = models.iter().map(|model| model.0).collect();
        let mut rows = 0;
        for (table, human, of_models) in BELONGINGS {
            let columns = self.columns(table).await?;
            let names: Vec<_> =
                columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
            let values: Vec<_> = columns.iter().map(another).collect();
            // Models have numbers below those of everybody else, who come after them in turn. Their rows are few, and
            // looked for once: nobody has counted yet what is new in these tables.
            let sql = format!(
                "WITH crowd AS MATERIALIZED (
                     SELECT m.id, number, number / cardinality($2::uuid[]) AS turn
                     FROM generate_series($3::bigint, $4::bigint - 1) number
                     JOIN unnest($2::uuid[]) WITH ORDINALITY AS m (id, place)
                         ON m.place - 1 = number % cardinality($2::uuid[])
                 ), models AS MATERIALIZED (
                     SELECT s.*, {human} AS model FROM {table} s
                     WHERE s.tenant_id = $1 AND {of_models}
                 ), origin AS MATERIALIZED (
                     SELECT s.*, (SELECT a.id FROM attendees a WHERE a.tenant_id = s.tenant_id
                                  AND a.human_id = s.model) AS attendee FROM models s
                 )
                 INSERT INTO {table} ({}) SELECT {} FROM origin s JOIN crowd c ON c.id = s.model",
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

    async fn take_stock(&mut self) -> Result<(), StoreError> {
        // Only the owner may, and a server that signs in as somebody else is told so by a warning and nothing else.
        let tables = BELONGINGS.map(|(table, ..)| table).join(", ");
        let analyze = format!("SET LOCAL ROLE NONE; ANALYZE {tables}; SET LOCAL ROLE edgeos_app");
        self.control(&analyze).await
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
