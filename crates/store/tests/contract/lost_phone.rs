//! Recovery codes, and changes that the merchant started.

use std::time::Duration;

use domain::{
    AccountId, EmailAddress, Language, PhoneChangeRequestId, PhoneNumber, Role, Secret, SignInId,
    Timestamp,
};
use futures::future::join_all;
use store::{Account, Db, PhoneChangeEnd, PhoneChangeRequest, RecoveryCodeSet};

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

fn sign_in(number: u128) -> SignInId {
    SignInId::from_bits(number)
}

async fn add(db: &Db, number: u128) {
    let account = Account {
        id: id(number),
        email: EmailAddress::parse(&format!("person{number}@example.com")).unwrap(),
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

/// Puts a set for the sign-in of the same number as its nonce.
async fn replace(db: &Db, account: u128, nonce: u128, digests: &'static [&'static str]) {
    let set = RecoveryCodeSet {
        account: id(account),
        key_id: "key".into(),
        nonce: Some(format!("{nonce:032x}")),
        sign_in: sign_in(nonce),
        shown_until: NOW + HOUR,
        created_at: NOW,
        saved_at: None,
    };
    let digests: Vec<_> = digests.iter().map(|digest| (*digest).to_owned()).collect();
    write!(db, tx => tx.recovery_codes().replace(&set, &digests));
}

async fn unused(db: &Db, account: u128) -> u64 {
    db.read().await.unwrap().recovery_codes().count_unused(&id(account)).await.unwrap()
}

contract!(a_recovery_code_is_used_once_by_its_account, async |db| {
    add(&db, 1).await;
    add(&db, 2).await;
    replace(&db, 1, 1, &["a", "b"]).await;
    let is_unused = async |account, digest: &'static str| {
        let mut connection = db.read().await.unwrap();
        connection.recovery_codes().is_unused(&id(account), digest).await.unwrap()
    };
    assert!(is_unused(1, "a").await);
    assert!(!is_unused(2, "a").await, "it is of another account");
    assert!(!is_unused(1, "c").await);
    assert!(!write!(db, tx => tx.recovery_codes().spend(&id(2), "a", NOW)));
    let spent = join_all((0..20).map(|_| {
        db.write(|tx| Box::pin(async move { tx.recovery_codes().spend(&id(1), "a", NOW).await }))
    }));
    let spent = spent.await.into_iter().filter(|one| matches!(one, Ok(true))).count();
    assert_eq!(spent, 1);
    assert_eq!((is_unused(1, "a").await, is_unused(1, "b").await), (false, true));
    assert_eq!(unused(&db, 1).await, 1);
    let was_spent = async |account, digest: &'static str, at| {
        let mut connection = db.read().await.unwrap();
        connection.recovery_codes().was_spent(&id(account), digest, at).await.unwrap()
    };
    assert!(was_spent(1, "a", NOW).await);
    assert!(!was_spent(1, "a", NOW + HOUR).await, "at another time");
    assert!(!was_spent(2, "a", NOW).await && !was_spent(1, "b", NOW).await);
});

contract!(what_a_code_began_is_found_by_its_time_until_it_ends, async |db| {
    add(&db, 1).await;
    add(&db, 2).await;
    for number in 1..=2 {
        write!(db, tx => tx.sign_ins().insert(&sign_in(number), &id(1), "browser", NOW));
    }
    write!(db, tx => tx.sign_ins().record_code(&sign_in(1), NOW));
    assert!(write!(db, tx => tx.sign_ins().step_up(&sign_in(1), &id(1), NOW + HOUR)));
    let found = async |account, at| {
        let mut connection = db.read().await.unwrap();
        connection.sign_ins().find_by_code(&id(account), at).await.unwrap()
    };
    let was_stepped_up = async |account, at| {
        let mut connection = db.read().await.unwrap();
        connection.sign_ins().was_stepped_up(&sign_in(1), &id(account), at).await.unwrap()
    };
    assert_eq!(found(1, NOW).await, Some(sign_in(1)));
    assert_eq!((found(1, NOW + HOUR).await, found(2, NOW).await), (None, None));
    assert!(was_stepped_up(1, NOW + HOUR).await);
    assert!(!was_stepped_up(1, NOW).await && !was_stepped_up(2, NOW + HOUR).await);
    assert!(write!(db, tx => tx.sign_ins().end(&sign_in(1), &id(1), NOW)));
    assert_eq!(found(1, NOW).await, None, "it has ended");
    assert!(!was_stepped_up(1, NOW + HOUR).await);
});

contract!(a_new_set_of_recovery_codes_replaces_the_old_one, async |db| {
    add(&db, 1).await;
    add(&db, 2).await;
    replace(&db, 1, 1, &["a", "b", "c"]).await;
    replace(&db, 2, 1, &["a", "b", "c"]).await;
    assert!(write!(db, tx => tx.recovery_codes().mark_saved(&id(1), &sign_in(1), NOW)));
    assert!(write!(db, tx => tx.recovery_codes().spend(&id(1), "a", NOW)));
    replace(&db, 1, 2, &["a", "d"]).await;
    let mut connection = db.read().await.unwrap();
    let set = connection.recovery_codes().find_set(&id(1)).await.unwrap().unwrap();
    assert_eq!((set.sign_in, set.saved_at), (sign_in(2), None));
    assert!(connection.recovery_codes().is_unused(&id(1), "a").await.unwrap(), "a new code");
    assert!(!connection.recovery_codes().is_unused(&id(1), "b").await.unwrap());
    drop(connection);
    assert_eq!((unused(&db, 1).await, unused(&db, 2).await), (2, 3));
});

contract!(of_two_sets_made_at_once_the_codes_of_one_remain, async |db| {
    add(&db, 1).await;
    let sets = (0..8).map(|number| {
        let set = RecoveryCodeSet {
            account: id(1),
            key_id: "key".into(),
            nonce: Some(format!("{number:032x}")),
            sign_in: sign_in(number),
            shown_until: NOW + HOUR,
            created_at: NOW,
            saved_at: None,
        };
        let digests: Vec<_> = (0..10).map(|code| format!("{number}/{code}")).collect();
        let db = db.clone();
        async move {
            store::transaction!(db, |tx| tx.recovery_codes().replace(&set, &digests).await).await
        }
    });
    for put in join_all(sets).await {
        put.unwrap();
    }
    assert_eq!(unused(&db, 1).await, 10);
    let mut connection = db.read().await.unwrap();
    let set = connection.recovery_codes().find_set(&id(1)).await.unwrap().unwrap();
    let number = u128::from_str_radix(&set.nonce.unwrap(), 16).unwrap();
    let first = format!("{number}/0");
    assert!(connection.recovery_codes().is_unused(&id(1), &first).await.unwrap());
});

contract!(what_recovery_codes_are_derived_from_is_forgotten, async |db| {
    add(&db, 1).await;
    let nonce = async || {
        let mut connection = db.read().await.unwrap();
        connection.recovery_codes().find_set(&id(1)).await.unwrap().unwrap().nonce
    };
    assert!(db.read().await.unwrap().recovery_codes().find_set(&id(1)).await.unwrap().is_none());
    replace(&db, 1, 1, &["a"]).await;
    let saved = async |number, now| write!(db, tx => tx.recovery_codes().mark_saved(&id(1), &sign_in(number), now));
    assert!(!saved(2, NOW).await, "another sign-in");
    assert!(!saved(1, NOW + HOUR).await, "too late");
    assert!(nonce().await.is_some());
    assert!(saved(1, NOW).await);
    assert!(!saved(1, NOW).await, "saved already");
    assert!(nonce().await.is_none());
    replace(&db, 1, 2, &["b"]).await;
    let before = NOW + Duration::from_secs(3599);
    assert_eq!(write!(db, tx => tx.recovery_codes().forget_nonces(before)), 0);
    assert_eq!(write!(db, tx => tx.recovery_codes().forget_nonces(NOW + HOUR)), 1);
    assert!(nonce().await.is_none());
    assert_eq!(unused(&db, 1).await, 1, "the codes themselves stay");
});

contract!(a_sign_in_knows_whether_it_began_with_a_code, async |db| {
    add(&db, 1).await;
    for number in 1..=2 {
        write!(db, tx => tx.sign_ins().insert(&sign_in(number), &id(1), "Browser", NOW));
    }
    write!(db, tx => tx.sign_ins().record_code(&sign_in(1), NOW));
    let was_given = async |number, account, after| {
        let mut connection = db.read().await.unwrap();
        connection.sign_ins().was_code_given(&sign_in(number), &id(account), after).await.unwrap()
    };
    let before = Timestamp::from_millis(NOW.as_millis() - 1);
    assert!(was_given(1, 1, before).await);
    assert!(!was_given(1, 1, NOW).await, "too long ago");
    assert!(!was_given(1, 2, before).await, "another account");
    assert!(!was_given(2, 1, before).await, "a trusted device");
    assert!(write!(db, tx => tx.sign_ins().end(&sign_in(1), &id(1), NOW)));
    assert!(!was_given(1, 1, before).await, "it has ended");
});

fn request(number: u128, account: u128) -> PhoneChangeRequest {
    PhoneChangeRequest {
        id: PhoneChangeRequestId::from_bits(number),
        account: id(account),
        started_by: id(2),
        started_at: NOW,
        ready_at: NOW + HOUR,
        expires_at: NOW + 2 * HOUR,
    }
}

contract!(an_account_has_one_open_change_of_phone, async |db| {
    add(&db, 1).await;
    add(&db, 2).await;
    let started = join_all((0..8).map(|number| {
        let (db, request) = (db.clone(), request(number, 1));
        async move {
            store::transaction!(db, |tx| tx.phone_change_requests().start(&request).await).await
        }
    }));
    let started = started.await.into_iter().filter(|one| matches!(one, Ok(true))).count();
    assert_eq!(started, 1);
    let mut rows = db.read().await.unwrap();
    let open = rows.phone_change_requests().find_open(&id(1), NOW).await.unwrap().unwrap();
    assert_eq!((open.started_by, open.ready_at), (id(2), NOW + HOUR));
    let over = NOW + 2 * HOUR;
    assert!(rows.phone_change_requests().find_open(&id(1), over).await.unwrap().is_none());
    assert!(rows.phone_change_requests().find_open(&id(2), NOW).await.unwrap().is_none());
    drop(rows);
    let permit =
        async |account, now| write!(db, tx => tx.phone_change_requests().permit(&id(account), now));
    assert!(!permit(1, NOW).await, "the wait is not over");
    assert!(!permit(2, NOW + HOUR).await, "another account");
    assert!(permit(1, NOW + HOUR).await);
    assert!(!permit(1, over).await, "its time is over");
    let mut rows = db.read().await.unwrap();
    let listed = rows.phone_change_requests().list_open(NOW).await.unwrap();
    assert_eq!(listed[0].email.as_str(), "person1@example.com");
    assert_eq!(listed[0].request.account, id(1));
    assert!(rows.phone_change_requests().list_open(over).await.unwrap().is_empty());
});

contract!(a_change_of_phone_is_cancelled_only_as_it_was_shown, async |db| {
    add(&db, 1).await;
    add(&db, 2).await;
    assert!(write!(db, tx => tx.phone_change_requests().start(&request(1, 1))));
    let cancel = async |account, started_at| write!(db, tx => tx.phone_change_requests().cancel(&id(account), started_at, NOW));
    assert!(!cancel(1, NOW + HOUR).await, "another request was shown");
    assert!(!cancel(2, NOW).await, "another account");
    assert!(cancel(1, NOW).await);
    assert!(!cancel(1, NOW).await, "it has ended");
});

contract!(a_change_of_phone_ends_once_and_says_how, async |db| {
    add(&db, 1).await;
    add(&db, 2).await;
    let start = async |number| {
        let request = request(number, 1);
        write!(db, tx => tx.phone_change_requests().start(&request))
    };
    let end = async |how| write!(db, tx => tx.phone_change_requests().end(&id(1), how, NOW));
    let was_stopped = async |after| {
        let mut rows = db.read().await.unwrap();
        rows.phone_change_requests().was_stopped(&id(1), after).await.unwrap()
    };
    let before = Timestamp::from_millis(NOW.as_millis() - 1);
    assert!(!end(PhoneChangeEnd::Merchant).await, "there is none");
    assert!(start(1).await);
    assert!(end(PhoneChangeEnd::Merchant).await);
    assert!(!end(PhoneChangeEnd::Merchant).await);
    assert!(!write!(db, tx => tx.phone_change_requests().permit(&id(1), NOW + HOUR)));
    assert!(!was_stopped(before).await, "not by the owner");
    assert!(start(2).await);
    assert!(end(PhoneChangeEnd::OldPhone).await);
    assert!(was_stopped(before).await);
    assert!(!was_stopped(NOW).await, "too long ago");
    assert!(start(3).await);
    let over = NOW + 2 * HOUR;
    assert_eq!(write!(db, tx => tx.phone_change_requests().end_expired(over)), 1);
    assert_eq!(write!(db, tx => tx.phone_change_requests().delete_old(over)), 2);
    assert_eq!(write!(db, tx => tx.phone_change_requests().delete_old(over + HOUR)), 1);
});
