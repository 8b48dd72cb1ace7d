//! What Flowroute's calls mean: texts that arrived, and news of texts we sent.

use crate::callers;
use crate::config::Config;
use crate::media;
use crate::message::{self, Message};
use crate::receipts;
use cordboard_plugin::{
    Commit, Expected, Host, HttpAnswer, HttpCall, Incoming, Level, Put, Received, Rejected,
    StatusUpdate,
};
use serde_json::Value;

/// When a callback last had an id of the first generation; see [`crate::catch_up`].
pub(crate) const OLD_IDS_UNTIL: &str = "old_ids_until";

/// What `call` means, once its caller has been believed. Its content says which of both addresses it
/// belongs to; with one pasted into the other's field nothing is lost.
///
/// # Errors
/// See [`callers::admit`]; 403 for a number that is not ours; 400 when it says too little; 404 for an
/// address that is not ours, 405 for anything but POST; 503 when our store does not answer.
pub(crate) async fn receive(
    config: &Config,
    host: &dyn Host,
    call: &HttpCall,
) -> Result<Received, Rejected> {
    callers::admit(config, call)?;
    if !matches!(call.path.as_str(), "" | "/" | "/status") {
        return Err(Rejected { status: 404, reason: "no such webhook".to_owned() });
    }
    if call.method != "POST" {
        return Err(Rejected { status: 405, reason: "not a POST".to_owned() });
    }
    // The content type is not documented and differs; the body is JSON in every generation.
    let document: Value =
        serde_json::from_slice(&call.body.0).map_err(|_| Rejected::malformed("not JSON"))?;
    if document["data"]["type"].as_str() == Some(receipts::TYPE) {
        let reply_key = callers::parameter(call, "reply");
        return Ok(answer(Vec::new(), receipts::read(host, &document, reply_key)?));
    }
    let message = Message::read(&document)?;
    if !message.is_inbound {
        return Ok(answer(Vec::new(), Vec::new()));
    }
    if !config.numbers.contains(&message.to) {
        host.log(
            Level::Warn,
            &format!(
                "refused a text to {}, which is not in `numbers`; \
                add it, or correct the callback of that number at Flowroute",
                message.to
            ),
        );
        return Err(Rejected::forged("for a number that is not ours"));
    }
    if message::is_old_id(&message.id) {
        note_old_id(host).await?;
    }
    let media = media::of_callback(config, &document, &message);
    Ok(answer(vec![message.into_incoming(media)], Vec::new()))
}

/// Exactly 200: anything else, other 2xx too, has Flowroute call again.
fn answer(messages: Vec<Incoming>, statuses: Vec<StatusUpdate>) -> Received {
    Received { messages, statuses, answer: HttpAnswer::empty(200) }
}

/// The list of messages knows this one by another id. Noted before it is stored, so that no look at
/// that list can be in between and take it a second time.
async fn note_old_id(host: &dyn Host) -> Result<(), Rejected> {
    let put = Put {
        key: OLD_IDS_UNTIL.to_owned(),
        value: host.now().0.to_string().into(),
        expected: Expected::Any,
        expires_at: None,
    };
    let unavailable = |_| Rejected { status: 503, reason: "the store does not answer".to_owned() };
    host.commit(Commit { puts: vec![put], ..Commit::default() }).await.map_err(unavailable)
}
