//! Password hashes of older parameters or an older key, which a sign-in replaces.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version, password_hash::SaltString};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use domain::{MessageKind, Purpose, Refusal, Secret};
use shop::{Passwords, Shop, SignInStep, Visitor};

use crate::{
    people::{PASSWORD, Person, refusal},
    support::{TestShop, key},
};

const CODE: MessageKind = MessageKind::Code(Purpose::Login);

async fn enter_password(shop: &Shop, visitor: &Visitor, person: &Person, password: &str) {
    begin(shop, visitor, person, password).await.unwrap();
}

async fn begin(
    shop: &Shop,
    visitor: &Visitor,
    person: &Person,
    password: &str,
) -> shop::Result<SignInStep> {
    shop.sign_in().begin(visitor, &person.email, password.into(), None).await
}

async fn hash_of(test: &TestShop, person: &Person) -> Secret<String> {
    let mut rows = test.db.read().await.unwrap();
    rows.accounts().find(&person.id).await.unwrap().unwrap().password_hash
}

/// The password of all test accounts, hashed with older parameters.
fn older_hash() -> Secret<String> {
    let params = Params::new(8_192, 1, 1, None).unwrap();
    let salt = SaltString::encode_b64(&[7; 16]).unwrap();
    let older = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Secret::new(older.hash_password(PASSWORD.as_bytes(), &salt).unwrap().to_string())
}

#[tokio::test]
async fn sp05_a_hash_of_older_parameters_is_replaced_after_a_sign_in() {
    let test = TestShop::new().await;
    let shop = test.with_passwords(Passwords::default());
    let older = older_hash();
    let person = Person::with_hash(&test, 1, older.clone()).await;
    let wrong = begin(&shop, &test.visitor(), &person, "wrong horse battery").await;
    assert_eq!(refusal(wrong), Refusal::WrongCredentials);
    shop.rehash_passwords().await.unwrap();
    assert_eq!(hash_of(&test, &person).await, older, "a wrong password replaces nothing");
    enter_password(&shop, &test.visitor(), &person, PASSWORD).await;
    shop.rehash_passwords().await.unwrap();
    assert!(hash_of(&test, &person).await.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    test.run_outbox().await;
    person.enter_code(&test, false).await;
}

#[tokio::test]
async fn sr03_a_sign_in_with_an_outdated_hash_computes_one_hash() {
    let test = TestShop::new().await;
    let older = older_hash();
    let person = Person::with_hash(&test, 1, older.clone()).await;
    for password in [PASSWORD, "wrong horse battery"] {
        let before = test.passwords().computed();
        let begun = begin(&test, &test.visitor(), &person, password).await;
        assert_eq!(begun.is_ok(), password == PASSWORD);
        assert_eq!(test.passwords().computed() - before, 1, "{password}");
    }
    assert_eq!(hash_of(&test, &person).await, older, "the new hash comes later");
}

#[tokio::test]
async fn a_password_changed_in_the_meantime_is_not_undone_by_a_rehash() {
    let test = TestShop::new().await;
    let person = Person::with_hash(&test, 1, older_hash()).await;
    let visitor = person.signed_in(&test).await;
    let account = test.account();
    account
        .change_password(&visitor, PASSWORD.into(), "quiet copper lantern".into())
        .await
        .unwrap();
    let changed = hash_of(&test, &person).await;
    test.rehash_passwords().await.unwrap();
    assert_eq!(hash_of(&test, &person).await, changed);
}

#[tokio::test]
async fn sv07_after_a_rotation_sign_ins_rehash_under_the_new_key() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let old = key("old", 1);
    for ring in [vec![old.clone()], vec![key("new", 2), old.clone()], vec![key("new", 2)]] {
        let name = ring[0].id.clone();
        let shop = test.with_password_keys(ring);
        enter_password(&shop, &test.visitor(), &person, PASSWORD).await;
        test.last_code(&person.phone).await;
        shop.rehash_passwords().await.unwrap();
        let hash = hash_of(&test, &person).await;
        let names_key = format!(",keyid={}$", BASE64_STANDARD_NO_PAD.encode(name));
        assert!(hash.expose().contains(&names_key), "{}", hash.expose());
    }
}

#[tokio::test]
async fn sv07_a_password_whose_key_is_gone_is_wrong_and_can_be_reset() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let before = test.with_password_keys(vec![key("gone", 1)]);
    enter_password(&before, &test.visitor(), &person, PASSWORD).await;
    before.rehash_passwords().await.unwrap();
    let codes = person.count(&test, CODE).await;

    let shop = test.with_password_keys(vec![key("here", 1)]);
    let wrong = begin(&shop, &test.visitor(), &person, PASSWORD).await;
    assert_eq!(refusal(wrong), Refusal::WrongCredentials);
    assert_eq!(person.count(&test, CODE).await, codes, "no code for what is not proved");

    let visitor = test.visitor();
    shop.reset().begin(&visitor, &person.email).await.unwrap();
    let code = test.last_code(&person.phone).await;
    shop.reset().verify(&visitor, &code).await.unwrap();
    shop.reset().set_password(&visitor, PASSWORD.into()).await.unwrap();
    enter_password(&shop, &test.visitor(), &person, PASSWORD).await;
    assert_eq!(person.count(&test, CODE).await, codes + 1);
}
