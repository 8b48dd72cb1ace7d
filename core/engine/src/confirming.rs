//! Confirming: asks a provider that does not sign whether it really has a message, after the commit and
//! before anybody reads it. One lane per sender, oldest first; reading never waits for it.

use crate::bridge::{Bridge, guarded_about};
use crate::pump::report;
use crate::reading::read_as;
use cordboard_plugin::{Address, CallError, Confirmed, Incoming, MessageKey};
use cordboard_store::{Change, Hold, LaneKind, Message, MessageState, StoreError};

/// How long a provider may take to confirm a message.
const CONFIRM_MS_MAX: i64 = 15_000;
/// Shortest and longest pause before it is asked again; in between, as long as the message has waited.
const AGAIN_MS: i64 = 30_000;
const AGAIN_MS_MAX: i64 = 15 * 60_000;

impl Bridge {
    /// Asks about the oldest unconfirmed message of a lane and gives the lane back.
    pub(crate) async fn confirm_lane(&self, hold: Hold) {
        if let Err(error) = self.confirm_next(&hold).await {
            report(&error);
        }
    }

    async fn confirm_next(&self, hold: &Hold) -> Result<(), StoreError> {
        let sender = Address::new(&hold.key);
        let oldest = self.store().next_unconfirmed(&sender).await?;
        // One that came meanwhile does not make the provider be asked sooner.
        let due = oldest.filter(|message| message.wait_until.is_none_or(|at| at <= self.now()));
        let mut changes = match due {
            Some(message) => self.ask_about(&message).await,
            None => Vec::new(),
        };
        changes.push(Change::ReleaseLane(hold.clone()));
        let applied = self.commit(Some(hold), changes).await?;
        for reading in applied.holds {
            self.spawn_lane(reading);
        }
        Ok(())
    }

    async fn ask_about(&self, message: &Message) -> Vec<Change> {
        let message_id = message.id;
        let asked = match self.registry().transports.get(&message.transport) {
            Some(transport) => {
                let (host, incoming) = (self.host(&message.transport), as_arrived(message));
                let asked = transport.plugin.confirm(&host, &incoming);
                let silence = |problem| Err(CallError::unclear(problem));
                guarded_about(self, message_id, CONFIRM_MS_MAX, asked).await.unwrap_or_else(silence)
            }
            None => Err(CallError::unclear("its transport is not configured")),
        };
        let settled = match asked {
            Ok(Confirmed::Genuine) => Change::Confirmed { message_id },
            Ok(Confirmed::Unknown) => {
                tracing::warn!(message.id, "its provider does not know this message: refused");
                read_as(message, MessageState::Refused, "not known to the provider")
            }
            Err(error) => match self.not_confirmed(message, &error) {
                Some(given_up) => given_up,
                None => return vec![self.again_later(message)],
            },
        };
        let (kind, key) = (LaneKind::Reading, message.sender.reveal().to_owned());
        let touch = Change::TouchLane { kind, key: key.clone(), at: self.now() };
        vec![settled, touch, Change::TakeLane { kind, key, claim: self.claim() }]
    }

    /// Tells the operator; gives up a message that could not be asked about for as long as texts wait.
    fn not_confirmed(&self, message: &Message, error: &CallError) -> Option<Change> {
        tracing::warn!(message.id, transport = %message.transport, "not confirmed yet: {error}");
        if let CallError::Operator { detail, .. } = error {
            self.trouble(&format!("transport {}", message.transport), Some(detail));
        }
        let patience = i64::from(self.config().policy.keep_waiting_hours);
        let given_up = message.received_at.plus_hours(patience) <= self.now();
        given_up.then(|| {
            read_as(message, MessageState::Failed, "its provider could not be asked about it")
        })
    }

    fn again_later(&self, message: &Message) -> Change {
        let waited = self.now().millis_since(message.received_at);
        let at = self.now().plus_millis(waited.clamp(AGAIN_MS, AGAIN_MS_MAX));
        Change::ConfirmLater { message_id: message.id, at }
    }
}

/// The message as the transport handed it over.
pub(crate) fn as_arrived(message: &Message) -> Incoming {
    Incoming {
        key: MessageKey { account: message.account.clone(), id: message.provider_id.clone() },
        from: message.sender.clone(),
        to: message.line.clone(),
        text: message.text.clone(),
        media: message.media.clone(),
        keyword: message.keyword,
        segments: 1,
    }
}
