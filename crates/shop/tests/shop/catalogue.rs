//! The catalogue and its seed.

use std::collections::HashSet;

use domain::{Refusal, Secret};
use shop::{DemoPasswords, Filter, Sort};

use crate::{
    commerce::{merchant, products_on_sale, refusal},
    support::TestShop,
};

fn search(query: &str) -> Filter {
    Filter { query: query.to_owned(), ..Filter::default() }
}

async fn found(shop: &TestShop, query: &str) -> usize {
    shop.catalogue().list(&search(query)).await.unwrap().products.len()
}

async fn seeded() -> TestShop {
    let shop = TestShop::new().await;
    shop.seed().seed_catalogue().await.unwrap();
    shop
}

#[tokio::test]
async fn pagination_lists_every_product_once_in_every_order() {
    let shop = seeded().await;
    let all: u32 =
        shop.catalogue().categories().await.unwrap().iter().map(|one| one.products).sum();
    for &sort in Sort::ALL {
        let mut filter = Filter { sort, ..Filter::default() };
        let mut seen = Vec::new();
        loop {
            let page = shop.catalogue().list(&filter).await.unwrap();
            assert!(page.products.len() <= 12);
            seen.extend(page.products);
            filter.after = page.next;
            if filter.after.is_none() {
                break;
            }
        }
        let slugs: HashSet<_> = seen.iter().map(|product| product.slug.clone()).collect();
        assert_eq!((seen.len(), slugs.len()), (all as usize, all as usize), "{sort:?}");
        match sort {
            Sort::PriceUp => assert!(seen.is_sorted_by_key(|product| product.from.minor())),
            Sort::PriceDown => assert!(seen.is_sorted_by_key(|product| -product.from.minor())),
            Sort::Name => assert!(seen.is_sorted_by_key(|product| product.name.to_lowercase())),
            Sort::Newest => {}
        }
    }
}

#[tokio::test]
async fn a_search_finds_words_of_name_description_and_category_in_any_case() {
    let shop = seeded().await;
    assert_eq!(found(&shop, "SUNDAY mug").await, 1);
    assert_eq!(found(&shop, "mug sunday").await, 1);
    assert_eq!(found(&shop, "dandelion").await, 1);
    assert_eq!(found(&shop, "no such thing").await, 0);
    let kitchen = Filter { category: Some("kitchen".into()), ..Filter::default() };
    let page = shop.catalogue().list(&kitchen).await.unwrap();
    assert!(page.products.len() >= 4);
    assert!(page.products.iter().all(|product| product.category == "Kitchen"));
    let nowhere = Filter { category: Some("nowhere".into()), ..Filter::default() };
    assert!(shop.catalogue().list(&nowhere).await.unwrap().products.is_empty());
}

#[tokio::test]
async fn x111_wildcards_quotes_and_unknown_sorts_have_no_effect() {
    let shop = seeded().await;
    for query in ["%", "_", "100%", "\\", "' or 1=1 --", "'; drop table products; --", "\0"] {
        let hits = found(&shop, query).await;
        assert!(hits == 0 || query == "\0", "{query:?} found {hits}");
    }
    assert_eq!(Sort::parse("price; drop table products"), Sort::Newest);
    for after in ["", "-1", "' or 1=1", "zzzz", &"f".repeat(32)] {
        let filter = Filter { after: Some(after.to_owned()), ..Filter::default() };
        assert!(shop.catalogue().list(&filter).await.unwrap().products.len() <= 12);
    }
    let odd = Filter { category: Some("' or 1=1 --".into()), ..Filter::default() };
    assert!(shop.catalogue().list(&odd).await.unwrap().products.is_empty());
    assert!(found(&shop, "mug").await > 0, "the table is still there");
}

#[tokio::test]
async fn x44_a_very_long_search_is_cut_and_answered() {
    let shop = seeded().await;
    assert_eq!(found(&shop, &"x".repeat(100_0000)).await, 0);
    assert_eq!(found(&shop, &"a ".repeat(500_000)).await, 12);
}

#[tokio::test]
async fn a_product_page_has_variants_and_related_products() {
    let shop = seeded().await;
    let mug = shop.catalogue().product("sunday-mug").await.unwrap();
    assert_eq!(mug.variants.len(), 8);
    assert!(mug.variants.iter().any(|variant| variant.stock == 0));
    assert_eq!(mug.related.len(), 4);
    assert!(mug.related.iter().all(|other| other.slug != mug.slug));
    assert_eq!(refusal(shop.catalogue().product("no-such-mug").await), Refusal::NotFound);
}

#[tokio::test]
async fn an_unlisted_product_is_not_found() {
    let shop = TestShop::new().await;
    let seller = merchant(&shop, 1).await.visitor;
    products_on_sale(&shop, 1000, 5).await;
    let product = shop.merchant(&seller).unwrap().products().await.unwrap().remove(0);
    shop.merchant(&seller).unwrap().set_listed(&product.id, false).await.unwrap();
    assert_eq!(refusal(shop.catalogue().product(&product.slug).await), Refusal::NotFound);
    assert!(shop.catalogue().list(&Filter::default()).await.unwrap().products.is_empty());
    assert_eq!(shop.catalogue().categories().await.unwrap()[0].products, 0);
}

#[tokio::test]
async fn seeding_twice_changes_nothing() {
    let shop = seeded().await;
    let demo = DemoPasswords {
        shopper: Secret::new("a long word for the shopper".into()),
        merchant: Secret::new("a long word for the merchant".into()),
    };
    shop.seed().seed_accounts(&demo).await.unwrap();
    let charged = shop.gateway.statements().await.unwrap();
    let email = domain::EmailAddress::parse("shopper@example.com").unwrap();
    let find = async || {
        let mut rows = shop.db.read().await.unwrap();
        rows.accounts().find_by_email(&email).await.unwrap().unwrap()
    };
    let before = find().await;
    shop.seed().seed_catalogue().await.unwrap();
    shop.seed().seed_accounts(&demo).await.unwrap();
    assert_eq!(shop.gateway.statements().await.unwrap(), charged);
    assert_eq!(charged.len(), 2);
    let after = find().await;
    assert_eq!(before.id, after.id);
    assert_eq!(before.password_hash, after.password_hash);
    assert_eq!(after.phone.expose(), "+447700900111");
    let mut rows = shop.db.read().await.unwrap();
    let orders = rows.orders().list(&after.id, 10).await.unwrap();
    let statuses: Vec<_> = orders.iter().map(|order| order.status).collect();
    assert_eq!(statuses, [domain::OrderStatus::Paid, domain::OrderStatus::Shipped]);
    let mug = shop.catalogue().product("sunday-mug").await.unwrap();
    assert_eq!(mug.variants[0].stock, 32, "two of thirty-four were bought, once");
}
