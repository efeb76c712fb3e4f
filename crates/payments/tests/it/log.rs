use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use edgeos_payments::SimpleFiSettings;
use edgeos_ports::PaymentProvider;
use edgeos_testkit::simplefi::{Fault, Faults, SimpleFiServer};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{KEY, account, client, order, settings};

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn neither_log_nor_errors_tell_keys_addresses_or_bodies() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let _logged = tracing::subscriber::set_default(subscriber);

    let server = SimpleFiServer::start().await.unwrap();
    let attempt_timeout = Duration::from_millis(500);
    let client = client(SimpleFiSettings { attempt_timeout, ..settings(&server) });
    let id = client.create_payment_request(&account(), &order()).await.unwrap().external_id;
    let mut said = Vec::new();
    for fault in [
        Fault::Status(500, None),
        Fault::Status(401, None),
        Fault::Status(404, None),
        Fault::Reset,
        Fault::Timeout,
        Fault::BadJson,
        Fault::NoCheckoutUrl,
        Fault::CreatedStatus,
    ] {
        server.fail(Faults::next(1, fault.clone()));
        let created = client.create_payment_request(&account(), &order()).await;
        said.push(format!("{:?}", created.map(|created| created.status)));
        server.fail(Faults::next(1, fault));
        let state = client.payment_request(&account(), &id).await;
        said.push(format!("{:?}", state.map(|state| state.status)));
    }
    said.push(format!("{client:?}{:?}{:?}", account(), order()));

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("payment.id=\"00000000-0000-0000-0000-000000000005\""), "{logged}");
    assert!(logged.contains("path=\"/payment_requests/{id}\" status=401"), "{logged}");
    assert!(logged.contains("attempt=2"), "{logged}");
    let said = said.join("\n");
    for secret in [KEY, "ann@example.com", "Money T2", "t0ken", "Week1", id.as_str()] {
        assert!(!logged.contains(secret), "{secret}: {logged}");
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}
