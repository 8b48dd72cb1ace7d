//! Taking posts back, newest part first.

use super::lane::{Lane, Step};
use crate::bridge::guarded_about;
use crate::credentials::Usable;
use crate::texts;
use cordboard_plugin::CallError;
use cordboard_store::{Change, Post, ReplyClass, StoreError};

/// How long a call may take.
const RETRACT_MS_MAX: i64 = 20_000;
/// Taking back twice does no harm, so a lost answer is simply asked again.
const TRIES: i32 = 4;
/// What is left to do when we cannot.
const DELETE_THERE: &str = "Please delete it there.";

/// Why a post stays out, in plain words, and what its sender can do.
struct NotBack {
    why: String,
    way_out: &'static str,
}

impl Lane<'_> {
    pub(super) async fn retract(&mut self, post: Post) -> Result<Step, StoreError> {
        match self.call_retract(&post).await? {
            Ok(()) => self.retracted(&post).await?,
            Err(why) => self.not_retracted(&post, &why).await?,
        }
        Ok(Step::Next)
    }

    async fn call_retract(&mut self, post: &Post) -> Result<Result<(), NotBack>, StoreError> {
        let store = self.bridge.store();
        let published = match &post.published {
            Some(published) if !published.id.is_empty() => published.clone(),
            _ => {
                let why = format!("{} did not say where it is", self.sink.can.provider);
                return Ok(Err(NotBack { why, way_out: DELETE_THERE }));
            }
        };
        let why = format!("{} did not answer", self.sink.can.provider);
        for tries in 0..TRIES {
            if tries > 0 {
                if self.bridge.stopping() {
                    return Err(StoreError::Lost);
                }
                self.bridge.world().sleep_until(self.backoff(tries)).await;
                self.renew().await?;
            }
            let Some(account) = store.account(&self.sender, &self.sink_name).await? else {
                let why = "the account is not connected any more".to_owned();
                return Ok(Err(NotBack { why, way_out: DELETE_THERE }));
            };
            let credential = match self.bridge.usable(self.sink, &account, self.renewed).await? {
                Usable::Fresh(credential) => credential,
                Usable::Dead => {
                    let why = "the connection ended".to_owned();
                    return Ok(Err(NotBack { why, way_out: "Text /LINK, connect, then /UNDO." }));
                }
                _ => continue,
            };
            let price = self.sink.can.price_retract;
            if !self.bridge.pay_for_call(&self.sink_name, &self.sender, price).await? {
                let why = "today's limit is used up".to_owned();
                return Ok(Err(NotBack { why, way_out: "Text /UNDO again tomorrow." }));
            }
            let host = self.bridge.host(&self.sink_name);
            let call = self.sink.plugin.retract(&host, &credential.credential, &published);
            match guarded_about(self.bridge, post.message_id, RETRACT_MS_MAX, call).await {
                Ok(Ok(())) => return Ok(Ok(())),
                Ok(Err(CallError::Refused(refusal))) => {
                    return Ok(Err(NotBack { why: refusal.words, way_out: DELETE_THERE }));
                }
                Ok(Err(CallError::Relink { .. })) => self.renewed = Some(credential.version + 1),
                Ok(Err(error)) => tracing::info!(post.id, "not taken back yet: {error}"),
                Err(problem) => tracing::warn!(post.id, "not taken back yet: {problem}"),
            }
        }
        Ok(Err(NotBack { why, way_out: "Text /UNDO to try again." }))
    }

    /// When the last part is gone, the sender is told.
    async fn retracted(&self, post: &Post) -> Result<(), StoreError> {
        let posts = self.bridge.store().posts_of(post.message_id).await?;
        let left = posts
            .iter()
            .any(|other| other.id != post.id && other.undo_asked && other.retracted_at.is_none());
        let mut changes = vec![Change::Retracted { post_id: post.id }];
        if !left && let Some(message) = self.bridge.store().message(post.message_id).await? {
            let text = texts::taken_back(&message.text, self.bridge.segments_max());
            let what = format!("undone-{}", self.sink_name);
            changes.push(self.text_to(&message, &what, text, ReplyClass::Answer));
        }
        self.commit(changes).await
    }

    async fn not_retracted(&self, post: &Post, not_back: &NotBack) -> Result<(), StoreError> {
        let NotBack { why, way_out } = not_back;
        let mut changes = vec![Change::NotRetracted { post_id: post.id, outcome: why.clone() }];
        if let Some(message) = self.bridge.store().message(post.message_id).await? {
            let text =
                texts::not_taken_back(&message.text, why, way_out, self.bridge.segments_max());
            let what = format!("not-undone-{}-{}", post.id, self.now().0);
            changes.push(self.text_to(&message, &what, text, ReplyClass::Answer));
        }
        self.commit(changes).await
    }
}
