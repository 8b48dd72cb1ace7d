//! What to set at Twilio, field by field (Twilio docs, "Webhooks: Connection Overrides", "Availability
//! and Reliability", "Messaging Services"; copies of 2026).

use crate::config::{Config, Receive};
use cordboard_plugin::{Addresses, SetUpStep};

/// Makes Twilio try three more times, whatever went wrong; by default it tries once more, and only
/// when it could not connect. A fragment is Twilio's alone: neither sent nor signed.
const OVERRIDES: &str = "#rc=3&rp=all";

const NUMBER_PAGE: &str = "Phone Numbers > Active numbers > each number > Messaging";

/// The steps for all numbers of this account.
pub(crate) fn steps(config: &Config, addresses: &Addresses) -> Vec<SetUpStep> {
    let mut steps = match config.receive {
        Receive::Webhook => webhook(addresses),
        Receive::Poll => vec![SetUpStep::note(format!(
            "nothing to paste: we ask for new texts every {} seconds; \
            leave \"A message comes in\" empty, since whatever is there answers people as well",
            config.poll_seconds
        ))],
    };
    steps.push(SetUpStep::note(
        "US numbers must be registered (A2P 10DLC; toll-free: verified) before carriers deliver \
        what we send; until then posting works, and `cordboard link NUMBER` prints invitations",
    ));
    steps
}

fn webhook(addresses: &Addresses) -> Vec<SetUpStep> {
    let Addresses { hook_url, status_url, .. } = addresses;
    let address = format!("{hook_url}{OVERRIDES}");
    vec![
        SetUpStep::paste(
            format!("{NUMBER_PAGE} > \"A message comes in\": Webhook, HTTP POST"),
            &address,
        )
        .knowing(
            "what follows the `#` has Twilio try three more times within its 15 seconds; it is \
            not signed, and does not belong into `bridge.public_url`",
        ),
        SetUpStep::paste(
            format!("{NUMBER_PAGE} > \"Primary handler fails\": Webhook, HTTP POST"),
            address,
        )
        .knowing(
            "the fallback address, asked at once when the first one failed; a text that misses \
            both is read back later",
        ),
        SetUpStep::paste(
            "Messaging > Services > the number's service > Integration > \"Incoming Messages\"",
            "Defer to sender's webhook",
        )
        .knowing(
            "only for a number in a Messaging Service (US registration uses one): any other choice \
            there overrides the number's own address",
        ),
        SetUpStep::note(format!(
            "nothing to paste for delivery reports: each text we send asks for its own, at {status_url}"
        )),
    ]
}
