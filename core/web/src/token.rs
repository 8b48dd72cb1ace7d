//! Who may use the operator's side.

use crate::call::Call;
use crate::problem::Problem;
use cordboard_plugin::Secret;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq;

/// Proof that a request came with the admin token. Handlers that need it take it as an argument, so
/// they cannot be called without.
pub(crate) struct SignedIn(());

/// Checks `Authorization: Bearer <token>`.
pub(crate) fn bearer(call: &Call, token: &Secret) -> Result<SignedIn, Problem> {
    let (scheme, given) =
        call.header(AUTHORIZATION).and_then(|v| v.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && is_token(given.trim(), token) {
        Ok(SignedIn(()))
    } else {
        Err(Problem::NotSignedIn)
    }
}

/// Compares in a time that tells nothing but the length.
pub(crate) fn is_token(given: &str, token: &Secret) -> bool {
    let token = token.reveal();
    !token.is_empty() && bool::from(given.as_bytes().ct_eq(token.as_bytes()))
}
