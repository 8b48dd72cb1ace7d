//! The modem for a test to look at.

use super::Machine;
use crate::pdu;
use serde_json::{Value, json};

impl Machine {
    /// Its personality, its slots with their PDUs, and how much waits, as JSON.
    pub fn show(&self) -> Value {
        let durable = &self.durable;
        let slots = durable.stores.iter().flat_map(|(memory, slots)| {
            slots.iter().map(move |(index, slot)| {
                json!({
                    "memory": memory,
                    "index": index,
                    "status": slot.status,
                    "pdu": pdu::to_hex(&slot.pdu.0),
                })
            })
        });
        json!({
            "personality": durable.personality,
            "plugged": durable.plugged,
            "hung": durable.hung,
            "imei": durable.card.imei,
            "cnmi": durable.settings.cnmi,
            "memories": durable.settings.memories,
            "echo": durable.settings.echo,
            "slots": slots.collect::<Vec<_>>(),
            "held": self.held(),
            "faults": durable.faults,
        })
    }
}
