//! One step of the work: what is committed, and what is counted and logged once it is.

use cordboard_plugin::{Commit, Host, Level, StateError};

/// A commit and what is said of it afterwards. Dropped with its commit when that is refused.
#[derive(Default)]
pub(crate) struct Step {
    pub(crate) commit: Commit,
    counts: Vec<&'static str>,
    lines: Vec<(Level, String)>,
}

impl Step {
    /// Counts once in the counter `name`.
    pub(crate) fn count(&mut self, name: &'static str) {
        self.counts.push(name);
    }

    /// Writes into the log. No numbers, no words.
    pub(crate) fn log(&mut self, level: Level, line: impl Into<String>) {
        self.lines.push((level, line.into()));
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// [`StateError`]: nothing of it happened.
    pub(crate) async fn take(self, host: &dyn Host) -> Result<(), StateError> {
        host.commit(self.commit).await?;
        self.counts.iter().for_each(|name| host.metric(name, 1));
        self.lines.iter().for_each(|(level, line)| host.log(*level, line));
        Ok(())
    }
}
