//! The process's environment: the one place that reads it.

/// Environment variables as the configuration sees them.
pub trait Environment {
    /// The value of a variable; `None` when it is not set.
    ///
    /// # Errors
    /// [`NotText`] when its bytes are not UTF-8.
    fn variable(&self, name: &str) -> Result<Option<String>, NotText>;
}

/// A variable whose bytes are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText;

/// The environment this process was started in.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Result<Option<String>, NotText> {
        match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(NotText),
        }
    }
}

impl ProcessEnvironment {
    /// Which log lines are wanted: `CORDBOARD_LOG`, else `RUST_LOG`, else `info`.
    pub fn log_filter(self) -> String {
        ["CORDBOARD_LOG", "RUST_LOG"]
            .into_iter()
            .filter_map(|name| self.variable(name).ok().flatten())
            .find(|value| !value.trim().is_empty())
            .unwrap_or_else(|| "info".to_owned())
    }

    /// This machine's address, when the operator sits at another one (an SSH session).
    pub fn ssh_host(self) -> Option<String> {
        let connection = self.variable("SSH_CONNECTION").ok().flatten()?;
        // "client-address client-port server-address server-port"
        connection.split_whitespace().nth(2).map(str::to_owned)
    }

    /// The operator's name on this machine, for the `ssh` line.
    pub fn user(self) -> Option<String> {
        self.variable("USER").ok().flatten().filter(|user| !user.is_empty())
    }
}

/// A fixed set of variables, so that tests neither read nor change the process's.
impl Environment for [(&str, &str)] {
    fn variable(&self, name: &str) -> Result<Option<String>, NotText> {
        Ok(self.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }
}

impl<const N: usize> Environment for [(&str, &str); N] {
    fn variable(&self, name: &str) -> Result<Option<String>, NotText> {
        self.as_slice().variable(name)
    }
}
