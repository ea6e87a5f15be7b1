//! Accounts for tests, and how they sign in.

use domain::{
    AccountId, EmailAddress, Language, MessageKind, Password, PhoneNumber, Refusal, Role, Secret,
    SignInId, Timestamp,
};
use shop::{Error, RegistrationForm, Result, SignInDone, SignInStep, Visitor};
use store::{Account, transaction};
use test_support::secret_scan::register_secret;

use crate::support::{BEGIN, TestShop, phone};

/// The password of all test accounts.
pub use test_shop::PASSWORD;

/// A shopper with an account.
#[derive(Clone)]
pub struct Person {
    pub id: AccountId,
    pub email: String,
    pub phone: PhoneNumber,
}

impl Person {
    /// A shopper with a new account.
    pub async fn new(test: &TestShop, number: u32) -> Self {
        let password = Password::claim(PASSWORD.into()).unwrap();
        let hash = test.passwords().hash(password, &shop::Entropy::system()).await.unwrap();
        Self::with_hash(test, number, hash).await
    }

    /// A shopper whose account is disabled.
    pub async fn disabled(test: &TestShop, number: u32) -> Self {
        let password = Password::claim(PASSWORD.into()).unwrap();
        let hash = test.passwords().hash(password, &shop::Entropy::system()).await.unwrap();
        Self::insert(test, number, hash, Role::Shopper, Some(BEGIN)).await
    }

    /// The merchant.
    pub async fn merchant(test: &TestShop, number: u32) -> Self {
        let password = Password::claim(PASSWORD.into()).unwrap();
        let hash = test.passwords().hash(password, &shop::Entropy::system()).await.unwrap();
        Self::insert(test, number, hash, Role::Merchant, None).await
    }

    /// A shopper with this password hash.
    pub async fn with_hash(test: &TestShop, number: u32, hash: Secret<String>) -> Self {
        Self::insert(test, number, hash, Role::Shopper, None).await
    }

    async fn insert(
        test: &TestShop,
        number: u32,
        hash: Secret<String>,
        role: Role,
        disabled_at: Option<Timestamp>,
    ) -> Self {
        let person = Self {
            id: AccountId::from_bits(number.into()),
            email: format!("person{number}@example.com"),
            phone: phone(number),
        };
        let account = Account {
            id: person.id.clone(),
            email: EmailAddress::parse(&person.email).unwrap(),
            name: "A Person".into(),
            phone: person.phone.clone(),
            phone_verified_at: BEGIN,
            password_hash: hash,
            role,
            language: Language::English,
            created_at: BEGIN,
            disabled_at,
        };
        let insert = transaction!(test.db, |tx| tx.accounts().insert(&account).await);
        assert!(insert.await.unwrap());
        person
    }

    /// Begins a sign-in with e-mail address and password.
    pub async fn enter_password(&self, test: &TestShop, visitor: &Visitor) -> Result<SignInStep> {
        test.sign_in().begin(visitor, &self.email, PASSWORD.into(), None).await
    }

    /// Signs in with password and code, and trusts the browser if asked to.
    pub async fn enter_code(&self, test: &TestShop, trust: bool) -> (Visitor, SignInDone) {
        let visitor = test.visitor();
        self.enter_password(test, &visitor).await.unwrap();
        let code = test.last_code(&self.phone).await;
        let done = test.sign_in().verify(&visitor, &code, trust).await.unwrap();
        (signed_in(test, visitor, &done.sign_in).await.unwrap(), done)
    }

    /// Signs in and returns the signed-in visitor.
    pub async fn signed_in(&self, test: &TestShop) -> Visitor {
        self.enter_code(test, false).await.0
    }

    /// Signs in with a browser that is trusted from then on, and returns its token.
    pub async fn trusted(&self, test: &TestShop) -> (Visitor, String) {
        let (visitor, done) = self.enter_code(test, true).await;
        let token = done.device_token.unwrap().expose().clone();
        register_secret(&*token);
        (visitor, token)
    }

    /// How many messages of a kind are on the phone.
    pub async fn count(&self, test: &TestShop, kind: MessageKind) -> usize {
        count(test, &self.phone, kind).await
    }
}

/// The visitor with a sign-in; `None` if it has ended.
pub async fn signed_in(test: &TestShop, visitor: Visitor, id: &SignInId) -> Option<Visitor> {
    let signed_in = test.sessions().resume(id).await.unwrap()?;
    Some(Visitor { signed_in: Some(signed_in), ..visitor })
}

/// The visitor as the next request sees it; `None` if the sign-in has ended.
pub async fn again(test: &TestShop, visitor: &Visitor) -> Option<Visitor> {
    let id = visitor.signed_in.clone().unwrap().id;
    signed_in(test, visitor.clone(), &id).await
}

/// How many messages of a kind are on a phone.
pub async fn count(test: &TestShop, phone: &PhoneNumber, kind: MessageKind) -> usize {
    test.messages(phone).await.iter().filter(|message| message.purpose == kind).count()
}

/// How often an event was audited.
pub async fn recorded(test: &TestShop, name: &str) -> u64 {
    test.db.read().await.unwrap().audit().count(name).await.unwrap()
}

/// The registration form of a new shopper.
pub fn form(number: u32) -> RegistrationForm {
    RegistrationForm {
        name: "A Person".into(),
        email: format!("person{number}@example.com"),
        phone: phone(number).expose().into(),
        password: PASSWORD.into(),
    }
}

/// The refusal of a use case.
pub fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// A code that differs from this one.
pub fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 100_0000)
}

/// The refusal of a wrong code with so many attempts left.
pub const fn left(left: u32) -> Refusal {
    Refusal::WrongOrExpired { left }
}
