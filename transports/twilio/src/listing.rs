//! Twilio's list of messages, page by page (Twilio docs, "Messages resource").

use crate::config::Config;
use crate::inbound;
use crate::outbound;
use cordboard_plugin::{Address, CallError, Host, HttpResponse, Level, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// 100 rows each: more than a day of texts at one per segment and half a minute.
const PAGES_MAX: usize = 50;
const PAGE_BYTES_MAX: u32 = 4 << 20;

/// A text that Twilio holds for one of our numbers.
pub(crate) struct Listed {
    pub(crate) sid: String,
    pub(crate) at: Timestamp,
    pub(crate) from: Address,
    pub(crate) to: Address,
    pub(crate) body: String,
    pub(crate) has_media: bool,
    pub(crate) segments: u16,
}

/// What a number received.
pub(crate) struct Listing {
    /// Newest first, as Twilio lists them.
    pub(crate) texts: Vec<Listed>,
    /// Rows that say too little.
    pub(crate) unreadable: usize,
}

/// A row as Twilio writes it: counts are strings, times are RFC 2822, everything may be null.
#[derive(Deserialize)]
struct Row {
    sid: Option<String>,
    from: Option<String>,
    to: Option<String>,
    body: Option<String>,
    direction: Option<String>,
    status: Option<String>,
    num_media: Option<String>,
    num_segments: Option<String>,
    date_sent: Option<String>,
    date_created: Option<String>,
}

/// The texts that `number` received since `since` (inclusive).
///
/// # Errors
/// See [`CallError`]; nothing is changed by asking again.
pub(crate) async fn received(
    config: &Config,
    host: &dyn Host,
    number: &Address,
    since: Timestamp,
) -> Result<Listing, CallError> {
    let mut path = first_page(config, number, since);
    let mut found = Listing { texts: Vec::new(), unreadable: 0 };
    for _ in 0..PAGES_MAX {
        let mut request = outbound::api_call(config, "GET", path);
        request.answer_bytes_max = PAGE_BYTES_MAX;
        let mut body = page(&host.http(request).await?)?;
        let rows = match body["messages"].take() {
            Value::Array(rows) => rows,
            _ => return Err(CallError::retry_after(None, "the list of messages is none")),
        };
        let mut reached = false;
        for row in rows {
            match listed(row) {
                // Twilio selects by day; the rest of the day is cut off here.
                Kind::Text(text) => {
                    reached |= text.at < since;
                    if text.at >= since && text.to == *number {
                        found.texts.push(text);
                    }
                }
                Kind::Unreadable => found.unreadable += 1,
                Kind::NotForUs => {}
            }
        }
        match body["next_page_uri"].as_str() {
            Some(next) if !reached => path = own_path(config, next)?,
            _ => return Ok(found),
        }
    }
    host.log(Level::Warn, "more missed texts at Twilio than can be listed; the oldest stay there");
    Ok(found)
}

/// The body of a listing.
///
/// # Errors
/// As [`outbound::failure`] says, except that asking has no effect, so that nothing is unclear.
pub(crate) fn page(answer: &HttpResponse) -> Result<Value, CallError> {
    if answer.status != 200 {
        return Err(match outbound::failure(answer) {
            CallError::Unclear { detail } => CallError::retry_after(None, detail),
            error => error,
        });
    }
    answer.json().ok_or_else(|| CallError::retry_after(None, "a listing is not JSON"))
}

fn first_page(config: &Config, number: &Address, since: Timestamp) -> String {
    let day = OffsetDateTime::from_unix_timestamp(since.unix_seconds())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .date();
    let (year, month, day) = (day.year(), u8::from(day.month()), day.day());
    let number = number.reveal().replace('+', "%2B");
    let query = format!("To={number}&DateSent%3E={year:04}-{month:02}-{day:02}&PageSize=100");
    format!("{}?{query}", config.path("/Messages.json"))
}

/// Credentials go along, so that a next page is asked for only within our own account.
fn own_path(config: &Config, next: &str) -> Result<String, CallError> {
    let folder = config.path("/Messages.json?");
    if next.starts_with(&folder) && !next.contains(['#', ' ', '\r', '\n']) {
        Ok(next.to_owned())
    } else {
        Err(CallError::retry_after(None, "the next page is not in our account"))
    }
}

/// What a row is.
enum Kind {
    Text(Listed),
    /// We sent it, or it is still being received.
    NotForUs,
    Unreadable,
}

fn listed(row: Value) -> Kind {
    let Ok(row) = serde_json::from_value::<Row>(row) else { return Kind::Unreadable };
    if row.direction.as_deref() != Some("inbound") || row.status.as_deref() == Some("receiving") {
        return Kind::NotForUs;
    }
    text(row).map_or(Kind::Unreadable, Kind::Text)
}

fn text(row: Row) -> Option<Listed> {
    let at = row.date_sent.or(row.date_created)?;
    let at = OffsetDateTime::parse(&at, &Rfc2822).ok()?;
    let has_media = row.num_media.as_deref().is_some_and(|count| !matches!(count, "" | "0"));
    Some(Listed {
        sid: row.sid.filter(|sid| !sid.is_empty())?,
        at: Timestamp(at.unix_timestamp() * 1000),
        from: Address::new(row.from.filter(|from| !from.is_empty())?),
        to: Address::new(row.to?),
        body: row.body.unwrap_or_default(),
        has_media,
        segments: inbound::segments(row.num_segments.as_deref()),
    })
}
