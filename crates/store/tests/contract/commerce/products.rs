//! Products and variants: search, sorting and stock.

use domain::{Colour, ProductId, VariantId};
use futures::future::join_all;
use store::{Db, Listing, ProductOrder, Variant};

use super::{commit, euro, look, pieces, product, variant};
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
    assert!(commit!(db, tx => tx.products().set_listed(&hide, false)));
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
    assert!(commit!(db, tx => tx.variants().set_price(&cup, 900)));
    let found = look!(db, rows => rows.products().find_listed("thing-1")).unwrap();
    assert_eq!((found.price, found.stock, found.colour), (euro(500), 5, Colour::Sage));
    let unknown = VariantId::from_bits(99);
    assert!(!commit!(db, tx => tx.variants().set_price(&unknown, 1)));
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

contract!(x83_stock_set_during_concurrent_sales_never_becomes_negative, async |db| {
    let cup = product(&db, 1, "Cup", 300, 7).await;
    let unknown = VariantId::from_bits(99);
    assert!(!commit!(db, tx => tx.variants().set_stock(&unknown, 1)));
    let taken = join_all((0..30).map(|number| {
        let (db, cup) = (db.clone(), cup.clone());
        tokio::spawn(async move {
            if number != 15 {
                return commit!(db, tx => tx.variants().reserve(&cup, pieces(1), euro(300)));
            }
            assert!(commit!(db, tx => tx.variants().set_stock(&cup, 3)));
            false
        })
    }))
    .await;
    let taken = taken.into_iter().filter(|one| *one.as_ref().unwrap()).count();
    let left = stock(&db, &cup).await;
    assert!(left <= 3, "{left}");
    let after = usize::try_from(3 - left).unwrap();
    assert!((after..=after + 7).contains(&taken), "{taken} taken, {left} left of what was counted");
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
