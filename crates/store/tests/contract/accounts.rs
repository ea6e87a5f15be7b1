//! Accounts, registrations, sessions, sign-ins, devices and permissions.

use std::time::Duration;

use domain::{
    AccountId, DeviceId, EmailAddress, Language, PermissionId, PhoneNumber, Role, Secret, SignInId,
    Timestamp,
};
use futures::future::join_all;
use store::{Account, Db, Device, Error, Permission, PermissionTo, Registration, SignInExpiry};

use crate::harness::contract;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

/// No sign-in has expired yet.
const FRESH: SignInExpiry =
    SignInExpiry { last_seen_at: Timestamp::from_millis(0), created_at: Timestamp::from_millis(0) };

/// Runs statements in one transaction: `write!(db, tx => tx.accounts().find(&id))`.
macro_rules! write {
    ($db:expr, $tx:ident => $work:expr) => {
        store::transaction!($db, |$tx| $work.await).await.unwrap()
    };
}

fn id(number: u128) -> AccountId {
    AccountId::from_bits(number)
}

fn phone(number: u128) -> PhoneNumber {
    PhoneNumber::from_e164(&format!("+447700900{number:03}")).unwrap()
}

fn account(number: u128) -> Account {
    Account {
        id: id(number),
        email: EmailAddress::parse(&format!("person{number}@example.com")).unwrap(),
        name: "A Person".into(),
        phone: phone(number),
        phone_verified_at: NOW,
        password_hash: Secret::new("$argon2id$hash".into()),
        role: Role::Shopper,
        language: Language::English,
        created_at: NOW,
        disabled_at: None,
    }
}

async fn add(db: &Db, account: Account) -> bool {
    write!(db, tx => tx.accounts().insert(&account))
}

async fn sign_in(db: &Db, number: u128, account: u128) -> SignInId {
    let (sign_in, account) = (SignInId::from_bits(number), id(account));
    let given = sign_in.clone();
    write!(db, tx => tx.sign_ins().insert(&given, &account, "Browser", NOW));
    sign_in
}

contract!(an_account_is_found_by_each_of_its_names, async |db| {
    assert!(add(&db, account(1)).await);
    let mut connection = db.read().await.unwrap();
    let by_id = connection.accounts().find(&id(1)).await.unwrap().unwrap();
    let by_email = connection.accounts().find_by_email(&account(1).email).await.unwrap().unwrap();
    let by_phone = connection.accounts().find_by_phone(&phone(1)).await.unwrap().unwrap();
    assert_eq!([by_email.id, by_phone.id], [id(1), id(1)]);
    assert_eq!(by_id.password_hash, account(1).password_hash);
    assert_eq!((by_id.role, by_id.phone_verified_at), (Role::Shopper, NOW));
    assert!(connection.accounts().find(&id(2)).await.unwrap().is_none());
});

contract!(a_disabled_account_is_found_only_where_it_may_be_disabled, async |db| {
    add(&db, account(1)).await;
    add(&db, Account { disabled_at: Some(NOW), ..account(2) }).await;
    let mut rows = db.read().await.unwrap();
    for (number, is_enabled) in [(1, true), (2, false)] {
        let Account { id, email, phone, .. } = account(number);
        let all = [
            rows.accounts().find(&id).await.unwrap(),
            rows.accounts().find_by_email(&email).await.unwrap(),
            rows.accounts().find_by_phone(&phone).await.unwrap(),
        ];
        assert!(all.iter().all(Option::is_some));
        let found = [
            rows.accounts().find_enabled(&id).await.unwrap(),
            rows.accounts().find_enabled_by_email(&email).await.unwrap(),
            rows.accounts().find_enabled_by_phone(&phone).await.unwrap(),
        ];
        assert_eq!(found.map(|found| found.is_some()), [is_enabled; 3], "account {number}");
    }
    for call in [
        rows.accounts().find_enabled(&id(9)).await,
        rows.accounts().find_enabled_by_email(&account(9).email).await,
        rows.accounts().find_enabled_by_phone(&phone(9)).await,
    ] {
        assert!(call.unwrap().is_none());
    }
});

contract!(an_address_and_a_phone_belong_to_one_account, async |db| {
    assert!(add(&db, account(1)).await);
    assert!(!add(&db, Account { email: account(1).email, ..account(2) }).await);
    assert!(!add(&db, Account { phone: phone(1), ..account(2) }).await);
    assert!(add(&db, account(2)).await);
    let mut connection = db.read().await.unwrap();
    let holders =
        connection.accounts().find_by_email_or_phone(&account(1).email, &phone(2)).await.unwrap();
    assert_eq!(holders.len(), 2);
    let holders =
        connection.accounts().find_by_email_or_phone(&account(1).email, &phone(1)).await.unwrap();
    assert_eq!(holders.len(), 1);
});

contract!(of_20_concurrent_accounts_with_one_address_one_is_added, async |db| {
    let all = join_all((1..=20).map(|number| {
        let account = Account { email: account(1).email, ..account(number) };
        add(&db, account)
    }))
    .await;
    assert_eq!(all.into_iter().filter(|added| *added).count(), 1);
});

contract!(a_phone_is_changed_only_from_the_current_one_to_a_free_one, async |db| {
    add(&db, account(1)).await;
    add(&db, account(2)).await;
    assert!(!write!(db, tx => tx.accounts().set_phone(&id(1), &phone(9), &phone(3), NOW)));
    assert!(!write!(db, tx => tx.accounts().set_phone(&id(1), &phone(1), &phone(2), NOW)));
    assert!(write!(db, tx => tx.accounts().set_phone(&id(1), &phone(1), &phone(3), NOW)));
    let mut connection = db.read().await.unwrap();
    let moved = connection.accounts().find_by_phone(&phone(3)).await.unwrap().unwrap();
    assert_eq!(moved.id, id(1));
});

contract!(of_two_accounts_that_change_to_one_phone_one_succeeds, async |db| {
    for number in 1..=10 {
        add(&db, account(number)).await;
    }
    let moves = (1..=10).map(|number| {
        db.write(move |tx| {
            Box::pin(async move {
                let accounts = &mut tx.accounts();
                let moved =
                    accounts.set_phone(&id(number), &phone(number), &phone(99), NOW).await?;
                if moved { Ok(()) } else { Err(Error::Busy) }
            })
        })
    });
    let moved = join_all(moves).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(moved, 1);
});

contract!(a_rehash_never_overwrites_a_changed_password, async |db| {
    add(&db, account(1)).await;
    let hash = |text: &str| Secret::new(text.to_owned());
    let (first, second, third) = (account(1).password_hash, hash("second"), hash("third"));
    let new = second.clone();
    assert!(write!(db, tx => tx.accounts().set_password(&id(1), &new)));
    let new = third.clone();
    assert!(!write!(db, tx => tx.accounts().replace_hash(&id(1), &first, &new)));
    assert!(write!(db, tx => tx.accounts().replace_hash(&id(1), &second, &third)));
    assert!(!write!(db, tx => tx.accounts().set_password(&id(7), &hash("x"))));
});

contract!(a_registration_is_taken_once_and_in_time, async |db| {
    for number in 1..=2 {
        let registration = Registration {
            account: id(number),
            email: account(1).email,
            name: "A Person".into(),
            phone: phone(1),
            password_hash: account(1).password_hash,
            language: Language::English,
            created_at: NOW,
            expires_at: NOW + HOUR,
        };
        write!(db, tx => tx.registrations().insert(&registration));
    }
    let late = NOW + HOUR;
    assert!(write!(db, tx => tx.registrations().take(&id(1), late)).is_none());
    let taken = join_all((0..20).map(|_| {
        db.write(|tx| Box::pin(async move { tx.registrations().take(&id(1), NOW).await }))
    }))
    .await;
    assert_eq!(taken.into_iter().filter(|one| matches!(one, Ok(Some(_)))).count(), 1);
    assert_eq!(write!(db, tx => tx.registrations().delete_expired(late)), 1);
});

contract!(a_registration_is_replaced_by_one_with_the_same_contacts_only, async |db| {
    let registration = Registration {
        account: id(1),
        email: account(1).email,
        name: "A Person".into(),
        phone: phone(1),
        password_hash: account(1).password_hash,
        language: Language::English,
        created_at: NOW,
        expires_at: NOW + HOUR,
    };
    let first = registration.clone();
    write!(db, tx => tx.registrations().insert(&first));
    let other_phone = Registration { phone: phone(2), ..registration.clone() };
    let other_email = Registration { email: account(2).email, ..registration.clone() };
    for other in [other_phone, other_email] {
        assert!(!write!(db, tx => tx.registrations().update(&id(1), &other)));
    }
    let corrected = Registration {
        name: "Robin".into(),
        password_hash: Secret::new("$argon2id$other".into()),
        ..registration
    };
    let other_account = corrected.clone();
    assert!(!write!(db, tx => tx.registrations().update(&id(2), &other_account)));
    assert!(write!(db, tx => tx.registrations().update(&id(1), &corrected)));
    let taken = write!(db, tx => tx.registrations().take(&id(1), NOW)).unwrap();
    assert_eq!((&*taken.name, &**taken.password_hash.expose()), ("Robin", "$argon2id$other"));
});

contract!(a_locked_account_is_changed_by_one_transaction_at_a_time, async |db| {
    assert!(add(&db, account(1)).await);
    let sign_in_after_the_others = |number: u128| {
        let db = db.clone();
        async move {
            store::transaction!(db, |tx| {
                tx.accounts().lock(&id(1)).await?;
                let before = tx.sign_ins().list(&id(1), FRESH).await?.len();
                let sign_in = SignInId::from_bits(number);
                tx.sign_ins().insert(&sign_in, &id(1), "Browser", NOW).await?;
                Ok::<_, Error>(before)
            })
            .await
        }
    };
    let all = join_all((1..=20).map(sign_in_after_the_others)).await;
    let mut seen: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..20).collect::<Vec<_>>(), "each saw those before it");
});

contract!(a_session_is_found_by_its_digest_until_it_expires, async |db| {
    let until = NOW + HOUR;
    assert!(write!(db, tx => tx.sessions().create("aa", "{}", until)));
    assert!(!write!(db, tx => tx.sessions().create("aa", "{}", until)));
    assert!(write!(db, tx => tx.sessions().save("aa", "{1}", until)));
    let mut connection = db.read().await.unwrap();
    let found = connection.sessions().load("aa", NOW).await.unwrap();
    assert_eq!(found, Some(("{1}".to_owned(), until)));
    assert_eq!(connection.sessions().load("aa", until).await.unwrap(), None);
    drop(connection);
    write!(db, tx => tx.sessions().delete("aa"));
    assert!(!write!(db, tx => tx.sessions().save("aa", "{2}", until)), "it stays deleted");
    write!(db, tx => tx.sessions().create("bb", "{}", until));
    assert_eq!(write!(db, tx => tx.sessions().delete_expired(until)), 1);
});

contract!(a_sign_in_is_over_when_it_is_expired_or_ended, async |db| {
    add(&db, account(1)).await;
    let first = sign_in(&db, 1, 1).await;
    let resume =
        async |stale| db.read().await.unwrap().sign_ins().resume(&first, stale).await.unwrap();
    let holder = resume(FRESH).await.unwrap();
    assert_eq!((holder.email, holder.role), (account(1).email, Role::Shopper));
    assert!(resume(SignInExpiry { last_seen_at: NOW, ..FRESH }).await.is_none());
    assert!(resume(SignInExpiry { created_at: NOW, ..FRESH }).await.is_none());

    let (one, two) = (first.clone(), first.clone());
    write!(db, tx => tx.sign_ins().touch(&one, NOW + HOUR));
    assert!(resume(SignInExpiry { last_seen_at: NOW, ..FRESH }).await.is_some());
    write!(db, tx => tx.sign_ins().touch(&two, NOW));
    assert!(
        resume(SignInExpiry { last_seen_at: NOW, ..FRESH }).await.is_some(),
        "last seen only moves forward"
    );

    let (one, two, three) = (first.clone(), first.clone(), first.clone());
    assert!(write!(db, tx => tx.sign_ins().step_up(&one, &id(1), NOW)));
    assert_eq!(resume(FRESH).await.unwrap().sign_in.stepped_up_at, Some(NOW));
    let spend = async |account: u128, after: Timestamp| {
        let one = first.clone();
        write!(db, tx => tx.sign_ins().spend_step_up(&one, &id(account), after))
    };
    assert!(!spend(1, NOW).await, "no longer fresh");
    assert!(!spend(2, NOW - HOUR).await, "not theirs to use");
    assert!(spend(1, NOW - HOUR).await);
    assert!(!spend(1, NOW - HOUR).await, "used once");
    assert_eq!(resume(FRESH).await.unwrap().sign_in.stepped_up_at, None);
    assert!(!write!(db, tx => tx.sign_ins().end(&two, &id(2), NOW)), "not theirs to end");
    assert!(write!(db, tx => tx.sign_ins().end(&three, &id(1), NOW)));
    assert!(resume(FRESH).await.is_none());
    let one = first.clone();
    assert!(!write!(db, tx => tx.sign_ins().step_up(&one, &id(1), NOW)));
});

contract!(x82_a_required_password_applies_to_every_sign_in_until_it_is_given, async |db| {
    add(&db, account(1)).await;
    add(&db, account(2)).await;
    let all = [sign_in(&db, 1, 1).await, sign_in(&db, 2, 1).await, sign_in(&db, 3, 2).await];
    let needs = async || {
        let mut rows = db.read().await.unwrap();
        let mut found = Vec::new();
        for id in &all {
            found.push(rows.sign_ins().is_password_required(id).await.unwrap());
        }
        found
    };
    assert_eq!(needs().await, [false, false, false]);
    write!(db, tx => tx.sign_ins().require_password(&id(1), NOW));
    assert_eq!(needs().await, [true, true, false]);
    let first = all[0].clone();
    write!(db, tx => tx.sign_ins().clear_password_required(&first));
    assert_eq!(needs().await, [false, true, false]);
});

contract!(others_are_ended_or_all, async |db| {
    add(&db, account(1)).await;
    add(&db, account(2)).await;
    let mine = [sign_in(&db, 1, 1).await, sign_in(&db, 2, 1).await, sign_in(&db, 3, 1).await];
    sign_in(&db, 4, 2).await;
    let count = async |account| {
        db.read().await.unwrap().sign_ins().list(&id(account), FRESH).await.unwrap().len()
    };
    assert_eq!(count(1).await, 3);
    let kept = mine[1].clone();
    assert_eq!(write!(db, tx => tx.sign_ins().end_others(&id(1), &kept, NOW)), 2);
    assert_eq!(count(1).await, 1);
    assert_eq!(write!(db, tx => tx.sign_ins().end_all(&id(1), NOW)), 1);
    assert_eq!((count(1).await, count(2).await), (0, 1));
    assert_eq!(write!(db, tx => tx.sign_ins().delete_old(NOW)), 4);
});

contract!(a_device_token_is_rotated_by_one_of_concurrent_requests, async |db| {
    add(&db, account(1)).await;
    add(&db, account(2)).await;
    let device = Device {
        id: DeviceId::from_bits(1),
        account: id(1),
        user_agent: "Browser".into(),
        created_at: NOW,
        last_used_at: NOW,
        expires_at: NOW + HOUR,
    };
    write!(db, tx => tx.devices().insert(&device, "old"));
    let is_trusted = async |token: &'static str, account: u128, now| {
        let mut connection = db.read().await.unwrap();
        connection.devices().is_trusted(token, &id(account), now).await.unwrap()
    };
    assert!(is_trusted("old", 1, NOW).await);
    assert!(!is_trusted("old", 2, NOW).await, "it is bound to its account");
    assert!(!is_trusted("old", 1, NOW + HOUR).await, "its time is over");
    assert!(!write!(db, tx => tx.devices().rotate("old", &id(2), "new", NOW)));

    let rotated = join_all((0..20).map(|number| {
        db.write(move |tx| {
            Box::pin(async move {
                tx.devices().rotate("old", &id(1), &format!("new{number}"), NOW).await
            })
        })
    }))
    .await;
    assert_eq!(rotated.into_iter().filter(|one| matches!(one, Ok(true))).count(), 1);
    assert!(!is_trusted("old", 1, NOW).await);
});

contract!(a_device_is_revoked_by_its_owner_only, async |db| {
    add(&db, account(1)).await;
    add(&db, account(2)).await;
    for number in 1..=3 {
        let device = Device {
            id: DeviceId::from_bits(number),
            account: id(1),
            user_agent: "Browser".into(),
            created_at: NOW,
            last_used_at: NOW,
            expires_at: NOW + HOUR,
        };
        write!(db, tx => tx.devices().insert(&device, &format!("token{number}")));
    }
    let count =
        async |now| db.read().await.unwrap().devices().list(&id(1), now).await.unwrap().len();
    assert_eq!((count(NOW).await, count(NOW + HOUR).await), (3, 0));
    let device = DeviceId::from_bits(1);
    assert!(!write!(db, tx => tx.devices().revoke(&device, &id(2), NOW)));
    let device = DeviceId::from_bits(1);
    assert!(write!(db, tx => tx.devices().revoke(&device, &id(1), NOW)));
    assert_eq!(count(NOW).await, 2);
    assert_eq!(write!(db, tx => tx.devices().revoke_all(&id(1), NOW)), 2);
    assert_eq!(count(NOW).await, 0);
    assert_eq!(write!(db, tx => tx.devices().delete_expired(NOW)), 3);
});

contract!(a_permission_is_used_once_in_its_browser_and_in_time, async |db| {
    add(&db, account(1)).await;
    add(&db, account(2)).await;
    let kinds = [PermissionTo::SetPassword, PermissionTo::SetPhone];
    for (to, other) in kinds.into_iter().zip(kinds.into_iter().rev()) {
        let grant = async |number| {
            let permission = Permission {
                id: PermissionId::from_bits(number),
                to,
                account: id(1),
                browser_digest: "mine".into(),
                created_at: NOW,
                expires_at: NOW + HOUR,
            };
            write!(db, tx => tx.permissions().insert(&permission));
        };
        let holder = async |to, browser: &'static str, now| {
            db.read().await.unwrap().permissions().find(to, browser, now).await.unwrap()
        };
        let spend = async |to, browser: &'static str, account, now| write!(db, tx => tx.permissions().spend(to, browser, &id(account), now));
        grant(1).await;
        assert_eq!(holder(to, "mine", NOW).await, Some(id(1)));
        assert_eq!(holder(to, "another", NOW).await, None);
        assert_eq!(holder(to, "mine", NOW + HOUR).await, None);
        assert_eq!(holder(other, "mine", NOW).await, None, "it permits nothing else");
        assert!(!spend(to, "another", 1, NOW).await, "it belongs to one browser");
        assert!(!spend(to, "mine", 2, NOW).await, "and to one account");
        assert!(!spend(to, "mine", 1, NOW + HOUR).await);
        assert!(!spend(other, "mine", 1, NOW).await);

        let spent = join_all((0..20).map(|_| spend(to, "mine", 1, NOW))).await;
        assert_eq!(spent.into_iter().filter(|spent| *spent).count(), 1);
        assert_eq!(holder(to, "mine", NOW).await, None);

        grant(2).await;
        assert_eq!(write!(db, tx => tx.permissions().revoke_all(other, &id(1), NOW)), 0);
        assert_eq!(write!(db, tx => tx.permissions().revoke_all(to, &id(1), NOW)), 1);
        assert_eq!(holder(to, "mine", NOW).await, None);
        assert_eq!(write!(db, tx => tx.permissions().delete_expired(NOW)), 0);
        assert_eq!(write!(db, tx => tx.permissions().delete_expired(NOW + HOUR)), 2);
    }
});

contract!(messages_to_an_account_use_its_latest_language, async |db: Db| {
    add(&db, account(1)).await;
    let german = Language::German;
    assert!(write!(db, tx => tx.accounts().set_language(&id(1), german)));
    assert!(!write!(db, tx => tx.accounts().set_language(&id(1), german)), "it is that already");
    let found = db.read().await.unwrap().accounts().find(&id(1)).await.unwrap();
    assert_eq!(found.unwrap().language, german);
});

contract!(a_browser_is_known_from_its_last_sign_in_until_it_is_forgotten, async |db| {
    for number in [1, 2] {
        assert!(add(&db, account(number)).await);
    }
    for (account, browser, at) in [(1, "b1", NOW), (1, "b2", NOW), (2, "b1", NOW)] {
        write!(db, tx => tx.known_browsers().remember(&id(account), browser, at));
    }
    write!(db, tx => tx.known_browsers().remember(&id(1), "b1", NOW + HOUR));
    let is_known = async |account: u128, browser: &str, after: Timestamp| {
        let mut connection = db.read().await.unwrap();
        connection.known_browsers().is_known(&id(account), browser, after).await.unwrap()
    };
    for (account, browser, after, expected) in [
        (1, "b1", NOW, true),
        (1, "b1", NOW + HOUR, false),
        (1, "b2", NOW - HOUR, true),
        (1, "b2", NOW, false),
        (2, "b2", NOW - HOUR, false),
        (3, "b1", NOW - HOUR, false),
    ] {
        assert_eq!(is_known(account, browser, after).await, expected, "{account} {browser}");
    }
    assert_eq!(write!(db, tx => tx.known_browsers().forget_others(&id(1), "b2")), 1);
    assert!(!is_known(1, "b1", NOW - HOUR).await && is_known(1, "b2", NOW - HOUR).await);
    assert_eq!(write!(db, tx => tx.known_browsers().delete_old(NOW)), 2);
    assert!(!is_known(2, "b1", NOW - HOUR).await);
});

contract!(s_s03_the_oldest_sign_ins_beyond_a_number_are_displaced, async |db| {
    for number in [1, 2] {
        assert!(add(&db, account(number)).await);
    }
    let later = |minutes: u64| NOW + Duration::from_secs(60 * minutes);
    for number in 1..=5 {
        let (sign_in, at) = (SignInId::from_bits(number), later(number as u64));
        write!(db, tx => tx.sign_ins().insert(&sign_in, &id(1), "Browser", at));
    }
    sign_in(&db, 9, 2).await;
    let displace = async |kept: u128, max: u32| {
        let kept = SignInId::from_bits(kept);
        write!(db, tx => tx.sign_ins().displace_oldest(&id(1), &kept, max, FRESH, later(9)))
    };
    assert_eq!(displace(5, 5).await, 0);
    assert_eq!(displace(5, 3).await, 2, "the two oldest");
    assert_eq!(displace(3, 1).await, 2, "but never the new one");
    let mut rows = db.read().await.unwrap();
    let left = rows.sign_ins().list(&id(1), FRESH).await.unwrap();
    assert_eq!(left.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [SignInId::from_bits(3)]);
    assert_eq!(rows.sign_ins().list(&id(2), FRESH).await.unwrap().len(), 1);
    for (after, expected) in [(NOW, 4), (later(2), 2), (later(5), 0)] {
        let displaced = rows.sign_ins().list_displaced(&id(1), after).await.unwrap();
        assert_eq!(displaced.len(), expected);
    }
    assert!(rows.sign_ins().list_displaced(&id(2), NOW - HOUR).await.unwrap().is_empty());
});
