//! u-blox modules.

use super::plain::PLAIN;
use super::{Memory, Nothing, Personality};

/// The SARA-R4: LTE only, a full memory told by `+CIEV`.
pub(super) const SARA: Personality = Personality {
    name: "ublox",
    maker: "u-blox",
    model: "SARA-R410M-02B",
    revision: "L0.0.00.00.05.08",
    iccid: &[("+CCID", "+CCID: ")],
    memories: &[
        Memory { name: "SM", slots: 0, first: 1 },
        Memory { name: "ME", slots: 23, first: 1 },
        Memory { name: "SR", slots: 10, first: 1 },
    ],
    offered_memories: &["ME", "SM", "MT", "SR"],
    first_memory: "ME",
    notify: [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2], &[0, 1, 2], &[0, 1]],
    deletes_nothing: Nothing::Missing,
    full: Some("+CIEV: 8,1"),
    noise: &["+UMWI: 0,1", "+UUSIMSTAT: 6"],
    noise_every_ms: 20_000,
    boot: &[(5_000, "+UUSIMSTAT: 6")],
    awake_ms: 5_000,
    sim_ms: 6_000,
    network_ms: 9_000,
    lte_only: true,
    takes: &["+UPSV", "+URAT", "+UMNOPROF", "+UUSIMSTAT"],
    ..PLAIN
};
