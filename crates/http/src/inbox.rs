//! The mails of a server in development, which go nowhere else: a page, and the same as JSON.

use actix_web::{
    HttpResponse,
    guard::{GuardContext, fn_guard},
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, FORWARDED, X_FORWARDED_FOR,
    },
    web::{self, Data, ServiceConfig},
};
use edgeos_mail::inbox::Inbox;

/// What is read here.
pub(crate) const PAGES: [&str; 4] =
    ["/dev/mail", "/dev/mail/page.css", "/dev/mail/page.js", "/dev/mail.json"];

const PAGE: &str = include_str!("../assets/inbox/index.html");
const STYLE: &str = include_str!("../assets/inbox/page.css");
const SCRIPT: &str = include_str!("../assets/inbox/page.js");

/// Mails may show pictures from elsewhere; the page itself loads nothing from there, and a mail's own
/// scripts never run.
const POLICY: &str = "default-src 'self'; frame-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: https: http:; frame-ancestors 'none'";

/// Whoever reads here can sign in as anybody, so nobody from another machine does, nor through a proxy on this one.
fn from_here(context: &GuardContext<'_>) -> bool {
    let head = context.head();
    let forwarded =
        [FORWARDED, X_FORWARDED_FOR].iter().any(|name| head.headers().contains_key(name));
    !forwarded && head.peer_addr.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    let read = || web::get().guard(fn_guard(from_here));
    config
        .route("/dev/mail", read().to(page))
        .route("/dev/mail/page.css", read().to(|| async { file("text/css", STYLE) }))
        .route("/dev/mail/page.js", read().to(|| async { file("text/javascript", SCRIPT) }))
        .service(
            web::resource("/dev/mail.json")
                .guard(fn_guard(from_here))
                .route(web::get().to(messages))
                .route(web::delete().to(clear)),
        );
}

/// `GET /dev/mail.json`: the newest first.
async fn messages(inbox: Data<Inbox>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(inbox.messages())
}

/// `DELETE /dev/mail.json`: empties the inbox.
async fn clear(inbox: Data<Inbox>) -> HttpResponse {
    inbox.clear();
    HttpResponse::NoContent().finish()
}

async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(PAGE)
}

fn file(kind: &str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(format!("{kind}; charset=utf-8")).body(text)
}
