//! Requests, grants and answers for tests of codes.

use domain::{AccountId, PhoneNumber, Purpose, Refusal, Timestamp};
use shop::{
    Error, Result, Shop, Visitor,
    codes::{Binding, BoxFuture, Challenge, CodeRequest, Connection, Grant, Recipient},
};

use crate::support::TestShop;

/// Grants the account of the challenge, if the binding is still this one.
#[derive(Clone)]
pub struct Open(pub Binding);

impl Open {
    pub const fn plain() -> Self {
        Self(Binding::none())
    }
}

impl Grant for Open {
    type Output = AccountId;

    fn binding<'c>(
        &'c self,
        _: &'c mut Connection,
        _: &'c Challenge,
    ) -> BoxFuture<'c, Result<Binding>> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn grant<'c>(
        self,
        _: &'c mut Connection,
        challenge: &'c Challenge,
        _: Timestamp,
    ) -> BoxFuture<'c, Result<AccountId>> {
        Box::pin(async { Ok(challenge.account.clone()) })
    }
}

/// A request for a code to a phone that was verified before.
pub fn request(purpose: Purpose, account: u128, phone: &PhoneNumber) -> CodeRequest {
    CodeRequest {
        purpose,
        account: AccountId::from_bits(account),
        to: Recipient::Phone(phone.clone()),
        requested_identifier: None,
        binding: Binding::none(),
        order: None,
        is_verified_phone: true,
    }
}

/// The same request, as a decoy.
pub fn decoy(request: CodeRequest) -> CodeRequest {
    let phone = request.to.phone().unwrap().clone();
    CodeRequest { to: Recipient::DecoyPhone(phone), ..request }
}

pub async fn issue(test: &TestShop, visitor: &Visitor, request: &CodeRequest) -> Result<()> {
    let (issuer, request) = (test.codes().issuer(visitor), request.clone());
    test.db.write(move |tx| Box::pin(async move { issuer.issue(tx, &request).await })).await
}

pub async fn verify(
    shop: &Shop,
    visitor: &Visitor,
    purpose: Purpose,
    code: &str,
) -> Result<AccountId> {
    shop.codes().verify(visitor, purpose, code, Open::plain()).await
}

/// A code that differs from this one.
pub fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

/// The refusal of a use case.
pub fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

pub const fn wrong_or_expired(left: u32) -> Refusal {
    Refusal::WrongOrExpired { left }
}

/// How often an event was audited.
pub async fn events(shop: &TestShop, name: &str) -> u64 {
    shop.db.read().await.unwrap().audit().count(name).await.unwrap()
}
