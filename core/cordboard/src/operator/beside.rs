//! A bridge is running: its admin API answers.

use super::Ask;
use crate::config::Loaded;
use crate::failure::Failure;
use crate::opening;
use cordboard_plugin::Secret;
use cordboard_store::MessageFilter;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// How long an answer may take.
const ANSWER_SECONDS_MAX: u64 = 60;

/// The running bridge's admin API.
pub struct Beside {
    client: Client,
    base: Url,
    token: Secret,
}

impl Beside {
    /// `note` is what the running bridge left in its lock: where its API really listens.
    pub(super) fn reach(loaded: &Loaded, note: Option<&str>) -> Result<Self, Failure> {
        let configured = format!("http://{}", loaded.admin_listen);
        let address = note.unwrap_or(&configured);
        let base = Url::parse(address)
            .map_err(|error| Failure::failed(format!("`{address}`: {error}"), ""))?;
        let client = client()?;
        let token = opening::admin_token(&loaded.token, false)?;
        Ok(Self { client, base, token })
    }

    pub(super) async fn ask(&self, ask: Ask) -> Result<Value, Failure> {
        let (method, url, body) = self.call(ask);
        let mut request = self.client.request(method, url).bearer_auth(self.token.reveal());
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let lost = |error: reqwest::Error| {
            // Without the address: it may hold a number.
            let cause = error.without_url();
            let message = format!("the running bridge did not answer at {}: {cause}", self.base);
            Failure::failed(message, "is its `[admin]` table the same as in this configuration?")
        };
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status();
        let text = answer.text().await.map_err(lost)?;
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(value);
        }
        if status.as_u16() == 401 {
            let message = "the running bridge does not accept this admin token";
            return Err(Failure::failed(
                message,
                "use the configuration and user it was started with",
            ));
        }
        let said =
            value["error"].as_str().map_or_else(|| format!("status {status}"), str::to_owned);
        Err(Failure::failed(said, ""))
    }

    /// The route of each thing that can be asked.
    fn call(&self, ask: Ask) -> (Method, Url, Option<Value>) {
        let get =
            |path: &[&str], query: &[(&str, String)]| (Method::GET, self.url(path, query), None);
        let post = |path: &[&str], body| (Method::POST, self.url(path, &[]), body);
        match ask {
            Ask::People(rows_max) => get(&["people"], &[("limit", rows_max.to_string())]),
            Ask::Person(number) => get(&["people", number.reveal()], &[]),
            Ask::Unlink(number, sink) => {
                let query: Vec<_> = sink.into_iter().map(|sink| ("sink", sink)).collect();
                (Method::POST, self.url(&["people", number.reveal(), "unlink"], &query), None)
            }
            Ask::Block(number, true) => post(&["people", number.reveal(), "block"], None),
            Ask::Block(number, false) => post(&["people", number.reveal(), "unblock"], None),
            Ask::Messages(filter) => get(&["messages"], &query(&filter)),
            Ask::Message(id) => get(&["messages", &id.to_string()], &[]),
            Ask::Retry(id) => post(&["messages", &id.to_string(), "retry"], None),
            Ask::Sums => get(&["sums"], &[]),
            Ask::Money(days) => get(&["money"], &[("days", days.to_string())]),
            Ask::Link(number, text) => {
                post(&["links"], Some(json!({ "number": number.reveal(), "text": text })))
            }
            Ask::Health => get(&["health"], &[]),
            Ask::Resume(sink) => post(&["sinks", &sink, "resume"], None),
        }
    }

    fn url(&self, path: &[&str], query: &[(&str, String)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        for (key, value) in query {
            url.query_pairs_mut().append_pair(key, value);
        }
        url
    }
}

/// Speaks plain HTTP only: the API is on this machine, which may have no root certificates at all.
fn client() -> Result<Client, Failure> {
    // Another provider installed before would do as well: all it takes is that there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([])
        .timeout(Duration::from_secs(ANSWER_SECONDS_MAX))
        .build()
        .map_err(|error| Failure::failed(format!("cannot make calls: {error}"), ""))
}

fn query(filter: &MessageFilter) -> Vec<(&'static str, String)> {
    let states: Vec<&str> = filter.states.iter().map(|state| state.word()).collect();
    let mut query = vec![("limit", filter.rows_max.to_string())];
    if !states.is_empty() {
        query.push(("state", states.join(",")));
    }
    if let Some(sender) = &filter.sender {
        query.push(("sender", sender.reveal().to_owned()));
    }
    if let Some(before) = filter.before {
        query.push(("before", before.to_string()));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;
    use cordboard_plugin::Address;
    use cordboard_store::MessageState;

    #[test]
    fn each_thing_has_its_route() {
        let beside = Beside {
            client: client().unwrap(),
            base: Url::parse("http://127.0.0.1:8081").unwrap(),
            token: Secret::default(),
        };
        let number = Address::new("+15550100001");
        let filter = MessageFilter {
            states: vec![MessageState::Failed, MessageState::Unclear],
            sender: Some(number.clone()),
            before: Some(9),
            rows_max: 5,
        };
        for (ask, expected) in [
            (Ask::People(7), "GET /api/v1/people?limit=7"),
            (Ask::Person(number.clone()), "GET /api/v1/people/+15550100001"),
            (Ask::Unlink(number.clone(), None), "POST /api/v1/people/+15550100001/unlink"),
            (
                Ask::Unlink(number.clone(), Some("pictures".to_owned())),
                "POST /api/v1/people/+15550100001/unlink?sink=pictures",
            ),
            (Ask::Block(number.clone(), true), "POST /api/v1/people/+15550100001/block"),
            (Ask::Block(number.clone(), false), "POST /api/v1/people/+15550100001/unblock"),
            (
                Ask::Messages(filter),
                "GET /api/v1/messages?limit=5&state=failed%2Cunclear&sender=%2B15550100001&before=9",
            ),
            (Ask::Message(3), "GET /api/v1/messages/3"),
            (Ask::Retry(3), "POST /api/v1/messages/3/retry"),
            (Ask::Sums, "GET /api/v1/sums"),
            (Ask::Money(7), "GET /api/v1/money?days=7"),
            (Ask::Health, "GET /api/v1/health"),
            (Ask::Link(number, true), "POST /api/v1/links"),
            (Ask::Resume("a/b".to_owned()), "POST /api/v1/sinks/a%2Fb/resume"),
        ] {
            let (method, url, _) = beside.call(ask);
            let shown = url.as_str().replacen("http://127.0.0.1:8081", "", 1);
            assert_eq!(format!("{method} {shown}"), expected);
        }
    }
}
