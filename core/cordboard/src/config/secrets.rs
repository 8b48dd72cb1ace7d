//! `env:NAME` and `file:PATH`: where secrets are, and what is there.

use super::environment::Environment;
use cordboard_plugin::Secret;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Longest secret taken from a file, in bytes.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file; relative paths were written relative to the configuration file.
    File(PathBuf),
}

impl SecretRef {
    /// Reads `env:NAME` or `file:PATH`; `None` for anything else, a bare secret for one.
    pub(crate) fn parse(text: &str, folder: &Path) -> Option<Self> {
        if let Some(name) = text.strip_prefix("env:") {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            return (starts_well && name.chars().all(fits)).then(|| Self::Env(name.to_owned()));
        }
        let path = text.strip_prefix("file:").filter(|path| !path.is_empty())?;
        Some(Self::File(folder.join(path)))
    }

    /// What is there, without the line end that editors add.
    ///
    /// # Errors
    /// What is wrong and what to do, in words that never hold the secret. `what` names the setting.
    pub(crate) fn resolve(
        &self,
        environment: &dyn Environment,
        what: &str,
    ) -> Result<Secret, Unresolved> {
        match self {
            Self::Env(name) => from_variable(environment, name, what),
            Self::File(path) => from_file(path, what),
        }
    }
}

/// A secret that is not where the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unresolved {
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
}

fn from_variable(
    environment: &dyn Environment,
    name: &str,
    what: &str,
) -> Result<Secret, Unresolved> {
    let hint = format!("set `{name}` before starting, or name a file that holds it: `file:PATH`");
    let wrong = |state: &str| Unresolved {
        message: format!("the variable `{name}`, named by {what}, {state}"),
        hint: hint.clone(),
    };
    match environment.variable(name) {
        Ok(Some(value)) if value.trim().is_empty() => Err(wrong("is empty")),
        Ok(Some(value)) => Ok(Secret::new(value.trim())),
        Ok(None) => Err(wrong("is not set")),
        Err(_) => Err(wrong("is not text")),
    }
}

fn from_file(path: &Path, what: &str) -> Result<Secret, Unresolved> {
    let wrong = |state: String, hint: &str| Unresolved {
        message: format!("the file `{}`, named by {what}, {state}", path.display()),
        hint: hint.to_owned(),
    };
    let unreadable = |error: std::io::Error| {
        wrong(
            format!("cannot be read: {error}"),
            "make it readable for the user who runs the bridge; relative paths are relative to the configuration file",
        )
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(SECRET_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let only_secret = "put nothing but the secret into it";
    if bytes.len() as u64 > SECRET_BYTES_MAX {
        return Err(wrong(format!("is longer than {SECRET_BYTES_MAX} bytes"), only_secret));
    }
    match std::str::from_utf8(&bytes).map(str::trim) {
        Ok("") => Err(wrong("is empty".to_owned(), only_secret)),
        Ok(secret) => Ok(Secret::new(secret)),
        Err(_) => Err(wrong("is not text".to_owned(), only_secret)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_env_and_file_say_where_a_secret_is() {
        let folder = Path::new("/etc/cordboard");
        let file = |path: &str| Some(SecretRef::File(PathBuf::from(path)));
        for (text, expected) in [
            ("env:TOKEN_1", Some(SecretRef::Env("TOKEN_1".to_owned()))),
            ("env:1TOKEN", None),
            ("env:", None),
            ("env:A B", None),
            ("file:token", file("/etc/cordboard/token")),
            ("file:/run/token", file("/run/token")),
            ("file:", None),
            ("hush", None),
            ("", None),
        ] {
            assert_eq!(SecretRef::parse(text, folder), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_comes_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), "hush\n").unwrap();
        let place = SecretRef::parse("file:token", folder.path()).unwrap();
        assert_eq!(place.resolve(&[], "`token`").unwrap().reveal(), "hush");
        let variable = SecretRef::Env("TOKEN".to_owned());
        assert_eq!(variable.resolve(&[("TOKEN", " hush ")], "`token`").unwrap().reveal(), "hush");
    }
}
