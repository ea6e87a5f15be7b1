//! Products and variants: search, sorting and stock.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use domain::{Colour, ProductId, StockChangeId, VariantId};
use futures::future::join_all;
use store::{Db, Listing, ProductOrder, Variant};

use super::{NOW, commit, euro, look, pieces, product, variant};
use crate::harness::contract;

async fn stock(db: &Db, variant: &VariantId) -> u32 {
    look!(db, rows => rows.variants().find_listed(variant)).unwrap().stock
}

async fn names(db: &Db, listing: Listing<'_>) -> Vec<String> {
    let found = look!(db, rows => rows.products().list(&listing));
    found.into_iter().map(|product| product.name).collect()
}

fn search(query: &str) -> Listing<'_> {
    Listing { query, limit: 10, ..Listing::default() }
}

contract!(products_are_paged_in_every_sort_order, async |db| {
    for (number, name, price) in [(1, "Cup", 300), (2, "apple", 100), (3, "Bell", 200)] {
        product(&db, number, name, price, 5).await;
    }
    for (order, expected) in [
        (ProductOrder::Newest, ["Bell", "apple", "Cup"]),
        (ProductOrder::PriceUp, ["apple", "Bell", "Cup"]),
        (ProductOrder::PriceDown, ["Cup", "Bell", "apple"]),
        (ProductOrder::Name, ["apple", "Bell", "Cup"]),
    ] {
        let mut after: Option<ProductId> = None;
        for name in expected {
            let listing = Listing { order, after: after.as_ref(), limit: 1, ..Listing::default() };
            let found = look!(db, rows => rows.products().list(&listing));
            assert_eq!(found[0].name, name, "{order:?}");
            after = Some(found[0].id.clone());
        }
        let listing = Listing { order, after: after.as_ref(), limit: 1, ..Listing::default() };
        assert!(names(&db, listing).await.is_empty());
    }
});

contract!(x111_a_search_ignores_case_and_escapes_wildcards, async |db| {
    product(&db, 1, "Ärmel Cup", 300, 5).await;
    for query in ["cup", "CUP", "ärmel", "ÄRMEL", "seasons cup", "things", "100%", "honest_work"]
    {
        assert_eq!(names(&db, search(query)).await.len(), 1, "{query}");
    }
    for query in ["c_p", "%%%x", "100_", "' or '1' = '1", "\\", "cup plate"] {
        assert!(names(&db, search(query)).await.is_empty(), "{query}");
    }
    let foreign = Listing { category: "' or 1=1", limit: 10, ..Listing::default() };
    assert!(names(&db, foreign).await.is_empty());
});

// On PostgreSQL, `scripts/postgres --locale` runs it with locales that fold ASCII only.
contract!(a_search_folds_the_letters_of_every_script, async |db| {
    for (number, name, query) in [
        (1, "Écharpe d'été", "ÉCHARPE"),
        (2, "ÖLKANNE", "ölkanne"),
        (3, "Cafe\u{301} Crème", "CAFÉ CRE\u{300}ME"),
        (4, "ΟΔΟΣ", "οδος"),
        (5, "чайник", "ЧАЙНИК"),
        (6, "Świecznik", "świecznik"),
        (7, "İznik", "i\u{307}znik"),
        (8, "Ǆumbus", "ǆumbus"),
        (9, "ﬁligree LAMP", "ﬁLIGREE lamp"),
        (10, "急須", "急須"),
        (11, "Ჭაინიკი", "ჭაინიკი"),
        (12, "Straßenlampe", "STRAßENLAMPE"),
    ] {
        product(&db, number, name, 300, 5).await;
        let found = names(&db, search(query)).await;
        assert_eq!(found, [name], "{query}");
    }
});

// Different letters are different words, whatever the locale would make of them.
contract!(a_search_does_not_take_one_letter_for_another, async |db| {
    product(&db, 1, "Écharpe Straße ИЙ", 300, 5).await;
    for query in ["echarpe", "eécharpe", "strasse", "ий\u{306}", "е\u{301}charpe", "ié"] {
        assert!(names(&db, search(query)).await.is_empty(), "{query}");
    }
});

contract!(an_unlisted_product_is_not_listed_found_counted_or_sold, async |db| {
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let hide = ProductId::from_bits(1);
    let again = hide.clone();
    assert!(commit!(db, tx => tx.products().set_listed(&hide, false)));
    assert!(!commit!(db, tx => tx.products().set_listed(&again, false)), "it is hidden already");
    assert!(names(&db, search("")).await.is_empty());
    assert!(look!(db, rows => rows.products().find_listed("thing-1")).is_none());
    assert!(look!(db, rows => rows.variants().find_listed(&cup)).is_none());
    assert_eq!(look!(db, rows => rows.products().categories())[0].products, 0);
    assert_eq!(look!(db, rows => rows.products().all()).len(), 1);
});

contract!(the_lowest_price_follows_the_variants, async |db| {
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let id = ProductId::from_bits(1);
    let large = Variant { size: "Large".into(), ..variant(2, &id, 500, 0) };
    commit!(db, tx => tx.variants().insert(&large, 1));
    assert!(commit!(db, tx => tx.variants().set_price(&cup, 300, 900)));
    let found = look!(db, rows => rows.products().find_listed("thing-1")).unwrap();
    assert_eq!((found.price, found.stock, found.colour), (euro(500), 5, Colour::Sage));
    let unknown = VariantId::from_bits(99);
    assert!(!commit!(db, tx => tx.variants().set_price(&unknown, 300, 1)));
});

contract!(variants_of_a_product_are_listed_by_position, async |db| {
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let bell = product(&db, 2, "Bell", 200, 5).await;
    let id = ProductId::from_bits(1);
    for (number, position) in [(3, 2), (4, 1)] {
        let choice = Variant { size: format!("Size {number}"), ..variant(number, &id, 400, 1) };
        commit!(db, tx => tx.variants().insert(&choice, position));
    }
    let choices = look!(db, rows => rows.variants().of_product(&ProductId::from_bits(1)));
    let order: Vec<_> = choices.iter().map(|choice| choice.id.clone()).collect();
    assert_eq!(order, [cup, VariantId::from_bits(4), VariantId::from_bits(3)]);
    assert_eq!((choices[0].price, choices[0].stock), (euro(300), 5));
    assert!(!order.contains(&bell));
    assert!(look!(db, rows => rows.variants().of_product(&ProductId::from_bits(9))).is_empty());
});

contract!(x83_a_stock_set_during_concurrent_sales_brings_no_piece_back, async |db| {
    let cup = product(&db, 1, "Cup", 300, 7).await;
    let unknown = VariantId::from_bits(99);
    assert!(!commit!(db, tx => tx.variants().set_stock(&unknown, 7, 1)));
    let (taken, is_set) = (AtomicU32::new(0), AtomicBool::new(false));
    let work = (0..30).map(|number| {
        let (db, cup) = (db.clone(), cup.clone());
        let (taken, is_set) = (&taken, &is_set);
        async move {
            if number != 3 {
                let is_taken = commit!(db, tx => tx.variants().reserve(&cup, pieces(1), euro(300)));
                taken.fetch_add(is_taken.into(), Ordering::SeqCst);
            } else if commit!(db, tx => tx.variants().set_stock(&cup, 7, 20)) {
                is_set.store(true, Ordering::SeqCst);
            }
        }
    });
    join_all(work).await;
    // Set before the first sale, or not at all.
    let (counted, taken) = (if is_set.into_inner() { 20 } else { 7 }, taken.into_inner());
    assert_eq!(taken + stock(&db, &cup).await, counted);
});

contract!(a_stock_and_a_price_are_set_only_while_they_are_what_was_shown, async |db| {
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let set_stock = async |shown, number| {
        let cup = cup.clone();
        commit!(db, tx => tx.variants().set_stock(&cup, shown, number))
    };
    let set_price = async |shown, minor| {
        let cup = cup.clone();
        commit!(db, tx => tx.variants().set_price(&cup, shown, minor))
    };
    assert!(!set_stock(4, 9).await);
    assert!(set_stock(5, 9).await);
    assert!(!set_stock(5, 7).await, "it is nine by now");
    assert!(!set_price(299, 400).await);
    assert!(set_price(300, 400).await);
    assert!(!set_price(300, 500).await, "it is 400 by now");
    let found = look!(db, rows => rows.variants().find(&cup)).unwrap();
    assert_eq!((found.stock, found.price), (9, euro(400)));
});

contract!(a_difference_changes_the_stock_once_and_within_its_bounds, async |db| {
    let cup = product(&db, 1, "Cup", 300, 5).await;
    let change = async |pieces| {
        let cup = cup.clone();
        commit!(db, tx => tx.variants().change_stock(&cup, pieces, 10))
    };
    for (pieces, is_made, left) in
        [(3, true, 8), (-2, true, 6), (-7, false, 6), (5, false, 6), (4, true, 10), (-10, true, 0)]
    {
        assert_eq!((change(pieces).await, stock(&db, &cup).await), (is_made, left), "{pieces}");
    }
    let record = async |number| {
        let (id, cup) = (StockChangeId::from_bits(number), cup.clone());
        commit!(db, tx => tx.variants().record_change(&id, &cup, 5, NOW))
    };
    assert!(record(1).await);
    assert!(!record(1).await, "the same form again");
    assert!(record(2).await);
    let unknown = VariantId::from_bits(99);
    assert!(!commit!(db, tx => tx.variants().change_stock(&unknown, 1, 10)));
});

contract!(inserting_the_same_products_again_changes_nothing, async |db| {
    let cup = product(&db, 1, "Cup", 300, 5).await;
    product(&db, 1, "Other", 999, 99).await;
    let found = look!(db, rows => rows.products().find_listed("thing-1")).unwrap();
    assert_eq!((found.name.as_str(), found.price), ("Cup", euro(300)));
    assert_eq!(stock(&db, &cup).await, 5);
});

contract!(x83_concurrent_reservations_never_exceed_the_stock, async |db| {
    let cup = product(&db, 1, "Cup", 300, 7).await;
    let taken = join_all((0..50).map(|_| {
        let (db, cup) = (db.clone(), cup.clone());
        tokio::spawn(
            async move { commit!(db, tx => tx.variants().reserve(&cup, pieces(1), euro(300))) },
        )
    }))
    .await;
    assert_eq!(taken.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 7);
    assert_eq!(stock(&db, &cup).await, 0);
    let again = cup.clone();
    assert!(commit!(db, tx => tx.variants().release(&again, pieces(3))));
    assert_eq!(stock(&db, &cup).await, 3);
});

contract!(x76_nothing_is_taken_at_another_price, async |db| {
    let cup = product(&db, 1, "Cup", 300, 7).await;
    let wanted = cup.clone();
    assert!(!commit!(db, tx => tx.variants().reserve(&wanted, pieces(1), euro(299))));
    assert_eq!(stock(&db, &cup).await, 7);
});
