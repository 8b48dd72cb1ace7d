//! A simulated X: consent page, tokens, posts. Documented in the crate's README.
//!
//! It has its own reading of X's rules and shares only the counter with the sink.

mod bill;
mod consent;
mod control;
mod faults;
mod html;
mod posts;
mod problems;
mod status;
mod store;
mod token;

use cordboard_plugin::{
    Host, HttpAnswer, HttpCall, SimPlace, Simulator, StateError, TimelinePost, async_trait,
};
use serde_json::json;

/// The client id of the one app that the simulator knows.
pub const CLIENT_ID: &str = "simulated-client";
/// Its secret.
pub const CLIENT_SECRET: &str = "simulated-secret";

/// Calls that meet each other in the store try again this often.
const TRIES_MAX: usize = 50;

/// An X in memory of the bridge's own store.
#[derive(Debug, Default)]
pub struct SimulatedX;

#[async_trait]
impl Simulator for SimulatedX {
    fn settings(&self, kind: &str, place: &SimPlace) -> serde_json::Value {
        if kind != "x" {
            return json!({});
        }
        json!({
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "api_base": place.base_url,
            "authorize_url": format!("{}/i/oauth2/authorize", place.base_url),
        })
    }

    async fn call(&self, host: &dyn Host, place: &SimPlace, call: HttpCall) -> HttpAnswer {
        let fault = match faults::take(host, &call).await {
            Ok(fault) => fault,
            Err(error) => return down(&error),
        };
        if let Some(answer) = fault.as_ref().and_then(|fault| fault.instead(host.now())) {
            return answer;
        }
        let mut answer = down(&StateError::Conflict);
        for _ in 0..TRIES_MAX {
            match route(host, place, &call).await {
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
        fault.and_then(|fault| fault.afterwards()).unwrap_or(answer)
    }

    async fn timeline(&self, host: &dyn Host) -> Vec<TimelinePost> {
        // A store that does not answer shows an empty timeline; the next look shows it again.
        posts::timeline(host).await.unwrap_or_default()
    }
}

async fn route(
    host: &dyn Host,
    place: &SimPlace,
    call: &HttpCall,
) -> Result<HttpAnswer, StateError> {
    match (call.method.as_str(), call.path.as_str()) {
        ("GET", "/i/oauth2/authorize") => Ok(consent::page(place, call)),
        ("POST", "/i/oauth2/authorize") => consent::decided(host, call).await,
        ("POST", "/2/oauth2/token") => token::token(host, call).await,
        ("POST", "/2/oauth2/revoke") => token::revoke(host, call).await,
        ("GET", "/2/users/me") => posts::me(host, call).await,
        ("POST", "/2/tweets") => posts::create(host, call).await,
        ("POST", "/_faults") => faults::queue(host, call).await,
        ("POST", "/_expire") => control::expire(host, call).await,
        ("POST", "/_revoke") => control::disconnect(host, call).await,
        ("GET", "/_counts") => control::counts(host).await,
        ("GET", "/_bill") => bill::total(host).await,
        ("DELETE", path) if path.starts_with("/2/tweets/") => {
            posts::delete(host, call, &path["/2/tweets/".len()..]).await
        }
        ("GET", path) if path.starts_with("/i/status/") => {
            status::page(host, &path["/i/status/".len()..]).await
        }
        ("GET", path) => match posts_of(path) {
            Some(id) => posts::of_user(host, call, id).await,
            None => Ok(problems::not_found()),
        },
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
