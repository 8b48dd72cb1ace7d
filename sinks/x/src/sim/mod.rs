//! A simulated X: consent page, tokens, posts. Documented in the crate's README.
//!
//! It has its own reading of X's rules and shares only the counter with the sink.

mod bill;
mod caller;
mod consent;
mod control;
mod faults;
mod html;
mod media;
mod oauth1;
mod order;
mod posts;
mod problems;
mod signed;
mod status;
mod store;
mod token;

use caller::Ask;
use cordboard_plugin::{
    Host, HttpAnswer, HttpCall, SimPlace, Simulator, StateError, TimelinePost, async_trait,
};
use serde_json::json;

/// The client id of the one app that the simulator knows.
pub const CLIENT_ID: &str = "simulated-client";
/// Its secret.
pub const CLIENT_SECRET: &str = "simulated-secret";
/// The API key of the same app.
pub const CONSUMER_KEY: &str = "simulated-consumer";
/// Its secret.
pub const CONSUMER_SECRET: &str = "simulated-consumer-secret";

/// Calls that meet each other in the store try again this often.
const TRIES_MAX: usize = 50;

/// An X in memory of the bridge's own store.
#[derive(Debug, Default)]
pub struct SimulatedX;

#[async_trait]
impl Simulator for SimulatedX {
    fn settings(&self, kind: &str, place: &SimPlace) -> serde_json::Value {
        // All simulated instances live in one world: what one links, the others may use.
        let world = place.base_url.rsplit_once('/').map_or("", |(world, _)| world);
        let mut settings = json!({
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "consumer_key": CONSUMER_KEY,
            "consumer_secret": CONSUMER_SECRET,
            "api_base": place.base_url,
            "authorize_url": format!("{}/i/oauth2/authorize", place.base_url),
            "realm_base": world,
        });
        match kind {
            "x" => {}
            "x-media" => settings["upload_base"] = place.base_url.clone().into(),
            _ => settings = json!({}),
        }
        settings
    }

    async fn call(&self, host: &dyn Host, place: &SimPlace, call: HttpCall) -> HttpAnswer {
        let fault = match faults::take(host, &call).await {
            Ok(fault) => fault,
            Err(error) => return down(&error),
        };
        if let Some(answer) = fault.as_ref().and_then(|fault| fault.instead(&call, host.now())) {
            return answer;
        }
        // Once, however often the call is tried: a nonce is good for one check.
        let signed = match signed::check(host, &call).await {
            Ok(signed) => signed,
            Err(error) => return down(&error),
        };
        let ask = Ask { call: &call, signed };
        let mut answer = down(&StateError::Conflict);
        for _ in 0..TRIES_MAX {
            match route(host, place, &ask).await {
                Ok(done) => {
                    if let Err(error) = bill::charge(host, &call, &done).await {
                        return down(&error);
                    }
                    answer = done;
                    break;
                }
                // Somebody else was faster: look again.
                Err(StateError::Conflict) => {}
                Err(error) => return down(&error),
            }
        }
        if let Some(access) = ask.access() {
            answer = answer.with_header("x-access-level", access);
        }
        fault.and_then(|fault| fault.afterwards()).unwrap_or(answer)
    }

    async fn timeline(&self, host: &dyn Host) -> Vec<TimelinePost> {
        // A store that does not answer shows an empty timeline; the next look shows it again.
        posts::timeline(host).await.unwrap_or_default()
    }
}

async fn route(host: &dyn Host, place: &SimPlace, ask: &Ask<'_>) -> Result<HttpAnswer, StateError> {
    let call = ask.call;
    match (call.method.as_str(), call.path.as_str()) {
        ("GET", "/i/oauth2/authorize") => Ok(consent::page(place, call)),
        ("POST", "/i/oauth2/authorize") => consent::decided(host, call).await,
        ("POST", "/2/oauth2/token") => token::token(host, call).await,
        ("POST", "/2/oauth2/revoke") => token::revoke(host, call).await,
        ("GET", "/2/users/me") => posts::me(host, ask).await,
        ("POST", "/2/tweets") => posts::create(host, ask).await,
        ("GET", "/oauth/authorize") => oauth1::page(host, place, call).await,
        ("POST", "/oauth/authorize") => oauth1::decided(host, call).await,
        ("POST", path) if path.starts_with("/oauth/") || path.starts_with("/1.1/oauth/") => {
            signed_route(host, place, ask).await
        }
        (_, path) if media::is_path(path) => media::route(host, ask).await,
        ("POST", "/_app") => oauth1::set_app(host, call).await,
        ("POST", "/_faults") => faults::queue(host, call).await,
        ("POST", "/_expire") => control::expire(host, call).await,
        ("POST", "/_revoke") => control::disconnect(host, call).await,
        ("GET", "/_counts") => control::counts(host).await,
        ("GET", "/_bill") => bill::total(host).await,
        ("DELETE", path) if path.starts_with("/2/tweets/") => {
            posts::delete(host, ask, &path["/2/tweets/".len()..]).await
        }
        ("GET", path) if path.starts_with("/i/status/") => {
            status::page(host, place, &path["/i/status/".len()..]).await
        }
        ("GET", path) => match posts_of(path) {
            Some(id) => posts::of_user(host, ask, id).await,
            None => Ok(problems::not_found()),
        },
        _ => Ok(problems::not_found()),
    }
}

/// The calls that only a signature opens.
async fn signed_route(
    host: &dyn Host,
    place: &SimPlace,
    ask: &Ask<'_>,
) -> Result<HttpAnswer, StateError> {
    let signed = match ask.signature() {
        Ok(signed) => signed,
        Err(answer) => return Ok(answer),
    };
    match ask.call.path.as_str() {
        "/oauth/request_token" => oauth1::request_token(host, place, signed).await,
        "/oauth/access_token" => oauth1::access_token(host, ask.call, signed).await,
        "/1.1/oauth/invalidate_token.json" => oauth1::invalidate(host, signed).await,
        _ => Ok(problems::not_found()),
    }
}

fn posts_of(path: &str) -> Option<&str> {
    path.strip_prefix("/2/users/")?.strip_suffix("/tweets")
}

fn down(error: &StateError) -> HttpAnswer {
    let mut answer = problems::unavailable();
    answer.headers.push(("x-simulator-error".to_owned(), error.to_string()));
    answer
}
