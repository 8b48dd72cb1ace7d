//! Input that nobody thought of, the same in every run.

use crate::host::splitmix64;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// How many random inputs one question tries.
const ROUNDS: u64 = 300;

/// Calls `ask` with random bytes of [`ROUNDS`] seeds; names the seed of the first that panics.
#[track_caller]
#[expect(clippy::panic, reason = "what panicked must fail its question")]
pub(super) fn for_random_bytes(ask: impl Fn(Vec<u8>)) {
    for seed in 0..ROUNDS {
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| ask(random_bytes(seed)))) else {
            continue;
        };
        match said(&*panic) {
            Some(words) => panic!("on the random bytes of seed {seed}: {words}"),
            // Not words, so it is meant for whoever asked.
            None => resume_unwind(panic),
        }
    }
}

/// What a panic said.
pub(crate) fn said(panic: &(dyn Any + Send)) -> Option<String> {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
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
