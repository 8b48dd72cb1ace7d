//! What Twilio's calls mean: texts that arrived, and news of texts we sent.

use crate::codes;
use crate::config::Config;
use crate::form::{self, Parameters};
use crate::outbound;
use crate::signature::{self, Keys};
use cordboard_plugin::{
    Address, DeliveryState, Host, HttpAnswer, HttpCall, Incoming, Keyword, Level, MediaRef,
    MessageKey, Received, Rejected, StatusUpdate,
};

/// An empty TwiML document: Twilio sends nothing back to the sender.
const NO_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

/// Twilio puts at most ten pictures into one message.
pub(crate) const MEDIA_MAX: usize = 10;

/// What `call` means, once it has been found genuine.
///
/// # Errors
/// See [`signature::verify`]; 403 for another account's or another number's call; 400 when it says
/// too little; 404 for an address that is not ours.
pub(crate) fn receive(
    config: &Config,
    host: &dyn Host,
    call: &HttpCall,
) -> Result<Received, Rejected> {
    let keys = Keys { auth_token: &config.auth_token, shared: &config.shared_keys };
    let parameters = Parameters::read(signature::verify(call, &keys)?)?;
    if parameters.get("AccountSid").is_some_and(|account| account != config.account_sid) {
        return Err(Rejected::forged("for another account"));
    }
    match call.path.as_str() {
        "" | "/" => message(config, host, &parameters),
        "/status" => status(host, call, &parameters),
        _ => Err(Rejected { status: 404, reason: "no such webhook".to_owned() }),
    }
}

/// The key under which a message of this account is stored once.
pub(crate) fn key(config: &Config, sid: &str) -> MessageKey {
    MessageKey { account: format!("twilio:{}", config.account_sid), id: sid.to_owned() }
}

fn message(
    config: &Config,
    host: &dyn Host,
    parameters: &Parameters,
) -> Result<Received, Rejected> {
    required(parameters, "AccountSid")?;
    let sid = required(parameters, "MessageSid")?;
    let from = Address::new(required(parameters, "From")?);
    let to = Address::new(required(parameters, "To")?);
    if !config.numbers.contains(&to) {
        host.log(
            Level::Warn,
            &format!(
                "refused a text to {to}, which is not in `numbers`; \
                add it, or correct the webhook of that number at Twilio"
            ),
        );
        return Err(Rejected::forged("re-targeted: for a number that is not ours"));
    }
    // Present when our primary address failed and Twilio tried the fallback: it is the same message.
    if let Some(code) = parameters.filled("ErrorCode") {
        let digits: String = code.chars().filter(char::is_ascii_digit).take(8).collect();
        host.log(Level::Info, &format!("came by the fallback address after error {digits}"));
    }
    let message = Incoming {
        key: key(config, sid),
        from,
        to,
        text: parameters.get("Body").unwrap_or_default().to_owned(),
        media: media(parameters),
        keyword: parameters.get("OptOutType").and_then(keyword),
        segments: segments(parameters.get("NumSegments")),
    };
    Ok(Received {
        messages: vec![message],
        statuses: Vec::new(),
        answer: HttpAnswer::new(200, "text/xml", NO_REPLY),
    })
}

fn status(host: &dyn Host, call: &HttpCall, parameters: &Parameters) -> Result<Received, Rejected> {
    let id = required(parameters, "MessageSid")?.to_owned();
    let word = parameters.filled("MessageStatus").or_else(|| parameters.filled("SmsStatus"));
    let word = word.ok_or_else(|| Rejected::malformed("no MessageStatus"))?;
    let query = Parameters::read(form::decode(call.query.as_bytes())?)?;
    let statuses = match outbound::state(word) {
        Some(state) => {
            let code = parameters.filled("ErrorCode").filter(|code| *code != "0");
            let failed = matches!(state, DeliveryState::Undelivered | DeliveryState::Failed);
            let known = code.filter(|_| failed).and_then(|code| code.parse().ok());
            let error = known.and_then(codes::meaning);
            let reply_key = query.filled("reply").map(str::to_owned);
            vec![StatusUpdate { id, reply_key, state, code: code.map(str::to_owned), error }]
        }
        None => {
            let word: String = word.chars().filter(char::is_ascii_lowercase).take(24).collect();
            host.log(Level::Info, &format!("Twilio says `{word}` of a text; not a state we know"));
            Vec::new()
        }
    };
    Ok(Received { messages: Vec::new(), statuses, answer: HttpAnswer::empty(204) })
}

fn required<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Rejected> {
    parameters.filled(name).ok_or_else(|| Rejected::malformed(format!("no {name}")))
}

fn media(parameters: &Parameters) -> Vec<MediaRef> {
    let count = parameters.get("NumMedia").and_then(|count| count.parse().ok()).unwrap_or(0);
    let refs = (0..MEDIA_MAX.min(count)).filter_map(|at| {
        let place = parameters.filled(&format!("MediaUrl{at}"))?.to_owned();
        let claimed_type = parameters.get(&format!("MediaContentType{at}")).unwrap_or_default();
        Some(MediaRef { place, claimed_type: claimed_type.to_owned() })
    });
    refs.collect()
}

fn keyword(word: &str) -> Option<Keyword> {
    match word {
        "STOP" => Some(Keyword::Stop),
        "START" => Some(Keyword::Start),
        "HELP" => Some(Keyword::Help),
        _ => None,
    }
}

/// Twilio's count of segments; 1 when it gives none.
pub(crate) fn segments(count: Option<&str>) -> u16 {
    count.and_then(|count| count.parse().ok()).unwrap_or(1).max(1)
}
