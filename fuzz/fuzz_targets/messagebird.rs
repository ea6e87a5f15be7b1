#![no_main]

use std::sync::LazyLock;

use fuzz::Target;

static TARGET: LazyLock<Target> = LazyLock::new(|| Target::open("messagebird"));

libfuzzer_sys::fuzz_target!(|input: &[u8]| TARGET.attack(input));
