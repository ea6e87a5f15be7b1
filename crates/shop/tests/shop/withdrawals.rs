//! Withdrawal from a contract.

use std::time::Duration;

use domain::{EmailAddress, OrderToken, Outdated, Refusal, WithdrawalId};
use shop::{
    Visitor,
    consumer_law::WithdrawalPeriod,
    merchant::MerchantWithdrawal,
    withdrawals::{WithdrawalForm, WithdrawalStatement},
};

use crate::{
    commerce::{self, Person, products_on_sale, refusal, shopper},
    support::TestShop,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn form(number: &str, contact: &str) -> WithdrawalForm {
    WithdrawalForm {
        name: "Ada Buyer".into(),
        order_number: number.into(),
        contact: contact.into(),
    }
}

/// A notice of this browser.
async fn withdraw(shop: &TestShop, visitor: &Visitor, number: &str, contact: &str) {
    let id = shop.withdrawals().new_id().unwrap();
    shop.withdrawals().confirm(visitor, id, &form(number, contact)).await.unwrap();
}

/// The number of a paid order of shopper 1.
async fn bought(shop: &TestShop) -> (Person, OrderToken, String) {
    let thing = products_on_sale(shop, 10_00, 9).await;
    let person = shopper(shop, 1).await;
    let token = person.buy(shop, &thing).await;
    let number = shop.orders().by_token(&person.visitor, &token).await.unwrap().number;
    (person, token, number)
}

async fn notices(shop: &TestShop, merchant: &Visitor) -> Vec<MerchantWithdrawal> {
    shop.merchant(merchant).unwrap().withdrawals(None).await.unwrap().withdrawals
}

#[tokio::test]
async fn x183_a_notice_needs_the_number_and_the_contact_of_one_order() {
    let shop = TestShop::new().await;
    let (_, _, number) = bought(&shop).await;
    let as_merchant = commerce::merchant(&shop, 90).await.visitor;
    for (typed, contact, is_found) in [
        (number.as_str(), "person1@example.com", true),
        (&number.to_lowercase(), " PERSON1@example.com ", true),
        (&number.replace('-', " "), "+44 7700 900001", true),
        (&number, "0044 (0)7700 900 001", true),
        (&number, "person2@example.com", false),
        (&number, "+447700900002", false),
        ("M-2026-222222", "person1@example.com", false),
        ("12345", "+447700900001", false),
    ] {
        let visitor = shop.visitor();
        withdraw(&shop, &visitor, typed, contact).await;
        let newest = notices(&shop, &as_merchant).await.remove(0);
        assert_eq!(newest.order.is_some(), is_found, "{typed} {contact}");
        let receipt = shop.withdrawals().receipt(&visitor).await.unwrap().unwrap();
        assert_eq!(receipt.received_at, shop.clock.now());
        assert_eq!(receipt.statement.name, "Ada Buyer");
        shop.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn x183_what_is_refused_does_not_depend_on_orders() {
    let shop = TestShop::new().await;
    let (_, _, number) = bought(&shop).await;
    for number in [&*number, "M-2026-222222"] {
        for (name, number, contact) in [
            ("", number, "person1@example.com"),
            ("Ada", "", "person1@example.com"),
            ("Ada", number, ""),
            ("Ada", number, "person1"),
            ("Ada", number, "12"),
            ("Ada\u{1b}[31m", number, "person1@example.com"),
        ] {
            let form = WithdrawalForm {
                name: name.into(),
                order_number: number.into(),
                contact: contact.into(),
            };
            let refused = refusal(shop.withdrawals().begin(&shop.visitor(), &form));
            let Refusal::Invalid(problems) = refused else { panic!("{refused:?}") };
            assert_eq!(problems.len(), 1, "{name:?} {number:?} {contact:?}");
        }
    }
}

#[tokio::test]
async fn the_statement_is_shown_in_its_normal_form() {
    let shop = TestShop::new().await;
    let form = form(" m 2026 7k4qxz ", "0044 7700 900001");
    let stated = shop.withdrawals().begin(&shop.visitor(), &form).unwrap();
    let expected = WithdrawalStatement {
        name: "Ada Buyer".into(),
        order_number: "M-2026-7K4QXZ".into(),
        contact: "+447700900001".into(),
    };
    assert_eq!(stated, expected);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_notice() {
    let shop = TestShop::new().await;
    let (_, _, number) = bought(&shop).await;
    let as_merchant = commerce::merchant(&shop, 90).await.visitor;
    let visitor = shop.visitor();
    let id = WithdrawalId::from_bits(7);
    let stated = form(&number, "person1@example.com");
    let withdrawals = shop.withdrawals();
    let sent = (0..5).map(|_| withdrawals.confirm(&visitor, id.clone(), &stated));
    for one in futures::future::join_all(sent).await {
        one.unwrap();
    }
    assert_eq!(notices(&shop, &as_merchant).await.len(), 1);
}

#[tokio::test]
async fn a_receipt_is_shown_to_its_browser_for_a_day() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    withdraw(&shop, &visitor, "M-2026-222222", "nobody@example.com").await;
    let receipt = async |visitor: &Visitor| shop.withdrawals().receipt(visitor).await.unwrap();
    assert!(receipt(&visitor).await.is_some());
    assert!(receipt(&shop.visitor()).await.is_none(), "it is of another browser");
    shop.clock.advance(DAY);
    assert!(receipt(&visitor).await.is_none());
}

#[tokio::test]
async fn x184_notices_of_one_address_are_limited_whatever_they_name() {
    let shop = TestShop::new().await;
    let address = [192, 0, 2, 7].into();
    for number in 0..10 {
        let number = format!("M-2026-22222{number}");
        withdraw(&shop, &shop.visitor_at(address), &number, "nobody@example.com").await;
    }
    let id = shop.withdrawals().new_id().unwrap();
    let one_more = form("M-2026-222222", "nobody@example.com");
    let refused = shop.withdrawals().confirm(&shop.visitor_at(address), id, &one_more).await;
    assert!(matches!(refusal(refused), Refusal::TooMany { .. }));
    withdraw(&shop, &shop.visitor(), "M-2026-222222", "nobody@example.com").await;
}

#[tokio::test]
async fn x185_the_receipt_goes_to_the_buyer_and_to_nobody_else() {
    let shop = TestShop::new().await;
    let (_, _, number) = bought(&shop).await;
    withdraw(&shop, &shop.visitor(), &number, "stranger@example.com").await;
    withdraw(&shop, &shop.visitor(), "M-2026-222222", "person1@example.com").await;
    assert_eq!(shop.withdrawals().queue_receipts().await.unwrap(), 2);
    assert_eq!(shop.email_delivery().run_due().await.unwrap(), 0);
    // Somebody who knows number and contact cannot make the shop write more than a few times.
    for _ in 0..5 {
        withdraw(&shop, &shop.visitor(), &number, "+447700900001").await;
    }
    shop.withdrawals().queue_receipts().await.unwrap();
    assert_eq!(shop.email_delivery().run_due().await.unwrap(), 3);
    let received = shop.mailbox.received();
    let buyer = EmailAddress::parse("person1@example.com").unwrap();
    assert!(received.iter().all(|email| email.to == buyer), "{received:?}");
    let body = &received[0].text.body;
    for part in [&*number, "Ada Buyer", "2026-01-01 00:", "UTC", "Marigold"] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert_eq!(shop.withdrawals().queue_receipts().await.unwrap(), 0, "each once");
}

#[tokio::test]
async fn a_late_notice_is_kept_and_marked_and_refunds_nothing() {
    let shop = TestShop::new().await;
    let (person, token, number) = bought(&shop).await;
    let as_merchant = commerce::merchant(&shop, 90).await.visitor;
    let merchant = shop.merchant(&as_merchant).unwrap();
    let id = merchant.orders(None).await.unwrap().orders.remove(0).id;
    let shown = merchant.order(&id).await.unwrap().version;
    merchant.ship(&id, shown).await.unwrap();
    withdraw(&shop, &shop.visitor(), &number, "person1@example.com").await;
    shop.clock.advance(DAY * 40);
    withdraw(&shop, &shop.visitor(), &number, "person1@example.com").await;
    let found = merchant.withdrawals_of(&id).await.unwrap();
    let periods: Vec<_> = found.iter().map(|notice| notice.period.unwrap()).collect();
    assert_eq!(periods[0], WithdrawalPeriod::Open);
    assert!(matches!(periods[1], WithdrawalPeriod::Over { .. }), "{periods:?}");
    assert_eq!(merchant.open_withdrawals().await.unwrap(), 2);
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    assert_eq!(order.withdrawn_at, Some(shop.clock.now()));
    assert_eq!(order.status, domain::OrderStatus::Shipped);
}

#[tokio::test]
async fn a_notice_of_an_older_page_is_not_dealt_with_twice() {
    let shop = TestShop::new().await;
    withdraw(&shop, &shop.visitor(), "M-2026-222222", "nobody@example.com").await;
    let as_merchant = commerce::merchant(&shop, 90).await.visitor;
    let merchant = shop.merchant(&as_merchant).unwrap();
    let id = notices(&shop, &as_merchant).await.remove(0).id;
    merchant.set_withdrawal_handled(&id, true).await.unwrap();
    let refused = refusal(merchant.set_withdrawal_handled(&id, true).await);
    assert_eq!(refused, Outdated::Withdrawal { is_handled: true }.into());
    assert!(notices(&shop, &as_merchant).await[0].is_handled);
    merchant.set_withdrawal_handled(&id, false).await.unwrap();
    let refused = refusal(merchant.set_withdrawal_handled(&id, false).await);
    assert_eq!(refused, Outdated::Withdrawal { is_handled: false }.into());
    let unknown = WithdrawalId::from_bits(1);
    let refused = refusal(merchant.set_withdrawal_handled(&unknown, true).await);
    assert_eq!(refused, Refusal::NotFound);
}

#[tokio::test]
async fn an_order_keeps_the_texts_that_stood_beside_its_button() {
    let shop = TestShop::new().await;
    let (person, token, _) = bought(&shop).await;
    let order = shop.orders().by_token(&person.visitor, &token).await.unwrap();
    let agreement = order.agreement.unwrap();
    let kinds: Vec<_> = agreement.texts.iter().map(|text| text.kind.as_str()).collect();
    assert_eq!(kinds, ["terms", "privacy", "returns"]);
    let pages = test_shop::settings().legal;
    for text in agreement.texts {
        let kind = shop::legal::LegalKind::parse(&text.kind).unwrap();
        let page = pages.page(kind, "en").unwrap();
        assert_eq!((text.version.as_str(), text.body.as_str()), (page.version(), page.text()));
    }
}
