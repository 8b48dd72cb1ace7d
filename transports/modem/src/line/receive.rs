//! What arrives: made durable, and only then deleted.
//!
//! Messages lie in the modem until [`Inbox::keep`](crate::inbox::Inbox::keep) has returned. Deletes name
//! one slot each, and only one whose content is what was kept: indexes are used again at once.

use super::serve::{Serving, Stop};
use super::slots::Shown;
use super::start::STORE_MS;
use crate::at::{AtError, Class};
use crate::config::Store;
use crate::inbox::{Found, Slot};
use cordboard_plugin::Level;

/// From one look into every store to the next, in looks at the usual one.
const EVERYWHERE_LOOKS: u64 = 20;

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
        let deletes = self.line.config.store == Store::Delete;
        let news = Some(memories.used) != self.counted;
        memories.total == 0 || news || (deletes && memories.is_nearly_full())
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
        let (shown, gapless) = self.list().await?;
        let lying = shown.len();
        if gapless && self.line.config.store == Store::Delete {
            let indexes: Vec<u16> = shown.iter().map(|shown| shown.index).collect();
            let card = self.session.card().to_owned();
            let listed = self.line.inbox.listed(self.host, &card, &self.selected, &indexes);
            listed.await?;
        }
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
}
