//! SIMCom modules.

use super::plain::PLAIN;
use super::{Announcing, Memory, Nothing, Personality};

/// The SIM7600: words after power-up, MMS notices marked in `+CMTI`.
pub(super) const SIM7600: Personality = Personality {
    name: "simcom",
    maker: "SIMCOM INCORPORATED",
    model: "SIMCOM_SIM7600E-H",
    revision: "+CGMR: LE20B04SIM7600M22",
    iccid: &[("+CICCID", "+ICCID: ")],
    memories: &[
        Memory { name: "SM", slots: 0, first: 0 },
        Memory { name: "ME", slots: 23, first: 0 },
        Memory { name: "SR", slots: 20, first: 0 },
    ],
    offered_memories: &["ME", "MT", "SM", "SR"],
    first_notify: [2, 1, 0, 0, 0],
    notify: [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2], &[0, 1, 2], &[0, 1]],
    refuses_notify: |wanted| wanted[3] == 1,
    deletable: "%,(0-4)",
    reads_nothing: Nothing::Ok,
    announces: Announcing::WithPush,
    full: Some("+SMS FULL"),
    routes_flash: true,
    boot: &[(5_000, "RDY"), (6_000, "+CPIN: READY"), (7_000, "SMS DONE"), (8_000, "PB DONE")],
    awake_ms: 5_000,
    sim_ms: 7_000,
    network_ms: 8_000,
    takes: &["+CSCLK", "+CNMP", "+UIMHOTSWAPON", "+SIMCOMATI"],
    ..PLAIN
};

/// The A7670: no direct reports, whatever is asked for with them; its own memory is lost with the power.
pub(super) const A7670: Personality = Personality {
    name: "simcom_a7670",
    model: "A7670E-FASE",
    revision: "A7670M7_V1.11.1",
    names_answers: true,
    notify: [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2], &[0, 2], &[0, 1]],
    reads_nothing: Nothing::Error,
    deletes_nothing: Nothing::Error,
    lte_only: true,
    forgets: &["ME"],
    boot: &[
        (6_000, "*ATREADY: 1"),
        (7_000, "+CPIN: READY"),
        (8_000, "SMS DONE"),
        (9_000, "PB DONE"),
    ],
    awake_ms: 6_000,
    sim_ms: 8_000,
    network_ms: 9_000,
    ..SIM7600
};

/// The SIM7000 with which a text has been seen to come into memory `""`, slot -1.
pub(super) const SIM7000: Personality = Personality {
    name: "simcom_sim7000",
    model: "SIMCOM_SIM7000E",
    revision: "1529B11SIM7000",
    iccid: &[("+CCID", "")],
    announces: Announcing::Nameless,
    boot: &[(4_000, "RDY"), (5_000, "+CPIN: READY"), (6_000, "SMS Ready")],
    awake_ms: 4_000,
    sim_ms: 6_000,
    network_ms: 7_000,
    ..SIM7600
};
