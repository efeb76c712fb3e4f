use sqlx::{AssertSqlSafe, PgPool};

use crate::organisation::Organisation;

/// Adds `more` of everything that lists show to what `ours` has, and to the installation.
pub(crate) async fn grow(sql: &PgPool, ours: &Organisation<'_>, more: u32) {
    // As the database does by itself after a while.
    for statement in MORE.iter().chain(&["ANALYZE"]) {
        let statement = statement
            .replace("$tenant", &format!("'{}'", ours.id))
            .replace("$popup", &format!("'{}'", ours.popup))
            .replace("$application", &format!("'{}'", ours.application))
            .replace("$group", &format!("'{}'", ours.group))
            .replace("$human", &format!("'{}'", ours.human.id()))
            .replace("$admin", &format!("'{}'", ours.admin.id()))
            .replace("$more", &more.to_string());
        sqlx::query(AssertSqlSafe(statement)).execute(sql).await.unwrap();
    }
}

/// Each adds `$more` rows, with all that belongs to them.
const MORE: &[&str] = &[
    "INSERT INTO tenants (id, name, slug)
     SELECT gen_random_uuid(), 'T', gen_random_uuid() FROM generate_series(1, $more)",
    // Colleagues, who review the event and have voted on the first application.
    "WITH colleagues AS (
         INSERT INTO users (id, email, role, tenant_id)
         SELECT gen_random_uuid(), gen_random_uuid() || '@x.com', 'admin', $tenant
         FROM generate_series(1, $more) RETURNING id
     ), designated AS (
         INSERT INTO popupreviewers (id, tenant_id, popup_id, user_id)
         SELECT gen_random_uuid(), $tenant, $popup, id FROM colleagues
     )
     INSERT INTO applicationreviews (id, tenant_id, application_id, reviewer_id, decision)
     SELECT gen_random_uuid(), $tenant, $application, id, 'yes' FROM colleagues",
    "INSERT INTO products (id, tenant_id, popup_id, name, slug, price)
     SELECT gen_random_uuid(), $tenant, $popup, 'P', gen_random_uuid(), 5 FROM generate_series(1, $more)",
    // People who wait for a decision, and people who are accepted, have kids with them, hold a pass and have
    // the vote of the admin.
    "WITH people AS (
         INSERT INTO humans (id, tenant_id, email)
         SELECT gen_random_uuid(), $tenant, gen_random_uuid() || '@x.com'
         FROM generate_series(1, 2 * $more) RETURNING id
     ), numbered AS (
         SELECT id, row_number() OVER () % 2 = 0 AS accepted FROM people
     ), applied AS (
         INSERT INTO applications (id, tenant_id, popup_id, human_id, status)
         SELECT gen_random_uuid(), $tenant, $popup, id,
                CASE WHEN accepted THEN 'accepted' ELSE 'in review' END
         FROM numbered RETURNING id, human_id, status
     ), came AS (
         INSERT INTO attendees (id, tenant_id, application_id, popup_id, human_id, name, category, check_in_code)
         SELECT gen_random_uuid(), $tenant, id, $popup, human_id, 'P', category, upper(gen_random_uuid()::text)
         FROM applied CROSS JOIN (VALUES ('main'), ('kid')) AS c (category) RETURNING id
     ), voted AS (
         INSERT INTO applicationreviews (id, tenant_id, application_id, reviewer_id, decision)
         SELECT gen_random_uuid(), $tenant, id, $admin, 'yes' FROM applied WHERE status = 'accepted'
     ), arrived AS (
         INSERT INTO check_ins (id, tenant_id, attendee_id, arrival_date)
         SELECT gen_random_uuid(), $tenant, id, now() FROM came
     ), filled AS (
         INSERT INTO carts (id, tenant_id, human_id, popup_id)
         SELECT gen_random_uuid(), $tenant, id, $popup FROM people
     )
     INSERT INTO attendee_products (tenant_id, attendee_id, product_id)
     SELECT $tenant, came.id, p.id FROM came
     CROSS JOIN (SELECT id FROM products WHERE tenant_id = $tenant AND popup_id = $popup LIMIT 2) p",
    // Kids of the human, each with a pass.
    "WITH kids AS (
         INSERT INTO attendees (id, tenant_id, application_id, popup_id, name, category, check_in_code)
         SELECT gen_random_uuid(), $tenant, $application, $popup, 'K', 'kid', upper(gen_random_uuid()::text)
         FROM generate_series(1, $more) RETURNING id
     )
     INSERT INTO attendee_products (tenant_id, attendee_id, product_id)
     SELECT $tenant, kids.id, p.id FROM kids
     CROSS JOIN (SELECT id FROM products WHERE tenant_id = $tenant AND popup_id = $popup LIMIT 1) p",
    // Events with words of their own, to all of which the human has applied, and holds a pass of something.
    "WITH events AS (
         INSERT INTO popups (id, tenant_id, name, slug, status)
         SELECT gen_random_uuid(), $tenant, 'E', gen_random_uuid(), 'active'
         FROM generate_series(1, $more) RETURNING id
     ), words AS (
         INSERT INTO email_templates (id, tenant_id, popup_id, template_type, html_content)
         SELECT gen_random_uuid(), $tenant, id, 'application_received', 'Thanks' FROM events
     ), applied AS (
         INSERT INTO applications (id, tenant_id, popup_id, human_id, status)
         SELECT gen_random_uuid(), $tenant, id, $human, 'accepted' FROM events RETURNING id, popup_id
     ), came AS (
         INSERT INTO attendees (id, tenant_id, application_id, popup_id, human_id, name, category, check_in_code)
         SELECT gen_random_uuid(), $tenant, id, popup_id, $human, 'H', 'main', upper(gen_random_uuid()::text)
         FROM applied RETURNING id
     )
     INSERT INTO attendee_products (tenant_id, attendee_id, product_id)
     SELECT $tenant, came.id, p.id FROM came
     CROSS JOIN (SELECT id FROM products WHERE tenant_id = $tenant AND popup_id = $popup LIMIT 1) p",
    // Groups that the human leads, with everybody in the first of them.
    "WITH circles AS (
         INSERT INTO groups (id, tenant_id, popup_id, name, slug)
         SELECT gen_random_uuid(), $tenant, $popup, 'G', gen_random_uuid()
         FROM generate_series(1, $more) RETURNING id
     ), led AS (
         INSERT INTO group_leaders (tenant_id, group_id, human_id)
         SELECT $tenant, id, $human FROM circles
     )
     INSERT INTO group_members (tenant_id, group_id, human_id)
     SELECT $tenant, $group, id FROM humans h WHERE tenant_id = $tenant AND NOT EXISTS (
         SELECT 1 FROM group_members m WHERE m.tenant_id = $tenant AND m.group_id = $group AND m.human_id = h.id)",
    "INSERT INTO coupons (id, tenant_id, popup_id, code)
     SELECT gen_random_uuid(), $tenant, $popup, upper(gen_random_uuid()::text) FROM generate_series(1, $more)",
    // Sections, each with a question.
    "WITH sections AS (
         INSERT INTO formsections (id, tenant_id, popup_id, label)
         SELECT gen_random_uuid(), $tenant, $popup, 'S' FROM generate_series(1, $more) RETURNING id
     )
     INSERT INTO formfields (id, tenant_id, popup_id, section_id, name, label)
     SELECT gen_random_uuid(), $tenant, $popup, id, gen_random_uuid(), 'Q' FROM sections",
    // Orders of the human.
    "WITH orders AS (
         INSERT INTO payments (id, tenant_id, application_id, popup_id, status, amount)
         SELECT gen_random_uuid(), $tenant, $application, $popup, 'approved', 5
         FROM generate_series(1, $more) RETURNING id
     )
     INSERT INTO payment_products (tenant_id, payment_id, product_id, attendee_id, product_name, product_price,
                                   product_category)
     SELECT $tenant, orders.id, p.id, a.id, 'P', 5, 'ticket' FROM orders
     CROSS JOIN (SELECT id FROM products WHERE tenant_id = $tenant AND popup_id = $popup LIMIT 1) p
     CROSS JOIN (SELECT id FROM attendees WHERE tenant_id = $tenant AND application_id = $application LIMIT 2) a",
    "INSERT INTO outbox (id, tenant_id, popup_id, template_type, to_email, state)
     SELECT gen_random_uuid(), $tenant, $popup, 'application_received', 'h@x.com', 'sent'
     FROM generate_series(1, $more)",
    "INSERT INTO audit_log (id, tenant_id, actor_id, action, subject_type, subject_id)
     SELECT gen_random_uuid(), $tenant, $admin, 'a', 's', $popup FROM generate_series(1, $more)",
];
