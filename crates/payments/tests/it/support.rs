use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use edgeos_domain::{ApplicationId, AttendeeId, HttpUrl, PaymentId, ProductId};
use edgeos_payments::{SimpleFi, SimpleFiSettings};
use edgeos_ports::{
    Environment, NewPaymentRequest, PaymentReference, PaymentSubject, ProviderAccount,
    ReferencedProduct,
};
use edgeos_testkit::simplefi::SimpleFiServer;
use uuid::Uuid;

pub(crate) const KEY: &str = "sk_test_4242";

/// A world in which nothing happens by chance.
pub(crate) struct Fixed;

impl Environment for Fixed {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// The usual settings, but without pauses.
pub(crate) fn settings(server: &SimpleFiServer) -> SimpleFiSettings {
    let pauses = vec![Duration::ZERO; 2];
    SimpleFiSettings { pauses, ..SimpleFiSettings::new(server.url().parse().unwrap()) }
}

pub(crate) fn client(settings: SimpleFiSettings) -> SimpleFi {
    SimpleFi::new(settings, Arc::new(Fixed)).unwrap()
}

pub(crate) fn account() -> ProviderAccount {
    ProviderAccount::new(KEY).unwrap()
}

pub(crate) fn url(text: &str) -> HttpUrl {
    HttpUrl::parse(text, 500).unwrap()
}

/// An order of 473.00.
pub(crate) fn order() -> NewPaymentRequest {
    let line = |name: &str, number| ReferencedProduct {
        product: ProductId(Uuid::from_u128(number)),
        name: name.to_owned(),
        quantity: 1,
        attendee: AttendeeId(Uuid::from_u128(9)),
    };
    NewPaymentRequest {
        payment: PaymentId(Uuid::from_u128(5)),
        amount: "473.00".parse().unwrap(),
        currency: "USD".to_owned(),
        reference: PaymentReference {
            email: "ann@example.com".to_owned(),
            application: ApplicationId(Uuid::from_u128(6)),
            subject: PaymentSubject::Products(vec![line("Week1", 1), line("Shirt", 2)]),
        },
        memo: "Money T2".to_owned(),
        notification_url: url(
            "http://localhost:8000/api/v1/payments/webhook/simplefi?payment_id=5&token=t0ken",
        ),
        success_url: url(
            "http://money-t2.localhost:3000/portal/pop-one/passes/buy?checkout=success",
        ),
        cancel_url: url("http://money-t2.localhost:3000/portal/pop-one/passes/buy"),
    }
}
