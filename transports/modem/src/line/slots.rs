//! The modem's slots: selected, listed, read.

use super::serve::Serving;
use super::start::STORE_MS;
use crate::at::{AtError, Class, Shape, fields, number};

/// How long the listing of a full store may take on a slow port, in milliseconds.
const LIST_MS: i64 = 60_000;
/// Listings before what is still broken is read slot by slot.
const LISTINGS_MAX: usize = 3;
/// Slots that are read one by one where listing is refused.
const SLOTS_MAX: u16 = 512;

/// A message as it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) index: u16,
    /// What we wrote ourselves lies there too, and is none of our business.
    pub(super) ours: bool,
    /// The PDU line, if there was one.
    pub(super) line: Option<String>,
    /// Whether it is as long as its header says.
    pub(super) whole: bool,
}

impl Serving<'_, '_> {
    /// Lists the memory that is selected. Yields also whether nothing that lies there can be missing.
    pub(super) async fn list(&mut self) -> Result<(Vec<Shown>, bool), AtError> {
        let mut shown = Vec::new();
        for _ in 0..LISTINGS_MAX {
            match self.channel.ask("AT+CMGL=4", Shape::Pdus("+CMGL:"), LIST_MS).await {
                Ok(lines) => shown = pair_up(&lines, "+CMGL:"),
                Err(AtError::Fault(fault)) => match fault.class() {
                    Class::NothingThere => return Ok((Vec::new(), true)),
                    Class::Busy | Class::Card => return Err(AtError::Fault(fault)),
                    _ => return self.read_all().await.map(|found| (found, false)),
                },
                Err(error) => return Err(error),
            }
            // Something said in the middle may have cut a line: what is cut is listed again.
            if shown.iter().all(|shown| shown.whole) {
                return Ok((shown, true));
            }
        }
        // Read alone, whatever is shown is what there is.
        for place in shown.iter_mut().filter(|place| !place.whole) {
            if let Some(read) = self.read(place.index).await? {
                *place = read;
            }
        }
        Ok((shown, false))
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
    pub(super) async fn read(&mut self, index: u16) -> Result<Option<Shown>, AtError> {
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
    pub(super) async fn select(&mut self, memory: &str) -> Result<bool, AtError> {
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

    pub(super) async fn back_home(&mut self) -> Result<(), AtError> {
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
