//! A simulator over HTTP: everything goes to the simulator as it arrived, but for three addresses of
//! ours with which a person (or a test) plays the people around it.
//!
//! - `POST /_text`, JSON `{"from": "+1555…", "to": "+1555…", "body": "…"}`: a phone texts a line, with
//!   `"pictures": [{"media_type": "image/jpeg", "bytes": "…"}]` in base64 if it has any.
//! - `GET /_phone?number=%2B1555…`: what that phone shows.
//! - `GET /_timeline`: what the world sees.

use super::Simulated;
use cordboard_plugin::{Address, Blob, HttpAnswer, HttpCall, PhoneText};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::net::TcpListener;
use warp::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use warp::path::FullPath;
use warp::reply::Response;
use warp::{Buf, Filter};

/// Longest body: a text with 25 MiB of pictures, in base64.
const BODY_BYTES_MAX: usize = 34 << 20;

/// Serves until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    simulated: Simulated,
    stop: impl Future<Output = ()> + Send,
) {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    let body = warp::body::stream().then(|stream| async move { read(stream).await });
    let routes = warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(body)
        .then(
            move |method: Method,
                  path: FullPath,
                  query: String,
                  headers: HeaderMap,
                  body: Option<Vec<u8>>| {
                let simulated = simulated.clone();
                async move {
                    let Some(body) = body else {
                        return sent(HttpAnswer::new(413, "text/plain", "too long\n"));
                    };
                    let call = call(&simulated, &method, path.as_str(), query, &headers, body);
                    sent(answer(&simulated, call).await)
                }
            },
        );
    cordboard_web::serve(listener, routes.boxed(), stop).await;
}

/// The whole body; `None` when it is over the cap or broke off.
async fn read<B: Buf>(
    stream: impl futures_util::Stream<Item = Result<B, warp::Error>>,
) -> Option<Vec<u8>> {
    let mut stream = std::pin::pin!(stream);
    let mut body = Vec::new();
    while let Some(piece) = stream.next().await {
        let mut piece = piece.ok()?;
        if piece.remaining() > BODY_BYTES_MAX - body.len() {
            return None;
        }
        while piece.has_remaining() {
            let chunk = piece.chunk();
            body.extend_from_slice(chunk);
            let taken = chunk.len();
            piece.advance(taken);
        }
    }
    Some(body)
}

fn call(
    simulated: &Simulated,
    method: &Method,
    path: &str,
    query: String,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> HttpCall {
    let mark = if query.is_empty() { "" } else { "?" };
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), std::str::from_utf8(value.as_bytes()).ok()?.to_owned()))
    };
    HttpCall {
        method: method.as_str().to_owned(),
        url: format!("{}{path}{mark}{query}", simulated.place.base_url),
        path: if path == "/" { String::new() } else { path.to_owned() },
        query,
        headers: headers.iter().filter_map(header).collect(),
        body: Blob(body),
    }
}

async fn answer(simulated: &Simulated, call: HttpCall) -> HttpAnswer {
    let Simulated { host, place, simulator } = simulated;
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/_text") => text(simulated, &call).await,
        ("GET", "/_phone") => {
            let pairs = url::form_urlencoded::parse(call.query.as_bytes());
            let number = pairs.into_iter().find(|(key, _)| key == "number");
            let number = Address::new(number.map_or_else(String::new, |(_, value)| value.into()));
            HttpAnswer::json(200, &json!(simulator.phone(host, &number).await))
        }
        ("GET", "/_timeline") => HttpAnswer::json(200, &json!(simulator.timeline(host).await)),
        _ => simulator.call(host, place, call).await,
    }
}

async fn text(simulated: &Simulated, call: &HttpCall) -> HttpAnswer {
    let Ok(text) = serde_json::from_slice::<PhoneText>(&call.body.0) else {
        let shape = "the body is JSON: {\"from\": \"+1…\", \"to\": \"+1…\", \"body\": \"…\"}";
        return HttpAnswer::json(400, &json!({ "error": shape }));
    };
    let Simulated { host, place, simulator } = simulated;
    match simulator.texted(host, place, &text).await {
        Ok(()) => HttpAnswer::json(200, &json!({ "done": true })),
        Err(why) => HttpAnswer::json(409, &json!({ "error": why })),
    }
}

fn sent(answer: HttpAnswer) -> Response {
    let mut response = Response::new(answer.body.0.into());
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    for (name, value) in &answer.headers {
        let name = HeaderName::try_from(name.as_str());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
