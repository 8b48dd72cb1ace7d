//! What X's answers mean for the core: one table, first matching row wins.
//!
//! Rows come from X's docs and API description and from logs of the live service (2025 and 2026).
//! X moved its problem types between hosts, so only the last segment of a type is compared.

use cordboard_plugin::{CallError, HttpResponse, Reason, Timestamp, Trouble};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// What a row looks for in an answer.
enum Sign {
    /// Last segment of the problem's `type`, or its `title` or `reason`.
    Problem(&'static str),
    /// A legacy code in `errors[].code` or `code`.
    Code(i64),
    /// A `detail` or `message` that contains these words.
    Says(&'static str),
    /// The HTTP status.
    Status(u16),
}

/// What the core is to do.
enum Action {
    Relink,
    Operator(Trouble),
    Refuse(Reason),
    Unclear,
    /// Wait as long as the headers of the answer say.
    WaitAsTold,
    /// Wait this many minutes.
    WaitMinutes(i64),
}

use Action::{Operator, Refuse, Relink, Unclear, WaitAsTold, WaitMinutes};
use Sign::{Code, Problem, Says, Status};

/// Sign, action, and words: for the sender where the call is refused, else for the operator.
const TABLE: &[(Sign, Action, &str)] = &[
    (Problem("credits-depleted"), Operator(Trouble::Credit), NO_CREDIT),
    (Problem("credits"), Operator(Trouble::Credit), NO_CREDIT),
    (Problem("CreditsDepleted"), Operator(Trouble::Credit), NO_CREDIT),
    (Status(402), Operator(Trouble::Credit), NO_CREDIT),
    // A used-up cap also comes as 429, while the rate limit still has plenty of room.
    (Problem("usage-capped"), Operator(Trouble::Credit), CAPPED),
    (Problem("UsageCapExceeded"), Operator(Trouble::Credit), CAPPED),
    (Problem("user-suspended"), Refuse(Reason::Account), SUSPENDED),
    (Code(64), Refuse(Reason::Account), SUSPENDED),
    (Code(326), Refuse(Reason::Account), "X has locked your account; log in at x.com to unlock it"),
    (Problem("client-forbidden"), Operator(Trouble::Plan), "X: the app is in no project"),
    (Problem("client-not-enrolled"), Operator(Trouble::Plan), "X: the app is in no project"),
    (Problem("oauth1-permissions"), Operator(Trouble::Plan), "X: the app may not write"),
    (Code(261), Operator(Trouble::Plan), "X: the app may not write"),
    (Code(453), Operator(Trouble::Plan), "X: the plan does not include this call"),
    // Seen on good requests, about one in fifteen (October 2025); the next one passes.
    (Says("Authenticating with Unknown"), WaitMinutes(1), "X did not recognise the request"),
    (Problem("unsupported-authentication"), Operator(Trouble::Keys), "X wants a user's token"),
    (Code(32), Operator(Trouble::Keys), "X could not authenticate us: check the app's keys"),
    (Code(99), Operator(Trouble::Keys), "X could not verify the app's keys"),
    (Code(215), Operator(Trouble::Keys), "X: bad authentication data"),
    (Code(220), Operator(Trouble::Keys), "X: these credentials may not make this call"),
    (Code(416), Operator(Trouble::Keys), "X has suspended the app"),
    (Code(415), Operator(Trouble::Setting), "X: the callback address is not registered"),
    (Code(417), Operator(Trouble::Setting), "X: linking by code is off for this app"),
    (Code(135), Operator(Trouble::Clock), "X: our clock is off"),
    (Code(89), Relink, "X: the token is invalid or expired"),
    (Code(185), WaitMinutes(6 * 60), "X: the account's daily limit is reached"),
    (Code(226), WaitMinutes(60), "X: this looks automated"),
    (Code(186), Refuse(Reason::TooLong), TOO_LONG),
    (Says("Tweet text is too long"), Refuse(Reason::TooLong), TOO_LONG),
    (Code(187), Refuse(Reason::Duplicate), DUPLICATE),
    (Says("duplicate content"), Refuse(Reason::Duplicate), DUPLICATE),
    (Code(324), Refuse(Reason::Media), BAD_MEDIA),
    (Code(325), Refuse(Reason::Media), BAD_MEDIA),
    (Says("media IDs are invalid"), Refuse(Reason::Media), BAD_MEDIA),
    (Problem("rate-limit-exceeded"), WaitAsTold, LIMITED),
    (Code(88), WaitAsTold, LIMITED),
    (Status(429), WaitAsTold, LIMITED),
    (Code(130), Unclear, "X is over capacity"),
    (Code(131), Unclear, "X had an internal error"),
    (Status(401), Relink, "X no longer accepts the token"),
    (Status(403), Refuse(Reason::Other), "X did not permit this post"),
    (Status(400), Refuse(Reason::Other), "X did not understand this post"),
    (Status(422), Refuse(Reason::Other), "X did not understand this post"),
];

const NO_CREDIT: &str = "X: credits are used up; top up in the developer console";
const CAPPED: &str = "X: the usage cap is reached; raise it in the developer console";
const SUSPENDED: &str = "X has suspended your account; log in at x.com to see why";
const TOO_LONG: &str = "X finds this text too long";
const DUPLICATE: &str = "X does not take the same words twice";
const BAD_MEDIA: &str = "X did not accept the picture";
const LIMITED: &str = "X: too many requests";

/// The wait when a limit is hit and no header says for how long (X docs: windows of 15 minutes).
const WINDOW_MS: i64 = 15 * 60 * 1000;
/// No wait is longer: the longest window has 24 hours.
const WAIT_MS_MAX: i64 = 25 * 3600 * 1000;

/// What an answer that is no success means.
///
/// Server errors, success without what was asked for, and pages instead of JSON say nothing about
/// whether the call took effect: they are [`CallError::Unclear`], and so is all that no row knows.
pub fn failure(answer: &HttpResponse) -> CallError {
    let status = answer.status;
    let Some(body) = answer.json().filter(Value::is_object) else {
        return match status {
            429 => CallError::retry_after(Some(wait_ms(answer)), LIMITED),
            _ => CallError::unclear(format!("X answered {status} without JSON")),
        };
    };
    if (200..300).contains(&status) {
        return CallError::unclear(format!("X answered {status} without a result"));
    }
    let found = TABLE.iter().find(|(sign, _, _)| sign.is_in(status, &body));
    let Some((_, action, words)) = found else {
        return CallError::unclear(format!("X answered {status}"));
    };
    match action {
        Relink => CallError::relink(format!("{words} ({status})")),
        Operator(trouble) => CallError::operator(*trouble, format!("{words} ({status})")),
        Refuse(reason) => CallError::refused(*reason, code(status, &body), *words),
        Unclear => CallError::unclear(format!("{words} ({status})")),
        WaitAsTold => CallError::retry_after(Some(wait_ms(answer)), *words),
        WaitMinutes(minutes) => CallError::retry_after(Some(minutes * 60_000), *words),
    }
}

/// Whether X says that this token may not write (OAuth 1.0a): it was made while the app was set to
/// read only, and keeps that.
pub fn is_write_refusal(answer: &HttpResponse) -> bool {
    let body = answer.json().unwrap_or_default();
    let signs = [Problem("oauth1-permissions"), Code(261)];
    signs.iter().any(|sign| sign.is_in(answer.status, &body))
}

impl Sign {
    fn is_in(&self, status: u16, body: &Value) -> bool {
        match self {
            Self::Status(wanted) => status == *wanted,
            // Server errors may carry any body; only the codes for them are read.
            Self::Problem(_) | Self::Says(_) if status >= 500 => false,
            Self::Problem(name) => layers(body).any(|layer| {
                problem(layer) == Some(name)
                    || ["title", "reason"].iter().any(|key| layer[*key].as_str() == Some(name))
            }),
            Self::Code(code) => layers(body).any(|layer| layer["code"].as_i64() == Some(*code)),
            Self::Says(words) => layers(body).any(|layer| {
                ["detail", "message"]
                    .iter()
                    .any(|key| layer[*key].as_str().is_some_and(|text| text.contains(words)))
            }),
        }
    }
}

/// The body itself and each of its `errors`.
fn layers(body: &Value) -> impl Iterator<Item = &Value> {
    std::iter::once(body).chain(body["errors"].as_array().into_iter().flatten())
}

fn problem(layer: &Value) -> Option<&str> {
    layer["type"].as_str()?.rsplit('/').next().filter(|name| *name != "about:blank")
}

/// X's own code for its support desk: the problem, the legacy code or the status.
fn code(status: u16, body: &Value) -> String {
    layers(body)
        .find_map(|layer| {
            problem(layer)
                .map(str::to_owned)
                .or_else(|| layer["code"].as_i64().map(|code| code.to_string()))
        })
        .unwrap_or_else(|| status.to_string())
}

/// How long a limited call has to wait, in milliseconds.
///
/// A 24-hour window with nothing left rules even when the 15-minute one has room. The answer's own
/// `Date` is the clock that the reset belongs to; ours stands in when it is missing.
pub fn wait_ms(answer: &HttpResponse) -> i64 {
    let number = |name: &str| answer.header(name)?.trim().parse::<i64>().ok();
    let day = ["x-user-limit-24hour", "x-app-limit-24hour"]
        .iter()
        .filter(|window| number(&format!("{window}-remaining")) == Some(0))
        .filter_map(|window| number(&format!("{window}-reset")))
        .max();
    let Some(reset) = day.or_else(|| number("x-rate-limit-reset")) else {
        let asked = number("retry-after").map(|seconds| seconds.saturating_mul(1000));
        return asked.unwrap_or(WINDOW_MS).clamp(1000, WAIT_MS_MAX);
    };
    let date = answer.header("date").and_then(|date| {
        let date = OffsetDateTime::parse(&date.replace("GMT", "+0000"), &Rfc2822).ok()?;
        Some(Timestamp::default().plus_seconds(date.unix_timestamp()))
    });
    let now = date.unwrap_or(answer.at);
    Timestamp::default().plus_seconds(reset).millis_since(now).clamp(1000, WAIT_MS_MAX)
}
