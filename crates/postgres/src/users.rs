use edgeos_domain::{Role, StaffEmail, TenantId, User, UserId};
use edgeos_ports::{Page, Paging, StoreError, UserFilter, Users};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{ExprTrait, LockType, extension::postgres::PgExpr},
};

use crate::{
    PgPlatformTx,
    entity::user::{ActiveModel, Column, Entity, Model},
    error::{store_error, stored},
    page::{containing, page},
};

impl Users for PgPlatformTx {
    async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = Entity::find_by_id(id.0).one(&self.db).await;
        row.map_err(store_error)?.map(User::try_from).transpose()
    }

    async fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = Entity::find_by_id(id.0).lock(LockType::Update).one(&self.db).await;
        row.map_err(store_error)?.map(User::try_from).transpose()
    }

    async fn user_by_email(&mut self, email: &StaffEmail) -> Result<Option<User>, StoreError> {
        let row = Entity::find().filter(Column::Email.eq(email.as_str())).one(&self.db).await;
        row.map_err(store_error)?.map(User::try_from).transpose()
    }

    async fn users(
        &mut self,
        filter: &UserFilter,
        paging: Paging,
    ) -> Result<Page<User>, StoreError> {
        let query = Entity::find()
            .filter(Column::Deleted.eq(filter.deleted))
            .apply_if(filter.tenant, |query, id| query.filter(Column::TenantId.eq(id.0)))
            .apply_if(filter.role, |query, role| query.filter(Column::Role.eq(role.as_str())))
            .apply_if(filter.search.as_deref(), |query, text| {
                let pattern = containing(text);
                let name = Column::FullName.into_expr().ilike(pattern.clone());
                query.filter(name.or(Column::Email.into_expr().ilike(pattern)))
            })
            .order_by_asc(Column::Email)
            .order_by_asc(Column::Id);
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(User::try_from)
    }

    async fn lock_superadmins(&mut self) -> Result<Vec<UserId>, StoreError> {
        let rows = self
            .db
            .all::<IdRow>(
                "SELECT id FROM users WHERE role = 'superadmin' AND NOT deleted ORDER BY id FOR UPDATE",
                [],
            )
            .await?;
        Ok(rows.into_iter().map(|row| UserId(row.id)).collect())
    }

    async fn lock_admins(&mut self, tenant: TenantId) -> Result<Vec<UserId>, StoreError> {
        let rows = self
            .db
            .all::<IdRow>(
                "SELECT id FROM users WHERE tenant_id = $1 AND role = 'admin' AND NOT deleted \
                 ORDER BY id FOR UPDATE",
                [tenant.0.into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| UserId(row.id)).collect())
    }

    async fn insert_user(&mut self, user: &User) -> Result<(), StoreError> {
        Entity::insert(row(user)).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn update_user(&mut self, user: &User) -> Result<(), StoreError> {
        Entity::update(row(user)).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

fn row(user: &User) -> ActiveModel {
    ActiveModel {
        id: Set(user.id.0),
        email: Set(user.email.as_str().to_owned()),
        full_name: Set(user.full_name.clone()),
        role: Set(user.role.as_str().to_owned()),
        deleted: Set(user.deleted),
        tenant_id: Set(user.tenant.map(|tenant| tenant.0)),
        created_at: NotSet,
    }
}

impl TryFrom<Model> for User {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let role = Role::parse(&row.role).ok_or("unknown role");
        Ok(Self {
            id: UserId(row.id),
            email: stored("users", row.id, StaffEmail::stored(&row.email))?,
            full_name: row.full_name,
            role: stored("users", row.id, role)?,
            tenant: row.tenant_id.map(TenantId),
            deleted: row.deleted,
        })
    }
}
