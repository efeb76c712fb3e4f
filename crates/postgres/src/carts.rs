use std::collections::HashMap;

use chrono::{DateTime, Utc};
use edgeos_domain::{Cart, CartId, HumanId, PaymentId, PopupId, TenantId};
use edgeos_ports::{CartHuman, CartPayment, CartPopup, CartView, Carts, Page, Paging, StoreError};
use rust_decimal::Decimal;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryTrait, Value,
    prelude::{Json, Uuid},
};

use crate::{
    PgTx,
    entity::cart::{Column, Entity, Model},
    error::store_error,
};

mod items;

impl Carts for PgTx {
    async fn cart(&mut self, human: HumanId, popup: PopupId) -> Result<Option<Cart>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::HumanId.eq(human.0))
            .filter(Column::PopupId.eq(popup.0));
        Ok(query.one(&self.db).await.map_err(store_error)?.map(Cart::from))
    }

    async fn put_cart(&mut self, cart: &Cart) -> Result<Cart, StoreError> {
        let row = self
            .db
            .one::<Model>(
                "INSERT INTO carts (tenant_id, id, human_id, popup_id, items, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (tenant_id, human_id, popup_id) DO UPDATE SET items = excluded.items, \
                 updated_at = CASE WHEN carts.items = excluded.items THEN carts.updated_at \
                 ELSE excluded.updated_at END RETURNING *",
                [
                    self.tenant.0.into(),
                    cart.id.0.into(),
                    cart.human.0.into(),
                    cart.popup.0.into(),
                    items::to_json(&cart.items).into(),
                    cart.created_at.into(),
                    cart.updated_at.into(),
                ],
            )
            .await?;
        row.map(Cart::from)
            .ok_or_else(|| StoreError::Failed("a cart was stored and isn't there".into()))
    }

    async fn delete_cart(&mut self, human: HumanId, popup: PopupId) -> Result<bool, StoreError> {
        let deletion = Entity::delete_many()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::HumanId.eq(human.0))
            .filter(Column::PopupId.eq(popup.0));
        Ok(deletion.exec(&self.db).await.map_err(store_error)?.rows_affected == 1)
    }

    async fn carts(
        &mut self,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<CartView>, StoreError> {
        let total = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .count(&self.db)
            .await
            .map_err(store_error)?;
        let rows = self.listed_carts(popup, paging).await?;
        let mut payments = self.unpaid_by_cart(&rows).await?;
        let views = rows.into_iter().filter_map(|row| {
            let payments = payments.remove(&(row.human_id, row.popup_id)).unwrap_or_default();
            let id = row.id;
            let view = row.view(self.tenant, payments);
            if view.is_none() {
                tracing::error!(cart.id = %id, "the human or the popup of cart {id} is not visible");
            }
            view
        });
        Ok(Page { items: views.collect(), total })
    }
}

impl PgTx {
    /// Carts with their humans and popups.
    async fn listed_carts(
        &self,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Vec<CartRow>, StoreError> {
        let stretch = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let mut values: Vec<Value> =
            vec![self.tenant.0.into(), stretch(paging.skip).into(), stretch(paging.limit).into()];
        let mut of_popup = "";
        if let Some(popup) = popup {
            of_popup = "AND c.popup_id = $4";
            values.push(popup.0.into());
        }
        let sql = format!(
            "SELECT c.id, c.human_id, c.popup_id, c.items, c.created_at, c.updated_at, \
             h.email, h.first_name, h.last_name, p.name, p.slug FROM carts c \
             LEFT JOIN humans h ON h.tenant_id = c.tenant_id AND h.id = c.human_id \
             LEFT JOIN popups p ON p.tenant_id = c.tenant_id AND p.id = c.popup_id \
             WHERE c.tenant_id = $1 {of_popup} \
             ORDER BY c.updated_at DESC, c.id DESC OFFSET $2 LIMIT $3"
        );
        self.db.all(&sql, values).await
    }

    /// What the humans of `carts` have begun to pay for passes in their popups, newest first.
    async fn unpaid_by_cart(
        &self,
        carts: &[CartRow],
    ) -> Result<HashMap<(Uuid, Uuid), Vec<CartPayment>>, StoreError> {
        if carts.is_empty() {
            return Ok(HashMap::new());
        }
        let humans: Vec<Uuid> = carts.iter().map(|cart| cart.human_id).collect();
        let popups: Vec<Uuid> = carts.iter().map(|cart| cart.popup_id).collect();
        let rows = self
            .db
            .all::<PaymentRow>(
                "SELECT a.human_id, a.popup_id, y.id, y.status, y.amount, y.currency, y.created_at \
                 FROM unnest($2::uuid[], $3::uuid[]) AS c (human_id, popup_id) \
                 JOIN applications a ON a.tenant_id = $1 AND a.human_id = c.human_id \
                 AND a.popup_id = c.popup_id \
                 JOIN payments y ON y.tenant_id = $1 AND y.application_id = a.id \
                 WHERE y.payment_type = 'pass_purchase' AND y.status IN ('pending', 'expired') \
                 ORDER BY y.created_at DESC, y.id DESC",
                [self.tenant.0.into(), humans.into(), popups.into()],
            )
            .await?;
        let mut unpaid: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            unpaid.entry((row.human_id, row.popup_id)).or_default().push(CartPayment {
                id: PaymentId(row.id),
                status: row.status,
                amount: row.amount,
                currency: row.currency,
                created_at: row.created_at,
            });
        }
        Ok(unpaid)
    }
}

#[derive(FromQueryResult)]
struct CartRow {
    id: Uuid,
    human_id: Uuid,
    popup_id: Uuid,
    items: Json,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    name: Option<String>,
    slug: Option<String>,
}

#[derive(FromQueryResult)]
struct PaymentRow {
    human_id: Uuid,
    popup_id: Uuid,
    id: Uuid,
    status: String,
    amount: Decimal,
    currency: String,
    created_at: DateTime<Utc>,
}

impl CartRow {
    /// `None` without human or popup.
    fn view(self, tenant: TenantId, payments: Vec<CartPayment>) -> Option<CartView> {
        let (first_name, last_name) = (self.first_name, self.last_name);
        let cart = Model {
            tenant_id: tenant.0,
            id: self.id,
            human_id: self.human_id,
            popup_id: self.popup_id,
            items: self.items,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Some(CartView {
            cart: cart.into(),
            human: CartHuman { email: self.email?, first_name, last_name },
            popup: CartPopup { name: self.name?, slug: self.slug? },
            payments,
        })
    }
}

impl From<Model> for Cart {
    fn from(row: Model) -> Self {
        Self {
            id: CartId(row.id),
            tenant: TenantId(row.tenant_id),
            human: HumanId(row.human_id),
            popup: PopupId(row.popup_id),
            items: items::from_json(row.id, row.items),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
