//! The simulated Twilio calls us: texts and delivery reports, signed as Twilio signs.

use super::ledger::{self, Record};
use super::{ACCOUNT_SID, API_VERSION, AUTH_TOKEN, faults, new_sid};
use crate::form;
use crate::signature::{self, Algorithm, SIGNATURE_HEADER};
use cordboard_plugin::{
    Host, HttpError, HttpRequest, HttpResponse, Level, Secret, StateError, Timer,
};

/// From one state of a text to the next.
const STEP_MS: i64 = 1000;
/// Twilio's read timeout.
const TIMEOUT_MS: u32 = 15_000;

/// The timer by which a text becomes `sent`.
pub(super) fn first_report(record: &Record) -> Timer {
    Timer { key: format!("sent/{}", record.sid), at: record.at.plus_millis(STEP_MS) }
}

/// A text reaches its next state, and we are told when we asked to be.
pub(super) async fn report(host: &dyn Host, timer_key: &str) -> Result<(), StateError> {
    let Some((step, sid)) = timer_key.split_once('/') else { return Ok(()) };
    let is_first = step == "sent";
    let next =
        is_first.then(|| Timer { key: format!("done/{sid}"), at: host.now().plus_millis(STEP_MS) });
    let amended = ledger::amend(host, sid, next, |record| {
        let end = if record.fate.is_some() { "undelivered" } else { "delivered" };
        record.status = if is_first { "sent" } else { end }.to_owned();
        record.error_code = record.fate.filter(|_| !is_first);
    })
    .await?;
    let Some(record) = amended else { return Ok(()) };
    let Some(url) = &record.callback else { return Ok(()) };
    if faults::take(host, "status").await?.is_some() {
        return Ok(());
    }
    // Twilio does not repeat a report that was turned away.
    match post(host, url, &report_fields(&record)).await {
        Ok(answer) if answer.status < 300 => {}
        Ok(answer) => {
            host.log(Level::Warn, &format!("a delivery report was answered {}", answer.status));
        }
        Err(error) => host.log(Level::Warn, &format!("a delivery report was lost: {error}")),
    }
    Ok(())
}

/// Calls the webhook with a text; once more when nothing could be sent, as Twilio does by default.
pub(super) async fn hook(
    host: &dyn Host,
    url: &str,
    api_base: &str,
    record: &Record,
) -> Result<HttpResponse, HttpError> {
    let fields = text_fields(api_base, record);
    match post(host, url, &fields).await {
        Err(HttpError::Unreachable(_)) => post(host, url, &fields).await,
        outcome => outcome,
    }
}

type Fields = Vec<(String, String)>;

async fn post(host: &dyn Host, url: &str, fields: &Fields) -> Result<HttpResponse, HttpError> {
    let url = signature::signed_part(url);
    let body = form::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let pairs: Vec<form::Pair> =
        fields.iter().map(|(name, value)| (name.clone().into(), value.clone().into())).collect();
    let token = Secret::new(AUTH_TOKEN);
    let signature = signature::sign(Algorithm::HmacSha1, &token, &url, &pairs);
    let mut request = HttpRequest::foreign("POST", url)
        .with_header("user-agent", "TwilioProxy/1.1")
        .with_header(SIGNATURE_HEADER, &signature)
        .with_header("i-twilio-idempotency-token", &new_sid(host, ""))
        .with_body("application/x-www-form-urlencoded; charset=UTF-8", body);
    request.timeout_ms = TIMEOUT_MS;
    host.http(request).await
}

fn common_fields(record: &Record, status: &str) -> Fields {
    fields([
        ("MessageSid", record.sid.as_str()),
        ("SmsSid", &record.sid),
        ("SmsStatus", status),
        ("AccountSid", ACCOUNT_SID),
        ("From", record.from.reveal()),
        ("To", record.to.reveal()),
        ("ApiVersion", API_VERSION),
    ])
}

fn text_fields(api_base: &str, record: &Record) -> Fields {
    let (media, segments) = (record.media.len().to_string(), record.segments.to_string());
    let mut all = common_fields(record, "received");
    all.extend(fields([
        ("SmsMessageSid", record.sid.as_str()),
        ("Body", &record.body),
        ("NumMedia", &media),
        ("NumSegments", &segments),
        ("FromCity", ""),
        ("FromState", ""),
        ("FromZip", ""),
        ("FromCountry", "US"),
        ("ToCity", ""),
        ("ToState", ""),
        ("ToZip", ""),
        ("ToCountry", "US"),
    ]));
    for (at, (sid, content_type)) in record.media.iter().enumerate() {
        let account = super::lists::account_path();
        let url = format!("{api_base}{account}/Messages/{}/Media/{sid}", record.sid);
        all.push((format!("MediaUrl{at}"), url));
        all.push((format!("MediaContentType{at}"), content_type.clone()));
    }
    all
}

fn report_fields(record: &Record) -> Fields {
    let mut all = common_fields(record, &record.status);
    all.push(("MessageStatus".to_owned(), record.status.clone()));
    if let Some(code) = record.error_code {
        all.push(("ErrorCode".to_owned(), code.to_string()));
    }
    all
}

fn fields<const N: usize>(list: [(&str, &str); N]) -> Fields {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
