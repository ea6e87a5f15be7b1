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

/// Runs a test with the address of no database, which stands for a new SQLite file, and with that of
/// a new PostgreSQL database, if there is a server.
pub async fn on_each_engine(body: impl AsyncFn(Option<String>)) {
    body(None).await;
    test_support::with_postgres_database(async |address| body(Some(address)).await).await;
}

/// `on_both_engines!(name_of_the_test, async |db| { … });` makes one test for both engines.
macro_rules! on_both_engines {
    ($name:ident, $body:expr) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $crate::support::on_each_engine($body).await;
        }
    };
}
pub(crate) use on_both_engines;
