use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence, Proof};

use super::kills::Stage;
use crate::{harness::Send, patience::until};

/// Whatever happens, the log tells of it without a key, an address of somebody, or anything that was sent.
#[tokio::test]
async fn what_payments_leave_in_the_log_betrays_nothing() {
    let (stage, program) = Stage::set().await;
    stage.provider.fail(Faults::next(1, Fault::Status(400, None)));
    stage.order(&program).answer().await.expect(502);
    stage.provider.fail(Faults::next(1, Fault::BadJson));
    stage.order(&program).answer().await.expect(502);
    stage.provider.fail(Faults::next(1, Fault::Status(500, None)));
    let payment = stage.order(&program).answer().await.expect(201);
    let request = payment["external_id"].as_str().unwrap();
    let once =
        |signed, token, event: Event| Occurrence { signed, token, attempts: 1, ..event.into() };
    for occurrence in [
        once(Proof::Wrong, Proof::None, Event::CardPaid),
        once(Proof::None, Proof::Wrong, Event::CardPaid),
        Occurrence {
            status: Some("odd".to_owned()),
            ..once(Proof::Right, Proof::None, Event::CryptoPaid)
        },
        Occurrence {
            status: Some("approved".to_owned()),
            ..once(Proof::None, Proof::None, Event::CardPaid)
        },
    ] {
        stage.provider.happens(request, &occurrence).await.unwrap();
    }
    stage.pays(&payment).await;
    stage.provider.happens(request, &Event::Expired.into()).await.unwrap();
    until(async || {
        let messages = stage.site.inbox.messages();
        messages.iter().any(|mail| mail.subject.contains("payment confirmed"))
    })
    .await;

    let log = program.log();
    assert!(log.iter().any(|line| line.contains("/payment_requests")), "{log:#?}");
    let questions: Vec<_> =
        log.iter().filter(|line| line.contains("/payment_requests/{id}")).collect();
    assert!(!questions.is_empty(), "{log:#?}");
    let payment = payment["id"].as_str().unwrap();
    assert!(questions.iter().all(|line| line.contains(payment)), "{questions:#?}");
    for secret in [
        "sk_test_0123456789",
        "eve@people.example",
        "redirect_urls",
        "notification_url",
        "event_type",
        "products_snapshot",
        "checkout_v2_url",
        "Authorization",
    ] {
        let said = log.iter().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
        assert_eq!(said, None, "{secret}");
    }
    // Nor the token that vouches for notices.
    let notified = stage.provider.calls()[0].body["notification_url"].clone();
    let token = notified.as_str().unwrap().split("token=").nth(1).unwrap().to_owned();
    assert!(log.iter().all(|line| !line.contains(&token)));
    program.kill();
}
