//! How a command ends when it does not end well.

use crate::config::ConfigError;
use std::fmt;
use std::process::ExitCode;

/// Why a command was not done: one message and the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    code: u8,
    message: String,
    hint: String,
}

impl Failure {
    /// It could not be done (exit code 1).
    pub fn failed(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: 1, message: message.into(), hint: hint.into() }
    }

    /// It was asked for in a way that cannot be done (exit code 2).
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: 2, message: message.into(), hint: hint.into() }
    }

    /// It could not be done (exit code 1), told by an error whose words after the first `; ` or line
    /// end are the way out.
    pub fn told(error: &dyn fmt::Display) -> Self {
        let text = error.to_string();
        let parts = text.split_once("\nhint: ").or_else(|| text.split_once("; "));
        let (message, hint) = parts.unwrap_or((&text, ""));
        Self::failed(message, hint)
    }

    /// The exit code: 1 failed, 2 wrong usage or configuration.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, "\nhint: {}", self.hint) }
    }
}

impl std::error::Error for Failure {}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        // The configuration's message brings its own hint line.
        Self::usage(error.to_string(), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_out_becomes_the_hint() {
        let failure = Failure::told(&"the key is gone; put it back; do not make another");
        assert_eq!(
            failure.to_string(),
            "error: the key is gone\nhint: put it back; do not make another"
        );
        assert_eq!(Failure::told(&"no").to_string(), "error: no");
    }
}
