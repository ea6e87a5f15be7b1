//! Fault injection: a share of the requests fails, as it happens with networks and providers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// One way in which a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Rejected with an internal error; nothing was accepted.
    Internal,
    /// Rejected as too many requests; nothing was accepted.
    TooMany,
    /// Rejected as unavailable; nothing was accepted.
    Unavailable,
    /// Accepted, but the response is delayed.
    Hang,
    /// The connection is closed before anything was accepted.
    ResetBefore,
    /// Accepted, and the connection is closed before the response.
    ResetAfter,
    /// Accepted, and the connection is closed in the middle of the response's body.
    Truncated,
    /// Accepted, and a webhook reports the failure later.
    FailedLater,
    /// Accepted, and no webhook follows.
    Silence,
    /// Accepted, and answered with an internal error all the same. It is not drawn by default.
    InternalAfter,
}

impl Fault {
    /// The faults that are drawn by default.
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

/// Which share of the requests fails, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// From 0 (none) to 1 (all).
    pub rate: f64,
    /// The same seed fails the same requests, counted from when the faults were set.
    #[serde(default)]
    pub seed: u64,
    /// The faults to draw from, all equally likely.
    #[serde(default = "every_fault")]
    pub kinds: Vec<Fault>,
}

fn every_fault() -> Vec<Fault> {
    Fault::ALL.to_vec()
}

/// A fault of the next requests to an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedFault {
    /// What happens to them.
    pub kind: Fault,
    /// `POST`, `GET`, …; every method without it.
    #[serde(default)]
    pub method: Option<String>,
    /// A part of the path; every path without it.
    #[serde(default)]
    pub path: String,
    /// How many of these requests succeed first.
    #[serde(default)]
    pub skip: u64,
    /// How many of them fail then.
    #[serde(default = "once")]
    pub times: u64,
}

fn once() -> u64 {
    1
}

impl ScriptedFault {
    fn applies_to(&self, method: &str, path: &str) -> bool {
        self.times > 0
            && self.method.as_deref().is_none_or(|only| only == method)
            && path.contains(&self.path)
    }
}

/// Draws a fault for each request.
#[derive(Debug, Default)]
pub(crate) struct FaultInjector(Mutex<InjectorState>);

#[derive(Debug, Default)]
struct InjectorState {
    faults: Option<Faults>,
    scripted: Vec<ScriptedFault>,
    requests: u64,
    drawn: BTreeMap<Fault, u64>,
}

impl FaultInjector {
    /// Sets the faults, or none, and restarts their sequence.
    pub fn set(&self, faults: Option<Faults>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.faults = faults;
        state.requests = 0;
    }

    /// Sets the scripted faults, which come before those that are drawn.
    pub fn set_scripted(&self, faults: Vec<ScriptedFault>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).scripted = faults;
    }

    /// Draws the fault of the next request; none if it succeeds.
    pub fn draw(&self, method: &str, path: &str) -> Option<Fault> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fault) = state.next_scripted(method, path) {
            *state.drawn.entry(fault).or_default() += 1;
            return Some(fault);
        }
        let faults = state.faults.clone()?;
        state.requests += 1;
        let number = drawn_number(faults.seed, state.requests);
        if as_share(number) >= faults.rate || faults.kinds.is_empty() {
            return None;
        }
        let kinds = u64::try_from(faults.kinds.len()).unwrap_or(1);
        let which = usize::try_from(splitmix64(number) % kinds).unwrap_or_default();
        let fault = *faults.kinds.get(which)?;
        *state.drawn.entry(fault).or_default() += 1;
        Some(fault)
    }

    /// How often each fault was drawn since the start.
    pub fn counts(&self) -> BTreeMap<Fault, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drawn.clone()
    }
}

impl InjectorState {
    /// The first scripted fault for this request, which is used up once.
    fn next_scripted(&mut self, method: &str, path: &str) -> Option<Fault> {
        let fault = self.scripted.iter_mut().find(|each| each.applies_to(method, path))?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times -= 1;
        Some(fault.kind)
    }
}

/// The random number of one event; the same seed draws the same numbers.
pub(crate) fn drawn_number(seed: u64, event: u64) -> u64 {
    splitmix64(seed.wrapping_add(splitmix64(event)))
}

/// A random number as a share from 0 to 1.
pub(crate) fn as_share(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a float holds 53 bits exactly")]
    let share = (number >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every output bit depends on every input bit.
fn splitmix64(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultInjector, Faults, ScriptedFault};

    fn drawn(seed: u64) -> Vec<Option<Fault>> {
        let injector = FaultInjector::default();
        injector.set(Some(Faults { rate: 0.3, seed, kinds: Fault::ALL.to_vec() }));
        (0..10_000).map(|_| injector.draw("POST", "/")).collect()
    }

    #[test]
    fn the_same_seed_fails_the_same_requests() {
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }

    #[test]
    fn the_failed_share_matches_the_rate_and_every_fault_occurs() {
        let drawn = drawn(7);
        let failed = drawn.iter().flatten().count();
        assert!((2_800..3_200).contains(&failed), "{failed} of 10000");
        for fault in Fault::ALL {
            assert!(drawn.contains(&Some(fault)), "{fault:?} never occurs");
        }
    }

    #[test]
    fn a_scripted_fault_hits_its_requests_after_those_that_are_skipped() {
        let injector = FaultInjector::default();
        injector.set_scripted(vec![ScriptedFault {
            kind: Fault::ResetAfter,
            method: Some("POST".into()),
            path: "/capture".into(),
            skip: 1,
            times: 2,
        }]);
        let requests =
            ["/v1/x/capture", "/v1/x", "/v1/y/capture", "/v1/z/capture", "/v1/z/capture"];
        let drawn = requests.map(|path| injector.draw("POST", path));
        assert_eq!(drawn, [None, None, Some(Fault::ResetAfter), Some(Fault::ResetAfter), None]);
        assert_eq!(injector.draw("GET", "/v1/x/capture"), None);
    }
}
