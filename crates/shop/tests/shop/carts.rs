//! Carts of guests and accounts.

use domain::{CartId, Field, Problem, Quantity, Refusal, VariantId};

use crate::{
    commerce::{euro, merchant, pieces, products_on_sale, refusal, set_price, set_stock, shopper},
    support::TestShop,
};

#[tokio::test]
async fn a_guest_cart_is_found_by_its_id() {
    let shop = TestShop::new().await;
    let (mug, lamp) =
        (products_on_sale(&shop, 16_50, 5).await, products_on_sale(&shop, 79_00, 5).await);
    let guest = shop.visitor();
    let cart = shop.carts().add(&guest, None, &mug, pieces(2)).await.unwrap();
    let same = shop.carts().add(&guest, Some(&cart), &lamp, pieces(1)).await.unwrap();
    assert_eq!(cart, same);
    shop.carts().add(&guest, Some(&cart), &mug, pieces(1)).await.unwrap();
    let view = shop.carts().view(&guest, Some(&cart)).await.unwrap();
    assert_eq!((view.count, view.subtotal), (4, euro(3 * 16_50 + 79_00)));
    assert_eq!(view.lines[0].priced.total, euro(49_50));
    shop.carts().set_quantity(&guest, Some(&cart), &mug, pieces(1)).await.unwrap();
    shop.carts().remove(&guest, Some(&cart), &lamp).await.unwrap();
    let view = shop.carts().view(&guest, Some(&cart)).await.unwrap();
    assert_eq!((view.count, view.subtotal), (1, euro(16_50)));
    assert!(shop.carts().view(&guest, None).await.unwrap().lines.is_empty());
}

#[tokio::test]
async fn x84_a_quantity_is_at_most_twenty_and_at_most_the_stock() {
    let shop = TestShop::new().await;
    let (few, many) =
        (products_on_sale(&shop, 100, 3).await, products_on_sale(&shop, 100, 500).await);
    let person = shopper(&shop, 1).await.visitor;
    let add =
        async |variant, number| shop.carts().add(&person, None, variant, pieces(number)).await;
    assert_eq!(refusal(add(&few, 4).await), Refusal::OutOfStock { left: 3 });
    add(&few, 3).await.unwrap();
    assert_eq!(refusal(add(&few, 1).await), Refusal::OutOfStock { left: 3 });
    add(&many, 20).await.unwrap();
    let too_many = Refusal::Invalid(vec![Problem::Choice(Field::Quantity)]);
    assert_eq!(refusal(add(&many, 1).await), too_many);
    let set = shop.carts().set_quantity(&person, None, &few, pieces(4)).await;
    assert_eq!(refusal(set), Refusal::OutOfStock { left: 3 });
    for number in [0, 21, u32::MAX] {
        assert!(Quantity::new(number).is_none());
    }
    assert_eq!(shop.carts().view(&person, None).await.unwrap().count, 23);
}

#[tokio::test]
async fn x44_the_fifty_first_line_is_refused() {
    let shop = TestShop::new().await;
    let guest = shop.visitor();
    let mut cart = None;
    for _ in 0..50 {
        let thing = products_on_sale(&shop, 100, 5).await;
        cart = Some(shop.carts().add(&guest, cart.as_ref(), &thing, pieces(1)).await.unwrap());
    }
    let one_more = products_on_sale(&shop, 100, 5).await;
    let answer = shop.carts().add(&guest, cart.as_ref(), &one_more, pieces(1)).await;
    assert_eq!(refusal(answer), Refusal::CartFull);
}

#[tokio::test]
async fn x117_a_cart_shows_current_prices() {
    let shop = TestShop::new().await;
    let mug = products_on_sale(&shop, 16_50, 5).await;
    let person = shopper(&shop, 1).await;
    person.add_to_cart(&shop, &mug, 2).await;
    set_price(&shop, &mug, 20_00).await;
    assert_eq!(shop.carts().view(&person.visitor, None).await.unwrap().subtotal, euro(40_00));
}

#[tokio::test]
async fn x85_a_subtotal_that_overflows_is_an_error() {
    let shop = TestShop::new().await;
    let (dear, dearer) =
        (products_on_sale(&shop, i64::MAX, 20).await, products_on_sale(&shop, i64::MAX, 20).await);
    let (one, two) = (shopper(&shop, 1).await, shopper(&shop, 2).await);
    one.add_to_cart(&shop, &dear, 2).await;
    assert!(shop.carts().view(&one.visitor, None).await.is_err());
    two.add_to_cart(&shop, &dear, 1).await;
    two.add_to_cart(&shop, &dearer, 1).await;
    assert!(shop.carts().view(&two.visitor, None).await.is_err());
}

#[tokio::test]
async fn x86_a_thousand_small_amounts_add_up_to_the_cent() {
    let shop = TestShop::new().await;
    let person = shopper(&shop, 1).await;
    for _ in 0..50 {
        let odd = products_on_sale(&shop, 33, 20).await;
        person.add_to_cart(&shop, &odd, 20).await;
    }
    let view = shop.carts().view(&person.visitor, None).await.unwrap();
    assert_eq!((view.count, view.subtotal), (1_000, euro(33_000)));
}

#[tokio::test]
async fn sign_in_merges_the_guest_cart_without_losing_lines() {
    let shop = TestShop::new().await;
    let (both, own, guests) = (
        products_on_sale(&shop, 100, 50).await,
        products_on_sale(&shop, 200, 5).await,
        products_on_sale(&shop, 300, 5).await,
    );
    let person = shopper(&shop, 1).await;
    person.add_to_cart(&shop, &both, 15).await;
    person.add_to_cart(&shop, &own, 1).await;
    let guest = shop.visitor();
    let cart = shop.carts().add(&guest, None, &both, pieces(8)).await.unwrap();
    shop.carts().add(&guest, Some(&cart), &guests, pieces(2)).await.unwrap();

    shop.carts().merge(&person.visitor, &cart).await.unwrap();
    let view = shop.carts().view(&person.visitor, None).await.unwrap();
    let count = |variant: &VariantId| {
        view.lines
            .iter()
            .map(|line| &line.priced.item)
            .find(|item| item.variant.id == *variant)
            .map(|item| item.quantity.get())
    };
    assert_eq!((count(&both), count(&own), count(&guests)), (Some(20), Some(1), Some(2)));
    shop.carts().merge(&person.visitor, &cart).await.unwrap();
    let again = shop.carts().view(&person.visitor, None).await.unwrap();
    assert_eq!(again.count, view.count, "a cart is merged once");
    assert!(shop.carts().view(&guest, Some(&cart)).await.unwrap().lines.is_empty());
}

#[tokio::test]
async fn x116_the_cart_of_an_account_is_not_found_by_its_id() {
    let shop = TestShop::new().await;
    let mug = products_on_sale(&shop, 100, 5).await;
    let person = shopper(&shop, 1).await;
    let cart = shop.carts().add(&person.visitor, None, &mug, pieces(1)).await.unwrap();
    let (thief, other) = (shop.visitor(), shopper(&shop, 2).await.visitor);
    assert!(shop.carts().view(&thief, Some(&cart)).await.unwrap().lines.is_empty());
    let set = shop.carts().set_quantity(&thief, Some(&cart), &mug, pieces(5)).await;
    assert_eq!(refusal(set), Refusal::NotFound);
    shop.carts().remove(&thief, Some(&cart), &mug).await.unwrap();
    shop.carts().merge(&other, &cart).await.unwrap();
    assert!(shop.carts().view(&other, None).await.unwrap().lines.is_empty());
    let own = shop.carts().add(&thief, Some(&cart), &mug, pieces(1)).await.unwrap();
    assert_ne!(own, cart);
    assert_eq!(shop.carts().view(&person.visitor, None).await.unwrap().count, 1);
}

#[tokio::test]
async fn an_unavailable_variant_is_shown_as_such_and_cannot_be_added() {
    let shop = TestShop::new().await;
    let mug = products_on_sale(&shop, 100, 5).await;
    let person = shopper(&shop, 1).await;
    person.add_to_cart(&shop, &mug, 2).await;
    set_stock(&shop, &mug, 1).await;
    let view = shop.carts().view(&person.visitor, None).await.unwrap();
    assert_eq!((view.count, view.lines[0].available), (2, 1));
    let seller = merchant(&shop, 2).await.visitor;
    let product = shop.merchant(&seller).unwrap().products().await.unwrap().remove(0);
    shop.merchant(&seller).unwrap().set_listed(&product.id, false).await.unwrap();
    let view = shop.carts().view(&person.visitor, None).await.unwrap();
    assert_eq!(view.lines[0].available, 0);
    let add = shop.carts().add(&person.visitor, None, &mug, pieces(1)).await;
    assert_eq!(refusal(add), Refusal::NotFound);
    let nothing =
        shop.carts().add(&person.visitor, None, &VariantId::from_bits(u128::MAX), pieces(1)).await;
    assert_eq!(refusal(nothing), Refusal::NotFound);
}

#[tokio::test]
async fn parallel_additions_never_exceed_the_limit() {
    let shop = TestShop::new().await;
    let mug = products_on_sale(&shop, 100, 500).await;
    let guest = shop.visitor();
    let cart = shop.carts().add(&guest, None, &mug, pieces(1)).await.unwrap();
    let carts = shop.carts();
    let clicks = (0..100).map(|_| carts.add(&guest, Some(&cart), &mug, Quantity::ONE));
    futures::future::join_all(clicks).await;
    assert_eq!(shop.carts().view(&guest, Some(&cart)).await.unwrap().count, 20);
}

#[tokio::test]
async fn an_abandoned_cart_is_deleted() {
    let shop = TestShop::new().await;
    let mug = products_on_sale(&shop, 100, 5).await;
    let (guest, person) = (shop.visitor(), shopper(&shop, 1).await);
    let cart: CartId = shop.carts().add(&guest, None, &mug, pieces(1)).await.unwrap();
    person.add_to_cart(&shop, &mug, 1).await;
    shop.clock.advance(std::time::Duration::from_secs(31 * 24 * 60 * 60));
    shop.orders().sweep().await.unwrap();
    assert!(shop.carts().view(&guest, Some(&cart)).await.unwrap().lines.is_empty());
    assert_eq!(shop.carts().view(&person.visitor, None).await.unwrap().count, 1);
}
