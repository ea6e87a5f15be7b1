//! What the tests of the use cases need of a shop.

use domain::ChallengeId;
use shop::{PasswordKeys, Passwords, codes::CodeView};

pub use test_shop::{BEGIN, TestShop, gateways, key, phone, settings};

/// A pool of two that hashes passwords cheaply, under these keys or under none.
pub fn passwords(keys: Option<PasswordKeys>) -> Passwords {
    test_shop::cheap_passwords(2, keys)
}

/// What a page shows of a code. The id of the challenge is left out, as it never leaves the
/// server.
pub fn visible(view: CodeView) -> CodeView {
    CodeView { challenge: ChallengeId::from_bits(0), ..view }
}
