//! Registration, operator and signal.

use super::{PLAIN_MS, Steps};
use crate::at::{AtError, Shape, fields, number};

/// What is known of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Network {
    /// Whether it takes us.
    pub(crate) registration: Registration,
    /// Its name; empty when it is not told.
    pub(crate) operator: String,
    /// Signal strength in dBm; `None` when it is not known.
    pub(crate) signal_dbm: Option<i16>,
}

/// Whether a network takes us (TS 27.007 7.2), the better of what the circuit-switched and the LTE side
/// say. Registered for SMS only is as good as registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Registration {
    /// Nobody says.
    #[default]
    Unknown,
    /// Not registered and not looking for a network.
    Idle,
    /// The network refuses this card.
    Denied,
    /// Looking for a network.
    Searching,
    /// For emergency calls only.
    Emergency,
    /// Registered at another operator's network.
    Roaming,
    /// Registered at home.
    Home,
}

impl Registration {
    /// Whether messages can be sent.
    pub(crate) fn is_good(self) -> bool {
        self >= Self::Roaming
    }

    /// What it is, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Unknown => "not known",
            Self::Idle => "not registered, and not looking for a network",
            Self::Denied => "the network refuses this card",
            Self::Searching => "looking for a network",
            Self::Emergency => "emergency calls only",
            Self::Roaming => "registered, roaming",
            Self::Home => "registered",
        }
    }

    fn of(stat: i64) -> Self {
        match stat {
            0 => Self::Idle,
            1 | 6 | 9 => Self::Home,
            2 => Self::Searching,
            3 => Self::Denied,
            5 | 7 | 10 => Self::Roaming,
            8 => Self::Emergency,
            _ => Self::Unknown,
        }
    }
}

/// Asks for registration, signal and operator.
pub(super) async fn ask(steps: &mut Steps<'_, '_>) -> Result<Network, AtError> {
    let mut network = Network::default();
    network.look(steps).await?;
    network.ask_operator(steps).await?;
    Ok(network)
}

impl Network {
    /// Asks again for registration and signal.
    pub(in crate::line) async fn look(&mut self, steps: &mut Steps<'_, '_>) -> Result<(), AtError> {
        let circuit = registration(steps, "AT+CREG?", "+CREG:").await?;
        let lte = registration(steps, "AT+CEREG?", "+CEREG:").await?;
        self.registration = circuit.max(lte);
        let lines = steps.ask("AT+CSQ", Shape::Prefixed("+CSQ:"), PLAIN_MS).await?;
        let rssi = lines.first().and_then(|line| number(&fields(line), 0));
        self.signal_dbm = rssi.and_then(dbm);
        Ok(())
    }

    /// Asks for the operator's name.
    pub(in crate::line) async fn ask_operator(
        &mut self,
        steps: &mut Steps<'_, '_>,
    ) -> Result<(), AtError> {
        let lines = steps.ask("AT+COPS?", Shape::Prefixed("+COPS:"), PLAIN_MS).await?;
        let name = lines.first().and_then(|line| fields(line).into_iter().nth(2));
        self.operator = name.unwrap_or_default().chars().take(40).collect();
        Ok(())
    }
}

/// TS 27.007 8.5: 0 to 31 in steps of 2 dB from -113 dBm; 99 is not known.
fn dbm(rssi: i64) -> Option<i16> {
    let steps = i16::try_from(rssi).ok().filter(|rssi| (0..=31).contains(rssi))?;
    Some(-113 + 2 * steps)
}

async fn registration(
    steps: &mut Steps<'_, '_>,
    command: &str,
    prefix: &'static str,
) -> Result<Registration, AtError> {
    let lines = steps.ask(command, Shape::Prefixed(prefix), PLAIN_MS).await?;
    let stat = lines.last().and_then(|line| number(&fields(line), 1));
    Ok(stat.map_or(Registration::Unknown, Registration::of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_for_messages_only_is_registered() {
        for (stat, good) in
            [(0, false), (1, true), (2, false), (3, false), (4, false), (5, true), (8, false)]
        {
            assert_eq!(Registration::of(stat).is_good(), good, "{stat}");
        }
        assert!(Registration::of(6).is_good());
        assert!(Registration::of(7).is_good());
    }

    #[test]
    fn signal_is_told_in_dbm() {
        for (rssi, expected) in [(0, Some(-113)), (21, Some(-71)), (31, Some(-51)), (99, None)] {
            assert_eq!(dbm(rssi), expected, "{rssi}");
        }
        assert_eq!(dbm(-1), None);
    }
}
