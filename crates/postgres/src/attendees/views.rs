use std::collections::HashMap;

use edgeos_domain::{ApplicationStatus, Attendee, AttendeeId, CheckInCode, HumanId};
use edgeos_ports::{
    AttendeeFilter, AttendeeView, AttendeeViews, CodeHolder, Page, Paging, StoreError, Ticket,
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryTrait,
    prelude::Uuid,
    sea_query::{ExprTrait, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::attendee::{Column, Entity, Model},
    error::{store_error, stored},
    page::{containing, page},
};

impl AttendeeViews for PgTx {
    async fn attendee_view(&mut self, id: AttendeeId) -> Result<Option<AttendeeView>, StoreError> {
        let row = Entity::find_by_id((self.tenant.0, id.0)).one(&self.db).await;
        Ok(self.with_products(row.map_err(store_error)?).await?.pop())
    }

    async fn attendee_views(
        &mut self,
        filter: &AttendeeFilter,
        paging: Paging,
    ) -> Result<Page<AttendeeView>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(filter.application, |query, application| {
                query.filter(Column::ApplicationId.eq(application.0))
            })
            .apply_if(filter.popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .apply_if(filter.email.as_deref(), |query, email| {
                query.filter(Column::Email.eq(address(email)))
            })
            .apply_if(filter.search.as_deref(), |query, text| {
                let pattern = containing(text);
                let name = Column::Name.into_expr().ilike(pattern.clone());
                query.filter(name.or(Column::Email.into_expr().ilike(pattern)))
            })
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        let page = page(&self.db, query, paging).await.map_err(store_error)?;
        Ok(Page { total: page.total, items: self.with_products(page.items).await? })
    }

    async fn code_holder(&mut self, code: &CheckInCode) -> Result<Option<CodeHolder>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::CheckInCode.eq(code.as_str()));
        let row = query.one(&self.db).await.map_err(store_error)?;
        let Some(view) = self.with_products(row).await?.pop() else { return Ok(None) };
        let place = self
            .db
            .one::<PlaceRow>(
                "SELECT p.name, a.status FROM applications a \
                 JOIN popups p ON p.tenant_id = a.tenant_id AND p.id = a.popup_id \
                 WHERE a.tenant_id = $1 AND a.id = $2",
                [self.tenant.0.into(), view.attendee.application.0.into()],
            )
            .await?;
        let Some(place) = place else { return Ok(None) };
        let status = ApplicationStatus::parse(&place.status).ok_or("unknown status");
        let application_status = stored("applications", view.attendee.application.0, status)?;
        Ok(Some(CodeHolder { view, popup_name: place.name, application_status }))
    }

    async fn tickets_by_email(&mut self, email: &str) -> Result<Vec<Ticket>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Email.eq(address(email)))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        let mut views = self.with_products(rows).await?;
        views.retain(|view| !view.products.is_empty());
        self.tickets(views).await
    }

    async fn tickets_of(&mut self, human: HumanId) -> Result<Vec<Ticket>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::HumanId.eq(human.0))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        let views = self.with_products(rows).await?;
        self.tickets(views).await
    }
}

impl PgTx {
    /// `rows` in their order with what they hold, by one more statement, however many rows there are.
    pub(crate) async fn with_products(
        &self,
        rows: impl IntoIterator<Item = Model>,
    ) -> Result<Vec<AttendeeView>, StoreError> {
        let rows: Vec<_> = rows.into_iter().collect();
        let mut held = self.held_products(rows.iter().map(|row| row.id).collect()).await?;
        rows.into_iter()
            .map(|row| {
                let products = held.remove(&row.id).unwrap_or_default();
                Ok(AttendeeView { attendee: Attendee::try_from(row)?, products })
            })
            .collect()
    }

    async fn tickets(&self, views: Vec<AttendeeView>) -> Result<Vec<Ticket>, StoreError> {
        if views.is_empty() {
            return Ok(Vec::new());
        }
        let popups: Vec<Uuid> = views.iter().map(|view| view.attendee.popup.0).collect();
        let popups = self
            .db
            .all::<PopupRow>(
                "SELECT id, name, slug FROM popups WHERE tenant_id = $1 AND id = ANY($2)",
                [self.tenant.0.into(), popups.into()],
            )
            .await?;
        let popups: HashMap<Uuid, PopupRow> = popups.into_iter().map(|row| (row.id, row)).collect();
        views
            .into_iter()
            .map(|AttendeeView { attendee, products }| {
                let popup = popups.get(&attendee.popup.0).ok_or("no popup");
                let popup = stored("attendees", attendee.id.0, popup)?;
                let (popup_name, popup_slug) = (popup.name.clone(), popup.slug.clone());
                Ok(Ticket { attendee, popup_name, popup_slug, products })
            })
            .collect()
    }
}

/// `text` as addresses are stored.
fn address(text: &str) -> String {
    text.trim().to_lowercase()
}

#[derive(FromQueryResult)]
struct PlaceRow {
    name: String,
    status: String,
}

#[derive(FromQueryResult)]
struct PopupRow {
    id: Uuid,
    name: String,
    slug: String,
}
