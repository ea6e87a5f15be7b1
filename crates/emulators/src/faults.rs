//! Chaos: a share of the calls fails, in ways that networks and providers know.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// One way in which a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Refused as an internal error; nothing was accepted.
    Internal,
    /// Refused as too many calls; nothing was accepted.
    TooMany,
    /// Refused as unavailable; nothing was accepted.
    Unavailable,
    /// Accepted, but answered only after a long wait.
    Hang,
    /// The connection ends before anything was accepted.
    ResetBefore,
    /// Accepted, and the connection ends before the answer.
    ResetAfter,
    /// Accepted, and the connection ends in the middle of the answer's body.
    Truncated,
    /// Accepted, and later reported as failed.
    FailedLater,
    /// Accepted, and never heard of again.
    Silence,
}

impl Fault {
    /// Every fault there is.
    pub const ALL: [Self; 9] = [
        Self::Internal,
        Self::TooMany,
        Self::Unavailable,
        Self::Hang,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Truncated,
        Self::FailedLater,
        Self::Silence,
    ];
}

/// Which share of the calls fails, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// From 0 (none) to 1 (all).
    pub rate: f64,
    /// The same seed fails the same calls, counted from the start of the faults.
    #[serde(default)]
    pub seed: u64,
    /// The ways that may be drawn, each as often as the others.
    #[serde(default = "every_fault")]
    pub kinds: Vec<Fault>,
}

fn every_fault() -> Vec<Fault> {
    Fault::ALL.to_vec()
}

/// Draws a fault for each call.
#[derive(Debug, Default)]
pub(crate) struct Chaos(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    faults: Option<Faults>,
    calls: u64,
    drawn: BTreeMap<Fault, u64>,
}

impl Chaos {
    /// Begins with other faults, or with none.
    pub fn set(&self, faults: Option<Faults>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.faults = faults;
        state.calls = 0;
    }

    /// The fault for the next call, if it has one.
    pub fn draw(&self) -> Option<Fault> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let faults = state.faults.clone()?;
        state.calls += 1;
        let number = scramble(faults.seed.wrapping_add(scramble(state.calls)));
        // 53 bits are what a float holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (number >> 11) as f64 / (1_u64 << 53) as f64;
        if share >= faults.rate || faults.kinds.is_empty() {
            return None;
        }
        let kinds = u64::try_from(faults.kinds.len()).unwrap_or(1);
        let which = usize::try_from(scramble(number) % kinds).unwrap_or_default();
        let fault = *faults.kinds.get(which)?;
        *state.drawn.entry(fault).or_default() += 1;
        Some(fault)
    }

    /// How often each fault was drawn since the twin started.
    pub fn counts(&self) -> BTreeMap<Fault, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drawn.clone()
    }
}

/// SplitMix64's finaliser (Steele, Lea, Flood 2014): each bit depends on every other.
fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Chaos, Fault, Faults};

    fn drawn(seed: u64) -> Vec<Option<Fault>> {
        let chaos = Chaos::default();
        chaos.set(Some(Faults { rate: 0.3, seed, kinds: Fault::ALL.to_vec() }));
        (0..10_000).map(|_| chaos.draw()).collect()
    }

    #[test]
    fn the_same_seed_fails_the_same_calls() {
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }

    #[test]
    fn the_share_is_kept_and_every_way_occurs() {
        let drawn = drawn(7);
        let failed = drawn.iter().flatten().count();
        assert!((2_800..3_200).contains(&failed), "{failed} of 10000");
        for fault in Fault::ALL {
            assert!(drawn.contains(&Some(fault)), "{fault:?} never occurs");
        }
    }
}
