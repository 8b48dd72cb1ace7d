//! Signed sessions: nothing is stored, so any process that knows the admin token can check one, and a
//! changed token ends them all.

use cordboard_plugin::{Secret, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// How long a session lasts, in seconds.
pub(super) const SECONDS: i64 = 12 * 3600;

/// A sign-in that has not run out. The operator alone holds the token, so the moment is all there is
/// to tell sessions apart.
pub(super) struct Session {
    until: Timestamp,
}

impl Session {
    /// A session from `now` on.
    pub(super) fn begin(now: Timestamp) -> Self {
        Self { until: now.plus_seconds(SECONDS) }
    }

    /// The session in a cookie, if we signed it and it has not run out.
    pub(super) fn read(cookie: &str, token: &Secret, now: Timestamp) -> Option<Self> {
        let (until, _) = cookie.split_once('.')?;
        let session = Self { until: Timestamp(until.parse().ok()?) };
        let signed = same(&session.cookie(token), cookie);
        (signed && !token.reveal().is_empty() && session.until > now).then_some(session)
    }

    /// The cookie's value.
    pub(super) fn cookie(&self, token: &Secret) -> String {
        format!("{}.{}", self.until.0, self.sign("session", token))
    }

    /// The hidden field of every form.
    pub(super) fn csrf(&self, token: &Secret) -> String {
        self.sign("csrf", token)
    }

    /// Whether a form came from one of our pages of this session.
    pub(super) fn is_csrf(&self, given: &str, token: &Secret) -> bool {
        same(&self.csrf(token), given)
    }

    fn sign(&self, purpose: &str, token: &Secret) -> String {
        // HMAC takes keys of any length, so the error cannot occur; an empty signature fits nothing.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.reveal().as_bytes()) else {
            return String::new();
        };
        mac.update(format!("cordboard desk {purpose} {}", self.until.0).as_bytes());
        mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
            // Writing into a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

fn same(ours: &str, given: &str) -> bool {
    !ours.is_empty() && bool::from(ours.as_bytes().ct_eq(given.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_holds_until_it_runs_out_or_the_token_changes() {
        let token = Secret::new("right");
        let now = Timestamp(1_000);
        let cookie = Session::begin(now).cookie(&token);
        assert!(Session::read(&cookie, &token, now).is_some());
        assert!(Session::read(&cookie, &token, now.plus_seconds(SECONDS)).is_none());
        assert!(Session::read(&cookie, &Secret::new("other"), now).is_none());
    }

    #[test]
    fn a_session_cannot_be_made_longer_or_made_up() {
        let token = Secret::new("right");
        let now = Timestamp(1_000);
        let cookie = Session::begin(now).cookie(&token);
        let (_, signature) = cookie.split_once('.').unwrap();
        let csrf = Session::begin(now).csrf(&token);
        let until = now.plus_seconds(SECONDS).0;
        for made_up in [
            format!("{}.{signature}", i64::MAX),
            format!("{until}.{csrf}"),
            format!("{until}."),
            until.to_string(),
            format!("+{cookie}"),
            String::new(),
        ] {
            assert!(Session::read(&made_up, &token, now).is_none(), "{made_up}");
        }
    }

    #[test]
    fn an_empty_token_signs_nobody_in() {
        let token = Secret::new("");
        let now = Timestamp(1_000);
        let cookie = Session::begin(now).cookie(&token);
        assert!(Session::read(&cookie, &token, now).is_none());
    }
}
