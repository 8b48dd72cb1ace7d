//! What to set at X, field by field (X docs, fundamentals/developer-apps, August 2026).

use crate::config::Config;
use cordboard_plugin::{Addresses, SetUpStep};

const PAGE: &str = "console.x.com > the app > User authentication settings";

/// The steps for the app of this instance.
pub(crate) fn steps(config: &Config, addresses: &Addresses) -> Vec<SetUpStep> {
    let Addresses { callback_url, public_url, .. } = addresses;
    let (app_type, secret) = match config.client_secret {
        Some(_) => ("Web App, Automated App or Bot", "with a secret"),
        None => ("Native App", "without a secret"),
    };
    let callback = SetUpStep::paste(format!("{PAGE} > Callback URI / Redirect URL"), callback_url);
    let mut steps = vec![
        SetUpStep::paste(format!("{PAGE} > App permissions"), "Read and write"),
        SetUpStep::paste(format!("{PAGE} > Type of App"), app_type)
            .knowing(format!("a client {secret}, as `client_secret` stands now")),
    ];
    if addresses.reachable {
        steps.extend([
            callback.knowing("letter for letter, no slash behind it; an app takes up to ten"),
            SetUpStep::paste(format!("{PAGE} > Website URL"), public_url)
                .knowing("X asks for one; any page of yours will do"),
        ]);
    } else {
        steps.extend([
            callback.knowing(
                "letter for letter, no slash behind it; only a browser on the bridge's own machine, \
                or at the end of a tunnel, can come back to it",
            ),
            SetUpStep::note("the page also asks for a Website URL: any page of yours will do"),
        ]);
    }
    steps.push(SetUpStep::note(
        "every post is paid from the credits of the app's owner: buy some, and set a spending \
        limit; without credits nothing is posted",
    ));
    steps
}
