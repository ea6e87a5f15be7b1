//! Whose language a message is in, and what a payment's message says.

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
async fn a_code_is_in_the_language_of_whoever_asks_and_sent_again_in_it() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = Visitor { language: Language::Hindi, ..test.visitor() };
    person.knock(&test, &visitor).await.unwrap();
    assert_eq!(test.messages(&person.phone).await[0].language, Language::Hindi);
    test.wait(std::time::Duration::from_secs(61)).await;
    test.codes().resend(&visitor, domain::Purpose::Login).await.unwrap();
    assert_eq!(test.messages(&person.phone).await[0].language, Language::Hindi);
}

#[tokio::test]
async fn a_stranger_does_not_choose_the_language_in_which_an_owner_is_written_to() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let stranger = Visitor { language: Language::Arabic, ..test.visitor() };
    test.registration().begin(&stranger, form(1)).await.unwrap();
    let messages = test.messages(&person.phone).await;
    let notice = messages.iter().find(|one| one.purpose == MessageKind::AccountExists).unwrap();
    assert_eq!(notice.language, Language::English);
    assert_eq!(account_language(&test, &person).await, Language::English);
}

#[tokio::test]
async fn an_account_speaks_the_language_of_its_last_sign_in() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = Visitor { language: Language::German, ..test.visitor() };
    person.knock(&test, &visitor).await.unwrap();
    assert_eq!(account_language(&test, &person).await, Language::English, "not by a password");
    let code = test.last_code(&person.phone).await;
    test.sign_in().verify(&visitor, &code, false).await.unwrap();
    assert_eq!(account_language(&test, &person).await, Language::German);
}

#[tokio::test]
async fn s_o10_a_payments_message_is_handed_over_with_amount_and_payee() {
    let test = TestShop::new().await;
    let provider = Arc::new(Scripted::new("only"));
    let shop = test.with_couriers(vec![provider.clone()]);
    let buyer = commerce::shopper(&test, 1).await;
    let goods = commerce::products_on_sale(&test, 1_000, 5).await;
    buyer.wants(&shop, &goods, 1).await;
    buyer.reviews(&shop, "demo_approve").await;
    shop.checkout().place(&buyer.visitor).await.unwrap();
    let shown = shop.checkout().confirmation(&buyer.visitor).await.unwrap().unwrap();
    shop.delivery().run_due().await;
    let handed = provider.handed().remove(0);
    assert_eq!(handed.payment, Some((shown.quote.total().to_string(), shown.payee)));
}
