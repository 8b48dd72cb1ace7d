//! What a transport makes of its provider's answers to a text.

use super::provider::{self, Caller, ProviderAnswers};
use super::{TransportCase, host_of_transport};
use crate::FakeHost;
use cordboard_plugin::{CallError, Host, OutgoingText, Transport, async_trait};

struct Sending {
    transport: Box<dyn Transport>,
    text: OutgoingText,
    answers: ProviderAnswers,
}

fn sending(case: &dyn TransportCase) -> Sending {
    Sending { transport: case.transport(), text: case.outgoing(), answers: case.answers() }
}

#[async_trait]
impl Caller for Sending {
    fn host(&self) -> FakeHost {
        host_of_transport(&*self.transport)
    }

    fn answers(&self) -> ProviderAnswers {
        self.answers.clone()
    }

    async fn call(&self, host: &dyn Host) -> Result<String, CallError> {
        self.transport.send(host, &self.text).await.map(|receipt| receipt.id)
    }
}

/// Without this one, the others would prove nothing.
pub fn an_accepted_text_has_an_id(case: &dyn TransportCase) {
    provider::accepted_has_an_id(&sending(case));
}

/// A status of 200 is not enough.
pub fn an_error_inside_a_success_is_no_success(case: &dyn TransportCase) {
    provider::error_inside_is_no_success(&sending(case));
}

/// Too many requests: try again, after the provider's own wait if it gave one; or the operator acts.
pub fn a_throttled_text_is_left_for_later(case: &dyn TransportCase) {
    provider::throttled_is_left_for_later(&sending(case));
}

/// After a 5xx nobody knows whether the text left.
pub fn a_failing_provider_leaves_the_outcome_unclear(case: &dyn TransportCase) {
    provider::failing_provider_is_unclear(&sending(case));
}

/// A success that cannot be read may be one: truncated, garbled, empty, a page.
pub fn an_unreadable_answer_leaves_the_outcome_unclear(case: &dyn TransportCase) {
    provider::unreadable_answer_is_unclear(&sending(case));
}

/// A lost answer is unclear, and the text is not sent again by the plugin.
pub fn a_lost_answer_leaves_the_outcome_unclear(case: &dyn TransportCase) {
    provider::lost_answer_is_unclear(&sending(case));
}

/// When nothing was sent, the core may try again.
pub fn a_provider_that_was_not_reached_is_unreachable(case: &dyn TransportCase) {
    provider::not_reached_is_unreachable(&sending(case));
}

/// Redirects, client errors and successes that say nothing are no success.
pub fn an_unexpected_answer_is_no_success(case: &dyn TransportCase) {
    provider::unexpected_answer_is_no_success(&sending(case));
}

/// A provider that never answers: when the core gives up, the call is gone, and the next one works.
pub fn a_text_that_nobody_waits_for_is_let_go(case: &dyn TransportCase) {
    provider::dropped_call_is_let_go(&sending(case));
}
