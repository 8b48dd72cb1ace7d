//! Words to post, and people who must be invited first.

use super::pictures::{Gallery, Shown};
use super::{Reader, Verdict, read_as};
use crate::bridge::about;
use crate::config::{Receipts, Route, Signup};
use crate::limits::Purse;
use crate::texts;
use cordboard_plugin::{Conversation, Draft, Part, Plan, Refusal, Timestamp};
use cordboard_store::{
    Account, Change, LinkReason, Message, MessageState, NewPost, PostState, WaitReason, spent_key,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An account and what it is to post.
pub(super) type Planned = (Account, Plan);

impl Reader<'_> {
    /// Plans the words for every sink of the route where the sender has an account.
    pub(super) async fn post(&self, text: &str) -> Verdict {
        let message = self.message;
        let Some(route) = self.bridge.registry().route(&message.transport, &message.line) else {
            tracing::error!(message.id, transport = %message.transport, "no route serves this line");
            return Ok(vec![read_as(message, MessageState::Refused, "no route serves this line")]);
        };
        if let Some(missing) = self.missing_sink(route) {
            return Ok(vec![self.wait_for(missing)]);
        }
        let mut accounts = Vec::new();
        for sink in &route.post {
            accounts.extend(self.bridge.store().account(&message.sender, sink).await?);
        }
        if accounts.is_empty() {
            return self.invite(LinkReason::Invite).await;
        }
        let media_sink = route.media.clone();
        match self.pictures(text, media_sink.as_deref(), &accounts).await? {
            Shown::Verdict(changes) => Ok(changes),
            Shown::Ready(gallery) => self.plan(text, accounts, &gallery).await,
        }
    }

    /// A sink of the route that is configured and missing, since its plugin could not be loaded; the one
    /// for pictures only when the message has some.
    fn missing_sink<'r>(&self, route: &'r Route) -> Option<&'r str> {
        let media = route.media.as_ref().filter(|_| !self.message.media.is_empty());
        let missing = |sink: &&String| self.bridge.registry().is_left_out(sink);
        route.post.iter().chain(media).find(missing).map(String::as_str)
    }

    /// The words wait as behind a paused sink: nothing of them is lost, and they are read again when the
    /// bridge is started with the plugin.
    fn wait_for(&self, sink: &str) -> Change {
        Change::Read {
            message_id: self.message.id,
            state: MessageState::Waiting,
            wait: WaitReason::Operator,
            wait_until: Some(self.kept_until()),
            outcome: format!("waits for the plugin of sink `{sink}`"),
        }
    }

    async fn plan(&self, text: &str, accounts: Vec<Account>, gallery: &Gallery) -> Verdict {
        let policy = &self.bridge.config().policy;
        let mut planned = Vec::new();
        let mut refused = None;
        for account in accounts {
            match self.plan_for(&account.sink, text, gallery) {
                Ok(plan) => planned.push(gallery.place((account, plan))),
                Err(refusal) => refused = Some(refusal),
            }
        }
        if planned.is_empty() {
            return self.refuse(&refused.unwrap_or_else(|| our_fault("nobody took it")));
        }
        if !self.message.approved {
            let has_link = |part: &Part| part.has_link;
            if policy.ask_before_link
                && planned.iter().any(|(account, plan)| {
                    self.link_costs_more(&account.sink) && plan.parts.iter().any(has_link)
                })
            {
                return self.ask(&texts::ask("a post with a link costs more", &self.until())).await;
            }
            let parts = planned.iter().map(|(_, plan)| plan.parts.len()).max().unwrap_or(0);
            if parts > policy.thread_parts_max as usize {
                let why = format!("it makes {parts} posts");
                return self.ask(&texts::ask(&why, &self.until())).await;
            }
        }
        self.add_posts(planned).await
    }

    /// A plan is pure, but a plugin may still panic over it.
    fn plan_for(&self, sink: &str, text: &str, gallery: &Gallery) -> Result<Plan, Refusal> {
        let instance = self
            .bridge
            .registry()
            .sinks
            .get(sink)
            .filter(|instance| instance.can.conversation == Conversation::Core)
            .ok_or_else(|| our_fault("the place it should go to is not set up"))?;
        let draft = Draft {
            text: text.to_owned(),
            media_types: gallery.types(),
            thread: self.bridge.config().policy.long_text_thread,
        };
        let plan = || about(self.message.id).in_scope(|| instance.plugin.plan(&draft));
        catch_unwind(AssertUnwindSafe(plan)).unwrap_or_else(|_| {
            tracing::error!(sink, message.id = self.message.id, "the plugin panicked over a plan");
            Err(our_fault("something went wrong on our side"))
        })
    }

    fn link_costs_more(&self, sink: &str) -> bool {
        let sinks = &self.bridge.registry().sinks;
        sinks.get(sink).is_some_and(|sink| sink.can.price_link_post > sink.can.price_post)
    }

    fn refuse(&self, refusal: &Refusal) -> Verdict {
        let Refusal { words, reason, .. } = refusal;
        let refused = read_as(self.message, MessageState::Refused, words);
        if self.bridge.config().policy.receipts == Receipts::Never {
            return Ok(vec![refused]);
        }
        let (text, way_out) = (&self.message.text, texts::way_out(*reason));
        let text = texts::not_posted(text, words, way_out, 0, self.bridge.segments_max());
        Ok(vec![refused, self.answer("refused", text)])
    }

    async fn add_posts(&self, planned: Vec<Planned>) -> Verdict {
        let message = self.message;
        let now = self.bridge.now();
        let until = self.kept_until();
        let mut changes = vec![read_as(message, MessageState::Queued, "")];
        for (account, plan) in planned {
            let part_count = i32::try_from(plan.parts.len()).unwrap_or(i32::MAX);
            let (state, wait, due_at) = if account.relink {
                changes.extend(self.tell_unlinked(&account, until).await?);
                (PostState::Waiting, WaitReason::Relink, until)
            } else {
                (PostState::Queued, WaitReason::Nothing, now)
            };
            let posts = (0..).zip(plan.parts).map(|(part_index, part)| NewPost {
                sink: account.sink.clone(),
                part_index,
                part_count,
                part,
                state,
                wait,
                due_at,
            });
            changes.push(Change::AddPosts { message_id: message.id, posts: posts.collect() });
        }
        Ok(changes)
    }

    /// The text is kept until its sender connects again: with a link, unless one is still open.
    async fn tell_unlinked(&self, account: &Account, until: Timestamp) -> Verdict {
        let Message { sender, transport, line, .. } = self.message;
        let provider = self.bridge.provider_of(&account.sink);
        let what = format!("relink-{}", account.sink);
        if self.bridge.store().open_link(sender, self.bridge.now()).await?.is_some() {
            return Ok(vec![
                self.answer(&what, texts::still_unlinked(&provider, &texts::moment(until))),
            ]);
        }
        let offer = self.bridge.offer(sender, transport, line, LinkReason::Relink).await?;
        let text =
            texts::relink(&provider, &offer.url, &texts::moment(until), self.bridge.segments_max());
        let told = offer.texted.then(|| Change::AddReply(self.reply(&what, text).secret()));
        Ok(std::iter::once(Change::AddLink(offer.link)).chain(told).collect())
    }

    /// Sends a link, as far as sign-up and the limits allow. The text itself is not posted later.
    pub(super) async fn invite(&self, reason: LinkReason) -> Verdict {
        let message = self.message;
        let policy = &self.bridge.config().policy;
        let known = !self.bridge.store().accounts(&message.sender).await?.is_empty();
        // A link for somebody who is connected already is no invitation.
        let mut changes = Vec::new();
        let mut last = false;
        if !known {
            let now = self.bridge.now();
            let spent = self.bridge.store().counter(&spent_key(None), now.day()).await?;
            if spent > Purse::Strangers.share(policy.spend_per_day) {
                let why = "no invitation: what may be spent on strangers today is used up";
                return Ok(vec![read_as(message, MessageState::Refused, why)]);
            }
            let counters = crate::limits::invite_counters(policy, &message.sender, now);
            if let Some(counter) = counters.first() {
                let sent = self.bridge.store().counter(&counter.key, counter.window).await?;
                last = sent + 1 >= counter.max;
            }
            changes.push(Change::Count(counters));
        }
        if policy.signup != Signup::Open && !known {
            changes.extend(self.not_invited().await?);
            return Ok(changes);
        }
        let Some(route) = self.bridge.registry().route(&message.transport, &message.line) else {
            return Ok(vec![read_as(message, MessageState::Refused, "no route serves this line")]);
        };
        let provider =
            route.post.first().map(|sink| self.bridge.provider_of(sink)).unwrap_or_default();
        let offer =
            self.bridge.offer(&message.sender, &message.transport, &message.line, reason).await?;
        let (minutes, segments_max) = (policy.link_minutes, self.bridge.segments_max());
        let text = if known {
            texts::asked_link(&provider, &offer.url, minutes, segments_max)
        } else {
            texts::invitation(
                self.bridge.name(),
                &provider,
                &offer.url,
                minutes,
                last,
                segments_max,
            )
        };
        let outcome = if offer.texted { "invited" } else { "its link waits to be passed on" };
        changes.push(read_as(message, MessageState::Answered, outcome));
        changes.push(Change::AddLink(offer.link));
        let reply = Change::AddReply(self.reply("invite", text).secret());
        changes.extend(offer.texted.then_some(reply));
        Ok(changes)
    }

    /// The answer to a stranger who gets no link by texting.
    async fn not_invited(&self) -> Verdict {
        let bridge = self.bridge;
        let contact = &bridge.config().bridge.help_contact;
        let open = bridge.store().open_link(&self.message.sender, bridge.now()).await?;
        let (outcome, text) = if open.is_some() {
            ("a link from the operator is open", texts::link_is_out(bridge.name()))
        } else if bridge.config().policy.signup == Signup::Invite {
            (
                "by invitation only",
                texts::by_invitation(bridge.name(), contact, bridge.segments_max()),
            )
        } else {
            ("sign-up is closed", texts::closed(bridge.name()))
        };
        Ok(vec![
            read_as(self.message, MessageState::Answered, outcome),
            self.answer("closed", text),
        ])
    }
}

/// A no of our own.
fn our_fault(words: &str) -> Refusal {
    let reason = cordboard_plugin::Reason::Other;
    Refusal { reason, code: String::new(), words: words.to_owned() }
}
