//! The language of messages, and the content of the message of a payment.

use std::sync::Arc;

use domain::{Language, MessageKind};
use shop::Visitor;

use super::support::Scripted;
use crate::{commerce, people::Person, people::form, support::TestShop};

async fn account_language(test: &TestShop, person: &Person) -> Language {
    let mut rows = test.db.read().await.unwrap();
    rows.accounts().find(&person.id).await.unwrap().unwrap().language
}

#[tokio::test]
async fn a_code_and_its_resend_are_in_the_requesters_language() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = Visitor { language: Language::Hindi, ..test.visitor() };
    person.enter_password(&test, &visitor).await.unwrap();
    assert_eq!(test.messages(&person.phone).await[0].language, Language::Hindi);
    test.wait(std::time::Duration::from_secs(61)).await;
    test.codes().resend(&visitor, domain::Purpose::Login).await.unwrap();
    assert_eq!(test.messages(&person.phone).await[0].language, Language::Hindi);
}

#[tokio::test]
async fn a_notice_is_in_the_owners_language_not_the_visitors() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = Visitor { language: Language::Arabic, ..test.visitor() };
    test.registration().begin(&visitor, form(1)).await.unwrap();
    let messages = test.messages(&person.phone).await;
    let notice = messages.iter().find(|one| one.purpose == MessageKind::AccountExists).unwrap();
    assert_eq!(notice.language, Language::English);
    assert_eq!(account_language(&test, &person).await, Language::English);
}

#[tokio::test]
async fn an_account_has_the_language_of_its_last_sign_in() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = Visitor { language: Language::German, ..test.visitor() };
    person.enter_password(&test, &visitor).await.unwrap();
    assert_eq!(account_language(&test, &person).await, Language::English, "not by a password");
    let code = test.last_code(&person.phone).await;
    test.sign_in().verify(&visitor, &code, false).await.unwrap();
    assert_eq!(account_language(&test, &person).await, Language::German);
}

#[tokio::test]
async fn s_o10_a_payment_message_has_amount_and_payee() {
    let test = TestShop::new().await;
    let provider = Arc::new(Scripted::new("only"));
    let shop = test.with_providers(vec![provider.clone()]);
    let buyer = commerce::shopper(&test, 1).await;
    let goods = commerce::products_on_sale(&test, 1_000, 5).await;
    buyer.add_to_cart(&shop, &goods, 1).await;
    buyer.fill_checkout(&shop, "demo_approve").await;
    shop.checkout().place(&buyer.visitor).await.unwrap();
    let shown = shop.checkout().confirmation(&buyer.visitor).await.unwrap().unwrap();
    shop.delivery().run_due().await;
    let handed = provider.sent_messages().remove(0);
    let paid = handed.payment.map(|payment| (payment.amount, payment.payee));
    assert_eq!(paid, Some((shown.quote.total(), shown.payee)));
}
