//! The admin API: JSON in the words of the domain, one call of the engine per route.

pub(crate) mod bridge;
pub(crate) mod messages;
pub(crate) mod people;

use crate::call::Call;
use crate::door::Door;
use crate::page;
use crate::problem::{Problem, json_answer};
use crate::table::{Served, Site};
use crate::token::SignedIn;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use warp::reply::Response;

/// The API's own description; a test compares it with the table of routes.
pub(crate) const OPENAPI: &str = include_str!("openapi.json");

/// `GET /api/v1/openapi.json`.
pub(crate) async fn openapi<D: Door>(_: SignedIn, _: Site<D>, _: Call) -> Served {
    let mut response = Response::new(OPENAPI.into());
    page::guard(response.headers_mut(), "application/json");
    Ok(response)
}

/// A value as the answer.
fn shown<T: Serialize>(value: &T) -> Served {
    Ok(json_answer(StatusCode::OK, value))
}

/// The answer to something that was done and has no value.
fn done() -> Served {
    shown(&json!({ "done": true }))
}

/// A whole number from a path or query.
fn whole_number(name: &str, text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::Unreadable(format!("`{name}` is a whole number")))
}

/// The query, if it holds only keys of `known`.
fn query(call: &Call, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    let pairs = call.query();
    if pairs.iter().all(|(key, _)| known.contains(&key.as_str())) {
        Ok(pairs)
    } else {
        Err(Problem::Unreadable(format!("the query takes {}", known.join(", "))))
    }
}
