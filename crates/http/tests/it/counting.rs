//! What requests ask of the database, as the server tells its log.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, Once},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// What a request asked of the database.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// For the operation itself.
    pub(crate) operation: Amount,
    /// To know the caller.
    pub(crate) caller: Amount,
}

/// So many transactions, and so many statements in them, without those that begin and end them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) transactions: u64,
    pub(crate) statements: u64,
}

/// What each request cost, by what it is called, until somebody asks.
static COSTS: LazyLock<Mutex<HashMap<String, Cost>>> = LazyLock::new(Mutex::default);

/// Listens from now on to the servers of this process.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let targets = Targets::new()
            .with_target("edgeos_http", Level::INFO)
            .with_target("edgeos_postgres", Level::DEBUG);
        let subscriber = Registry::default().with(Listener.with_filter(targets));
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

/// What the request of this name has cost.
pub(crate) fn cost_of(request: &str) -> Cost {
    COSTS.lock().unwrap().remove(request).unwrap_or_default()
}

/// Listens to the ends of transactions.
struct Listener;

/// What the request of a span is called.
struct RequestId(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, span: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        span.record(&mut fields);
        if let (Some(request), Some(span)) = (fields.id, context.span(id)) {
            span.extensions_mut().insert(RequestId(request));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(statements) = fields.statements else { return };
        let mut is_about_caller = false;
        for span in context.event_scope(event).into_iter().flatten() {
            is_about_caller |= span.name() == "caller";
            if let Some(RequestId(request)) = span.extensions().get() {
                let mut costs = COSTS.lock().unwrap();
                let cost = costs.entry(request.clone()).or_default();
                let amount = if is_about_caller { &mut cost.caller } else { &mut cost.operation };
                amount.transactions += 1;
                amount.statements += statements;
            }
        }
    }
}

#[derive(Default)]
struct Fields {
    id: Option<String>,
    statements: Option<u64>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "id" {
            self.id = Some(value.to_owned());
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "statements" {
            self.statements = Some(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[tokio::test]
async fn what_requests_cost_is_heard() {
    use crate::harness::{Send, TestServer};

    let server = TestServer::start().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let list = server.get("/tenants").bearer_auth(superadmin).answer().await;
    let Cost { operation, caller } = list.cost;
    assert_eq!((operation.transactions, caller.transactions), (1, 1), "{list:?}");
    assert!(operation.statements > 0 && caller.statements > 0, "{list:?}");
}
