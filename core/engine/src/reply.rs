//! Reply: our texts, one lane per line and recipient, answers before receipts.

use crate::bridge::{Bridge, guarded_about};
use crate::limits;
use crate::pump::report;
use crate::registry::TransportInstance;
use crate::texts::{fit, together};
use cordboard_plugin::{
    Address, CallError, DeliveryState, OutgoingText, Receipt, Timestamp, Trouble, segments,
};
use cordboard_store::{Change, Hold, Reply, ReplyClass, ReplyState, Spending, SpentOn, StoreError};

/// First wait between tries; doubled each time, up to about ten minutes.
const BACKOFF_MS: i64 = 5_000;
const BACKOFF_DOUBLINGS_MAX: i32 = 7;

impl Bridge {
    /// How many segments a text of ours may take.
    pub(crate) fn segments_max(&self) -> u32 {
        self.config().policy.reply_segments_max
    }

    /// Sends what waits in a lane, as far as it is due, and gives the lane back.
    pub(crate) async fn reply_lane(&self, hold: Hold) {
        if let Err(error) = self.send_all(&hold).await {
            report(&error);
        }
    }

    async fn send_all(&self, hold: &Hold) -> Result<(), StoreError> {
        let mut parts = hold.key.splitn(3, '|');
        let (Some(transport), Some(line), Some(to)) = (parts.next(), parts.next(), parts.next())
        else {
            return Ok(());
        };
        if self.registry().is_left_out(transport) {
            // Its plugin is missing. The lane is not given back, so it rests until its lease is over.
            return Ok(());
        }
        let (line, to) = (Address::new(line), Address::new(to));
        while !self.stopping() {
            let due = self.store().next_reply(transport, &line, &to, self.now()).await?;
            let Some(reply) = due.first().filter(|reply| reply.due_at <= self.now()) else { break };
            let gate = self.registry().transports.get(transport).map(|found| &found.gate);
            let _place = match gate {
                Some(gate) => match self.turn(gate, hold).await {
                    Some(place) => Some(place),
                    None => break,
                },
                // Nothing is sent by a transport that is not configured.
                None => None,
            };
            if reply.class == ReplyClass::Receipt && due.len() > 1 {
                self.merge(hold, &due).await?;
                continue;
            }
            self.send_one(hold, reply).await?;
        }
        self.commit(Some(hold), vec![Change::ReleaseLane(hold.clone())]).await.map(|_| ())
    }

    /// Receipts that wait together become one: the newest speaks for all.
    async fn merge(&self, hold: &Hold, due: &[Reply]) -> Result<(), StoreError> {
        let Some((newest, older)) = due.split_last() else { return Ok(()) };
        let changes = older
            .iter()
            .map(|reply| {
                let detail = format!("told together with {}", newest.key);
                close(reply.id, ReplyState::Suppressed, None, None, &detail)
            })
            .collect();
        self.commit(Some(hold), changes).await?;
        let text = together(&newest.text, older.len());
        self.send_one(hold, &Reply { text, ..newest.clone() }).await
    }

    async fn send_one(&self, hold: &Hold, reply: &Reply) -> Result<(), StoreError> {
        let Some(transport) = self.registry().transports.get(&reply.transport) else {
            return self.suppress(hold, reply, "its transport is not configured").await;
        };
        if let Some(why) = self.must_not_send(transport, reply).await? {
            return self.suppress(hold, reply, why).await;
        }
        let words = self.words_to_send(reply).await?;
        let text = fit(words.as_ref().unwrap_or(&reply.text), self.segments_max());
        let mut sending = vec![Change::SendingReply { reply_id: reply.id }];
        // A text that is tried again was not taken before, so it costs nothing more.
        if reply.tries == 0 {
            sending.splice(0..0, self.pay_for_text(transport, reply, &text));
        }
        match self.commit(Some(hold), sending).await {
            // Its recipient left a moment ago.
            Err(StoreError::Conflict) => return Ok(()),
            Ok(applied) if applied.over.is_some() => {
                return self.suppress(hold, reply, "a limit for today is reached").await;
            }
            sending => sending?,
        };
        if let Err(error) = words {
            tracing::warn!(reply.id, "not sent, its link did not begin: {error}");
            let (state, due_at) = self.after_error(&error, reply);
            let close = close(reply.id, state, None, due_at, &error.to_string());
            return self.commit(Some(hold), vec![close]).await.map(|_| ());
        }
        let outgoing = OutgoingText {
            key: reply.key.clone(),
            from: reply.line.clone(),
            to: reply.to.clone(),
            text,
            status_url: Some(self.status_url(&reply.transport, &reply.key)),
        };
        let host = self.host(&reply.transport);
        let (call, millis) =
            (transport.plugin.send(&host, &outgoing), transport.gate.call_ms_max());
        let sent = guarded_about(self, reply.message_id, millis, call)
            .await
            .unwrap_or_else(|problem| Err(CallError::unclear(problem)));
        self.sent(hold, reply, sent).await
    }

    fn pay_for_text(&self, by: &TransportInstance, reply: &Reply, text: &str) -> [Change; 2] {
        let now = self.now();
        let n = i64::from(segments(text));
        let price = by.can.price_segment_out.times(n);
        let counters = limits::reply_counters(&self.config().policy, reply, price, now);
        let instance = reply.transport.clone();
        let line = Spending { day: now.day(), on: SpentOn::TextOut, instance, n, price };
        [Change::Count(counters), Change::Spend(line)]
    }

    async fn must_not_send(
        &self,
        transport: &TransportInstance,
        reply: &Reply,
    ) -> Result<Option<&'static str>, StoreError> {
        let Reply { line, to, .. } = reply;
        Ok(if !transport.config.replies {
            Some("receive-only line")
        } else if !to.is_e164() {
            Some("not a number that can be texted")
        } else if self.registry().is_ours(to) {
            Some("one of our own lines")
        } else if !reply.always && self.store().opted_out(&reply.transport, line, to).await? {
            Some("the recipient has left")
        } else {
            None
        })
    }

    async fn suppress(&self, hold: &Hold, reply: &Reply, why: &str) -> Result<(), StoreError> {
        tracing::info!(reply.id, "not sent: {why}");
        let close = close(reply.id, ReplyState::Suppressed, None, None, why);
        self.commit(Some(hold), vec![close]).await.map(|_| ())
    }

    async fn sent(
        &self,
        hold: &Hold,
        reply: &Reply,
        sent: Result<Receipt, CallError>,
    ) -> Result<(), StoreError> {
        let outcome = if sent.is_ok() { "sent" } else { "not_sent" };
        metrics::counter!("cordboard_replies_total", "transport" => reply.transport.clone(), "outcome" => outcome).increment(1);
        let change = match &sent {
            Ok(receipt) => {
                let about = reply.message_id;
                tracing::info!(reply.id, message.id = about, transport = %reply.transport, "sent");
                self.trouble(&format!("transport {}", reply.transport), None);
                self.line_works(reply, receipt.state).await?;
                let state = state_of(receipt.state);
                close(reply.id, state, Some(receipt.id.clone()), None, "")
            }
            Err(error) => {
                tracing::warn!(reply.id, transport = %reply.transport, "not sent: {error}");
                self.heed_send_error(&reply.transport, reply, error).await;
                let (state, due_at) = self.after_error(error, reply);
                close(reply.id, state, None, due_at, &error.to_string())
            }
        };
        self.commit(Some(hold), vec![change]).await.map(|_| ())
    }

    /// The one place where an error of `send` becomes a decision. What was not taken is tried again for as
    /// long as a text of a person's would wait: a stick may be unplugged over a night.
    fn after_error(&self, error: &CallError, reply: &Reply) -> (ReplyState, Option<Timestamp>) {
        let policy = &self.config().policy;
        let old = reply.created_at.plus_hours(i64::from(policy.keep_waiting_hours)) <= self.now();
        let again = |wait_ms: i64| match old {
            true => (ReplyState::Failed, None),
            false => (ReplyState::Queued, Some(self.now().plus_millis(wait_ms))),
        };
        let tries = reply.tries + 1;
        let backoff = BACKOFF_MS << tries.clamp(0, BACKOFF_DOUBLINGS_MAX);
        match error {
            CallError::Refused(_) => (ReplyState::Failed, None),
            CallError::Operator { trouble: Trouble::Registration, .. } => {
                (ReplyState::Failed, None)
            }
            CallError::RetryAfter { wait_ms, .. } => again(wait_ms.unwrap_or(0).max(backoff)),
            CallError::Unreachable { .. } => again(backoff),
            CallError::Operator { .. } | CallError::Relink { .. } => {
                again(i64::from(policy.operator_retry_minutes) * 60_000)
            }
            // It may be on its way: a person gets a text twice only if we are sure they did not get it.
            _ => (ReplyState::Unclear, None),
        }
    }

    /// Where a provider reports on a text; it carries our key, so that a lost answer can be settled.
    fn status_url(&self, transport: &str, key: &str) -> String {
        let hook = crate::registry::hook_url(&self.config().bridge.public_url, transport);
        let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        format!("{hook}/status?reply={key}")
    }
}

fn state_of(state: DeliveryState) -> ReplyState {
    match state {
        DeliveryState::Accepted | DeliveryState::Sent => ReplyState::Sent,
        DeliveryState::Delivered => ReplyState::Delivered,
        DeliveryState::Undelivered => ReplyState::Undelivered,
        DeliveryState::Failed => ReplyState::Failed,
    }
}

fn close(
    reply_id: i64,
    state: ReplyState,
    provider_id: Option<String>,
    due_at: Option<Timestamp>,
    detail: &str,
) -> Change {
    Change::CloseReply { reply_id, state, provider_id, due_at, detail: detail.to_owned() }
}
