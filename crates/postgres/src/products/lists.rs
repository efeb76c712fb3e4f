use edgeos_domain::HumanId;
use edgeos_ports::{ProductFilter, ProductSort, ProductSortKey};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QueryTrait, Select,
    sea_query::{Expr, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::product::{Category, Column, Entity},
    page::containing,
};

impl PgTx {
    /// The products that match `filter`, in no order.
    pub(super) fn matching_products(&self, filter: &ProductFilter) -> Select<Entity> {
        Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(filter.popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .apply_if(filter.is_active, |query, active| query.filter(Column::IsActive.eq(active)))
            .apply_if(filter.category, |query, category| {
                query.filter(Column::Category.eq(Category::from(category)))
            })
            .apply_if(filter.search.as_deref(), |query, text| {
                query.filter(Column::Name.into_expr().ilike(containing(text)))
            })
    }

    /// The products that match `filter` and that the portal shows to `human`, in no order.
    pub(super) fn products_shown_to(
        &self,
        human: HumanId,
        filter: &ProductFilter,
    ) -> Select<Entity> {
        let held = Expr::cust_with_values(
            "EXISTS (SELECT 1 FROM attendee_products h \
             WHERE h.tenant_id = $1 AND h.product_id = products.id)",
            [self.tenant.0],
        );
        let query = self
            .matching_products(filter)
            .filter(Condition::any().add(Column::IsActive.eq(true)).add(held));
        if filter.popup.is_some() {
            return query;
        }
        query.filter(Expr::cust_with_values(
            "(EXISTS (SELECT 1 FROM popups u \
             WHERE u.tenant_id = $1 AND u.id = products.popup_id AND u.status = 'active') \
             OR EXISTS (SELECT 1 FROM applications a \
             WHERE a.tenant_id = $1 AND a.popup_id = products.popup_id AND a.human_id = $2) \
             OR EXISTS (SELECT 1 FROM attendees t JOIN applications a \
             ON a.tenant_id = t.tenant_id AND a.id = t.application_id \
             WHERE t.tenant_id = $1 AND t.popup_id = products.popup_id AND t.human_id = $2 \
             AND a.status NOT IN ('rejected', 'withdrawn')))",
            [self.tenant.0, human.0],
        ))
    }
}

/// `query` in the order of `sort`, then from the oldest to the youngest, then by id.
pub(super) fn sorted(query: Select<Entity>, sort: Option<ProductSort>) -> Select<Entity> {
    let query = match sort {
        Some(ProductSort { by, descending }) => {
            let order = if descending { Order::Desc } else { Order::Asc };
            query.order_by(column(by), order)
        }
        None => query,
    };
    query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)
}

fn column(key: ProductSortKey) -> Column {
    match key {
        ProductSortKey::Name => Column::Name,
        ProductSortKey::Price => Column::Price,
        // The database has the words in the order main, spouse, kid.
        ProductSortKey::AttendeeCategory => Column::AttendeeCategory,
        ProductSortKey::IsActive => Column::IsActive,
    }
}
