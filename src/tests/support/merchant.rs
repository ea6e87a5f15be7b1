//! The demo's merchant at the browser.

use domain::{PhoneNumber, Secret};
use shop::DemoPasswords;
use web::routes;

use super::{Browser, PASSWORD, Person, TestApp, engine, wrong};

/// The phone of the demo's merchant.
const PHONE: &str = "+447700900222";

impl TestApp {
    /// Switches off the codes of a person, as a hundred wrong ones do. The person enters one.
    pub async fn disable_codes(&self, person: &Person) {
        let mut browser = self.browser();
        browser.get(routes::LOGIN).await;
        let form = [("email", person.email.as_str()), ("password", PASSWORD)];
        browser.submit(routes::api::LOGIN, &form).await;
        let code = self.code(&person.phone).await;
        browser.submit(routes::api::LOGIN_VERIFY, &[("code", &wrong(&code))]).await;
        let disable = "update code_failures set disabled_at = updated_at".to_owned();
        engine::run_on_sqlite(&self.shop.database, disable).await;
    }

    /// Adds the accounts of the demo, and signs the merchant in.
    pub async fn sign_in_merchant(&self) -> Browser {
        let phone = PhoneNumber::from_e164(PHONE).unwrap();
        let code = || self.phones.messages(&phone).into_iter().find_map(|message| message.code);
        self.sign_in_merchant_with(|| code().unwrap()).await
    }

    /// The same, where `code` reads the merchant's code at the provider of the test.
    pub async fn sign_in_merchant_with(&self, code: impl Fn() -> String) -> Browser {
        let secret = || Secret::new(PASSWORD.to_owned());
        let passwords = DemoPasswords { shopper: secret(), merchant: secret() };
        self.shop.seed().seed_accounts(&passwords).await.unwrap();
        let mut browser = self.browser();
        browser.get(routes::LOGIN).await;
        let form = [("email", "merchant@example.com"), ("password", PASSWORD)];
        browser.submit(routes::api::LOGIN, &form).await;
        self.deliver().await;
        browser.submit(routes::api::LOGIN_VERIFY, &[("code", &code())]).await;
        browser
    }
}
