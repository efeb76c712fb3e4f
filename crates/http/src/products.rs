mod input;
mod output;
mod query;

use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::ProductId;
use edgeos_ports::{Governor, Participant, Reader, Writer};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use self::output::{ProductPublic, ProductWithQuantity};
use self::{
    input::{ProductBatch, ProductCreate, ProductUpdate},
    output::ProductBatchResult,
    query::{PortalProductQuery, ProductQuery},
};
use crate::{
    answer::{ListModel, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{Id, Wrong, choice},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    // These words come before any id.
    config
        .service(list_portal_products)
        .service(create_products_batch)
        .service(list_products)
        .service(create_product)
        .service(get_product)
        .service(update_product)
        .service(delete_product);
}

choice! {
    /// What kind of thing a product is.
    ProductCategory(edgeos_domain::ProductCategory) {
        "ticket" => Ticket, "housing" => Housing, "merch" => Merch, "other" => Other,
        "patreon" => Patreon,
    }
}

choice! {
    /// To whom a ticket is offered.
    TicketAttendeeCategory(edgeos_domain::AttendeeCategory) {
        "main" => Main, "spouse" => Spouse, "kid" => Kid,
    }
}

choice! {
    /// How long a ticket admits.
    TicketDuration(edgeos_domain::TicketDuration) {
        "day" => Day, "week" => Week, "month" => Month, "full" => Full,
    }
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct ProductPath {
    product_id: Id,
}

/// What the human's organisation sells, the oldest first: what can be ordered, and what somebody holds.
#[utoipa::path(
    operation_id = "products-list_portal_products", tag = "products", params(PortalProductQuery),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<ProductPublic>)),
)]
#[get("/products/portal/products")]
pub(crate) async fn list_portal_products(
    call: Call<Participant, (), PortalProductQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<ProductPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let page = state.products.shown(&call.caller, &call.query.into(), paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Has an event sell many things; one result for each, in the same order.
#[utoipa::path(
    operation_id = "products-create_products_batch", tag = "products", params(TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = ProductBatch,
    responses(
        (status = 207, body = Vec<ProductBatchResult>),
        (status = 404, body = Problem, description = "No such event"),
    ),
)]
#[post("/products/batch")]
pub(crate) async fn create_products_batch(
    call: Call<Governor, (), (), ProductBatch>,
    state: Data<AppState>,
) -> Result<(Json<Vec<ProductBatchResult>>, StatusCode), ApiError> {
    let (tenant, (popup, rows)) = (call.caller.tenant(), call.body.into_parts());
    let results = state.products.create_batch(&call.caller, popup, rows).await?;
    let results = (1..).zip(results);
    let results = results.map(|(row, result)| ProductBatchResult::new(row, result, tenant, popup));
    Ok((Json(results.collect()), StatusCode::MULTI_STATUS))
}

/// What the organisation sells.
#[utoipa::path(
    operation_id = "products-list_products", tag = "products",
    params(ProductQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<ProductPublic>)),
)]
#[get("/products")]
pub(crate) async fn list_products(
    call: Call<Reader, (), ProductQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<ProductPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let (filter, sort) = call.query.into_parts();
    let page = state.products.list(&call.caller, &filter, sort, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Has an event sell something.
#[utoipa::path(
    operation_id = "products-create_product", tag = "products", params(TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = ProductCreate,
    responses(
        (status = 201, body = ProductPublic),
        (status = 404, body = Problem, description = "No such event"),
    ),
)]
#[post("/products")]
pub(crate) async fn create_product(
    call: Call<Writer, (), (), ProductCreate>,
    state: Data<AppState>,
) -> Result<(Json<ProductPublic>, StatusCode), ApiError> {
    let (popup, new) = call.body.into_parts();
    let product = state.products.create(&call.caller, popup, new).await?;
    Ok((Json(product.into()), StatusCode::CREATED))
}

/// One product.
#[utoipa::path(
    operation_id = "products-get_product", tag = "products", params(ProductPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ProductPublic), (status = 404, body = Problem)),
)]
#[get("/products/{product_id}")]
pub(crate) async fn get_product(
    call: Call<Reader, ProductPath>,
    state: Data<AppState>,
) -> Result<Json<ProductPublic>, ApiError> {
    let product = state.products.get(&call.caller, ProductId(call.path.product_id.0)).await?;
    Ok(Json(product.into()))
}

/// Changes a product.
#[utoipa::path(
    operation_id = "products-update_product", tag = "products", params(ProductPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = ProductUpdate,
    responses((status = 200, body = ProductPublic), (status = 404, body = Problem)),
)]
#[patch("/products/{product_id}")]
pub(crate) async fn update_product(
    call: Call<Writer, ProductPath, (), ProductUpdate>,
    state: Data<AppState>,
) -> Result<Json<ProductPublic>, ApiError> {
    let id = ProductId(call.path.product_id.0);
    let product = state.products.update(&call.caller, id, call.body.into()).await?;
    Ok(Json(product.into()))
}

/// Deletes a product that nobody has bought or ordered.
#[utoipa::path(
    operation_id = "products-delete_product", tag = "products", params(ProductPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Somebody holds it, or a payment names it"),
    ),
)]
#[delete("/products/{product_id}")]
pub(crate) async fn delete_product(
    call: Call<Writer, ProductPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.products.delete(&call.caller, ProductId(call.path.product_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
