use super::*;

#[tokio::test]
async fn a_mail_goes_out_once_in_the_name_of_its_tenant() {
    let fake = Fake::new();
    fake.world().tenant.sender_name = Some("Edge Team".to_owned());
    fake.world().tenant.logo_url = Some("https://cdn.example/logo.png".to_owned());
    fake.queue("application_received", |_| {});

    let report = fake.run().await;
    assert_eq!(report, DeliveryReport { claimed: 1, sent: 1, ..DeliveryReport::default() });
    assert_eq!(fake.run().await, DeliveryReport::default());

    let world = fake.world();
    let (to, sender, mail) = &world.sent[0];
    assert_eq!((to.as_str(), mail.subject.as_str()), ("ann@x.example", "application_received"));
    assert_eq!(sender.from.name.as_deref(), Some("Edge Team"));
    assert_eq!(sender.from.address, "noreply@edgeos.example");
    let frame = MailFrame {
        name: "Edge City".to_owned(),
        logo_url: Some("https://cdn.example/logo.png".to_owned()),
        link: "http://edge.localhost:3000".to_owned(),
        project_name: "EdgeOS".to_owned(),
        current_year: 1970,
    };
    assert_eq!(world.frames, [frame]);
    assert_eq!(world.rows[0].state, "sent");
}

#[rstest]
#[case(None, "EdgeOS")]
#[case(Some(TENANT), "Edge City")]
#[tokio::test]
async fn a_user_is_led_to_the_backoffice(#[case] of: Option<TenantId>, #[case] name: &str) {
    let fake = Fake::new();
    fake.queue("login_code_user", |mail| mail.tenant = of);
    assert_eq!(fake.run().await.sent, 1);
    let world = fake.world();
    assert_eq!(world.frames[0].name, name);
    assert_eq!(world.frames[0].link, "http://localhost:5173");
}

#[tokio::test]
async fn a_mail_that_is_put_off_comes_back_later_and_later_until_it_is_dead() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    for seconds in [10, 60, 5 * 60, 30 * 60, 2 * 60 * 60, 6 * 60 * 60] {
        fake.answer(busy());
        assert_eq!(fake.run().await.retried, 1);
        fake.wait(TimeDelta::seconds(seconds - 1));
        assert_eq!(fake.run().await.claimed, 0, "too early after {seconds} s");
        fake.wait(TimeDelta::seconds(1));
    }
    fake.answer(busy());
    assert_eq!(fake.run().await.dead, 1);
    assert_eq!(fake.world().rows[0].error.as_deref(), Some("busy"));
    assert_eq!(fake.world().rows[0].mail.attempts, 7);
}

#[tokio::test]
async fn a_mail_that_was_put_off_goes_out_when_the_server_is_back() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    fake.answer(busy());
    fake.run().await;
    fake.wait(TimeDelta::seconds(10));
    assert_eq!(fake.run().await.sent, 1);
    assert_eq!(fake.world().sent.len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_is_dead_at_once() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    fake.answer(SendError::Permanent("refused (550)".to_owned()));
    assert_eq!(fake.run().await.dead, 1);
    assert_eq!(fake.world().rows[0].error.as_deref(), Some("refused (550)"));
}

#[rstest]
#[case("abandoned_cart", "the template abandoned_cart fails")]
#[case("greetings", "there is no such template")]
#[tokio::test]
async fn a_mail_without_words_is_dead(#[case] template: &str, #[case] error: &str) {
    let fake = Fake::new();
    fake.queue(template, |_| {});
    assert_eq!(fake.run().await.dead, 1);
    assert_eq!(fake.world().rows[0].error.as_deref(), Some(error));
}

#[tokio::test]
async fn a_code_that_is_over_is_not_sent() {
    let fake = Fake::new();
    let end = DateTime::UNIX_EPOCH + TimeDelta::minutes(15);
    fake.queue("login_code_human", |mail| mail.not_after = Some(end));
    fake.wait(TimeDelta::minutes(15));
    assert_eq!(fake.run().await.expired, 1);
    assert!(fake.world().sent.is_empty());
}

#[tokio::test]
async fn a_code_that_would_be_over_at_the_next_attempt_is_given_up_now() {
    let fake = Fake::new();
    let end = DateTime::UNIX_EPOCH + TimeDelta::seconds(10);
    fake.queue("login_code_human", |mail| mail.not_after = Some(end));
    fake.answer(busy());
    assert_eq!(fake.run().await.expired, 1);
    assert_eq!(fake.state(), "expired");
}

#[tokio::test]
async fn nothing_is_sent_about_what_is_deleted() {
    let fake = Fake::new();
    fake.queue("application_received", |mail| {
        mail.popup_id = Some(PopupId(Uuid::from_u128(3)));
        mail.popup_deleted = true;
    });
    assert_eq!(fake.run().await.expired, 1);

    let fake = Fake::new();
    fake.world().tenant.deleted = true;
    fake.queue("application_received", |_| {});
    assert_eq!(fake.run().await.expired, 1);
    assert!(fake.world().sent.is_empty());
}

#[tokio::test]
async fn a_mail_of_a_worker_that_died_is_taken_over_when_the_lease_ends() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    let taken = fake.claim(false, 1);
    assert_eq!(fake.run().await.claimed, 0);
    fake.wait(MAIL_LEASE);
    assert_eq!(fake.run().await.sent, 1);
    let late = MailOutcome::Dead { error: "late".to_owned() };
    assert!(!fake.settle(taken[0].lease, &late));
    assert_eq!(fake.state(), "sent");
}

#[tokio::test]
async fn whoever_lost_the_lease_settles_nothing() {
    let fake = Fake::new();
    fake.world().rival = true;
    fake.queue("application_received", |_| {});
    let report = fake.run().await;
    assert_eq!(report, DeliveryReport { claimed: 1, unsettled: 1, ..DeliveryReport::default() });
    assert_eq!(fake.state(), "queued");
}

#[tokio::test]
async fn a_round_takes_no_more_than_it_can_send_within_the_lease() {
    let fake = Fake::new();
    for number in 0..10 {
        let id = MailId(Uuid::from_u128(100 + number));
        let template = if number < 5 { "application_received" } else { "login_code_user" };
        fake.queue(template, |mail| mail.lease.id = id);
    }
    assert_eq!(fake.run().await.sent, 8);
    let left = fake.world().rows.iter().filter(|row| row.state == "queued").count();
    assert_eq!(left, 2);
    // Somebody waits for a code: those went first.
    assert!(fake.world().rows.iter().all(|row| !row.of_user || row.state == "sent"));
    assert_eq!(fake.run().await.sent, 2);
}

#[tokio::test]
async fn a_tenant_with_many_mails_leaves_room_for_another() {
    let fake = Fake::new();
    fake.world().broken.push(TenantId(Uuid::from_u128(2)));
    for number in 0..10 {
        let id = MailId(Uuid::from_u128(100 + number));
        fake.queue("application_received", |mail| mail.lease.id = id);
    }
    // Half of a round for each.
    assert_eq!(fake.run().await.sent, 4);
}

/// The mail server is away for eight of the fifteen minutes that a code is good for.
#[tokio::test]
async fn a_code_arrives_when_the_mail_server_comes_back_in_time() {
    let fake = Fake::new();
    let end = DateTime::UNIX_EPOCH + TimeDelta::minutes(15);
    fake.queue("login_code_human", |mail| mail.not_after = Some(end));
    let mut seconds = 0;
    while fake.state() == "queued" {
        if seconds < 8 * 60 {
            fake.world().answers = VecDeque::from([Err(busy())]);
        } else {
            fake.world().answers.clear();
        }
        fake.run().await;
        fake.wait(TimeDelta::seconds(1));
        seconds += 1;
    }
    assert_eq!((fake.state(), fake.world().sent.len()), ("sent", 1));
    assert!(seconds <= 9 * 60 + 1, "only after {seconds} s");
}

#[tokio::test]
async fn a_code_is_tried_until_it_is_over() {
    let fake = Fake::new();
    let end = DateTime::UNIX_EPOCH + TimeDelta::minutes(15);
    fake.queue("login_code_human", |mail| mail.not_after = Some(end));
    fake.world().answers = (0..100).map(|_| Err(busy())).collect();
    while fake.state() == "queued" {
        fake.run().await;
        fake.wait(TimeDelta::seconds(1));
    }
    assert_eq!(fake.state(), "expired");
    let given_up = fake.world().now - DateTime::UNIX_EPOCH;
    assert!(given_up >= TimeDelta::minutes(14), "after {given_up}");
}

#[tokio::test]
async fn a_mail_that_outlasts_its_lease_is_left_to_the_next() {
    let fake = Fake::new();
    fake.world().composing = TimeDelta::seconds(26);
    fake.queue("application_received", |_| {});
    let report = fake.run().await;
    assert_eq!(report, DeliveryReport { claimed: 1, put_back: 1, ..DeliveryReport::default() });
    assert!(fake.world().sent.is_empty());
    fake.world().composing = TimeDelta::seconds(24);
    fake.wait(NEXT_TURN);
    assert_eq!(fake.run().await.sent, 1);
    assert_eq!(fake.world().rows[0].mail.attempts, 1, "the one that was made");
}

#[tokio::test]
async fn a_mail_that_cannot_be_composed_now_waits_its_turn_and_loses_no_attempt() {
    let fake = Fake::new();
    fake.world().busy = true;
    fake.queue("application_received", |_| {});
    for _ in 0..20 {
        assert_eq!(fake.run().await.put_back, 1);
        assert_eq!(fake.run().await.claimed, 0);
        fake.wait(NEXT_TURN);
    }
    fake.world().busy = false;
    assert_eq!(fake.run().await.sent, 1);
}

#[tokio::test]
async fn a_mail_that_ends_whoever_takes_it_is_taken_no_more() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    for _ in 0..7 {
        assert_eq!(fake.claim(false, 1).len(), 1);
        // The server died.
        fake.wait(MAIL_LEASE);
    }
    assert_eq!(fake.run().await.dead, 1);
    assert!(fake.world().sent.is_empty());
    assert!(fake.world().rows[0].error.as_deref().is_some_and(|told| told.contains("many times")));
}

#[tokio::test]
async fn a_mail_that_makes_the_server_fail_holds_up_no_other() {
    let fake = Fake::new();
    fake.queue("application_rejected", |mail| mail.lease.id = MailId(Uuid::from_u128(8)));
    fake.queue("application_received", |_| {});
    let report = fake.run().await;
    assert_eq!((report.retried, report.sent), (1, 1));
    assert!(fake.world().rows[0].error.as_deref().is_some_and(|told| told.contains("failed")));
}

#[tokio::test]
async fn a_tenant_whose_mail_cannot_be_taken_holds_up_no_other() {
    let fake = Fake::new();
    fake.world().broken.push(TenantId(Uuid::from_u128(2)));
    fake.queue("application_received", |_| {});
    assert_eq!(fake.run().await.sent, 1);
}

#[tokio::test]
async fn nobody_expects_a_mail_that_lay_for_a_week() {
    let fake = Fake::new();
    fake.queue("application_received", |mail| mail.stale = true);
    assert_eq!(fake.run().await.expired, 1);
    assert!(fake.world().sent.is_empty());
}

#[tokio::test]
async fn old_mails_are_cleared_away_everywhere() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    let upkeep = MailUpkeep::new(fake.clone(), Arc::new(fake.clone()));
    assert_eq!(upkeep.sweep_old().await.unwrap(), 3);
    assert_eq!(upkeep.expire().await.unwrap(), 7);
    // A tenant that can't be reached keeps no other's mail.
    fake.world().broken.push(TenantId(Uuid::from_u128(2)));
    assert_eq!(upkeep.sweep_old().await.unwrap(), 3);
    assert_eq!(upkeep.expire().await.unwrap(), 7);
}

#[tokio::test]
async fn words_that_fail_are_reported_and_the_mail_goes_out() {
    let fake = Fake::new();
    let id = EmailTemplateId(Uuid::nil());
    for html in ["fails", "works"] {
        let words = Some(TemplateWords { subject: None, html: html.to_owned() });
        let written_at = DateTime::UNIX_EPOCH;
        let custom = CustomTemplate { id, tenant: TENANT, written_at, words };
        fake.queue("application_received", |mail| mail.custom = Some(custom));
    }
    assert_eq!(fake.run().await.sent, 2);
    assert_eq!(fake.world().reports, [(id, "it fails".to_owned())]);
}

#[rstest]
#[case("payment_confirmed", 1)]
#[case("edit_passes_confirmed", 0)]
#[case("application_received", 0)]
#[tokio::test]
async fn files_are_made_when_the_mail_goes_and_hold_nothing_up(
    #[case] template: &str,
    #[case] files: usize,
) {
    let fake = Fake::new();
    fake.queue(template, |_| {});
    assert_eq!(fake.run().await.sent, 1);
    let world = fake.world();
    let (_, _, mail) = &world.sent[0];
    assert_eq!(mail.attachments.len(), files);
    // The words know of them.
    assert_eq!(mail.text.contains("[\"invoice.pdf\"]"), files > 0, "{}", mail.text);
}
