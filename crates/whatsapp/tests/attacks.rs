//! A fixed number of the mutations that `make fuzz` generates without end, with the same
//! seeds and the same assertions.

use std::path::PathBuf;

#[expect(clippy::panic, clippy::expect_used, clippy::indexing_slicing, reason = "of a test")]
#[path = "../../../fuzz/src/lib.rs"]
mod attack;

use attack::{Mutations, Target, seeds};

/// The number of mutated calls of each provider.
const MUTATIONS: usize = 20_000;

fn corpus(provider: &str) -> Vec<Vec<u8>> {
    let target = match provider {
        "360dialog" => "dialog360",
        "bird-channels" => "bird",
        other => other,
    };
    let fuzz = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    seeds(&fuzz.join(target))
}

#[test]
fn x66_x74_no_call_panics_or_is_accepted_unsigned() {
    for provider in whatsapp::providers::names() {
        let (target, seeds) = (Target::open(provider), corpus(provider));
        seeds.iter().for_each(|seed| target.attack(seed));
        Mutations::of(seeds).take(MUTATIONS).for_each(|input| target.attack(&input));
    }
}
