//! The outbox of e-mails, and confirmations of addresses.

use std::time::Duration;

use domain::{
    AccountId, EmailAddress, EmailConfirmationId, EmailId, EmailKind, Language, MessageKind,
    PhoneNumber, Role, Secret, Timestamp,
};
use futures::future::join_all;
use store::{Account, Db, EmailConfirmation, NewEmail};

use crate::harness::contract;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

/// Runs statements in one transaction: `write!(db, tx => tx.accounts().find(&id))`.
macro_rules! write {
    ($db:expr, $tx:ident => $work:expr) => {
        store::transaction!($db, |$tx| $work.await).await.unwrap()
    };
}

fn id(number: u128) -> AccountId {
    AccountId::from_bits(number)
}

fn address(number: u128) -> EmailAddress {
    EmailAddress::parse(&format!("person{number}@example.com")).unwrap()
}

async fn add(db: &Db, number: u128) {
    let account = Account {
        id: id(number),
        email: address(number),
        name: "A Person".into(),
        phone: PhoneNumber::from_e164(&format!("+447700900{number:03}")).unwrap(),
        phone_verified_at: NOW,
        password_hash: Secret::new("$argon2id$hash".into()),
        role: Role::Shopper,
        language: Language::English,
        created_at: NOW,
        disabled_at: None,
    };
    assert!(write!(db, tx => tx.accounts().insert(&account)));
}

async fn queue(db: &Db, number: u128, kind: EmailKind) {
    let email = NewEmail {
        id: EmailId::from_bits(number),
        kind,
        language: Language::German,
        to: address(1),
        account: Some(id(1)),
        confirmation: Some(EmailConfirmationId::from_bits(7)),
        withdrawal: None,
        created_at: NOW,
        expires_at: NOW + HOUR,
    };
    write!(db, tx => tx.emails().insert(&email));
}

contract!(an_email_is_claimed_once_and_again_when_its_lease_ends, async |db| {
    let kind = EmailKind::Notice(MessageKind::PhoneChanged);
    for number in 1..=3 {
        queue(&db, number, kind).await;
    }
    let claim = async |now: Timestamp| {
        let until = now + HOUR;
        write!(db, tx => tx.emails().claim(2, until, now))
    };
    let all = join_all((0..8).map(|_| claim(NOW))).await.concat();
    let mut ids: Vec<_> = all.iter().map(|email| email.new.id.clone()).collect();
    ids.sort();
    assert_eq!(ids, [1, 2, 3].map(EmailId::from_bits));
    let first = &all[0];
    assert_eq!((first.new.kind, first.new.language), (kind, Language::German));
    assert_eq!((first.new.to.clone(), first.attempts), (address(1), 1));
    assert_eq!(first.new.confirmation, Some(EmailConfirmationId::from_bits(7)));
    let again = claim(NOW + HOUR).await;
    assert_eq!((again.len(), again[0].attempts), (2, 2));
    let old = all.into_iter().find(|email| email.new.id == again[0].new.id).unwrap();
    assert!(!write!(db, tx => tx.emails().mark_sent(&old, NOW)), "its lease has ended");
});

contract!(an_email_is_sent_retried_or_failed_under_its_lease, async |db| {
    for number in 1..=3 {
        queue(&db, number, EmailKind::ConfirmAddress).await;
    }
    let found = async |number| {
        let mut rows = db.read().await.unwrap();
        rows.emails().find(&EmailId::from_bits(number)).await.unwrap().unwrap()
    };
    assert_eq!(found(1).await.new.kind, EmailKind::ConfirmAddress);
    let unclaimed = found(1).await;
    assert!(!write!(db, tx => tx.emails().mark_sent(&unclaimed, NOW)));
    let until = NOW + HOUR;
    let [first, second, third] =
        write!(db, tx => tx.emails().claim(9, until, NOW)).try_into().unwrap();
    let later = NOW + Duration::from_secs(30);
    assert!(write!(db, tx => tx.emails().mark_sent(&first, later)));
    assert!(write!(db, tx => tx.emails().retry(&second, later, "busy")));
    assert!(write!(db, tx => tx.emails().fail(&third, "no such mailbox")));
    assert_eq!((found(1).await.sent_at, found(1).await.failure), (Some(later), None));
    assert_eq!(found(2).await.failure.as_deref(), Some("busy"));
    assert_eq!(found(3).await.failure.as_deref(), Some("no such mailbox"));
    let claim = async |now: Timestamp| write!(db, tx => tx.emails().claim(9, until, now)).len();
    assert_eq!(claim(NOW).await, 0);
    assert_eq!(claim(later).await, 1, "the one to be tried again");
    assert_eq!(write!(db, tx => tx.emails().delete_old(NOW)), 0);
    assert_eq!(write!(db, tx => tx.emails().delete_old(later)), 2, "the others left the outbox");
});

contract!(an_address_is_confirmed_once_by_a_link_of_its_account, async |db| {
    add(&db, 1).await;
    add(&db, 2).await;
    let link = EmailConfirmationId::from_bits(5);
    let confirmation = EmailConfirmation {
        id: link.clone(),
        account: id(1),
        email: address(1),
        key_id: "key".into(),
        created_at: NOW,
        expires_at: NOW + HOUR,
    };
    write!(db, tx => tx.email_confirmations().insert(&confirmation));
    let mut rows = db.read().await.unwrap();
    let found = rows.email_confirmations().find(&link).await.unwrap().unwrap();
    assert_eq!((found.account, found.email, found.key_id), (id(1), address(1), "key".into()));
    let unknown = EmailConfirmationId::from_bits(6);
    assert!(rows.email_confirmations().find(&unknown).await.unwrap().is_none());
    assert!(rows.email_confirmations().confirmed_address(&id(1)).await.unwrap().is_none());
    drop(rows);
    let spend = async |account, now| {
        let link = link.clone();
        write!(db, tx => tx.email_confirmations().spend(&link, &id(account), now))
    };
    assert!(!spend(2, NOW).await, "a link of another account");
    assert!(!spend(1, NOW + HOUR).await, "too late");
    let spent = join_all((0..20).map(|_| spend(1, NOW))).await;
    assert_eq!(spent.into_iter().filter(|spent| *spent).count(), 1);
    let confirm = async |number| {
        let email = address(number);
        write!(db, tx => tx.email_confirmations().confirm(&id(1), &email, NOW))
    };
    assert!(!confirm(2).await, "the account has another address");
    assert!(confirm(1).await);
    assert!(!confirm(1).await, "confirmed already");
    let mut rows = db.read().await.unwrap();
    let confirmed = rows.email_confirmations().confirmed_address(&id(1)).await.unwrap();
    assert_eq!(confirmed, Some(address(1)));
    drop(rows);
    assert_eq!(write!(db, tx => tx.email_confirmations().delete_expired(NOW + HOUR)), 1);
});
