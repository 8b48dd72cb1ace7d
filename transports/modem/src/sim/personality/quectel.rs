//! Quectel modules.

use super::plain::PLAIN;
use super::{Memory, Nothing, Personality};

/// The EC25: `ME` first, stored reports announced as `"SM",0`.
pub(super) const EC25: Personality = Personality {
    name: "quectel",
    maker: "Quectel",
    model: "EC25",
    revision: "EC25EFAR06A11M4G",
    iccid: &[("+QCCID", "+QCCID: "), ("+CCID", "+CCID: ")],
    memories: &[
        Memory { name: "SM", slots: 0, first: 0 },
        Memory { name: "ME", slots: 23, first: 0 },
        Memory { name: "SR", slots: 20, first: 0 },
    ],
    offered_memories: &["ME", "MT", "SM", "SR"],
    first_memory: "ME",
    first_notify: [2, 1, 0, 0, 0],
    reads_nothing: Nothing::Ok,
    deletes_nothing: Nothing::Missing,
    routes_flash: true,
    report_place: Some("\"SM\",0"),
    boot: &[
        (4_000, "RDY"),
        (5_000, "+CFUN: 1"),
        (5_100, "+CPIN: READY"),
        (6_000, "+QUSIM: 1"),
        (7_000, "+QIND: SMS DONE"),
        (8_000, "+QIND: PB DONE"),
    ],
    awake_ms: 4_000,
    sim_ms: 7_000,
    network_ms: 8_000,
    takes: &["+QURCCFG", "+QCFG", "+QINDCFG", "+QPINC"],
    ..PLAIN
};
