use edgeos_domain::HttpUrl;
use edgeos_payments::{SIGNATURE_HEADER, parse_event};
use edgeos_ports::{
    NewPaymentRequest, PaymentProvider, ProviderAccount, ProviderEvent, RequestStatus,
};
use edgeos_testkit::simplefi::{Event, Occurrence, Proof, SimpleFiServer};
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{KEY, account, client, order, settings};

/// An announcement as it arrived.
pub(crate) struct Announced {
    target: String,
    signature: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Somebody who is told.
pub(crate) struct Listener(TcpListener);

impl Listener {
    pub(crate) async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn url(&self) -> HttpUrl {
        let address = self.0.local_addr().unwrap();
        HttpUrl::parse(&format!("http://{address}/hook?payment_id=5&token=t0ken"), 500).unwrap()
    }

    /// Takes one announcement, and answers it with `status`.
    pub(crate) async fn hear(&self, status: u16) -> Announced {
        let (mut stream, _) = self.0.accept().await.unwrap();
        let mut text = Vec::new();
        let end = loop {
            stream.read_buf(&mut text).await.unwrap();
            if let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8(text[..end].to_vec()).unwrap();
        let header = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            let mut values = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
            values.next().map(|(_, value)| value.to_owned())
        };
        let length: usize = header("content-length").unwrap().parse().unwrap();
        while text.len() < end + length {
            stream.read_buf(&mut text).await.unwrap();
        }
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        let target = head.split(' ').nth(1).unwrap().to_owned();
        Announced { target, signature: header(SIGNATURE_HEADER), body: text[end..].to_vec() }
    }
}

/// A request whose announcements go to `listener`.
pub(crate) async fn request(server: &SimpleFiServer, listener: &Listener) -> String {
    let order = NewPaymentRequest { notification_url: listener.url(), ..order() };
    let created = client(settings(server)).create_payment_request(&account(), &order).await;
    created.unwrap().external_id
}

#[rstest]
#[case(Event::CardPaid, RequestStatus::Approved, "USD", Some("1"))]
#[case(Event::CryptoPaid, RequestStatus::Approved, "ETH", Some("2500.5"))]
#[case(Event::CryptoPartial, RequestStatus::Pending, "USD", None)]
#[case(Event::Declined, RequestStatus::Rejected, "USD", None)]
#[case(Event::Expired, RequestStatus::Expired, "USD", None)]
#[case(Event::Cancelled, RequestStatus::Cancelled, "USD", None)]
#[tokio::test]
async fn what_happens_to_a_payment_is_understood(
    #[case] event: Event,
    #[case] status: RequestStatus,
    #[case] currency: &str,
    #[case] rate: Option<&str>,
) {
    let (server, listener) = (SimpleFiServer::start().await.unwrap(), Listener::start().await);
    let id = request(&server, &listener).await;
    let occurrence = event.into();
    let (deliveries, announced) =
        tokio::join!(server.happens(&id, &occurrence), listener.hear(200));
    assert_eq!(deliveries.unwrap().len(), 1);
    assert_eq!(announced.target, "/hook?payment_id=5&token=t0ken");
    let Ok(ProviderEvent::Payment(event)) = parse_event(&announced.body) else {
        panic!("no payment")
    };
    assert_eq!((event.external_id, event.status), (id, status));
    let rate = rate.map(|rate| rate.parse().unwrap());
    assert_eq!((event.currency.as_str(), event.rate), (currency, rate));
}

#[tokio::test]
async fn a_plan_is_understood_from_its_start_to_its_end() {
    let (server, listener) = (SimpleFiServer::start().await.unwrap(), Listener::start().await);
    let id = request(&server, &listener).await;
    let mut plans = Vec::new();
    for event in
        [Event::PlanActivated, Event::InstallmentPaid, Event::PlanCompleted, Event::PlanCancelled]
    {
        let occurrence = event.into();
        let (_, announced) = tokio::join!(server.happens(&id, &occurrence), listener.hear(200));
        plans.push(match parse_event(&announced.body).unwrap() {
            ProviderEvent::PlanActivated { plan, installments: 3 }
            | ProviderEvent::PlanCompleted { plan, paid: 3 }
            | ProviderEvent::PlanCancelled { plan } => plan,
            ProviderEvent::Installment(paid) => {
                assert_eq!(paid.amount, Some("157.67".parse().unwrap()));
                let state = client(settings(&server))
                    .payment_request(&account(), &paid.external_id)
                    .await
                    .unwrap();
                assert_eq!((state.status, paid.status), (RequestStatus::Approved, paid.status));
                paid.plan
            }
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(plans, [plans[0].as_str(); 4]);
}

#[tokio::test]
async fn a_signature_counts_for_its_body_and_its_account_alone() {
    let (server, listener) = (SimpleFiServer::start().await.unwrap(), Listener::start().await);
    let id = request(&server, &listener).await;
    let client = client(settings(&server));
    let heard = async |signed| {
        let occurrence = Occurrence { signed, ..Event::CardPaid.into() };
        tokio::join!(server.happens(&id, &occurrence), listener.hear(200)).1
    };

    let Announced { body, signature, .. } = heard(Proof::Right).await;
    let signature = signature.unwrap();
    assert!(client.verify_signature(&account(), &body, &signature));
    assert!(!client.verify_signature(&account(), &body[1..], &signature));
    assert!(!client.verify_signature(&account(), &body, &signature.to_uppercase()));
    assert!(!client.verify_signature(&account(), &body, ""));
    let another = ProviderAccount::new(format!("{KEY}x")).unwrap();
    assert!(!client.verify_signature(&another, &body, &signature));

    let wrong = heard(Proof::Wrong).await;
    assert!(!client.verify_signature(&account(), &wrong.body, &wrong.signature.unwrap()));
    assert_eq!(heard(Proof::None).await.signature, None);
}

#[tokio::test]
async fn an_announcement_may_be_forged_repeated_and_come_late() {
    let (server, listener) = (SimpleFiServer::start().await.unwrap(), Listener::start().await);
    let id = request(&server, &listener).await;

    // Forged: the request is as it was.
    let forged = Occurrence {
        status: Some("approved".to_owned()),
        token: Proof::None,
        signed: Proof::None,
        ..Event::CardPaid.into()
    };
    let (_, announced) = tokio::join!(server.happens(&id, &forged), listener.hear(200));
    assert_eq!(announced.target, "/hook");
    let event = parse_event(&announced.body).unwrap();
    assert!(
        matches!(event, ProviderEvent::Payment(event) if event.status == RequestStatus::Approved)
    );
    let state = client(settings(&server)).payment_request(&account(), &id).await.unwrap();
    assert_eq!(state.status, RequestStatus::Pending);

    // Not taken, so it comes again; and twice, as it was ordered.
    let twice = Occurrence { times: 2, ..Event::CardPaid.into() };
    let hears = async {
        let statuses = [503, 200, 200];
        let mut bodies = Vec::new();
        for status in statuses {
            bodies.push(listener.hear(status).await.body);
        }
        bodies
    };
    let (deliveries, bodies) = tokio::join!(server.happens(&id, &twice), hears);
    let statuses: Vec<_> = deliveries.unwrap().iter().map(|delivery| delivery.status).collect();
    assert_eq!(statuses, [503, 200, 200]);
    assert!(bodies.iter().all(|body| *body == bodies[0]));

    // Late: what it tells is over by now.
    let late = Occurrence { status: Some("pending".to_owned()), ..Event::CryptoPartial.into() };
    let (_, announced) = tokio::join!(server.happens(&id, &late), listener.hear(200));
    let event = parse_event(&announced.body).unwrap();
    assert!(
        matches!(event, ProviderEvent::Payment(event) if event.status == RequestStatus::Pending)
    );
    let state = client(settings(&server)).payment_request(&account(), &id).await.unwrap();
    assert_eq!(state.status, RequestStatus::Approved);
}
