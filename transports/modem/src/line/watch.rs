//! Whether the modem is still set as it was, and how it stands with the network and the store.
//!
//! A modem that reset itself in silence answers everything and announces nothing.

use super::serve::{End, Serving, Stop};
use super::start::{PLAIN_MS, notices};
use crate::at::{Shape, fields};
use crate::config::Store;
use cordboard_plugin::Level;

/// From one look at the settings to the next, in milliseconds.
const SETTINGS_MS: i64 = 60_000;

impl Serving<'_, '_> {
    /// What belongs to every regular look.
    pub(super) async fn look_after(&mut self) -> Result<(), Stop> {
        self.look_at_settings_soon().await?;
        self.look_at_network().await?;
        self.look_at_room();
        Ok(())
    }

    /// Compares the settings with those after the start-up, once a minute at most.
    pub(super) async fn look_at_settings_soon(&mut self) -> Result<(), Stop> {
        let now = self.host.now();
        if now.millis_since(self.settings_looked_at) < SETTINGS_MS {
            return Ok(());
        }
        self.settings_looked_at = now;
        let mode = self.steps().ask("AT+CMGF?", Shape::Prefixed("+CMGF:"), PLAIN_MS).await?;
        if mode.first().is_some_and(|line| fields(line).first().is_some_and(|mode| mode != "0")) {
            return self.lost("+CMGF");
        }
        let now_set = notices::look(&mut self.steps()).await?;
        if now_set.is_some() && now_set != self.session.notices.setting {
            return self.lost("+CNMI");
        }
        let mut memories = self.session.memories.clone();
        memories.count(&mut self.steps()).await?;
        if memories.names != self.session.memories.names {
            return self.lost("+CPMS");
        }
        self.session.memories = memories;
        Ok(())
    }

    fn lost(&mut self, setting: &str) -> Result<(), Stop> {
        self.end = Some(End::Again(format!("it has lost its settings ({setting})")));
        Ok(())
    }

    /// Registration and signal, and the operator's name where it changed.
    pub(super) async fn look_at_network(&mut self) -> Result<(), Stop> {
        let before = self.session.network.registration;
        let mut network = self.session.network.clone();
        network.look(&mut self.steps()).await?;
        if network.registration != before {
            network.ask_operator(&mut self.steps()).await?;
        }
        self.session.network = network;
        self.show();
        Ok(())
    }

    /// Says when what stays in the store leaves no room for new messages.
    fn look_at_room(&mut self) {
        let memories = &self.session.memories;
        if !memories.is_nearly_full() || self.counted != Some(memories.used) {
            return;
        }
        let hint = match self.line.config.store {
            Store::Keep => "delete some, or set `store = \"delete\"`",
            Store::Delete => "it holds what the modem does not delete, drafts perhaps",
        };
        let words = format!(
            "the modem's store is nearly full ({} of {}), and no texts arrive when it is: {hint}",
            memories.used, memories.total
        );
        self.line.desk.trouble(self.host, Level::Error, words);
    }
}
