//! A message as Flowroute writes it: in callbacks of three generations, and in its records.
//!
//! Nothing says which generation a document is. v2 is flat, later ones have an envelope; numbers come
//! with and without a plus, and as JSON numbers; a picture's words may be null. Whatever the spelling,
//! the same message reads the same here.

use cordboard_plugin::{Address, Incoming, MediaRef, MessageKey, Rejected, Timestamp, segments_in};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest id we believe in, in characters; Flowroute's have 37.
const ID_CHARS_MAX: usize = 64;

/// What a document says of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) from: Address,
    pub(crate) to: Address,
    /// The words; null is none. `None` when the document leaves them out.
    pub(crate) body: Option<String>,
    pub(crate) at: Option<Timestamp>,
    /// Whether it came to us. What says nothing did: v2 calls us for nothing else.
    pub(crate) is_inbound: bool,
    /// `None` when the document leaves it out.
    pub(crate) is_mms: Option<bool>,
    /// The ids of its pictures and other parts. `None` when the document leaves them out.
    pub(crate) media_ids: Option<Vec<String>>,
}

impl Message {
    /// Reads `{"data": {…}}`, or the flat form of v2.
    ///
    /// # Errors
    /// [`Rejected`] with 400, naming what is missing.
    pub(crate) fn read(document: &Value) -> Result<Self, Rejected> {
        Self::of_record(document.get("data").unwrap_or(document))
    }

    /// Reads what is below `data`, or a row of a list.
    ///
    /// # Errors
    /// As [`Message::read`].
    pub(crate) fn of_record(record: &Value) -> Result<Self, Rejected> {
        let attributes = record.get("attributes").unwrap_or(record);
        let missing = |what: &str| Rejected::malformed(format!("no {what}"));
        let body = match attributes.get("body") {
            None => None,
            Some(Value::Null) => Some(String::new()),
            Some(Value::String(words)) => Some(words.clone()),
            Some(_) => return Err(Rejected::malformed("a body that is no text")),
        };
        let direction = attributes["direction"].as_str();
        Ok(Self {
            id: id(record).ok_or_else(|| missing("id of a message"))?,
            from: number(&attributes["from"]).ok_or_else(|| missing("from"))?,
            to: number(&attributes["to"]).ok_or_else(|| missing("to"))?,
            body,
            at: attributes["timestamp"].as_str().and_then(moment),
            is_inbound: direction.is_none_or(|word| word.eq_ignore_ascii_case("inbound")),
            is_mms: attributes["is_mms"].as_bool(),
            media_ids: media_ids(record),
        })
    }

    /// The same as the core stores it.
    pub(crate) fn into_incoming(self, media: Vec<MediaRef>) -> Incoming {
        let text = self.body.unwrap_or_default();
        Incoming {
            key: key(self.id),
            from: self.from,
            to: self.to,
            // Flowroute joins the parts of a text and bills each (its docs, "Message length &
            // concatenation"), without saying how many there were.
            segments: segments_in(&text),
            text,
            media,
            keyword: None,
        }
    }
}

/// The key under which a message is stored once.
///
/// Ids are unique over the whole of Flowroute, so that no account stands beside them. The access key
/// would be the wrong one: an account has several and they are replaced, and then every text that is
/// read back would count as new and be posted a second time.
fn key(id: String) -> MessageKey {
    MessageKey { account: "flowroute".to_owned(), id }
}

/// The id of a record, if it has the form of Flowroute's: it goes into the paths of calls.
pub(crate) fn id(record: &Value) -> Option<String> {
    let id = record["id"].as_str()?;
    is_id(id).then(|| id.to_owned())
}

/// Whether `id` is `mdr1-` or `mdr2-`, then letters, digits and dashes.
pub(crate) fn is_id(id: &str) -> bool {
    let rest = id.strip_prefix("mdr1-").or_else(|| id.strip_prefix("mdr2-")).unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !rest.is_empty() && id.len() <= ID_CHARS_MAX && rest.bytes().all(is_plain)
}

/// Whether `id` is of the first generation, which later APIs do not know a message by.
pub(crate) fn is_old_id(id: &str) -> bool {
    id.starts_with("mdr1-")
}

/// A telephone number in E.164, however it is spelled; anything else as it came.
fn number(value: &Value) -> Option<Address> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.as_u64()?.to_string(),
        _ => return None,
    };
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Some(match text.len() {
        0 => return None,
        // North American without its country code, as v2 sometimes has it.
        10 if is_digits => Address::new(format!("+1{text}")),
        11..=15 if is_digits => Address::new(format!("+{text}")),
        _ => Address::new(text),
    })
}

/// Zero, two or six digits of fraction, `Z` or an offset; without either it is UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339))
        .ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Timestamp)
}

fn media_ids(record: &Value) -> Option<Vec<String>> {
    let rows = record["relationships"]["media"]["data"].as_array()?;
    Some(rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_is_the_same_in_every_spelling() {
        for value in [
            json!("+15550100001"),
            json!("15550100001"),
            json!("5550100001"),
            json!(" 15550100001 "),
            json!(15_550_100_001_u64),
            json!(5_550_100_001_u64),
        ] {
            assert_eq!(number(&value), Some(Address::new("+15550100001")), "{value}");
        }
        for (value, kept) in [
            (json!("447700900123"), "+447700900123"),
            (json!("+4477009001"), "+4477009001"),
            (json!("55501"), "55501"),
            (json!("INFO"), "INFO"),
            (json!("555010000x"), "555010000x"),
        ] {
            assert_eq!(number(&value), Some(Address::new(kept)), "{value}");
        }
        for value in [json!(null), json!(""), json!("  "), json!(1.5), json!(-1), json!(["1"])] {
            assert_eq!(number(&value), None, "{value}");
        }
    }

    #[test]
    fn only_an_id_of_flowroute_is_one() {
        let longest = format!("mdr2-{}", "a".repeat(59));
        for id in ["mdr1-0", "mdr2-ca82be46e6ba11e79d08862d092cf73d", "mdr2-A-1", &longest] {
            assert!(is_id(id), "{id}");
        }
        let longer = format!("{longest}a");
        for id in ["", "mdr2-", "mdr3-0", "MDR2-0", "mdr2-../x", "mdr2-a b", "mdr2-é", &longer] {
            assert!(!is_id(id), "{id}");
        }
    }

    #[test]
    fn moments_are_read_with_any_fraction() {
        for (text, millis) in [
            ("2026-09-21T13:33:20Z", 1_790_000_000_000 - 2_400_000),
            ("2026-09-21T13:33:20.5Z", 1_790_000_000_500 - 2_400_000),
            ("2026-09-21T13:33:20.37Z", 1_790_000_000_370 - 2_400_000),
            ("2026-09-21T13:33:20.123456+00:00", 1_790_000_000_123 - 2_400_000),
            ("2026-09-21T15:33:20+02:00", 1_790_000_000_000 - 2_400_000),
            ("2026-09-21T13:33:20", 1_790_000_000_000 - 2_400_000),
        ] {
            assert_eq!(moment(text), Some(Timestamp(millis)), "{text}");
        }
        assert_eq!(moment("yesterday"), None);
    }
}
