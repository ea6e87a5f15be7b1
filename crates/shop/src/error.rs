//! The two kinds of failure: a refusal, which the visitor may see, and a fault, which is
//! logged once and of which the visitor sees a reference only.

use domain::{Outdated, PricingError, Problem, Refusal};

use crate::shipping::UnpricedCurrency;

/// What every use case returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule of the shop refuses the request.
    #[error("refused: {}", .0.kind())]
    Refused(Refusal),
    /// A fault. The use case had no effect.
    #[error(transparent)]
    Failed(#[from] Fault),
}

/// Something that broke. `Display` never shows personal data or secrets.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database.
    #[error("the store failed")]
    Store(#[source] store::Error),
    /// The operating system has no randomness.
    #[error("no randomness")]
    Entropy(#[source] rand::rand_core::OsError),
    /// A password hash could not be made or read.
    #[error("hashing failed")]
    Hashing,
    /// Amounts that have no sum or no sense.
    #[error("a price cannot be computed")]
    Pricing(#[source] PricingError),
    /// There are no shipping prices in the shop's currency.
    #[error(transparent)]
    Shipping(#[from] UnpricedCurrency),
    /// A row, key or setting that violates an invariant, and where.
    #[error("invariant violated: {0}")]
    Broken(&'static str),
    /// Something that the request needs besides the shop failed, such as its session.
    #[error("{what}")]
    Outside {
        /// What failed.
        what: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.into())
    }
}

impl From<Outdated> for Error {
    fn from(outdated: Outdated) -> Self {
        Self::Refused(outdated.into())
    }
}

impl From<UnpricedCurrency> for Error {
    fn from(error: UnpricedCurrency) -> Self {
        Self::Failed(error.into())
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Busy => Self::Refused(Refusal::Busy { seconds: 5 }),
            other => Self::Failed(Fault::Store(other)),
        }
    }
}

impl store::TransactionError for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Failed(Fault::Store(store::Error::Conflict)))
    }
}

impl From<rand::rand_core::OsError> for Error {
    fn from(error: rand::rand_core::OsError) -> Self {
        Self::Failed(Fault::Entropy(error))
    }
}
