//! Who the modem is, and which card is in it.

use super::{PLAIN_MS, Steps};
use crate::at::{AtError, Shape};

/// What a modem says of itself and of its card; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Who made it (`+CGMI`).
    pub(crate) vendor: String,
    /// Its model (`+CGMM`).
    pub(crate) model: String,
    /// Its firmware (`+CGMR`).
    pub(crate) firmware: String,
    /// Its own number, 15 digits or so (`+CGSN`).
    pub(crate) imei: Option<String>,
    /// The card's number, 18 to 22 digits (`+CCID` and its kin).
    pub(crate) iccid: Option<String>,
    /// The subscriber's number, 14 or 15 digits (`+CIMI`).
    pub(crate) imsi: Option<String>,
}

impl Identity {
    /// The name under which everything about the card is kept. Letters and digits.
    pub(crate) fn card(&self) -> &str {
        let named = [&self.iccid, &self.imsi, &self.imei].into_iter().flatten().next();
        named.map_or("unknown", String::as_str)
    }
}

/// Longest name that is kept, in characters.
const NAME_CHARS_MAX: usize = 60;

/// How makers ask for the card's number, and how its line begins.
const ICCID: &[(&str, &str)] = &[
    ("AT+CCID", "+CCID:"),
    ("AT+ICCID", "+ICCID:"),
    ("AT^ICCID?", "^ICCID:"),
    ("AT+QCCID", "+QCCID:"),
    ("AT+CICCID", "+ICCID:"),
    ("AT+ZGETICCID", "+ZGETICCID:"),
    ("AT+CCID?", "+CCID:"),
];

/// Asks everything that needs no open card, and what of the card is told all the same.
pub(super) async fn ask(steps: &mut Steps<'_, '_>) -> Result<Identity, AtError> {
    let mut identity = Identity {
        vendor: name(steps, "AT+CGMI", "+CGMI:").await?,
        model: name(steps, "AT+CGMM", "+CGMM:").await?,
        firmware: name(steps, "AT+CGMR", "+CGMR:").await?,
        imei: digits(steps, "AT+CGSN", "+CGSN:", 14..=17).await?,
        ..Identity::default()
    };
    identity.iccid = iccid(steps).await?;
    Ok(identity)
}

/// Asks of the card what was not told before it was open.
pub(super) async fn ask_card(
    steps: &mut Steps<'_, '_>,
    identity: &mut Identity,
) -> Result<(), AtError> {
    if identity.iccid.is_none() {
        identity.iccid = iccid(steps).await?;
    }
    identity.imsi = digits(steps, "AT+CIMI", "+CIMI:", 6..=16).await?;
    Ok(())
}

async fn iccid(steps: &mut Steps<'_, '_>) -> Result<Option<String>, AtError> {
    for (command, prefix) in ICCID {
        // One of these is answered; that the others are not is nothing to tell.
        let refused = steps.refused.len();
        let found = digits(steps, command, prefix, 17..=22).await?;
        steps.refused.truncate(refused);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn name(
    steps: &mut Steps<'_, '_>,
    command: &str,
    prefix: &'static str,
) -> Result<String, AtError> {
    let lines = steps.ask(command, Shape::Bare(prefix), PLAIN_MS).await?;
    let said = lines.first().map(|line| line.strip_prefix(prefix).unwrap_or(line));
    let said = said.unwrap_or_default().trim().trim_matches('"');
    Ok(said.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect())
}

async fn digits(
    steps: &mut Steps<'_, '_>,
    command: &str,
    prefix: &'static str,
    len: std::ops::RangeInclusive<usize>,
) -> Result<Option<String>, AtError> {
    let lines = steps.ask(command, Shape::Bare(prefix), PLAIN_MS).await?;
    Ok(lines.iter().find_map(|line| {
        let line = line.strip_prefix(prefix).unwrap_or(line);
        // A filler F ends a card's number of odd length.
        let runs = line.split(|c: char| !c.is_ascii_digit());
        runs.filter(|run| len.contains(&run.len())).max_by_key(|run| run.len()).map(str::to_owned)
    }))
}
