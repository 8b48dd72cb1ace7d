//! What arrives: listed, read, made durable, and only then deleted.
//!
//! Messages lie in the modem until [`Inbox::keep`](crate::inbox::Inbox::keep) has returned. Deletes name
//! one slot each, and only one whose content is what was kept: indexes are used again at once.

use super::serve::{Serving, Stop};
use super::start::STORE_MS;
use crate::at::{AtError, Class, Shape, fields, number};
use crate::config::Store;
use crate::inbox::{Found, Slot};
use cordboard_plugin::Level;

/// How long the listing of a full store may take on a slow port, in milliseconds.
const LIST_MS: i64 = 60_000;
/// Listings before what is still broken is read slot by slot.
const LISTINGS_MAX: usize = 3;
/// Slots that are read one by one where listing is refused.
const SLOTS_MAX: u16 = 512;
/// From one look into every store to the next, in looks at the usual one.
const EVERYWHERE_LOOKS: u64 = 20;

/// A message as it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    index: u16,
    /// What we wrote ourselves lies there too, and is none of our business.
    ours: bool,
    /// The PDU line, if there was one.
    line: Option<String>,
    /// Whether it is as long as its header says.
    whole: bool,
}

impl Serving<'_, '_> {
    /// The regular look: what is stored, and now and then everything else.
    pub(super) async fn look(&mut self) -> Result<(), Stop> {
        self.looks += 1;
        self.keep_routed().await?;
        self.count().await?;
        let everywhere = self.look_everywhere || self.looks.is_multiple_of(EVERYWHERE_LOOKS);
        if everywhere {
            for memory in self.session.memories.to_look_into() {
                self.look_into(&memory).await?;
            }
            self.look_everywhere = false;
        } else if self.is_worth_listing() {
            let home = self.session.memories.home.clone();
            self.look_into(&home).await?;
        }
        self.look_after().await?;
        self.show();
        let again = self.line.inbox.overdue(self.host).await?;
        if again.is_some_and(|at| at <= self.host.now()) {
            self.line.inbox.work(self.host, &self.line.outbox).await?;
        }
        Ok(())
    }

    /// Whether the count says that there is something in the store that was not seen.
    fn is_worth_listing(&self) -> bool {
        // A modem that does not count is listed every time.
        let memories = &self.session.memories;
        memories.total == 0 || Some(memories.used) != self.counted
    }

    /// A modem says that a message was stored.
    pub(super) async fn stored(&mut self, memory: &str, index: Option<u16>) -> Result<(), Stop> {
        // Several of them in a row are one listing.
        let more = self.channel.heard();
        let alone = !more.iter().any(|event| matches!(event, crate::at::Event::Stored { .. }));
        let named = !memory.is_empty();
        for event in more {
            match event {
                crate::at::Event::Stored { memory: other, .. } if other == memory => {}
                event => self.channel.hear_again(event),
            }
        }
        let known = if named { memory.to_owned() } else { self.session.memories.home.clone() };
        match index {
            Some(index) if alone && named => self.look_at(&known, index).await,
            _ => {
                self.look_into(&known).await?;
                self.look_everywhere |= !named;
                Ok(())
            }
        }
    }

    /// Reads one slot that was announced.
    async fn look_at(&mut self, memory: &str, index: u16) -> Result<(), Stop> {
        if !self.select(memory).await? {
            self.look_everywhere = true;
            return Ok(());
        }
        let found = match self.read(index).await? {
            Some(Shown { ours: false, line: Some(line), .. }) => {
                vec![Found { slot: Some(self.slot(index)), line }]
            }
            // It was seen already, or cannot be read alone: the next listing shows.
            _ => {
                self.look_everywhere = true;
                Vec::new()
            }
        };
        let deleted = self.take_in(&found).await?;
        if let Some(counted) = &mut self.counted {
            *counted += u16::try_from(found.len() - deleted).unwrap_or_default();
        }
        Ok(())
    }

    /// Lists a memory and takes in what lies there.
    pub(super) async fn look_into(&mut self, memory: &str) -> Result<(), Stop> {
        if !self.select(memory).await? {
            return Ok(());
        }
        let shown = self.list().await?;
        let lying = shown.len();
        let found = shown.into_iter().filter(|shown| !shown.ours).filter_map(|shown| {
            let slot = Some(self.slot(shown.index));
            shown.line.map(|line| Found { slot, line })
        });
        let found: Vec<Found> = found.collect();
        let deleted = self.take_in(&found).await?;
        if memory == self.session.memories.home {
            self.counted = u16::try_from(lying - deleted).ok();
        }
        Ok(())
    }

    fn slot(&self, index: u16) -> Slot {
        Slot { memory: self.selected.clone(), index }
    }

    /// Makes messages durable, deletes them from the modem, works on them. The order is the point.
    /// Yields how many were deleted.
    async fn take_in(&mut self, found: &[Found]) -> Result<usize, Stop> {
        let (line, host) = (self.line, self.host);
        let card = self.session.card().to_owned();
        line.inbox.keep(host, &card, found).await?;
        let mut deleted = 0;
        if line.config.store == Store::Delete {
            deleted = self.delete(&card, found).await?;
        }
        self.back_home().await?;
        line.inbox.work(host, &line.outbox).await?;
        Ok(deleted)
    }

    /// Asks again how full the store is.
    async fn count(&mut self) -> Result<(), AtError> {
        let mut memories = self.session.memories.clone();
        memories.count(&mut self.steps()).await?;
        self.session.memories = memories;
        Ok(())
    }

    /// Deletes what was kept, slot by slot.
    async fn delete(&mut self, card: &str, found: &[Found]) -> Result<usize, Stop> {
        let (line, host) = (self.line, self.host);
        let mut deleted = Vec::new();
        let mut stopped = Ok(());
        for Found { slot, line: shown } in found {
            let Some(slot) = slot else { continue };
            let kept = line.inbox.committed(host, card, slot).await?;
            if !kept.is_some_and(|kept| kept.eq_ignore_ascii_case(shown.trim())) {
                continue;
            }
            match self.delete_one(slot.index, shown).await {
                Ok(true) => deleted.push(slot.clone()),
                Ok(false) => {}
                Err(error) => {
                    stopped = Err(error.into());
                    break;
                }
            }
        }
        // What was deleted before the modem failed is deleted all the same.
        line.inbox.deleted(host, card, &deleted).await?;
        stopped.map(|()| deleted.len())
    }

    /// Deletes one slot; yields whether it is empty now.
    async fn delete_one(&mut self, index: u16, shown: &str) -> Result<bool, AtError> {
        let command = format!("AT+CMGD={index}");
        for _ in 0..2 {
            match self.channel.tell(&command, STORE_MS).await {
                Ok(()) => return Ok(true),
                Err(AtError::Fault(fault)) if fault.class() == Class::NothingThere => {
                    return Ok(true);
                }
                Err(AtError::Fault(fault)) => {
                    let words = format!("a message could not be deleted from the modem: {fault}");
                    self.line.desk.trouble(self.host, Level::Warn, words);
                    return Ok(false);
                }
                Err(AtError::Silent(_)) => {}
                Err(error) => return Err(error),
            }
            // It may be deleted, and there may be another message in the slot by now.
            match self.read(index).await? {
                None => return Ok(true),
                Some(Shown { line: Some(line), .. }) if line.eq_ignore_ascii_case(shown) => {}
                Some(_) => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Makes durable what was routed to us. Until then it is here and nowhere else.
    pub(super) async fn keep_routed(&mut self) -> Result<(), Stop> {
        if self.routed.is_empty() {
            return Ok(());
        }
        let (line, host) = (self.line, self.host);
        line.inbox.keep(host, self.session.card(), &self.routed).await?;
        self.routed.clear();
        line.inbox.work(host, &line.outbox).await?;
        Ok(())
    }

    /// Lists the memory that is selected.
    async fn list(&mut self) -> Result<Vec<Shown>, AtError> {
        let mut shown = Vec::new();
        for _ in 0..LISTINGS_MAX {
            match self.channel.ask("AT+CMGL=4", Shape::Pdus("+CMGL:"), LIST_MS).await {
                Ok(lines) => shown = pair_up(&lines, "+CMGL:"),
                Err(AtError::Fault(fault)) => match fault.class() {
                    Class::NothingThere => return Ok(Vec::new()),
                    Class::Busy | Class::Card => return Err(AtError::Fault(fault)),
                    _ => return self.read_all().await,
                },
                Err(error) => return Err(error),
            }
            // Something said in the middle may have cut a line: what is cut is listed again.
            if shown.iter().all(|shown| shown.whole) {
                return Ok(shown);
            }
        }
        // Read alone, whatever is shown is what there is.
        for place in shown.iter_mut().filter(|place| !place.whole) {
            if let Some(read) = self.read(place.index).await? {
                *place = read;
            }
        }
        Ok(shown)
    }

    /// Reads slot by slot where listing is refused, until as many were found as there are.
    async fn read_all(&mut self) -> Result<Vec<Shown>, AtError> {
        let mut found = Vec::new();
        let used = usize::from(self.session.memories.used);
        // Some begin at 0, some at 1, and there are gaps.
        let last = self.session.memories.total.saturating_add(1).min(SLOTS_MAX);
        for index in 0..=last {
            if found.len() >= used {
                break;
            }
            found.extend(self.read(index).await?);
        }
        Ok(found)
    }

    /// Reads one slot; `None` when it is empty.
    async fn read(&mut self, index: u16) -> Result<Option<Shown>, AtError> {
        let command = format!("AT+CMGR={index}");
        match self.channel.ask(&command, Shape::Pdus("+CMGR:"), STORE_MS).await {
            Ok(lines) => {
                let read = pair_up(&lines, "+CMGR:").into_iter().next();
                Ok(read.map(|read| Shown { index, ..read }))
            }
            // Modems say it in every way that a slot is empty.
            Err(AtError::Fault(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Selects the memory to read and delete from; yields whether the modem lets us.
    async fn select(&mut self, memory: &str) -> Result<bool, AtError> {
        if memory == self.selected || memory.is_empty() {
            return Ok(true);
        }
        let command = format!("AT+CPMS=\"{memory}\"");
        match self.channel.ask(&command, Shape::Prefixed("+CPMS:"), STORE_MS).await {
            Ok(_) => {
                memory.clone_into(&mut self.selected);
                Ok(true)
            }
            Err(AtError::Fault(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn back_home(&mut self) -> Result<(), AtError> {
        let home = self.session.memories.names.first().cloned().unwrap_or_default();
        self.select(&home).await.map(|_| ())
    }
}

/// Headers and the PDU lines behind them. `+CMGL: index,stat,[alpha],length` (TS 27.005 4.1),
/// `+CMGR: stat,[alpha],length` (4.2), which has no index.
fn pair_up(lines: &[String], prefix: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let mut octets = None;
    for line in lines {
        if line.starts_with(prefix) {
            let fields = fields(line);
            let at = usize::from(prefix == "+CMGL:");
            let index = number(&fields, 0).filter(|_| at == 1);
            let stat = number(&fields, at);
            octets = fields.last().and_then(|length| length.parse::<usize>().ok());
            found.push(Shown {
                index: index.and_then(|index| u16::try_from(index).ok()).unwrap_or_default(),
                ours: matches!(stat, Some(2 | 3)),
                line: None,
                whole: false,
            });
        } else if let Some(last) = found.last_mut()
            && !last.whole
        {
            last.whole = octets.is_none_or(|octets| has_octets(line, octets));
            last.line = Some(line.clone());
        }
    }
    found
}

/// Whether a PDU line has the length that its header names: octets behind the centre's address.
fn has_octets(line: &str, octets: usize) -> bool {
    let centre = line.get(..2).and_then(|length| usize::from_str_radix(length, 16).ok());
    centre.is_some_and(|centre| line.len() == 2 * (1 + centre + octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_message_without_its_line_or_with_half_of_it_is_no_message() {
        let shown = pair_up(
            &lines(&[
                "+CMGL: 1,1,,3",
                "0001AABB",
                "+CMGL: 2,0,\"x\",3",
                "0001AA",
                "+CMGL: 3,1,,3",
                "+CMGL: 4,3,,3",
                "0001AABB",
            ]),
            "+CMGL:",
        );
        let whole: Vec<(u16, bool, bool)> =
            shown.iter().map(|shown| (shown.index, shown.ours, shown.whole)).collect();
        assert_eq!(
            whole,
            [(1, false, true), (2, false, false), (3, false, false), (4, true, true)]
        );
    }

    #[test]
    fn a_slot_read_alone_has_no_index() {
        let shown = pair_up(&lines(&["+CMGR: 1,,3", "0001AABB"]), "+CMGR:");
        let line = Some("0001AABB".to_owned());
        assert_eq!(shown, [Shown { index: 0, ours: false, line, whole: true }]);
    }
}
