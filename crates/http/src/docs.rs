//! The description of the API for people: `/docs` to try it, `/redoc` to read it, and the document itself.
//! Everything these pages load comes from here.

use std::sync::{Arc, LazyLock};

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType},
    web::{self, Bytes, Data, ServiceConfig},
};

use crate::error::Problem;

/// What is read here, besides the operations.
pub(crate) const PAGES: [&str; 7] = [
    "/docs",
    "/docs/{file}",
    "/redoc",
    "/redoc/{file}",
    "/openapi.json",
    "/api/v1/openapi.json",
    "/v1/openapi.json",
];

const DOCS: &str = include_str!("../assets/docs/index.html");
const DOCS_SCRIPT: &str = include_str!("../assets/docs/start.js");
const REDOC: &str = include_str!("../assets/redoc/index.html");
const REDOC_START: &str = include_str!("../assets/redoc/start.js");

/// Redoc, without the one picture that it would load from its maker.
static REDOC_SCRIPT: LazyLock<Bytes> = LazyLock::new(|| {
    let script = include_str!("../assets/redoc/redoc.standalone.js");
    script.replace("https://cdn.redoc.ly/redoc/logo-mini.svg", "data:,").into()
});

/// Lets the pages run what is served here, and nothing else.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                      worker-src 'self' blob:; frame-ancestors 'none'";

/// The document, as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Document(pub(crate) Bytes);

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/docs", web::get().to(|| async { page(DOCS) }))
        .route("/docs/start.js", web::get().to(|| async { script(DOCS_SCRIPT) }))
        .route("/docs/{file}", web::get().to(swagger_file))
        .route("/redoc", web::get().to(|| async { page(REDOC) }))
        .route("/redoc/start.js", web::get().to(|| async { script(REDOC_START) }))
        .route(
            "/redoc/redoc.standalone.js",
            web::get().to(|| async { script(REDOC_SCRIPT.clone()) }),
        )
        .route("/openapi.json", web::get().to(document))
        .route("/api/v1/openapi.json", web::get().to(document))
        .route("/v1/openapi.json", web::get().to(document));
}

async fn document(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document.0.clone())
}

async fn swagger_file(file: web::Path<String>) -> HttpResponse {
    match utoipa_swagger_ui::serve(&file, Arc::new(utoipa_swagger_ui::Config::default())) {
        Ok(Some(found)) => HttpResponse::Ok()
            .content_type(found.content_type)
            .insert_header((CACHE_CONTROL, "max-age=3600"))
            .body(found.bytes.into_owned()),
        _ => HttpResponse::NotFound().json(Problem { detail: "Not Found".to_owned() }),
    }
}

fn page(html: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(html)
}

fn script(text: impl Into<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((CACHE_CONTROL, "max-age=3600"))
        .body(text.into())
}
