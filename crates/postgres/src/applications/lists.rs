use edgeos_domain::{ApplicationStatus, PopupId, UserId};
use edgeos_ports::ApplicationFilter;
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, Iterable, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    prelude::Json,
    sea_query::{Expr, Query, SelectStatement, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::{
        application::{Column, Entity},
        application_review, human,
    },
    page::containing,
};

impl PgTx {
    /// The applications that match `filter`, in the order of lists.
    pub(super) fn matching(&self, filter: &ApplicationFilter) -> Select<Entity> {
        self.listed()
            .apply_if(filter.popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .apply_if(filter.human, |query, human| query.filter(Column::HumanId.eq(human.0)))
            .apply_if(filter.status, |query, status: ApplicationStatus| {
                query.filter(Column::Status.eq(status.as_str()))
            })
            .apply_if(filter.search.as_deref(), |query, text| {
                query.filter(Column::HumanId.in_subquery(self.humans_like(text)))
            })
    }

    /// The applications that wait for the vote of `reviewer`, in the order of lists.
    pub(super) fn unvoted(&self, reviewer: UserId, popup: Option<PopupId>) -> Select<Entity> {
        let voted = Query::select()
            .column(application_review::Column::ApplicationId)
            .from(application_review::Entity)
            .and_where(application_review::Column::TenantId.eq(self.tenant.0))
            .and_where(application_review::Column::ReviewerId.eq(reviewer.0))
            .and_where(
                Expr::col((application_review::Entity, application_review::Column::ApplicationId))
                    .equals((Entity, Column::Id)),
            )
            .to_owned();
        self.listed()
            .filter(Column::Status.eq(ApplicationStatus::InReview.as_str()))
            .apply_if(popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            // Whoever is designated anywhere sees the applications to those popups alone.
            .filter(Expr::cust_with_values(
                "(NOT EXISTS (SELECT 1 FROM popupreviewers r WHERE r.tenant_id = $1 AND r.user_id = $2) \
                 OR EXISTS (SELECT 1 FROM popupreviewers r WHERE r.tenant_id = $1 AND r.user_id = $2 \
                 AND r.popup_id = applications.popup_id))",
                [self.tenant.0, reviewer.0],
            ))
            .filter(Expr::exists(voted).not())
    }

    /// Every application, in the order of lists. The captured form makes most of a row and is shown in no
    /// list.
    pub(crate) fn listed(&self) -> Select<Entity> {
        Entity::find()
            .select_only()
            .columns(Column::iter().filter(|column| !matches!(column, Column::CustomFieldsSchema)))
            .expr_as(Expr::val(None::<Json>), "custom_fields_schema")
            .filter(Column::TenantId.eq(self.tenant.0))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
    }

    fn humans_like(&self, text: &str) -> SelectStatement {
        use human::Column as Human;

        let pattern = containing(text);
        let like = |column: Human| Expr::col((human::Entity, column)).ilike(pattern.clone());
        let full = Expr::cust_with_values(
            "(coalesce(humans.first_name, '') || ' ' || coalesce(humans.last_name, '')) ILIKE $1",
            [pattern.clone()],
        );
        Query::select()
            .column(Human::Id)
            .from(human::Entity)
            .and_where(Expr::col((human::Entity, Human::TenantId)).eq(self.tenant.0))
            .and_where(
                like(Human::FirstName).or(like(Human::LastName)).or(like(Human::Email)).or(full),
            )
            .to_owned()
    }
}
