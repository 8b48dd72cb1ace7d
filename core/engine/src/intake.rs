//! Intake: verify, commit, then answer. No posting, no waiting for anyone.

use crate::bridge::{Bridge, guarded};
use crate::facade::plain;
use crate::pump::report;
use cordboard_plugin::{CallError, HttpAnswer, HttpCall, Reason, StatusUpdate, Trouble};
use cordboard_store::{Change, Hold, LaneKind, NewMessage, StoreError};

/// How long a transport may take to read a webhook; providers give up after about 15 s.
const RECEIVE_MS_MAX: i64 = 10_000;

impl Bridge {
    /// Takes a webhook call: the transport says what it means, everything in it is made durable, and
    /// only then the provider gets its answer. 404 for an unknown transport, 503 while not ready or
    /// when the store cannot take it (the provider, or our catch-up read, brings it again).
    pub async fn hook(&self, transport: &str, call: HttpCall) -> HttpAnswer {
        let Some(instance) = self.registry().transports.get(transport) else {
            return plain(404, "no such address");
        };
        if !self.ready() {
            return plain(503, "not ready");
        }
        let host = self.host(transport);
        let received = match guarded(self, RECEIVE_MS_MAX, instance.plugin.receive(&host, call))
            .await
        {
            Ok(Ok(received)) => received,
            Ok(Err(rejected)) => {
                // Anybody can send forged calls; they must not be able to fill the log.
                if self.once_a_minute() {
                    let status = rejected.status;
                    tracing::warn!(transport, status, "webhook turned away: {}", rejected.reason);
                }
                metrics::counter!("cordboard_webhooks_rejected_total", "transport" => transport.to_owned()).increment(1);
                return plain(rejected.status, "not taken");
            }
            Err(problem) => {
                tracing::error!(transport, "webhook not read: {problem}");
                return plain(503, "not ready");
            }
        };
        if !received.messages.is_empty() && self.is_full().await {
            return plain(503, "full");
        }
        let unconfirmed = instance.can.confirms;
        let messages = received
            .messages
            .into_iter()
            .map(|incoming| NewMessage {
                transport: transport.to_owned(),
                price: instance.can.price_segment_in.times(incoming.segments),
                incoming,
                unconfirmed,
            })
            .collect();
        let statuses: Vec<_> =
            received.statuses.iter().map(|status| (transport.to_owned(), status.clone())).collect();
        match self.store().take_in(messages, statuses, Some(self.claim()), self.now()).await {
            Ok(taken) => {
                self.note_received(transport, &taken.new);
                for hold in taken.holds {
                    self.spawn_lane(hold);
                }
                self.heed_statuses(transport, &received.statuses).await;
                self.wake(LaneKind::Reading);
                self.wake(LaneKind::Confirming);
                received.answer
            }
            Err(error) => {
                report(&error);
                plain(503, "not stored")
            }
        }
    }

    /// Whether so much is unfinished that taking more would only hide the trouble.
    async fn is_full(&self) -> bool {
        let policy = &self.config().policy;
        let free = self.store().disk_free_bytes();
        if let Some(free) = free.filter(|free| *free < policy.disk_free_bytes_min) {
            self.trouble("disk", Some(&format!("only {} MB free, taking no more", free >> 20)));
            return true;
        }
        self.trouble("disk", None);
        let rows_max = i64::try_from(policy.queue_rows_max).unwrap_or(i64::MAX);
        match self.store().open_messages().await {
            Ok(open) if open < rows_max => {
                self.trouble("queue", None);
                false
            }
            Ok(open) => {
                self.trouble("queue", Some(&format!("{open} messages unfinished, taking no more")));
                true
            }
            Err(error) => {
                report(&error);
                true
            }
        }
    }

    pub(crate) fn note_received(&self, transport: &str, new: &[i64]) {
        for id in new {
            tracing::info!(message.id = id, transport, "received");
        }
        metrics::counter!("cordboard_messages_received_total", "transport" => transport.to_owned())
            .increment(new.len() as u64);
    }

    /// Acts on what a provider reports of a text after taking it: an opt-out, a missing registration.
    pub(crate) async fn heed_statuses(&self, transport: &str, statuses: &[StatusUpdate]) {
        for status in statuses {
            if let Err(error) = self.heed_status(transport, status).await {
                report(&error);
            }
        }
    }

    async fn heed_status(&self, transport: &str, status: &StatusUpdate) -> Result<(), StoreError> {
        let store = self.store();
        // Good news of a text matters only to a line that was believed unable to send.
        if status.error.is_none() && store.line_troubles().await?.is_empty() {
            return Ok(());
        }
        let Some(reply) = store.reply_for_status(transport, status).await? else {
            tracing::debug!(transport, "a status for a text that is not ours");
            return Ok(());
        };
        match &status.error {
            Some(error) => self.heed_send_error(transport, &reply, error).await,
            None => self.line_works(&reply, status.state).await?,
        }
        Ok(())
    }

    /// What a send error means beyond the text itself.
    pub(crate) async fn heed_send_error(
        &self,
        transport: &str,
        reply: &cordboard_store::Reply,
        error: &CallError,
    ) {
        let change = match error {
            CallError::Refused(refusal) if refusal.reason == Reason::OptedOut => Change::OptOut {
                transport: transport.to_owned(),
                line: reply.line.clone(),
                sender: reply.to.clone(),
                on: true,
            },
            CallError::Operator { trouble: Trouble::Registration, detail } => {
                self.trouble(
                    &format!("line {} of {transport}", reply.line),
                    Some(&format!(
                        "cannot send yet: {detail}. Posting goes on; `cordboard people list` shows links to pass on"
                    )),
                );
                self.keep_link_of(reply).await;
                Change::LineCannotSend {
                    transport: transport.to_owned(),
                    line: reply.line.clone(),
                    detail: Some(detail.clone()),
                }
            }
            CallError::Operator { detail, .. } => {
                self.trouble(&format!("transport {transport}"), Some(detail));
                return;
            }
            _ => return,
        };
        if let Err(error) = self.commit(None, vec![change]).await {
            report(&error);
        }
    }

    pub(crate) fn spawn_reading(&self, hold: Hold) {
        let bridge = self.clone();
        self.spawn(async move { bridge.read_lane(hold).await });
    }

    /// Goes on at once with what was taken in: its sender's lane for confirming, or for reading.
    pub(crate) fn spawn_lane(&self, hold: Hold) {
        if hold.kind == LaneKind::Reading {
            return self.spawn_reading(hold);
        }
        let bridge = self.clone();
        self.spawn(async move { bridge.confirm_lane(hold).await });
    }
}
