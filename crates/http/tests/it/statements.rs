//! How many statements requests take, and that none takes more because there is more to see.

mod growth;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{LazyLock, Mutex, Once},
};

use reqwest::RequestBuilder;
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

use self::growth::grow;
use crate::{
    harness::{Answer, Send, TestServer},
    organisation::Organisation,
    people::Person,
    surface::{Class, operations},
};

/// The statements of each transaction of each request, by what the request is called.
static TAKEN: LazyLock<Mutex<HashMap<String, Vec<u64>>>> = LazyLock::new(Mutex::default);

/// Sends a request, and tells how many statements its last transaction took: those before it ask who calls.
pub(crate) async fn counted(request: RequestBuilder) -> (Answer, u64) {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let targets = Targets::new()
            .with_target("edgeos_http", Level::INFO)
            .with_target("edgeos_postgres", Level::DEBUG);
        let subscriber = Registry::default().with(Count.with_filter(targets));
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    let id = edgeos_testkit::random_text();
    let answer = request.header("X-Request-Id", &id).answer().await;
    let taken = TAKEN.lock().unwrap().remove(&id).unwrap_or_default();
    (answer, taken.last().copied().unwrap_or_default())
}

/// Listens to the ends of transactions.
struct Count;

/// What the request of a span is called.
struct RequestId(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Count {
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
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(RequestId(request)) = span.extensions().get() {
                let mut taken = TAKEN.lock().unwrap();
                taken.entry(request.clone()).or_default().push(statements);
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

/// How many statements a reading operation takes at most.
const BUDGET: u64 = 6;

#[tokio::test]
async fn no_reading_takes_more_statements_where_there_is_more_to_read() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    // One of everything, so that nothing is spared because there is nothing.
    grow(&server.sql, &ours, 1).await;
    let mut before = read_everything(&server, &root, &ours).await;
    let counted = before.values().filter(|(statements, _)| *statements > 0).count();
    assert!(counted > 20, "{counted} of {} are counted", before.len());
    let mut wrong = Vec::new();
    for more in [10, 100] {
        grow(&server.sql, &ours, more).await;
        let after = read_everything(&server, &root, &ours).await;
        for (id, (took, total)) in &before {
            let (takes, grown) = after[id];
            if takes > BUDGET || takes > *took {
                wrong
                    .push(format!("{id} takes {takes} statements with {more} more, before {took}"));
            }
            if total.is_some() && *total >= grown {
                wrong
                    .push(format!("{id} lists no more with {more} more: `grow` has to know of it"));
            }
        }
        before = after;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The statements that each reading operation takes, and how long the list is that it shows, if it is one.
async fn read_everything(
    server: &TestServer,
    root: &Person<'_>,
    ours: &Organisation<'_>,
) -> BTreeMap<String, (u64, Option<u64>)> {
    let mut readings = BTreeMap::new();
    for operation in operations(server).await {
        if !operation.reads() || operation.class == Class::Public {
            continue;
        }
        let who = ours.insider(&operation, root);
        let path = operation.asked(|name| ours.value(name));
        // What is known of the caller is read anew every few seconds: the second look is without that.
        let (_, first) = counted(who.request(operation.method.clone(), &path)).await;
        let (answer, second) = counted(who.request(operation.method.clone(), &path)).await;
        let statements = first.min(second);
        assert_eq!(answer.status, 200, "{}: {answer:?}", operation.id);
        readings.insert(operation.id, (statements, answer.body["paging"]["total"].as_u64()));
    }
    readings
}
