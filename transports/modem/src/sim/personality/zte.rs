//! ZTE sticks.

use super::plain::PLAIN;
use super::{Hush, Memory, Nothing, Personality};

/// In the manner of the MF190: noise every two seconds, a comma in `+CDS`.
pub(super) const MF: Personality = Personality {
    name: "zte",
    maker: "ZTE INCORPORATED",
    model: "MF190",
    revision: "BD_3GHAP673A4V1.0.0B02",
    iccid: &[("+ZGETICCID", "+ZGETICCID: ")],
    memories: &[
        Memory { name: "SM", slots: 0, first: 0 },
        Memory { name: "ME", slots: 100, first: 0 },
        Memory { name: "SR", slots: 10, first: 0 },
    ],
    offered_memories: &["ME", "MT", "SM", "SR"],
    first_memory: "ME",
    deletable: "%",
    lists_nothing: Nothing::Missing,
    comma_in_report: true,
    noise: &["+ZUSIMR:2", "+ZDON: \"Test\",001,01,3,\"3G\"", "+ZPASR: \"UMTS\""],
    noise_every_ms: 2_000,
    noise_in_lists: true,
    hush: Some(Hush { command: "+ZOPRT", value: "5", announcements_too: false }),
    boot: &[(3_000, "+ZUSIMR:2")],
    awake_ms: 3_000,
    sim_ms: 4_000,
    network_ms: 6_000,
    line_end: "\r\r\n",
    takes: &["+ZSNT", "+ZSEC", "+ZCDRUN"],
    ..PLAIN
};
