mod deletion;

use edgeos_domain::{ApplicationFee, Popup, PopupId, PopupSlug, PopupStatus, TenantId};
use edgeos_ports::{Deletion, Page, Paging, Popups, StoreError};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{LockType, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::popup::{ActiveModel, Column, Entity, Model, Status},
    error::{store_error, stored},
    page::{containing, page},
};

impl Popups for PgTx {
    async fn popup(&mut self, id: PopupId) -> Result<Option<Popup>, StoreError> {
        self.one_popup(Entity::find_by_id((self.tenant.0, id.0))).await
    }

    async fn lock_popup(&mut self, id: PopupId) -> Result<Option<Popup>, StoreError> {
        // Rows that refer to the popup may come meanwhile.
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        self.one_popup(query).await
    }

    async fn hold_popup(&mut self, id: PopupId) -> Result<Option<Popup>, StoreError> {
        self.one_popup(Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::Share)).await
    }

    async fn popup_by_slug(&mut self, slug: &str) -> Result<Option<Popup>, StoreError> {
        let query = Entity::find().filter(Column::TenantId.eq(self.tenant.0));
        self.one_popup(query.filter(Column::Slug.eq(slug))).await
    }

    async fn popups(
        &mut self,
        search: Option<&str>,
        paging: Paging,
    ) -> Result<Page<Popup>, StoreError> {
        let query = self.oldest_first().apply_if(search, |query, text| {
            query.filter(Column::Name.into_expr().ilike(containing(text)))
        });
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(Popup::try_from)
    }

    async fn shown_popups(&mut self, limit: u64) -> Result<Vec<Popup>, StoreError> {
        let query = self.oldest_first().filter(Column::Status.eq(Status::Active)).limit(limit);
        let rows = query.all(&self.db).await.map_err(store_error)?;
        rows.into_iter().map(Popup::try_from).collect()
    }

    async fn insert_popup(&mut self, popup: &Popup) -> Result<(), StoreError> {
        Entity::insert(row(popup)).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn update_popup(&mut self, popup: &Popup) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(self.tenant.0),
            id: Unchanged(popup.id.0),
            created_at: NotSet,
            ..row(popup)
        };
        changed.update_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete_popup(&mut self, id: PopupId) -> Result<Deletion, StoreError> {
        self.delete_with_all_of_it(id).await
    }
}

impl PgTx {
    fn oldest_first(&self) -> Select<Entity> {
        Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
    }

    async fn one_popup(&self, query: Select<Entity>) -> Result<Option<Popup>, StoreError> {
        query.one(&self.db).await.map_err(store_error)?.map(Popup::try_from).transpose()
    }
}

fn row(popup: &Popup) -> ActiveModel {
    let popup = popup.clone();
    ActiveModel {
        tenant_id: Set(popup.tenant.0),
        id: Set(popup.id.0),
        name: Set(popup.name),
        slug: Set(popup.slug.as_str().to_owned()),
        tagline: Set(popup.tagline),
        location: Set(popup.location),
        start_date: Set(popup.start_date),
        end_date: Set(popup.end_date),
        status: Set(popup.status.into()),
        allows_spouse: Set(Some(popup.allows_spouse)),
        allows_children: Set(Some(popup.allows_children)),
        allows_coupons: Set(Some(popup.allows_coupons)),
        allows_scholarship: Set(popup.allows_scholarship),
        allows_incentive: Set(popup.allows_incentive),
        image_url: Set(popup.image_url),
        icon_url: Set(popup.icon_url),
        express_checkout_background: Set(popup.express_checkout_background),
        web_url: Set(popup.web_url),
        blog_url: Set(popup.blog_url),
        twitter_url: Set(popup.twitter_url),
        terms_and_conditions_url: Set(popup.terms_and_conditions_url),
        simplefi_api_key: Set(popup.payment_key),
        invoice_company_name: Set(popup.invoice_company_name),
        invoice_company_address: Set(popup.invoice_company_address),
        invoice_company_email: Set(popup.invoice_company_email),
        requires_application_fee: Set(popup.fee.required()),
        application_fee_amount: Set(popup.fee.amount()),
        created_at: Set(popup.created_at),
        updated_at: Set(popup.updated_at),
    }
}

impl TryFrom<Model> for Popup {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let fee = ApplicationFee::new(row.requires_application_fee, row.application_fee_amount);
        Ok(Self {
            id: PopupId(row.id),
            tenant: TenantId(row.tenant_id),
            name: row.name,
            slug: PopupSlug::stored(row.slug),
            tagline: row.tagline,
            location: row.location,
            start_date: row.start_date,
            end_date: row.end_date,
            status: row.status.into(),
            // Older rows leave these three open.
            allows_spouse: row.allows_spouse.unwrap_or(false),
            allows_children: row.allows_children.unwrap_or(false),
            allows_coupons: row.allows_coupons.unwrap_or(false),
            allows_scholarship: row.allows_scholarship,
            allows_incentive: row.allows_incentive,
            image_url: row.image_url,
            icon_url: row.icon_url,
            express_checkout_background: row.express_checkout_background,
            web_url: row.web_url,
            blog_url: row.blog_url,
            twitter_url: row.twitter_url,
            terms_and_conditions_url: row.terms_and_conditions_url,
            payment_key: row.simplefi_api_key,
            invoice_company_name: row.invoice_company_name,
            invoice_company_address: row.invoice_company_address,
            invoice_company_email: row.invoice_company_email,
            fee: stored("popups", row.id, fee)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<Status> for PopupStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Draft => Self::Draft,
            Status::Active => Self::Active,
            Status::Archived => Self::Archived,
            Status::Ended => Self::Ended,
        }
    }
}

impl From<PopupStatus> for Status {
    fn from(status: PopupStatus) -> Self {
        match status {
            PopupStatus::Draft => Self::Draft,
            PopupStatus::Active => Self::Active,
            PopupStatus::Archived => Self::Archived,
            PopupStatus::Ended => Self::Ended,
        }
    }
}
