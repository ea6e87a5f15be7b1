//! The data of one account, and its deletion.

use domain::{Buyer, CartId, SignInId, VariantId};

use super::{MINUTE, NOW, account_id, commit, look, pieces, waiting};
use crate::harness::contract;

contract!(x191_a_deleted_account_leaves_its_orders_and_nothing_else, async |db| {
    let order = waiting(&db).await;
    let id = account_id(1);
    let sign_in = SignInId::from_bits(1);
    let (of_account, session) = (id.clone(), sign_in.clone());
    commit!(db, tx => async {
        tx.sign_ins().insert(&session, &of_account, "Firefox/1", NOW).await?;
        let cart = CartId::from_bits(7);
        tx.carts().of_account_or_create(&of_account, &cart, NOW).await?;
        tx.carts().set(&cart, &VariantId::from_bits(1), pieces(1), NOW).await?;
        tx.known_browsers().remember(&of_account, "browser", NOW).await
    });
    assert!(commit!(db, tx => async { tx.personal_data().erase(&account_id(1)).await }));
    assert!(look!(db, rows => rows.accounts().find(&id)).is_none());
    let kept = look!(db, rows => rows.orders().find(&order.names.id)).unwrap();
    let Buyer::Guest { email, phone } = kept.header.buyer else { panic!("{kept:?}") };
    assert_eq!((email.as_str(), phone.expose()), ("person1@example.com", "+447700900001"));
    assert!(look!(db, rows => rows.carts().find_of_account(&id)).is_none());
    assert!(!look!(db, rows => rows.known_browsers().is_known(&id, "browser", NOW - MINUTE)));
    assert!(!commit!(db, tx => async { tx.personal_data().erase(&account_id(1)).await }), "gone");
});

contract!(x190_a_copy_is_permitted_to_one_sign_in_for_a_while, async |db| {
    waiting(&db).await;
    for number in [1, 2] {
        let id = SignInId::from_bits(number);
        commit!(db, tx => async { tx.sign_ins().insert(&id, &account_id(1), "Firefox/1", NOW).await });
    }
    let permit = async |number| {
        let id = SignInId::from_bits(number);
        commit!(db, tx => async { tx.personal_data().permit_export(&id, NOW + MINUTE).await })
    };
    let may = async |number, now| {
        let id = SignInId::from_bits(number);
        look!(db, rows => rows.personal_data().may_export(&id, now))
    };
    assert!(!may(1, NOW).await);
    assert!(permit(1).await);
    assert!(!permit(3).await, "there is no such sign-in");
    assert!(may(1, NOW).await && !may(2, NOW).await && !may(1, NOW + MINUTE).await);
    let sign_ins = look!(db, rows => rows.personal_data().sign_ins(&account_id(1)));
    assert_eq!(sign_ins.len(), 2);
    assert_eq!(sign_ins[0].user_agent, "Firefox/1");
    assert!(look!(db, rows => rows.personal_data().devices(&account_id(1))).is_empty());
    assert!(look!(db, rows => rows.personal_data().messages(&account_id(1))).is_empty());
});
