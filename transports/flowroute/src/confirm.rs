//! Whether Flowroute really has a message that somebody says it has: the one strong check there is.

use crate::config::Config;
use crate::media;
use crate::message::{self, Message};
use crate::records::{self, Record};
use cordboard_plugin::{CallError, Confirmed, Host, Incoming, Level};

/// A record may be there a little later than its callback; how often it is looked for, and between.
const LOOKS: usize = 3;
const LOOK_GAP_MS: i64 = 2000;

/// Reads the record of `message` with our keys: it must say the same.
///
/// # Errors
/// See [`CallError`]; the core asks again later.
pub(crate) async fn confirm(
    config: &Config,
    host: &dyn Host,
    message: &Incoming,
) -> Result<Confirmed, CallError> {
    if !message::is_id(&message.key.id) {
        return Ok(Confirmed::Unknown);
    }
    for look in 0..LOOKS {
        if look > 0 {
            host.sleep_until(host.now().plus_millis(LOOK_GAP_MS)).await;
        }
        match records::one(config, host, &message.key.id).await? {
            Record::Found(record) if is_same(message, &record) => return Ok(Confirmed::Genuine),
            Record::Found(_) => return Ok(Confirmed::Unknown),
            Record::Unreadable => {
                return Err(CallError::retry_after(None, "the record of a text says too little"));
            }
            Record::Unknown => {}
        }
    }
    if message::is_old_id(&message.key.id) {
        host.log(
            Level::Warn,
            "Flowroute has no record under an id of its oldest callback; if that goes on, set the \
            callback anew, or use `verify = \"token\"`",
        );
    }
    Ok(Confirmed::Unknown)
}

/// Spaces at the ends are left out of account; a record may lack its words only when it has none.
fn is_same(message: &Incoming, record: &Message) -> bool {
    record.is_inbound
        && record.from == message.from
        && record.to == message.to
        && record.body.as_deref().unwrap_or_default().trim() == message.text.trim()
        && media::agree(&message.media, record)
}
