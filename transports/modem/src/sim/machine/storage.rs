//! Memories: which there are, what is in them, listing, reading, deleting (TS 27.005 3.4).

use super::Machine;
use super::answer::{End, Reply};
use super::durable::{Mode, Slot};
use super::parse::{Command, Form};
use crate::pdu;
use crate::sim::personality::{Memory, Nothing};
use cordboard_plugin::{Blob, Timestamp};

/// The view on both memories.
const BOTH: &str = "MT";

impl Machine {
    pub(super) fn answer_storage(&mut self, now: Timestamp, command: &Command) -> Option<Reply> {
        let act: fn(&mut Self, Timestamp, &Command) -> Reply = match command.name.as_str() {
            "+CPMS" => Self::answer_memories,
            "+CMGL" => Self::answer_list,
            "+CMGR" => Self::answer_read,
            "+CMGD" => Self::answer_delete,
            "+CMGF" => Self::answer_format,
            _ => return None,
        };
        Some(match self.texts_trouble(now) {
            Some(code) => Reply::end(End::Cms(code)),
            None => act(self, now, command),
        })
    }

    /// PDU mode is all there is.
    fn answer_format(&mut self, _now: Timestamp, command: &Command) -> Reply {
        match &command.form {
            Form::Test => Reply::line("+CMGF: (0)"),
            Form::Read => Reply::line("+CMGF: 0"),
            Form::Set(value) if value == "0" => Reply::ok(),
            Form::Run => Reply::ok(),
            Form::Set(_) => Reply::end(End::Cms(303)),
        }
    }

    fn answer_memories(&mut self, _now: Timestamp, command: &Command) -> Reply {
        let offered = self.kind.offered_memories;
        match &command.form {
            Form::Test => {
                let names = offered.iter().map(|name| format!("\"{name}\""));
                let list = format!("({})", names.collect::<Vec<_>>().join(","));
                Reply::line(format!("+CPMS: {list},{list},{list}"))
            }
            Form::Read => {
                let memories = self.durable.settings.memories.iter();
                let all = memories
                    .map(|name| format!("\"{name}\",{},{}", self.used(name), self.capacity(name)));
                Reply::line(format!("+CPMS: {}", all.collect::<Vec<_>>().join(",")))
            }
            Form::Set(_) => {
                let wanted = command.form.parameters();
                let is_right = (1..=3).contains(&wanted.len())
                    && wanted.iter().all(|name| offered.contains(&name.as_str()));
                if !is_right {
                    return Reply::end(End::Cms(302));
                }
                for (place, name) in self.durable.settings.memories.iter_mut().zip(wanted) {
                    *place = name;
                }
                let memories = self.durable.settings.memories.iter();
                let all =
                    memories.map(|name| format!("{},{}", self.used(name), self.capacity(name)));
                Reply::line(format!("+CPMS: {}", all.collect::<Vec<_>>().join(",")))
            }
            Form::Run => Reply::end(End::Error),
        }
    }

    fn answer_list(&mut self, _now: Timestamp, command: &Command) -> Reply {
        let wanted: u8 = match &command.form {
            Form::Test => return Reply::line("+CMGL: (0-4)"),
            Form::Run => 0,
            _ => match command.form.number(0).filter(|status| *status <= 4) {
                Some(status) => status,
                None => return Reply::end(End::Cms(302)),
            },
        };
        let mut lines = Vec::new();
        for (index, memory, slot) in self.view(&self.durable.settings.memories[0]) {
            let Some(kept) = self.slot_mut(&memory, slot) else { continue };
            if wanted == 4 || kept.status == wanted {
                lines.push(format!("+CMGL: {index},{}\r\n{}", heading(kept), hex(kept)));
                kept.status = kept.status.max(1);
            }
        }
        if lines.is_empty() {
            return nothing(self.kind.lists_nothing);
        }
        Reply { lines, end: End::Ok }
    }

    fn answer_read(&mut self, _now: Timestamp, command: &Command) -> Reply {
        if matches!(command.form, Form::Test) {
            return Reply::ok();
        }
        let Some((memory, slot)) = command.form.number(0).and_then(|index| self.locate(index))
        else {
            return Reply::end(End::Cms(321));
        };
        let missing = self.kind.reads_nothing;
        let Some(kept) = self.slot_mut(&memory, slot) else { return nothing(missing) };
        let line = format!("+CMGR: {}\r\n{}", heading(kept), hex(kept));
        kept.status = kept.status.max(1);
        Reply::line(line)
    }

    fn answer_delete(&mut self, now: Timestamp, command: &Command) -> Reply {
        let memory = self.durable.settings.memories[0].clone();
        if matches!(command.form, Form::Test) {
            let view = self.view(&memory);
            let used: Vec<_> = view.iter().map(|(index, ..)| index.to_string()).collect();
            let list = format!("({})", used.join(","));
            return Reply::line(format!("+CMGD: {}", self.kind.deletable.replace('%', &list)));
        }
        let flag: u8 = match command.form.parameters().len() {
            0 => return Reply::end(End::Error),
            1 => 0,
            _ => command.form.number(1).unwrap_or(9),
        };
        let reply = match flag {
            0 => self.delete_one(command.form.number(0)),
            1..=4 => {
                for (_, memory, slot) in self.view(&memory) {
                    let status = self.slot_mut(&memory, slot).map(|kept| kept.status);
                    let goes = match flag {
                        1 => status == Some(1),
                        2 => matches!(status, Some(1 | 3)),
                        3 => matches!(status, Some(1..=3)),
                        _ => true,
                    };
                    if goes {
                        self.forget(&memory, slot);
                    }
                }
                Reply::ok()
            }
            _ => return Reply::end(End::Cms(302)),
        };
        self.tell_memory_free(now);
        reply
    }

    fn delete_one(&mut self, index: Option<u16>) -> Reply {
        let Some((memory, slot)) = index.and_then(|index| self.locate(index)) else {
            return Reply::end(End::Cms(321));
        };
        if self.forget(&memory, slot) { Reply::ok() } else { nothing(self.kind.deletes_nothing) }
    }

    fn forget(&mut self, memory: &str, slot: u16) -> bool {
        let slots = self.durable.stores.get_mut(memory);
        slots.is_some_and(|slots| slots.remove(&slot).is_some())
    }

    /// The PDU of a text to keep is complete.
    pub(super) fn keep_body(&mut self, mode: Mode, body: &str) -> Reply {
        let Mode::Keeping { octets, status } = mode else { return Reply::end(End::Error) };
        let Some(pdu) = sized(body, octets) else { return Reply::end(End::Cms(304)) };
        let memory = self.durable.settings.memories[1].clone();
        match self.store(&memory, status, pdu) {
            Some((_, slot)) => Reply::line(format!("+CMGW: {slot}")),
            None => Reply::end(End::Cms(322)),
        }
    }

    /// Puts a text into the first free slot of a memory or view; `None` when it is full.
    pub(super) fn store(
        &mut self,
        memory: &str,
        status: u8,
        pdu: Vec<u8>,
    ) -> Option<(&'static str, u16)> {
        for real in self.behind(memory) {
            let slots = self.durable.stores.entry(real.name.to_owned()).or_default();
            let last = real.first + Self::slots_of(&real, self.durable.card.slots);
            let free = (real.first..last).find(|slot| !slots.contains_key(slot));
            if let Some(slot) = free {
                slots.insert(slot, Slot { status, pdu: Blob(pdu) });
                return Some((real.name, slot));
            }
        }
        None
    }

    /// The memories that a name stands for.
    fn behind(&self, name: &str) -> Vec<Memory> {
        let wanted = |memory: &&Memory| match name {
            BOTH => memory.name != "SR",
            name => memory.name == name,
        };
        let mut found: Vec<Memory> = self.kind.memories.iter().filter(wanted).copied().collect();
        // The modem's own memory is in front of the card's.
        found.sort_by_key(|memory| memory.name);
        found
    }

    fn slots_of(memory: &Memory, on_card: u16) -> u16 {
        if memory.slots == 0 { on_card.min(1000) } else { memory.slots }
    }

    pub(super) fn capacity(&self, name: &str) -> usize {
        let on_card = self.durable.card.slots;
        self.behind(name).iter().map(|memory| usize::from(Self::slots_of(memory, on_card))).sum()
    }

    pub(super) fn used(&self, name: &str) -> usize {
        let stores = &self.durable.stores;
        let used = |memory: &Memory| stores.get(memory.name).map_or(0, |slots| slots.len());
        self.behind(name).iter().map(used).sum()
    }

    /// Every used slot of a memory or view: its number there, its memory, its number in that.
    fn view(&self, name: &str) -> Vec<(u16, String, u16)> {
        let (mut all, mut before) = (Vec::new(), 0);
        for real in self.behind(name) {
            let slots =
                self.durable.stores.get(real.name).into_iter().flat_map(|slots| slots.keys());
            all.extend(slots.map(|slot| (slot + before, real.name.to_owned(), *slot)));
            before += Self::slots_of(&real, self.durable.card.slots);
        }
        all
    }

    /// The slot behind a number in what is read now; `None` when there is no such number.
    pub(super) fn locate(&self, index: u16) -> Option<(String, u16)> {
        let mut before = 0;
        for real in self.behind(&self.durable.settings.memories[0]) {
            let count = Self::slots_of(&real, self.durable.card.slots);
            let slot = index.checked_sub(before)?;
            if (real.first..real.first + count).contains(&slot) {
                return Some((real.name.to_owned(), slot));
            }
            before += count;
        }
        None
    }

    pub(super) fn slot_mut(&mut self, memory: &str, slot: u16) -> Option<&mut Slot> {
        self.durable.stores.get_mut(memory)?.get_mut(&slot)
    }
}

/// `stat,[alpha],length` of a listed text; the length leaves out the SMSC part.
fn heading(slot: &Slot) -> String {
    format!("{},,{}", slot.status, octets(&slot.pdu.0))
}

fn hex(slot: &Slot) -> String {
    pdu::to_hex(&slot.pdu.0)
}

/// How long a PDU is without its SMSC part.
pub(super) fn octets(pdu: &[u8]) -> usize {
    pdu.split_first().map_or(0, |(centre, rest)| rest.len().saturating_sub(usize::from(*centre)))
}

/// A PDU as it was written, if it is as long as it was said to be.
pub(super) fn sized(body: &str, said: usize) -> Option<Vec<u8>> {
    let pdu = pdu::from_hex(body).ok()?;
    (octets(&pdu) == said && said > 0).then_some(pdu)
}

fn nothing(how: Nothing) -> Reply {
    Reply::end(match how {
        Nothing::Ok => End::Ok,
        Nothing::Missing => End::Cms(321),
        Nothing::Error => End::Error,
    })
}
