//! The work that one password hash takes.

/// Memory, passes and lanes of one Argon2id hash.
///
/// The program uses [`HashingCost::PRODUCTION`]. `tests/boundaries.rs` fails if a source
/// outside of tests names the cheap cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory, in KiB.
    pub(super) memory_kib: u32,
    /// Passes over that memory.
    pub(super) passes: u32,
    /// Lanes, computed one after the other.
    pub(super) lanes: u32,
}

impl HashingCost {
    /// 19 MiB, two passes and one lane (ASVS 5.0 §11.4.2).
    pub const PRODUCTION: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };

    /// 64 KiB and one pass: next to no work, and no protection.
    #[doc(hidden)]
    pub const CHEAP_FOR_TESTS: Self = Self { memory_kib: 64, passes: 1, lanes: 1 };
}

impl Default for HashingCost {
    fn default() -> Self {
        Self::PRODUCTION
    }
}
