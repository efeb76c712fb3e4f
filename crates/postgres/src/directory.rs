use edgeos_domain::{ApplicationStatus, DirectoryField, HumanId, PopupId};
use edgeos_ports::{
    ApplicationView, Directories, DirectoryFilter, DirectoryPlace, Page, Paging, StoreError,
};
use sea_orm::{
    ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, SimpleExpr},
};

use crate::{
    PgTx,
    entity::application::{Column, Entity},
    error::store_error,
    page::{containing, page},
};

impl Directories for PgTx {
    async fn may_look(&mut self, human: HumanId, popup: PopupId) -> Result<bool, StoreError> {
        let row = self
            .db
            .one::<IdRow>(
                "SELECT a.id FROM applications a WHERE a.tenant_id = $1 AND a.popup_id = $3 \
                 AND a.status = 'accepted' AND (a.human_id = $2 OR EXISTS (\
                 SELECT 1 FROM attendees t WHERE t.tenant_id = a.tenant_id \
                 AND t.application_id = a.id AND t.human_id = $2)) LIMIT 1",
                [self.tenant.0.into(), human.0.into(), popup.0.into()],
            )
            .await?;
        Ok(row.is_some())
    }

    async fn directory(
        &mut self,
        popup: PopupId,
        filter: &DirectoryFilter,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, StoreError> {
        let page = page(&self.db, self.taking_part(popup, filter), paging).await;
        let page = page.map_err(store_error)?;
        Ok(Page { total: page.total, items: self.views(page.items).await? })
    }

    async fn directory_after(
        &mut self,
        popup: PopupId,
        filter: &DirectoryFilter,
        place: Option<DirectoryPlace>,
        limit: u64,
    ) -> Result<Vec<ApplicationView>, StoreError> {
        let rows = self
            .taking_part(popup, filter)
            .apply_if(place, |query, (created_at, id)| {
                let behind = "(applications.created_at, applications.id) < ($1, $2)";
                query.filter(Expr::cust_with_values(
                    behind,
                    [sea_orm::Value::from(created_at), id.0.into()],
                ))
            })
            .limit(limit)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        self.views(rows).await
    }
}

impl PgTx {
    /// Who is listed in the directory of `popup` and matches `filter`, in the order of lists.
    fn taking_part(&self, popup: PopupId, filter: &DirectoryFilter) -> Select<Entity> {
        let search = filter.search.as_deref();
        let weeks = (!filter.weeks.is_empty()).then_some(&filter.weeks);
        self.listed()
            .filter(Column::PopupId.eq(popup.0))
            .filter(Column::Status.eq(ApplicationStatus::Accepted.as_str()))
            .filter(Expr::cust(format!("EXISTS ({})", held_by_main(""))))
            .apply_if(search, |query, text| query.filter(found_by(text)))
            .apply_if(filter.brings_kids, |query, brings| {
                let kids = "EXISTS (SELECT 1 FROM attendees t \
                            WHERE t.tenant_id = applications.tenant_id \
                            AND t.application_id = applications.id AND t.category = 'kid')";
                let kids = Expr::cust(if brings { kids.to_owned() } else { format!("NOT {kids}") });
                query.filter(kids).filter(Expr::cust(shares(DirectoryField::BringsKids)))
            })
            .apply_if(weeks, |query, weeks| {
                let pattern = format!("^week({})([^0-9]|$)", weeks.join("|"));
                let held = format!(
                    "EXISTS ({} AND p.slug ~* $1)",
                    held_by_main(
                        "JOIN products p ON p.tenant_id = h.tenant_id AND p.id = h.product_id",
                    ),
                );
                let held = Expr::cust_with_values(held, [pattern]);
                query.filter(held).filter(Expr::cust(shares(DirectoryField::Participation)))
            })
    }
}

/// What the main attendee holds, `joined` with more about it.
fn held_by_main(joined: &str) -> String {
    format!(
        "SELECT 1 FROM attendees t \
         JOIN attendee_products h ON h.tenant_id = t.tenant_id AND h.attendee_id = t.id {joined} \
         WHERE t.tenant_id = applications.tenant_id AND t.application_id = applications.id \
         AND t.category = 'main'",
    )
}

/// That the human is found by `text` in what they share.
fn found_by(text: &str) -> SimpleExpr {
    let fields = [
        (DirectoryField::FirstName, "first_name"),
        (DirectoryField::LastName, "last_name"),
        (DirectoryField::Email, "email"),
        (DirectoryField::Telegram, "telegram"),
    ];
    let found =
        fields.map(|(field, column)| format!("(m.{column} ILIKE $1 AND {})", shares(field)));
    let found = format!(
        "EXISTS (SELECT 1 FROM humans m WHERE m.tenant_id = applications.tenant_id \
         AND m.id = applications.human_id AND ({}))",
        found.join(" OR "),
    );
    Expr::cust_with_values(found, [containing(text)])
}

/// That the applicant doesn't keep `field` back, by the rule of `edgeos_domain::Withheld`.
fn shares(field: DirectoryField) -> String {
    // In the collation "C", only ASCII letters have two cases.
    format!(
        "NOT EXISTS (SELECT 1 FROM unnest(applications.info_not_shared) n \
         WHERE translate(lower(n COLLATE \"C\"), ' -', '__') = '{}')",
        field.as_str(),
    )
}

#[derive(FromQueryResult)]
struct IdRow {
    #[expect(dead_code, reason = "that there is a row says enough")]
    id: Uuid,
}
