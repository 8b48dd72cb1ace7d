//! What to set at X, field by field (X docs, fundamentals/developer-apps, August 2026).

use crate::app::{App, Auth};
use cordboard_plugin::{Addresses, SetUpStep};

const PAGE: &str = "console.x.com > the app > User authentication settings";

/// The steps for the app of this instance.
pub(crate) fn steps(app: &App, addresses: &Addresses) -> Vec<SetUpStep> {
    let Addresses { callback_url, public_url, .. } = addresses;
    let (app_type, why) = match &app.auth {
        Auth::OAuth2(client) if client.secret.is_none() => {
            ("Native App", "a client without a secret, as `client_secret` stands now")
        }
        Auth::OAuth2(_) => (
            "Web App, Automated App or Bot",
            "a client with a secret, as `client_secret` stands now",
        ),
        Auth::OAuth1(_) => (
            "Web App, Automated App or Bot",
            "`consumer_key` and `consumer_secret` are what X calls API key and secret",
        ),
    };
    let callback = SetUpStep::paste(format!("{PAGE} > Callback URI / Redirect URL"), callback_url);
    let mut steps = vec![
        SetUpStep::paste(format!("{PAGE} > App permissions"), "Read and write"),
        SetUpStep::paste(format!("{PAGE} > Type of App"), app_type).knowing(why),
    ];
    if app.consumer().is_some_and(|consumer| consumer.by_code) {
        steps.push(SetUpStep::note("no callback: people text the code that X shows them"));
    } else if addresses.reachable {
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
