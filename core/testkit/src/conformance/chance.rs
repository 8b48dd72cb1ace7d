//! Input that nobody thought of, the same in every run.

use crate::host::splitmix64;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many random inputs one question tries.
const ROUNDS: u64 = 300;

/// Calls `ask` with random bytes of [`ROUNDS`] seeds; names the seed of the first that panics.
#[track_caller]
pub(super) fn for_random_bytes(ask: impl Fn(Vec<u8>)) {
    for seed in 0..ROUNDS {
        let outcome = catch_unwind(AssertUnwindSafe(|| ask(random_bytes(seed))));
        assert!(outcome.is_ok(), "panicked or misbehaved on the random bytes of seed {seed}");
    }
}

/// Up to 400 bytes. Every other seed draws from what bodies and texts are made of, since bytes from
/// the whole range seldom get past the first check of a decoder.
fn random_bytes(seed: u64) -> Vec<u8> {
    const USUAL: &[u8] =
        b"{}[]\",:&=+%;/\\<>. \n\t\0-0123456789abcdefTruenull\xc3\xa9\xf0\x9f\x91\x8d";
    let mut state = seed;
    let len = splitmix64(&mut state) % 400;
    let usual = seed.is_multiple_of(2);
    let byte = |drawn: u64| {
        if usual { USUAL[(drawn % USUAL.len() as u64) as usize] } else { drawn as u8 }
    };
    (0..len).map(|_| byte(splitmix64(&mut state))).collect()
}
