//! X's bad answers, word for word as documented or logged.

use cordboard_plugin::{HttpAnswer, Timestamp};
use serde_json::{Value, json};

fn plain(status: u16, title: &str, detail: &str) -> HttpAnswer {
    let body = json!({
        "title": title, "detail": detail, "type": "about:blank", "status": status,
    });
    HttpAnswer::json(status, &body)
}

pub(super) fn unauthorized() -> HttpAnswer {
    plain(401, "Unauthorized", "Unauthorized")
}

pub(super) fn forbidden() -> HttpAnswer {
    plain(403, "Forbidden", "You are not permitted to perform this action.")
}

pub(super) fn duplicate() -> HttpAnswer {
    plain(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
}

pub(super) fn too_long() -> HttpAnswer {
    plain(
        403,
        "Forbidden",
        "Your Tweet text is too long. For more information on how Twitter \
        determines text length see https://github.com/twitter/twitter-text.",
    )
}

pub(super) fn unavailable() -> HttpAnswer {
    plain(503, "Service Unavailable", "Service Unavailable")
}

pub(super) fn not_found() -> HttpAnswer {
    let body = json!({
        "title": "Not Found Error", "detail": "Could not find what was asked for.",
        "type": "https://api.x.com/2/problems/resource-not-found",
    });
    HttpAnswer::json(404, &body)
}

pub(super) fn no_credit() -> HttpAnswer {
    let body = json!({
        "title": "Payment Required", "detail": "credits depleted",
        "type": "https://api.x.com/2/problems/credits-depleted",
    });
    HttpAnswer::json(402, &body)
}

pub(super) fn invalid(message: &str, parameters: Value) -> HttpAnswer {
    let body = json!({
        "errors": [{ "message": message, "parameters": parameters }],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.x.com/2/problems/invalid-request",
    });
    HttpAnswer::json(400, &body)
}

pub(super) fn too_many(reset: Timestamp) -> HttpAnswer {
    with_limit(plain(429, "Too Many Requests", "Too Many Requests"), 0, reset)
}

/// The headers of the 15-minute window.
pub(super) fn with_limit(answer: HttpAnswer, remaining: u32, reset: Timestamp) -> HttpAnswer {
    answer
        .with_header("x-rate-limit-limit", "100")
        .with_header("x-rate-limit-remaining", &remaining.to_string())
        .with_header("x-rate-limit-reset", &reset.unix_seconds().to_string())
}

/// A bad answer of the token endpoint.
pub(super) fn oauth(status: u16, error: &str, description: &str) -> HttpAnswer {
    let body = json!({ "error": error, "error_description": description });
    HttpAnswer::json(status, &body)
}

/// The older form of errors.
pub(super) fn legacy(status: u16, code: i64, message: &str) -> HttpAnswer {
    HttpAnswer::json(status, &json!({ "errors": [{ "code": code, "message": message }] }))
}

pub(super) fn bad_data() -> HttpAnswer {
    legacy(400, 215, "Bad Authentication data.")
}

pub(super) fn not_authenticated() -> HttpAnswer {
    legacy(401, 32, "Could not authenticate you.")
}

pub(super) fn wrong_clock() -> HttpAnswer {
    legacy(401, 135, "Timestamp out of bounds.")
}

pub(super) fn unknown_token() -> HttpAnswer {
    legacy(401, 89, "Invalid or expired token.")
}

/// XML, whatever was asked for.
pub(super) fn callback_unknown() -> HttpAnswer {
    let body = "<?xml version='1.0' encoding='UTF-8'?><errors><error code=\"415\">Callback URL not \
        approved for this client application. Approved callback URLs can be adjusted in your \
        application settings</error></errors>";
    HttpAnswer::new(403, "application/xml;charset=utf-8", body)
}

pub(super) fn wrong_pin() -> HttpAnswer {
    let words = "Error processing your OAuth request: Invalid oauth_verifier parameter";
    HttpAnswer::new(401, "text/html;charset=utf-8", words)
}

/// Not even JSON.
pub(super) fn unrecognized() -> HttpAnswer {
    HttpAnswer::new(400, "text/plain", "media type unrecognized")
}

/// A token of OAuth 1.0a that may only read.
pub(super) fn read_only() -> HttpAnswer {
    let body = json!({
        "title": "Forbidden", "status": 403,
        "detail": "Your client app is not configured with the appropriate oauth1 app permissions \
                   for this endpoint.",
        "type": "https://api.x.com/2/problems/oauth1-permissions",
    });
    HttpAnswer::json(403, &body)
}

pub(super) fn no_client() -> HttpAnswer {
    oauth(401, "unauthorized_client", "Missing valid authorization header")
}

pub(super) fn dead_token() -> HttpAnswer {
    oauth(400, "invalid_request", "Value passed for the token was invalid.")
}

pub(super) fn dead_code() -> HttpAnswer {
    oauth(400, "invalid_request", "Value passed for the authorization code was invalid.")
}

pub(super) fn wrong_verifier() -> HttpAnswer {
    let words = "Value passed for the code verifier did not match the code challenge.";
    oauth(400, "invalid_request", words)
}

/// A page of the proxy in front of the API.
pub(super) fn page() -> HttpAnswer {
    HttpAnswer::new(502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>")
}
