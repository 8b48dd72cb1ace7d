//! Where messages lie (`+CPMS`, TS 27.005 3.2.2).
//!
//! The card's own memory is the first choice: it keeps its messages without power, which the memory of
//! some modules does not. All memories that can be set are set to the same one.

use super::{STORE_MS, Steps};
use crate::at::{AtError, Shape, choices, fields, number};
use cordboard_plugin::Host;

/// The stores of a modem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memories {
    /// Those that can be read: `SM`, `ME`, `MT`, `SR` …
    pub(crate) offered: Vec<String>,
    /// Where new messages land; empty when the modem does not say.
    pub(crate) home: String,
    /// Slots in use there.
    pub(crate) used: u16,
    /// Slots there; 0 when it is not told.
    pub(crate) total: u16,
    /// The names that `+CPMS?` answers: they change when the modem loses its settings.
    pub(crate) names: Vec<String>,
}

/// In which order memories are wanted.
const WANTED: &[&str] = &["SM", "MT", "ME"];

/// Chooses the memories. Tries those offered first, but goes by what is accepted.
pub(super) async fn choose(
    steps: &mut Steps<'_, '_>,
    host: &dyn Host,
) -> Result<Memories, AtError> {
    // Right after power-up the card's memory is not there yet, and would be missing from the list.
    let offered = loop_until_offered(steps, host).await?;
    let mut memories =
        Memories { offered: offered.first().cloned().unwrap_or_default(), ..Memories::default() };
    for command in commands(&offered) {
        if steps.ask_accepted(&command).await? {
            break;
        }
    }
    memories.count(steps).await?;
    Ok(memories)
}

impl Steps<'_, '_> {
    async fn ask_accepted(&mut self, command: &str) -> Result<bool, AtError> {
        Ok(self.try_to(command, Shape::Prefixed("+CPMS:"), STORE_MS).await?.is_ok())
    }
}

async fn loop_until_offered(
    steps: &mut Steps<'_, '_>,
    host: &dyn Host,
) -> Result<Vec<Vec<String>>, AtError> {
    let until = host.now().plus_millis(super::BUSY_MS_MAX);
    loop {
        let answer = steps.try_to("AT+CPMS=?", Shape::Prefixed("+CPMS:"), STORE_MS).await?;
        match answer {
            Ok(lines) => return Ok(lines.first().map(|line| choices(line)).unwrap_or_default()),
            Err(fault) if super::may_pass(&fault) && host.now() < until => {
                steps.channel.linger(super::BUSY_PAUSE_MS).await?;
            }
            Err(_) => return Ok(Vec::new()),
        }
    }
}

/// The commands to try, best first. Of the second and third memory, what is not offered is left as near
/// to the first as the lists allow; old modems take fewer than they list, so shorter forms follow.
fn commands(offered: &[Vec<String>]) -> Vec<String> {
    let first = offered.first().map(Vec::as_slice).unwrap_or_default();
    let mut homes: Vec<&str> =
        WANTED.iter().copied().filter(|name| first.iter().any(|has| has == name)).collect();
    // Where new ones land must be a place that can be read.
    let lands =
        |home: &&str| offered.get(2).is_none_or(|third| third.iter().any(|has| has == home));
    homes.sort_by_key(|home| !lands(home));
    if homes.is_empty() {
        homes = WANTED.to_vec();
    }
    let count = offered.len().clamp(1, 3);
    let mut found = Vec::new();
    for home in homes {
        for len in (1..=count).rev() {
            let names: Vec<String> = (0..len)
                .map(|at| {
                    let list = offered.get(at).map(Vec::as_slice).unwrap_or_default();
                    let other = list.first().filter(|_| !list.iter().any(|has| has == home));
                    format!("\"{}\"", other.map_or(home, String::as_str))
                })
                .collect();
            found.push(format!("AT+CPMS={}", names.join(",")));
        }
    }
    found
}

impl Memories {
    /// Asks again how full it is, and which memories are set.
    pub(in crate::line) async fn count(
        &mut self,
        steps: &mut Steps<'_, '_>,
    ) -> Result<(), AtError> {
        let lines = steps.ask("AT+CPMS?", Shape::Prefixed("+CPMS:"), STORE_MS).await?;
        if let Some(line) = lines.first() {
            self.read(line);
        }
        Ok(())
    }

    /// Reads `"SM",3,20,"SM",3,20,"SM",3,20`.
    fn read(&mut self, line: &str) {
        let fields = fields(line);
        self.names = fields.iter().step_by(3).cloned().collect();
        let count = |at| number(&fields, at).and_then(|n| u16::try_from(n).ok()).unwrap_or(0);
        self.home = self.names.last().cloned().unwrap_or_default();
        // The third memory counts where new ones land; a modem with fewer has only the first.
        let at = if self.names.len() == 3 { 6 } else { 0 };
        (self.used, self.total) = (count(at + 1), count(at + 2));
    }

    /// The memories to look into: where new messages land, and those where older ones, or reports, may
    /// lie. `MT` is `SM` and `ME` together and is not looked into beside them.
    pub(crate) fn to_look_into(&self) -> Vec<String> {
        let mut found = vec![self.home.clone()];
        for name in ["SM", "ME", "MT", "SR"] {
            let offered = self.offered.iter().any(|has| has == name);
            let seen = match name {
                "MT" => found.iter().any(|has| ["SM", "ME", "MT"].contains(&has.as_str())),
                "SM" | "ME" => found.iter().any(|has| [name, "MT"].contains(&has.as_str())),
                _ => found.iter().any(|has| has == name),
            };
            if offered && !seen {
                found.push(name.to_owned());
            }
        }
        found
    }

    /// Whether 80 % of it are in use.
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.total > 0 && u32::from(self.used) * 5 >= u32::from(self.total) * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(line: &str) -> Vec<String> {
        commands(&choices(line))
    }

    #[test]
    fn as_many_memories_are_set_as_are_offered() {
        assert_eq!(
            offered("+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")")[..3],
            ["AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CPMS=\"SM\",\"SM\"", "AT+CPMS=\"SM\""]
        );
        // A Wavecom has two, and takes one at a time.
        assert_eq!(
            offered("+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))"),
            ["AT+CPMS=\"SM\",\"SM\"", "AT+CPMS=\"SM\""]
        );
        assert_eq!(offered("+CPMS: (\"ME\")"), ["AT+CPMS=\"ME\""]);
    }

    #[test]
    fn messages_land_where_they_can_be_read() {
        let line = "+CPMS: (\"ME\",\"MT\",\"SM\"),(\"ME\",\"SM\"),(\"ME\")";
        assert_eq!(offered(line)[0], "AT+CPMS=\"ME\",\"ME\",\"ME\"");
        let line = "+CPMS: (\"SM\"),(\"ME\"),(\"SM\")";
        assert_eq!(offered(line)[0], "AT+CPMS=\"SM\",\"ME\",\"SM\"");
    }

    #[test]
    fn without_a_list_the_usual_ones_are_tried() {
        assert_eq!(offered("")[..2], ["AT+CPMS=\"SM\"", "AT+CPMS=\"MT\""]);
    }

    #[test]
    fn how_full_it_is_is_that_of_the_memory_where_new_ones_land() {
        let mut memories = Memories::default();
        memories.read("+CPMS: \"ME\",0,255,\"ME\",0,255,\"SM\",17,20");
        assert_eq!((memories.home.as_str(), memories.used, memories.total), ("SM", 17, 20));
        assert!(memories.is_nearly_full());
        memories.read("+CPMS: \"SM\",3,20,\"SM\",3,20");
        assert_eq!((memories.home.as_str(), memories.used, memories.total), ("SM", 3, 20));
        assert!(!memories.is_nearly_full());
        memories.read("+CPMS:");
        assert_eq!(memories.total, 0);
    }
}
