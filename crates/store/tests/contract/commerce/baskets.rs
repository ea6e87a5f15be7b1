//! Baskets and checkouts.

use domain::CartId;
use futures::future::join_all;

use super::{MINUTE, NOW, account, account_id, address, commit, look, pieces, product};
use crate::harness::contract;

contract!(an_account_has_one_basket_however_often_it_is_made, async |db| {
    account(&db, 1).await;
    let made = join_all((0..10).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let (id, owner) = (CartId::from_bits(number), account_id(1));
            commit!(db, tx => async { tx.carts().of_account_or_create(&owner, &id, NOW).await })
        })
    }))
    .await;
    let first = made[0].as_ref().unwrap().clone();
    assert!(made.iter().all(|one| *one.as_ref().unwrap() == first));
    assert!(!look!(db, rows => rows.carts().is_guest(&first)));
    assert!(!commit!(db, tx => tx.carts().lock_guest(&first, NOW)));
});

contract!(a_guests_basket_is_filled_changed_and_swept, async |db| {
    let (cup, bell) = (product(&db, 1, "Cup", 300, 5).await, product(&db, 2, "Bell", 200, 5).await);
    let id = CartId::from_bits(1);
    let (cart, later) = (id.clone(), NOW + MINUTE);
    commit!(db, tx => async {
        tx.carts().create(&cart, NOW).await?;
        tx.carts().set(&cart, &cup, pieces(1), NOW).await?;
        tx.carts().set(&cart, &bell, pieces(2), later).await?;
        tx.carts().set(&cart, &cup, pieces(4), later).await
    });
    let lines = look!(db, rows => rows.carts().lines(&id));
    let seen: Vec<_> =
        lines.iter().map(|line| (line.item.product.name.as_str(), line.item.quantity)).collect();
    assert_eq!(seen, [("Cup", pieces(4)), ("Bell", pieces(2))]);
    assert!(look!(db, rows => rows.carts().is_guest(&id)));
    assert_eq!(commit!(db, tx => tx.carts().delete_old(NOW)), 0);
    assert_eq!(commit!(db, tx => tx.carts().delete_old(NOW + MINUTE)), 1);
    assert!(look!(db, rows => rows.carts().lines(&id)).is_empty());
});

contract!(a_line_is_taken_out_and_the_rest_stays, async |db| {
    let (cup, bell) = (product(&db, 1, "Cup", 300, 5).await, product(&db, 2, "Bell", 200, 5).await);
    let id = CartId::from_bits(1);
    let (cart, gone) = (id.clone(), cup.clone());
    commit!(db, tx => async {
        tx.carts().create(&cart, NOW).await?;
        tx.carts().set(&cart, &gone, pieces(1), NOW).await?;
        tx.carts().set(&cart, &bell, pieces(2), NOW).await?;
        tx.carts().remove(&cart, &gone).await
    });
    let left = look!(db, rows => rows.carts().lines(&id));
    assert_eq!(
        left.iter().map(|line| line.item.product.name.as_str()).collect::<Vec<_>>(),
        ["Bell"]
    );
    let cart = id.clone();
    commit!(db, tx => tx.carts().remove(&cart, &cup));
    assert_eq!(look!(db, rows => rows.carts().lines(&id)).len(), 1, "it was gone already");
});

contract!(a_guests_basket_ends_and_an_accounts_does_not, async |db| {
    let owner = account(&db, 1).await;
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let (guests, owned) = (CartId::from_bits(1), CartId::from_bits(2));
    assert_eq!(look!(db, rows => rows.carts().find_of_account(&owner)), None);
    let (guest, kept) = (guests.clone(), owned.clone());
    commit!(db, tx => async {
        tx.carts().create(&guest, NOW).await?;
        tx.carts().of_account_or_create(&account_id(1), &kept, NOW).await?;
        for cart in [&guest, &kept] {
            tx.carts().set(cart, &cup, pieces(1), NOW).await?;
            tx.carts().delete_guest(cart).await?;
        }
        Ok::<_, store::Error>(())
    });
    assert!(!look!(db, rows => rows.carts().is_guest(&guests)));
    assert!(look!(db, rows => rows.carts().lines(&guests)).is_empty());
    assert_eq!(look!(db, rows => rows.carts().find_of_account(&owner)), Some(owned.clone()));
    assert_eq!(look!(db, rows => rows.carts().lines(&owned)).len(), 1);
});

contract!(a_guests_basket_is_taken_over_once_however_many_try, async |db| {
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let id = CartId::from_bits(1);
    let cart = id.clone();
    commit!(db, tx => async {
        tx.carts().create(&cart, NOW).await?;
        tx.carts().set(&cart, &cup, pieces(3), NOW).await
    });
    let taken = join_all((0..20).map(|_| {
        let (db, cart) = (db.clone(), id.clone());
        tokio::spawn(async move {
            commit!(db, tx => async {
                if !tx.carts().lock_guest(&cart, NOW).await? {
                    return Ok(0);
                }
                let lines = tx.carts().lines(&cart).await?;
                tx.carts().delete_guest(&cart).await?;
                Ok::<_, store::Error>(lines.len())
            })
        })
    }))
    .await;
    assert_eq!(taken.into_iter().map(|one| one.unwrap()).sum::<usize>(), 1);
});

contract!(sb01_the_steps_of_a_checkout_come_in_order, async |db| {
    let owner = account(&db, 1).await;
    let id = CartId::from_bits(1);
    let cart = commit!(db, tx => async { tx.carts().of_account_or_create(&owner, &id, NOW).await });
    let steps = cart.clone();
    commit!(db, tx => async {
        assert!(!tx.carts().set_shipping(&steps, "standard", NOW).await?);
        tx.carts().set_address(&steps, &account_id(1), &address(), NOW).await?;
        assert!(!tx.carts().set_method(&steps, "card", NOW).await?);
        assert!(tx.carts().set_shipping(&steps, "standard", NOW).await?);
        assert!(tx.carts().set_method(&steps, "card", NOW).await?);
        Ok::<_, store::Error>(())
    });
    let said = look!(db, rows => rows.carts().checkout(&cart));
    assert_eq!(said.address, Some(address()));
    assert_eq!(
        (said.shipping.as_deref(), said.method.as_deref()),
        (Some("standard"), Some("card"))
    );
    let done = cart.clone();
    commit!(db, tx => tx.carts().finish_checkout(&done, NOW));
    let said = look!(db, rows => rows.carts().checkout(&cart));
    assert_eq!((said.address, said.shipping, said.method), (Some(address()), None, None));
});
