//! E-mails to owners: confirming an address, and notices to confirmed ones.

use std::{sync::Arc, time::Duration};

use domain::{EmailAddress, Refusal};
use email::{Email, Mailer, ReceivedEmail, SendError};
use futures::future::BoxFuture;
use shop::{EmailState, MailServer, Visitor};
use test_support::secret_scan::register_secret;

use crate::{
    people::{PASSWORD, Person, form, recorded, refusal, signed_in},
    support::{TestShop, phone},
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const NEW: &str = "another horse battery";

/// The token of the newest link.
fn token(emails: &[ReceivedEmail]) -> String {
    let (_, rest) = emails[0].text.body.split_once("token=").unwrap();
    let token = rest.lines().next().unwrap().to_owned();
    register_secret(&*token);
    token
}

/// Sends what is due, and returns all e-mails, newest first.
async fn received(test: &TestShop) -> Vec<ReceivedEmail> {
    test.email_delivery().run_due().await.unwrap();
    test.mailbox.received()
}

async fn confirm(test: &TestShop, visitor: &Visitor) {
    test.emails().send_confirmation(visitor).await.unwrap();
    let token = token(&received(test).await);
    test.emails().confirm(visitor, &token).await.unwrap();
}

async fn change_password(test: &TestShop, visitor: &Visitor, from: &str, to: &str) {
    test.account().change_password(visitor, from.into(), to.into()).await.unwrap();
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_link_that_was_sent_to_it() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    assert_eq!(test.emails().state(&visitor).await.unwrap(), EmailState::Unconfirmed);
    test.emails().send_confirmation(&visitor).await.unwrap();
    let emails = received(&test).await;
    assert_eq!(emails.len(), 1);
    assert_eq!(emails[0].to, EmailAddress::parse(&person.email).unwrap());
    assert!(emails[0].text.body.contains("https://shop.example/account/email?token="));
    let token = token(&emails);
    test.emails().confirm(&visitor, &token).await.unwrap();
    assert_eq!(test.emails().state(&visitor).await.unwrap(), EmailState::Confirmed);
    assert_eq!(recorded(&test, "authn_email_confirmed").await, 1);
    test.emails().confirm(&visitor, &token).await.expect("a button that is pressed twice");
    assert_eq!(recorded(&test, "authn_email_confirmed").await, 1);
    assert_eq!(refusal(test.emails().send_confirmation(&visitor).await), Refusal::NotPossible);
}

#[tokio::test]
async fn x154_a_link_confirms_only_its_account_in_time_and_unchanged() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let other = Person::new(&test, 2).await.signed_in(&test).await;
    test.emails().send_confirmation(&visitor).await.unwrap();
    let token = token(&received(&test).await);
    let anonymous = test.visitor();
    assert_eq!(refusal(test.emails().confirm(&anonymous, &token).await), Refusal::SignInNeeded);
    let last = if token.ends_with('0') { "1" } else { "0" };
    let changed = format!("{}{last}", &token[..63]);
    let unknown = format!("{:032x}{}", 1, &token[32..]);
    for (visitor, token) in [
        (&other, token.as_str()),
        (&visitor, changed.as_str()),
        (&visitor, &unknown),
        (&visitor, &token[..32]),
        (&visitor, &token[..63]),
        (&visitor, ""),
        (&visitor, "é"),
        (&visitor, &format!("{token}0")),
    ] {
        assert_eq!(refusal(test.emails().confirm(visitor, token).await), Refusal::NotPossible);
    }
    test.clock.advance(HOUR);
    let visitor = person.signed_in(&test).await;
    assert_eq!(refusal(test.emails().confirm(&visitor, &token).await), Refusal::NotPossible);
    assert_eq!(test.emails().state(&visitor).await.unwrap(), EmailState::Unconfirmed);
}

#[tokio::test]
async fn s_a21_a_notice_goes_to_the_phone_and_to_a_confirmed_address_only() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    change_password(&test, &visitor, PASSWORD, NEW).await;
    assert!(received(&test).await.is_empty(), "nothing is promised to an unconfirmed address");
    confirm(&test, &visitor).await;
    change_password(&test, &visitor, NEW, PASSWORD).await;
    let emails = received(&test).await;
    assert_eq!(emails.len(), 2, "the link and the notice");
    assert_eq!(emails[0].text.subject, "About the security of your Marigold account");
    assert!(emails[0].text.body.contains("password of your Marigold account was changed"));
    assert_eq!(emails[0].to.as_str(), person.email);
}

#[tokio::test]
async fn x155_links_are_sent_three_times_an_hour_at_most() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    for _ in 0..3 {
        test.emails().send_confirmation(&visitor).await.unwrap();
    }
    let refused = test.emails().send_confirmation(&visitor).await;
    assert_eq!(refusal(refused), Refusal::TooMany { seconds: 3600 });
    assert_eq!(received(&test).await.len(), 3);
}

#[tokio::test]
async fn registration_asks_to_confirm_the_address() {
    let test = TestShop::new().await;
    let visitor = test.visitor();
    test.registration().begin(&visitor, form(1)).await.unwrap();
    assert!(received(&test).await.is_empty(), "nobody else makes the shop send e-mail");
    let code = test.last_code(&phone(1)).await;
    let sign_in = test.registration().verify(&visitor, &code).await.unwrap();
    let visitor = signed_in(&test, visitor, &sign_in).await.unwrap();
    let token = token(&received(&test).await);
    test.emails().confirm(&visitor, &token).await.unwrap();
}

/// Fails as often as it is told, and then accepts.
struct Unsteady {
    failures: std::sync::Mutex<Vec<SendError>>,
    accepted: std::sync::Mutex<Vec<String>>,
}

impl Mailer for Unsteady {
    fn send<'a>(&'a self, email: &'a Email) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            match self.failures.lock().unwrap().pop() {
                Some(error) => Err(error),
                None => {
                    self.accepted.lock().unwrap().push(email.id.to_string());
                    Ok(())
                }
            }
        })
    }
}

#[tokio::test]
async fn x61_an_email_is_tried_again_with_growing_waits_until_it_is_sent() {
    let test = TestShop::new().await;
    let visitor = Person::new(&test, 1).await.signed_in(&test).await;
    let busy = || SendError::Retry("busy".into());
    let failures = std::sync::Mutex::new(vec![busy(), busy(), busy()]);
    let mailer = Arc::new(Unsteady { failures, accepted: std::sync::Mutex::default() });
    let confirmation_link = "https://shop.example/".to_owned();
    let shop = test.with_mail(MailServer { mailer: mailer.clone(), confirmation_link });
    shop.emails().send_confirmation(&visitor).await.unwrap();
    for wait in [30, 60, 120] {
        assert_eq!(shop.email_delivery().run_due().await.unwrap(), 1);
        test.clock.advance(Duration::from_secs(wait - 1));
        assert_eq!(shop.email_delivery().run_due().await.unwrap(), 0, "{wait}");
        test.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(shop.email_delivery().run_due().await.unwrap(), 1);
    assert_eq!(mailer.accepted.lock().unwrap().len(), 1);
    test.clock.advance(HOUR);
    assert_eq!(shop.email_delivery().run_due().await.unwrap(), 0);
}

#[tokio::test]
async fn a_refused_email_is_not_tried_again() {
    let test = TestShop::new().await;
    let visitor = Person::new(&test, 1).await.signed_in(&test).await;
    let failures = std::sync::Mutex::new(vec![SendError::Refused("no such mailbox".into())]);
    let mailer = Arc::new(Unsteady { failures, accepted: std::sync::Mutex::default() });
    let confirmation_link = "https://shop.example/".to_owned();
    let shop = test.with_mail(MailServer { mailer: mailer.clone(), confirmation_link });
    shop.emails().send_confirmation(&visitor).await.unwrap();
    assert_eq!(shop.email_delivery().run_due().await.unwrap(), 1);
    test.clock.advance(HOUR);
    assert_eq!(shop.email_delivery().run_due().await.unwrap(), 0);
    assert!(mailer.accepted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn x64_two_processes_send_each_email_once() {
    let test = TestShop::new().await;
    let other = test.another_process().await;
    for number in 1..=6 {
        let visitor = Person::new(&test, number).await.signed_in(&test).await;
        test.emails().send_confirmation(&visitor).await.unwrap();
    }
    let (mine, others) = (test.email_delivery(), other.email_delivery());
    let (here, there) = futures::join!(mine.run_due(), others.run_due());
    assert_eq!(here.unwrap() + there.unwrap(), 6);
    assert_eq!(test.mailbox.received().len(), 6);
}
