//! How mail leaves.

use chrono::TimeDelta;
use serde_json::json;

use super::{ANOTHER, forgot, reset};
use crate::support::{MailServer, Manner, PASSWORD, TestApp, api_test};

fn ann_forgets(app: &TestApp) {
    app.customer("ann");
    app.mails();
    forgot(app, "ann@example.com").expect(202);
}

api_test!(a_mail_goes_to_the_server_as_plain_text_and_as_html, |app| {
    let server = MailServer::start();
    ann_forgets(app);
    app.deliver(&server.outbox());
    app.deliver(&server.outbox());
    let received = server.received();
    assert_eq!(received.len(), 1);
    let mail = &received[0];
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ann@example.com", "Choose a new password for Test shop"));
    for part in ["multipart/alternative", "text/plain", "text/html", "Auto-Submitted: auto-generated"] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
    assert!(mail.message_id.starts_with("<job_") && mail.message_id.ends_with("@shop.example>"), "{}", mail.message_id);
    reset(app, &mail.token(), ANOTHER).expect(204);
});

api_test!(what_the_server_does_not_take_now_is_tried_again_later, |app| {
    let server = MailServer::start();
    server.behave(Manner::RefusesForNow);
    ann_forgets(app);
    app.deliver(&server.outbox());
    server.behave(Manner::Accepts);
    app.deliver(&server.outbox());
    assert!(server.received().is_empty(), "it waits a minute");
    app.shop.clock.advance(TimeDelta::seconds(76));
    app.deliver(&server.outbox());
    assert_eq!(server.received().len(), 1);
});

api_test!(a_lost_answer_repeats_the_mail_with_its_id_and_another_token, |app| {
    let server = MailServer::start();
    server.behave(Manner::HangsUp);
    ann_forgets(app);
    app.deliver(&server.outbox());
    server.behave(Manner::Accepts);
    app.shop.clock.advance(TimeDelta::seconds(76));
    app.deliver(&server.outbox());
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].message_id, received[1].message_id);
    assert_ne!(received[0].token(), received[1].token());
    reset(app, &received[0].token(), ANOTHER).problem(422, "unusable_token");
    reset(app, &received[1].token(), ANOTHER).expect(204);
});

api_test!(what_the_server_refuses_for_good_is_given_up, |app| {
    let server = MailServer::start();
    server.behave(Manner::RefusesForGood);
    ann_forgets(app);
    app.deliver(&server.outbox());
    let asked = server.connections();
    app.shop.clock.advance(TimeDelta::days(1));
    app.deliver(&server.outbox());
    assert_eq!(server.connections(), asked);
});

api_test!(many_who_deliver_at_once_send_each_mail_once, |app| {
    let server = MailServer::start();
    for number in 0..5 {
        app.customer(&format!("person-{number}"));
    }
    let outbox = server.outbox();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| app.deliver(&outbox));
        }
    });
    assert_eq!(server.received().len(), 5);
});

api_test!(a_mail_to_who_was_erased_is_not_sent, |app| {
    let ann = app.customer("ann");
    ann.delete("/api/v1/me").expect(204);
    assert!(app.mails().is_empty());
});

api_test!(neither_tokens_nor_addresses_stand_in_the_database, |app| {
    ann_forgets(app);
    let token = app.only_mail().token();
    for planted in [token.as_str(), "ann@example.com"] {
        assert_eq!(app.search(planted).1, Vec::<String>::new(), "{planted}");
    }
    reset(app, &token, ANOTHER).expect(204);
});

api_test!(a_mail_that_cannot_be_made_holds_up_nobody, |app| {
    let server = MailServer::start();
    let ann = app.customer("ann");
    let bob = app.customer("bob");
    // Ann's letter is Bob's: her key does not open it.
    app.database(|conn| {
        use cartwright::db::schema::mails;
        use diesel::prelude::*;
        let of = |who: &str| mails::table.filter(mails::owner_id.eq(who.to_owned()));
        let content: Option<Vec<u8>> = of(bob.id()).select(mails::content).first(conn)?;
        diesel::update(of(ann.id())).set(mails::content.eq(content)).execute(conn)?;
        Ok(())
    });
    app.deliver(&server.outbox());
    let received: Vec<String> = server.received().into_iter().map(|it| it.to).collect();
    assert_eq!(received, ["bob@example.com"]);
    app.shop.clock.advance(TimeDelta::days(4));
    app.deliver(&server.outbox());
    assert_eq!(server.received().len(), 1);
});

api_test!(an_address_that_no_mail_can_go_to_holds_up_nobody, |app| {
    let server = MailServer::start();
    for email in ["\u{b4}@example.com", "bob@example.com"] {
        let body = json!({"email": email, "password": PASSWORD});
        app.guest().post("/api/v1/auth/register", &body).expect(201);
    }
    app.deliver(&server.outbox());
    let received: Vec<String> = server.received().into_iter().map(|it| it.to).collect();
    assert_eq!(received, ["bob@example.com"]);
});

#[cfg(feature = "faults")]
api_test!(a_process_that_dies_before_it_sends_loses_no_mail, |app| {
    let server = MailServer::start();
    ann_forgets(app);
    app.dies_delivering(&server, "mail-claimed");
    app.deliver(&server.outbox());
    assert!(server.received().is_empty(), "who took it may still be sending");
    app.shop.clock.advance(TimeDelta::minutes(3));
    app.deliver(&server.outbox());
    assert_eq!(server.received().len(), 1);
    reset(app, &server.received()[0].token(), ANOTHER).expect(204);
});

#[cfg(feature = "faults")]
api_test!(a_process_that_dies_after_it_sent_has_the_mail_repeated_with_its_id, |app| {
    let server = MailServer::start();
    ann_forgets(app);
    app.dies_delivering(&server, "mail-sent");
    assert_eq!(server.received().len(), 1);
    app.shop.clock.advance(TimeDelta::minutes(3));
    app.deliver(&server.outbox());
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].message_id, received[1].message_id);
    reset(app, &received[0].token(), ANOTHER).problem(422, "unusable_token");
    reset(app, &received[1].token(), ANOTHER).expect(204);
    app.shop.clock.advance(TimeDelta::days(1));
    app.deliver(&server.outbox());
    let of_this_mail = server.received().iter().filter(|it| it.message_id == received[0].message_id).count();
    assert_eq!(of_this_mail, 2);
});
