//! Huawei sticks: a flood of lines of their own, errors in words, a full memory announced once.

use super::plain::PLAIN;
use super::{Announcing, Hush, Memory, Nothing, Personality};

/// A stick in the manner of the E173 and E3131.
pub(super) const STICK: Personality = Personality {
    name: "huawei",
    maker: "huawei",
    model: "E173",
    revision: "11.126.16.00.209",
    iccid: &[("^ICCID", "^ICCID: ")],
    memories: &[
        Memory { name: "SM", slots: 0, first: 0 },
        Memory { name: "ME", slots: 100, first: 0 },
        Memory { name: "SR", slots: 10, first: 0 },
    ],
    offered_memories: &["ME", "SM", "SR"],
    notify: [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2, 3], &[0, 1, 2], &[0, 1]],
    // Qualcomm's habit: directly routed reports are offered and refused.
    refuses_notify: |wanted| wanted[3] == 1,
    deletable: "(0-255),(0-4)",
    reads_nothing: Nothing::Missing,
    deletes_nothing: Nothing::Ok,
    full: Some("^SMMEMFULL: \"%\""),
    routes_flash: true,
    noise: &[
        "^RSSI:18",
        "^HCSQ:\"WCDMA\",46,43,57",
        "^DSFLOWRPT:0000001E,00000000,00000000,0000000000000258,0000000000000000",
        "^MODE:5,4",
        "^LWURC: 1",
        "^STIN: 1, 0, 0",
    ],
    noise_every_ms: 3_000,
    noise_in_lists: true,
    hush: Some(Hush { command: "^CURC", value: "0", announcements_too: true }),
    boot: &[(4_000, "^BOOT:20952548,0,0,0,6"), (5_000, "^SIMST:1"), (6_000, "^SRVST:2")],
    awake_ms: 4_000,
    sim_ms: 5_000,
    network_ms: 6_000,
    unknown: "COMMAND NOT SUPPORT",
    too_many: "TOO MANY PARAMETERS",
    answers_escape: false,
    keeps_link: false,
    takes: &["^CVOICE", "^PORTSEL", "^SYSCFG", "^SYSINFO", "^DSFLOWCLR", "^U2DIAG"],
    ..PLAIN
};

/// One that takes texts into the SIM only, announces nothing and wants `+CNMI=2,0,0,2,1`.
pub(super) const E3531: Personality = Personality {
    name: "huawei_e3531",
    model: "E3531",
    revision: "21.318.15.00.00",
    lands_in: Some("SM"),
    refuses_notify: |wanted| wanted[1] != 0 || wanted[3] == 1,
    announces: Announcing::Never,
    ..STICK
};
