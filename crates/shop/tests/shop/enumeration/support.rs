//! What an anonymous visitor sees at an entry point, from asking for a code to its end.

use std::{fmt::Debug, time::Duration};

use domain::{MessageKind, Purpose};
use shop::{RegistrationForm, Result, Shop, Visitor};

use crate::{
    people::{Person, form, refusal},
    support::{TestShop, visible},
};

/// A password that no account has.
pub const WRONG: &str = "wrong horse battery";

/// A way to ask for a code without being signed in.
#[derive(Clone, Debug)]
pub enum EntryPoint {
    Login {
        email: String,
        password: &'static str,
    },
    Reset(String),
    Register {
        number: u32,
    },
    /// With somebody's address and another number.
    RegisterWith {
        email: String,
        number: u32,
    },
}

impl EntryPoint {
    pub fn login(email: &str, password: &'static str) -> Self {
        Self::Login { email: email.to_owned(), password }
    }

    pub const fn purpose(&self) -> Purpose {
        match self {
            Self::Login { .. } => Purpose::Login,
            Self::Reset(_) => Purpose::Reset,
            Self::Register { .. } | Self::RegisterWith { .. } => Purpose::Phone,
        }
    }

    pub async fn ask(&self, shop: &Shop, visitor: &Visitor) -> Result<()> {
        match self {
            Self::Login { email, password } => {
                shop.sign_in().begin(visitor, email, (*password).into(), None).await.map(drop)
            }
            Self::Reset(identifier) => shop.reset().begin(visitor, identifier).await,
            Self::Register { number } => shop.registration().begin(visitor, form(*number)).await,
            Self::RegisterWith { email, number } => {
                let form = RegistrationForm { email: email.clone(), ..form(*number) };
                shop.registration().begin(visitor, form).await
            }
        }
    }

    pub async fn answer(&self, shop: &Shop, visitor: &Visitor, code: &str) -> Result<()> {
        match self {
            Self::Login { .. } => shop.sign_in().verify(visitor, code, false).await.map(drop),
            Self::Reset(_) => shop.reset().verify(visitor, code).await,
            Self::Register { .. } | Self::RegisterWith { .. } => {
                shop.registration().verify(visitor, code).await.map(drop)
            }
        }
    }
}

/// Asks so often at an entry point, each time from a browser and an address of its own, and
/// waits for what comes of it.
pub async fn ask_often(test: &TestShop, entry_point: &EntryPoint, times: u32) {
    for _ in 0..times {
        entry_point.ask(test, &test.visitor()).await.unwrap();
        test.run_outbox().await;
    }
}

/// Everything that a visitor sees at an entry point, line by line. `meanwhile` is what the
/// phone does after the message was sent.
pub async fn walk(
    test: &TestShop,
    shop: &Shop,
    entry_point: &EntryPoint,
    meanwhile: fn(&TestShop),
) -> VisibleStatus {
    let mut seen = VisibleStatus { visitor: test.visitor(), lines: Vec::new() };
    let begun = entry_point.ask(shop, &seen.visitor).await;
    let is_begun = begun.is_ok();
    seen.note(begun);
    if !is_begun {
        return seen;
    }
    seen.look(shop, entry_point).await;
    for seconds in [0, 1, 1, 5, 30, 30] {
        deliver(test, shop, seconds).await;
        meanwhile(test);
        deliver(test, shop, 0).await;
        seen.look(shop, entry_point).await;
    }
    for seconds in [0, 60] {
        deliver(test, shop, seconds).await;
        let again = shop.codes().resend(&seen.visitor, entry_point.purpose()).await;
        seen.note(again);
        seen.look(shop, entry_point).await;
    }
    deliver(test, shop, 31).await;
    let text = shop.codes().send_by_sms(&seen.visitor, entry_point.purpose()).await;
    seen.note(text);
    for _ in 0..7 {
        let answer = entry_point.answer(shop, &seen.visitor, "000000").await;
        seen.note(answer);
        seen.look(shop, entry_point).await;
    }
    let again = entry_point.ask(shop, &seen.visitor).await;
    seen.note(again);
    seen.look(shop, entry_point).await;
    seen
}

/// Lets time pass and sends what is due, by this shop.
async fn deliver(test: &TestShop, shop: &Shop, seconds: u64) {
    test.clock.advance(Duration::from_secs(seconds));
    shop.delivery().run_due().await;
    test.run_outbox().await;
}

/// What one visitor saw.
pub struct VisibleStatus {
    pub visitor: Visitor,
    pub lines: Vec<String>,
}

impl VisibleStatus {
    fn note(&mut self, answer: impl Debug) {
        self.lines.push(format!("{answer:?}"));
    }

    async fn look(&mut self, shop: &Shop, entry_point: &EntryPoint) {
        let view =
            shop.codes().status(&self.visitor, entry_point.purpose()).await.unwrap().map(visible);
        self.note(view);
    }
}

/// All of these saw the same, down to the letter.
pub fn assert_same(all: &[(String, VisibleStatus)]) {
    let [(first, expected), others @ ..] = all else { return };
    for (other, seen) in others {
        for (place, (left, right)) in expected.lines.iter().zip(&seen.lines).enumerate() {
            assert_eq!(left, right, "step {place} of {first} and of {other}");
        }
        assert_eq!(expected.lines.len(), seen.lines.len());
    }
}

/// How many codes went to somebody.
pub async fn codes(test: &TestShop, person: &Person) -> usize {
    let messages = test.messages(&person.phone).await;
    messages.iter().filter(|one| matches!(one.purpose, MessageKind::Code(_))).count()
}

/// Five wrong codes after a right password: the phone's codes wait.
pub async fn fail_five_times(test: &TestShop, person: &Person) {
    let visitor = test.visitor();
    person.knock(test, &visitor).await.unwrap();
    let code = test.last_code(&person.phone).await;
    for _ in 0..5 {
        refusal(test.sign_in().verify(&visitor, &crate::people::wrong(&code), false).await);
    }
}
