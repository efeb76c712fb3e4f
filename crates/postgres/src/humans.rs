use edgeos_domain::{Email, Human, HumanId, Profile, TenantId};
use edgeos_ports::{HumanFilter, Humans, Page, Paging, StoreError};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, LockType, OnConflict, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::human::{ActiveModel, Column, Entity, Model},
    error::store_error,
    page::{containing, page},
};

impl PgTx {
    /// Keeps whoever links attendees and humans by one of `emails` apart until the transaction ends. There
    /// may be no row yet that could be locked.
    pub(crate) async fn lock_addresses(&self, emails: &[Email]) -> Result<(), StoreError> {
        let emails: Vec<String> = emails.iter().map(|email| email.as_str().to_owned()).collect();
        self.db
            .execute(
                "SELECT pg_advisory_xact_lock(hashtextextended($1::text || '|' || email, 0)) \
                 FROM (SELECT DISTINCT email FROM unnest($2::text[]) AS email ORDER BY email) AS sorted",
                [self.tenant.0.into(), emails.into()],
            )
            .await?;
        Ok(())
    }
}

impl Humans for PgTx {
    async fn human(&mut self, id: HumanId) -> Result<Option<Human>, StoreError> {
        let row = Entity::find_by_id((self.tenant.0, id.0)).one(&self.db).await;
        Ok(row.map_err(store_error)?.map(Human::from))
    }

    async fn lock_human(&mut self, id: HumanId) -> Result<Option<Human>, StoreError> {
        // Lets others refer to the human meanwhile, as companion or applicant.
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        Ok(query.one(&self.db).await.map_err(store_error)?.map(Human::from))
    }

    async fn hold_human(&mut self, id: HumanId) -> Result<Option<Human>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::Share);
        Ok(query.one(&self.db).await.map_err(store_error)?.map(Human::from))
    }

    async fn hold_humans(&mut self, ids: &[HumanId]) -> Result<Vec<Human>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Id.eq_any(ids.iter().map(|id| id.0)))
            .order_by_asc(Column::Id)
            .lock(LockType::Share)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Human::from).collect())
    }

    async fn lock_humans_with(&mut self, emails: &[Email]) -> Result<Vec<Human>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Email.eq_any(emails.iter().map(|email| email.as_str().to_owned())))
            .order_by_asc(Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Human::from).collect())
    }

    async fn human_by_email(&mut self, email: &Email) -> Result<Option<Human>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Email.eq(email.as_str()));
        Ok(query.one(&self.db).await.map_err(store_error)?.map(Human::from))
    }

    async fn humans(
        &mut self,
        filter: &HumanFilter,
        paging: Paging,
    ) -> Result<Page<Human>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(filter.search.as_deref(), |query, text| {
                let pattern = containing(text);
                let names = [Column::FirstName, Column::LastName, Column::Email];
                let full_name = Expr::cust("concat_ws(' ', first_name, last_name)");
                let found = names
                    .into_iter()
                    .map(Column::into_expr)
                    .fold(full_name.ilike(pattern.clone()), |found, name| {
                        found.or(name.ilike(pattern.clone()))
                    });
                query.filter(found)
            })
            .apply_if(filter.drafting, |query, popup| {
                query.filter(Expr::cust_with_values(
                    "EXISTS (SELECT 1 FROM applications a \
                     WHERE a.tenant_id = humans.tenant_id AND a.human_id = humans.id \
                     AND a.popup_id = $1 AND a.status = 'draft')",
                    [popup.0],
                ))
            })
            .order_by_asc(Column::Email)
            .order_by_asc(Column::Id);
        Ok(page(&self.db, query, paging).await.map_err(store_error)?.map(Human::from))
    }

    async fn insert_human_if_new(&mut self, human: &Human) -> Result<bool, StoreError> {
        self.lock_addresses(std::slice::from_ref(&human.email)).await?;
        let known = OnConflict::columns([Column::TenantId, Column::Email]).do_nothing().to_owned();
        let inserted = Entity::insert(row(human))
            .on_conflict(known)
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn update_human(&mut self, human: &Human) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(human.tenant.0),
            id: Unchanged(human.id.0),
            email: NotSet,
            ..row(human)
        };
        Entity::update(changed).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn lock_unlinked_attendees(&mut self, emails: &[Email]) -> Result<(), StoreError> {
        let emails: Vec<_> = emails.iter().map(|email| email.as_str().to_owned()).collect();
        self.db
            .execute(
                "SELECT FROM attendees WHERE tenant_id = $1 AND email = ANY ($2) AND human_id IS NULL \
                 ORDER BY id FOR UPDATE",
                [self.tenant.0.into(), emails.into()],
            )
            .await?;
        Ok(())
    }

    async fn link_attendees(&mut self, id: HumanId, email: &Email) -> Result<u64, StoreError> {
        self.db
            .execute(
                "UPDATE attendees SET human_id = $2, updated_at = now() \
                 WHERE tenant_id = $1 AND id IN (SELECT id FROM attendees \
                 WHERE tenant_id = $1 AND email = $3 AND human_id IS NULL ORDER BY id FOR UPDATE)",
                [self.tenant.0.into(), id.0.into(), email.as_str().into()],
            )
            .await
    }
}

fn row(human: &Human) -> ActiveModel {
    let Human { id, tenant, email, profile, picture_url, red_flag } = human.clone();
    ActiveModel {
        tenant_id: Set(tenant.0),
        id: Set(id.0),
        email: Set(email.as_str().to_owned()),
        first_name: Set(profile.first_name),
        last_name: Set(profile.last_name),
        telegram: Set(profile.telegram),
        gender: Set(profile.gender),
        age: Set(profile.age),
        residence: Set(profile.residence),
        picture_url: Set(picture_url),
        red_flag: Set(red_flag),
        created_at: NotSet,
    }
}

impl From<Model> for Human {
    fn from(row: Model) -> Self {
        Self {
            id: HumanId(row.id),
            tenant: TenantId(row.tenant_id),
            email: Email::stored(row.email),
            profile: Profile {
                first_name: row.first_name,
                last_name: row.last_name,
                telegram: row.telegram,
                gender: row.gender,
                age: row.age,
                residence: row.residence,
            },
            picture_url: row.picture_url,
            red_flag: row.red_flag,
        }
    }
}
