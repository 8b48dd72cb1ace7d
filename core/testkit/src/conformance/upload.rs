//! What a sink makes of its provider's answers to an upload.

use super::provider::{self, Caller, ProviderAnswers};
use super::{SinkCase, host_of_sink};
use crate::FakeHost;
use cordboard_plugin::{CallError, Credential, Host, Media, Reason, Sink, async_trait};

struct Uploading {
    sink: Box<dyn Sink>,
    credential: Credential,
    media: Media,
    answers: ProviderAnswers,
}

fn uploading(case: &dyn SinkCase) -> Uploading {
    Uploading {
        sink: case.sink(),
        credential: case.credential(),
        media: case.media(),
        answers: case.upload_answers(),
    }
}

#[async_trait]
impl Caller for Uploading {
    fn host(&self) -> FakeHost {
        host_of_sink(&*self.sink)
    }

    fn answers(&self) -> ProviderAnswers {
        self.answers.clone()
    }

    async fn call(&self, host: &dyn Host) -> Result<String, CallError> {
        self.sink.upload(host, &self.credential, &self.media).await.map(|handle| handle.id)
    }
}

/// Without this one, the others would prove nothing.
pub fn an_accepted_picture_has_an_id(case: &dyn SinkCase) {
    provider::accepted_has_an_id(&uploading(case));
}

/// A picture of a type it does not name is refused, and nobody is asked.
pub fn a_picture_of_an_unknown_type_is_refused(case: &dyn SinkCase) {
    let Uploading { sink, credential, mut media, .. } = uploading(case);
    "application/x-unknown".clone_into(&mut media.media_type);
    let host = host_of_sink(&*sink);
    let outcome = crate::block_on(sink.upload(&host, &credential, &media));
    let refused = matches!(&outcome, Err(CallError::Refused(no)) if no.reason == Reason::Content);
    assert!(refused, "a type that it does not name: {outcome:?}");
    assert!(host.requests().is_empty(), "the provider was asked all the same");
}

/// A status of 200 is not enough.
pub fn an_error_inside_a_success_is_no_picture(case: &dyn SinkCase) {
    provider::error_inside_is_no_success(&uploading(case));
}

/// Too many requests: try again, after the provider's own wait if it gave one; or the operator acts.
pub fn a_throttled_upload_is_left_for_later(case: &dyn SinkCase) {
    provider::throttled_is_left_for_later(&uploading(case));
}

/// After a 5xx nobody knows; the core uploads again.
pub fn a_failing_provider_leaves_the_upload_unclear(case: &dyn SinkCase) {
    provider::failing_provider_is_unclear(&uploading(case));
}

/// A success that cannot be read: truncated, garbled, empty, a page.
pub fn an_unreadable_answer_leaves_the_upload_unclear(case: &dyn SinkCase) {
    provider::unreadable_answer_is_unclear(&uploading(case));
}

/// A lost answer is unclear, and the sink does not upload again by itself.
pub fn a_lost_answer_leaves_the_upload_unclear(case: &dyn SinkCase) {
    provider::lost_answer_is_unclear(&uploading(case));
}

/// When nothing was sent, the core may try again.
pub fn an_upload_that_was_not_reached_is_unreachable(case: &dyn SinkCase) {
    provider::not_reached_is_unreachable(&uploading(case));
}

/// Redirects, client errors and successes that say nothing are no success.
pub fn an_unexpected_answer_is_no_picture(case: &dyn SinkCase) {
    provider::unexpected_answer_is_no_success(&uploading(case));
}

/// A provider that never answers: when the core gives up, the call is gone, and the next one works.
pub fn an_upload_that_nobody_waits_for_is_let_go(case: &dyn SinkCase) {
    provider::dropped_call_is_let_go(&uploading(case));
}
