//! What a sink makes of its provider's answers to a post.

use super::provider::{self, Caller, ProviderAnswers};
use super::{SinkCase, host_of_sink, only};
use crate::FakeHost;
use cordboard_plugin::{CallError, Credential, Host, Part, Sink, async_trait};

struct Publishing {
    sink: Box<dyn Sink>,
    credential: Credential,
    part: Part,
    answers: ProviderAnswers,
}

fn publishing(case: &dyn SinkCase) -> Publishing {
    let sink = case.sink();
    let part = only(
        sink.plan(&case.draft()).map(|plan| plan.parts),
        "the draft of the case must become one part",
    );
    Publishing { sink, credential: case.credential(), part, answers: case.answers() }
}

#[async_trait]
impl Caller for Publishing {
    fn host(&self) -> FakeHost {
        host_of_sink(&*self.sink)
    }

    fn answers(&self) -> ProviderAnswers {
        self.answers.clone()
    }

    async fn call(&self, host: &dyn Host) -> Result<String, CallError> {
        let published = self.sink.publish(host, &self.credential, &self.part, None).await?;
        Ok(published.id)
    }
}

/// Without this one, the others would prove nothing.
pub fn an_accepted_post_has_an_id(case: &dyn SinkCase) {
    provider::accepted_has_an_id(&publishing(case));
}

/// A status of 200 is not enough.
pub fn an_error_inside_a_success_is_no_success(case: &dyn SinkCase) {
    provider::error_inside_is_no_success(&publishing(case));
}

/// Too many requests: try again, after the provider's own wait if it gave one; or the operator acts.
pub fn a_throttled_post_is_left_for_later(case: &dyn SinkCase) {
    provider::throttled_is_left_for_later(&publishing(case));
}

/// After a 5xx nobody knows whether the post is there.
pub fn a_failing_provider_leaves_the_outcome_unclear(case: &dyn SinkCase) {
    provider::failing_provider_is_unclear(&publishing(case));
}

/// A success that cannot be read may be one: truncated, garbled, empty, a page.
pub fn an_unreadable_answer_leaves_the_outcome_unclear(case: &dyn SinkCase) {
    provider::unreadable_answer_is_unclear(&publishing(case));
}

/// A lost answer is unclear, and the part is not posted again by the plugin.
pub fn a_lost_answer_leaves_the_outcome_unclear(case: &dyn SinkCase) {
    provider::lost_answer_is_unclear(&publishing(case));
}

/// When nothing was sent, the core may try again.
pub fn a_provider_that_was_not_reached_is_unreachable(case: &dyn SinkCase) {
    provider::not_reached_is_unreachable(&publishing(case));
}

/// Redirects, client errors and successes that say nothing are no success.
pub fn an_unexpected_answer_is_no_success(case: &dyn SinkCase) {
    provider::unexpected_answer_is_no_success(&publishing(case));
}

/// A provider that never answers: when the core gives up, the call is gone, and the next one works.
pub fn a_post_that_nobody_waits_for_is_let_go(case: &dyn SinkCase) {
    provider::dropped_call_is_let_go(&publishing(case));
}
