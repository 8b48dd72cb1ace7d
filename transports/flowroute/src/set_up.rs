//! What to set at Flowroute, field by field (Flowroute docs, "Receive an inbound message", "Set a
//! callback URL for account").

use crate::config::Config;
use cordboard_plugin::{Addresses, SetUpStep};

const PAGE: &str = "Preferences > API Control";

/// Stands for the token. These steps are printed and logged, and a secret is neither.
const PLACEHOLDER: &str = "YOUR_CALLBACK_TOKEN";

/// The steps for all numbers of this account.
pub(crate) fn steps(config: &Config, addresses: &Addresses) -> Vec<SetUpStep> {
    let Addresses { hook_url, status_url, .. } = addresses;
    let (address, token) = match config.callback_token {
        Some(_) => (
            format!("{hook_url}?token={PLACEHOLDER}"),
            format!("put what `callback_token` holds in the place of {PLACEHOLDER}; "),
        ),
        None => (hook_url.clone(), String::new()),
    };
    vec![
        SetUpStep::paste(format!("{PAGE} > \"SMS Callback\""), &address).knowing(format!(
            "{token}by the API: PUT /v2.1/messages/sms_callback; a number with a callback of its own \
            needs the same address there"
        )),
        SetUpStep::paste(format!("{PAGE} > \"MMS Callback\""), address).knowing(format!(
            "{token}by the API: PUT /v2.1/messages/mms_callback; it is a setting of its own, and \
            without it pictures come only with the look at Flowroute's records every 15 minutes"
        )),
        SetUpStep::note(format!(
            "nothing to paste for delivery receipts: each text we send asks for its own, at {status_url}"
        )),
        SetUpStep::note(
            "US numbers must be registered (A2P 10DLC; toll-free: verified) before Flowroute takes \
            what we send; until then posting works, and `cordboard link NUMBER` prints invitations",
        ),
    ]
}
