//! Paying for posts: every attempt before its call, out of the person's money and everybody's. What is over
//! a limit waits for tomorrow, or is refused.

use super::lane::{Lane, Step};
use crate::limits;
use crate::texts;
use cordboard_plugin::{MicroUsd, Timestamp};
use cordboard_store::{
    Counter, Message, Post, PostState, StoreError, WaitReason, posts_key, spent_key,
};

/// The operator's word for the trouble that today's money is used up.
pub(super) const DAYS_MONEY: &str = "today's money";
const DAY_MS: i64 = 86_400_000;

impl Lane<'_> {
    /// What one attempt is paid from.
    pub(super) fn counters(&self, price: MicroUsd) -> Vec<Counter> {
        limits::post_counters(&self.bridge.config().policy, &self.sender, price, self.now())
    }

    /// A thread is begun only if there is money for all of it: the counter that would pass its limit.
    pub(super) async fn whole_is_over(&self, post: &Post) -> Result<Option<String>, StoreError> {
        if post.part_index > 0 || post.part_count == 1 {
            return Ok(None);
        }
        let store = self.bridge.store();
        let parts = store.posts_of(post.message_id).await?;
        let parts = parts.iter().filter(|part| part.sink == post.sink);
        let (mut number, mut price) = (0, 0);
        for part in parts.filter(|part| part.state != PostState::Posted) {
            number += 1;
            price += part.price.0;
        }
        for counter in self.counters(MicroUsd(price)) {
            let by = if counter.key == posts_key(&self.sender) { number } else { counter.by };
            let sum = store.counter(&counter.key, counter.window).await?.saturating_add(by);
            if sum > counter.max {
                return Ok(Some(counter.key));
            }
        }
        Ok(None)
    }

    /// Over everybody's limit a post waits for tomorrow; over the person's own it is refused. An attempt
    /// that may have taken effect is neither: it is settled tomorrow.
    pub(super) async fn over_limit(
        &self,
        post: &Post,
        message: &Message,
        over: &str,
    ) -> Result<Step, StoreError> {
        let policy = &self.bridge.config().policy;
        let everybodys = over == spent_key(None);
        if everybodys {
            let why =
                format!("{} are used up: what waits is posted tomorrow", policy.spend_per_day);
            self.bridge.trouble(DAYS_MONEY, Some(&why));
        }
        if post.state == PostState::Unclear {
            self.settle_tomorrow(post).await?;
            return Ok(Step::Rest);
        }
        if everybodys {
            self.tell_once("tomorrow", message, texts::waits_for_tomorrow()).await?;
            let detail = "the bridge's limit for today";
            self.close_waiting(post, WaitReason::Time, self.tomorrow(), detail).await?;
            return Ok(Step::Rest);
        }
        let what = if over == posts_key(&self.sender) {
            format!("{} posts", policy.posts_per_person_day)
        } else {
            policy.spend_per_person_day.to_string()
        };
        self.close_rest(post, PostState::Refused, "today's limit is reached", over_what(over))
            .await?;
        if post.part_index > 0 {
            // What is out already must be said, however often.
            let why = format!("You have reached today's limit ({what})");
            self.tell_not_posted(post, message, &why, "Text the rest tomorrow.").await?;
        } else {
            self.tell_once("limit", message, texts::person_limit(&what)).await?;
        }
        Ok(Step::Next)
    }

    /// There is no money left to look today.
    pub(super) async fn settle_tomorrow(&self, post: &Post) -> Result<(), StoreError> {
        let due = Some(self.tomorrow());
        self.close(post, PostState::Unclear, due, "being checked", "no money left for today").await
    }

    pub(super) fn tomorrow(&self) -> Timestamp {
        Timestamp((self.now().day() + 1) * DAY_MS)
    }
}

/// For the operator: no numbers in it.
fn over_what(over: &str) -> &'static str {
    if over.starts_with("posts/") {
        "over a person's number of posts"
    } else {
        "over a person's money"
    }
}
