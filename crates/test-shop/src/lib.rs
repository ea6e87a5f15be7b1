//! The harness of the tests that need a whole shop: those of the use cases, of the HTTP layer, and
//! the benchmarks. [`TestShop`] is a shop with simulated phones, the demo gateway and a stopped
//! clock; its parts are also here by themselves, for shops that differ in more.
//!
//! It is apart from `test-support`, because the tests of `store` and the unit tests of `shop` use
//! that one, so it must know neither.
//!
//! For tests only: an error here panics, which fails the test.
#![expect(clippy::unwrap_used, reason = "a shop that cannot be built fails the test")]
#![expect(clippy::expect_used, reason = "a code that did not come fails the test")]

mod card_gateway;
mod parts;
mod test_shop;

pub use card_gateway::{
    CARD, CARD_PAGE_ORIGIN, CARD_SIGNATURE, CardFault, CardGateway, CardPayment, CardStep,
    SAVED_CARD,
};
pub use parts::{
    BEGIN, PASSWORD, cheap_passwords, codes_on, gateways, key, phone, settings, visitor,
};
pub use test_shop::{Options, TestShop};
