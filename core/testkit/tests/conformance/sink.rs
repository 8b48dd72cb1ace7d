//! The suite lets a good sink pass and stops each of these bad ones.

use super::flaw::{Flaw, deliver};
use cordboard_plugin::{
    Addresses, Base, CallError, Conversation, Credential, CredentialKind, Draft, Host, HttpAnswer,
    Media, MediaHandle, MicroUsd, Part, Plan, Published, Reason, Refusal, SetUpStep, Sink,
    SinkCapabilities, async_trait,
};
use cordboard_testkit::conformance::{ProviderAnswers, SinkCase, plan, publish, upload};
use cordboard_testkit::conformance_sink;
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering};

const CHARS_MAX: usize = 280;

static DRAFTS: AtomicI64 = AtomicI64::new(0);

struct Place(Flaw);

impl Place {
    /// Words put together until a part is full; a word longer than a part is refused.
    fn parts(&self, text: &str) -> Option<Vec<String>> {
        let mut parts: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            if word.chars().count() > CHARS_MAX {
                return None;
            }
            match parts.last_mut() {
                Some(part) if part.chars().count() + 1 + word.chars().count() <= CHARS_MAX => {
                    part.push(' ');
                    part.push_str(word);
                }
                _ => parts.push(word.to_owned()),
            }
        }
        Some(parts)
    }

    fn part(&self, text: String) -> Part {
        let price = match self.0 {
            Flaw::CountsDrafts => DRAFTS.fetch_add(1, Ordering::Relaxed),
            Flaw::PricesBelowZero => -1,
            _ => 15_000,
        };
        let (media, handles) = (Vec::new(), Vec::new());
        Part { text, media, handles, price: MicroUsd(price), has_link: false }
    }
}

fn refusal(reason: Reason, words: &str) -> Refusal {
    Refusal { reason, code: String::new(), words: words.to_owned() }
}

#[async_trait]
impl Sink for Place {
    fn capabilities(&self) -> SinkCapabilities {
        SinkCapabilities {
            credentials: vec![CredentialKind {
                kind: "token".to_owned(),
                realm: "https://api.example.com".to_owned(),
            }],
            bases: vec![Base { name: "api".to_owned(), url: "https://api.example.com".to_owned() }],
            conversation: Conversation::Core,
            media_types: vec!["image/jpeg".to_owned()],
            media_limits: Vec::new(),
            upload_ms_max: 1000,
            link_by_code: false,
            refuses_duplicates: false,
            price_post: MicroUsd(15_000),
            price_link_post: MicroUsd(15_000),
            price_settle: MicroUsd(0),
            price_check: MicroUsd(0),
            price_retract: MicroUsd(0),
            price_upload: MicroUsd(0),
            price_describe: MicroUsd(0),
            provider: "Place".to_owned(),
            publish_ms_max: 10_000,
        }
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        let slash = if self.0 == Flaw::ChangesTheCallback { "/" } else { "" };
        vec![SetUpStep::paste("callback", format!("{}{slash}", addresses.callback_url))]
    }

    fn plan(&self, draft: &Draft) -> Result<Plan, Refusal> {
        let long = draft.text.len() > 50_000;
        assert!(!(long && self.0 == Flaw::PanicsOnLongDrafts), "too long for me");
        let mut texts = self
            .parts(&draft.text)
            .ok_or_else(|| refusal(Reason::TooLong, "one of the words is too long"))?;
        if texts.is_empty() && (!draft.media_types.is_empty() || self.0 == Flaw::MakesEmptyParts) {
            texts.push(String::new());
        }
        if texts.is_empty() {
            let words =
                if self.0 == Flaw::RefusesSilently { "" } else { "there is nothing to post" };
            return Err(refusal(Reason::Content, words));
        }
        if texts.len() > 1 && !draft.thread && self.0 != Flaw::AlwaysThreads {
            return Err(refusal(Reason::TooLong, "the text is too long for one post"));
        }
        if self.0 == Flaw::LosesWords && texts.len() > 1 {
            texts.pop();
        }
        let mut parts: Vec<Part> = texts.into_iter().map(|text| self.part(text)).collect();
        if let Some(first) = parts.first_mut()
            && self.0 != Flaw::ForgetsPictures
        {
            first.media = (0..draft.media_types.len() as u16).collect();
        }
        Ok(Plan { parts })
    }

    async fn upload(
        &self,
        host: &dyn Host,
        _credential: &Credential,
        media: &Media,
    ) -> Result<MediaHandle, CallError> {
        if media.media_type != "image/jpeg" && self.0 != Flaw::TakesAnyType {
            return Err(CallError::refused(Reason::Content, "", "not this kind of picture"));
        }
        let id = deliver(host, "a picture", self.0).await?;
        Ok(MediaHandle { id, expires_at: None, described: false })
    }

    async fn publish(
        &self,
        host: &dyn Host,
        _credential: &Credential,
        part: &Part,
        _previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        let id = deliver(host, &part.text, self.0).await?;
        Ok(Published { id, url: None })
    }

    async fn retract(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
        _published: &Published,
    ) -> Result<(), CallError> {
        Ok(())
    }
}

struct PlaceCase(Flaw);

impl SinkCase for PlaceCase {
    fn sink(&self) -> Box<dyn Sink> {
        Box::new(Place(self.0))
    }

    fn answers(&self) -> ProviderAnswers {
        ProviderAnswers::new(HttpAnswer::json(201, &json!({ "id": "post-1" })))
    }
}

conformance_sink!(PlaceCase(Flaw::None));

mod uploading {
    use super::*;
    cordboard_testkit::conformance_upload!(PlaceCase(Flaw::None));
}

#[test]
fn each_bad_sink_fails_its_question() {
    type Question = fn(&dyn SinkCase);
    let every_part: Question = plan::every_part_says_something_and_uses_only_pictures_of_the_draft;
    let flaws: &[(Flaw, Question)] = &[
        (Flaw::ChangesTheCallback, plan::the_set_up_names_the_address_people_come_back_to),
        (Flaw::CountsDrafts, plan::the_same_draft_has_the_same_plan),
        (Flaw::MakesEmptyParts, every_part),
        (Flaw::ForgetsPictures, every_part),
        (Flaw::PricesBelowZero, every_part),
        (Flaw::RefusesSilently, every_part),
        (Flaw::PanicsOnLongDrafts, every_part),
        (Flaw::LosesWords, plan::no_word_is_lost),
        (Flaw::AlwaysThreads, plan::a_text_that_may_not_become_a_thread_is_one_part),
        (Flaw::RefusesSilently, plan::random_drafts_never_panic),
        (Flaw::LosesTheId, publish::an_accepted_post_has_an_id),
        (Flaw::BelievesEvery2xx, publish::an_error_inside_a_success_is_no_success),
        (Flaw::IgnoresTheWait, publish::a_throttled_post_is_left_for_later),
        (Flaw::RepeatsAfterFailure, publish::a_failing_provider_leaves_the_outcome_unclear),
        (Flaw::GivesUpOnOddAnswers, publish::an_unreadable_answer_leaves_the_outcome_unclear),
        (Flaw::TriesTwice, publish::a_lost_answer_leaves_the_outcome_unclear),
        (Flaw::ConfusesUnreachable, publish::a_provider_that_was_not_reached_is_unreachable),
        (Flaw::BelievesEveryAnswer, publish::an_unexpected_answer_is_no_success),
        (Flaw::LosesTheId, upload::an_accepted_picture_has_an_id),
        (Flaw::TakesAnyType, upload::a_picture_of_an_unknown_type_is_refused),
        (Flaw::BelievesEvery2xx, upload::an_error_inside_a_success_is_no_picture),
        (Flaw::IgnoresTheWait, upload::a_throttled_upload_is_left_for_later),
        (Flaw::RepeatsAfterFailure, upload::a_failing_provider_leaves_the_upload_unclear),
        (Flaw::GivesUpOnOddAnswers, upload::an_unreadable_answer_leaves_the_upload_unclear),
        (Flaw::TriesTwice, upload::a_lost_answer_leaves_the_upload_unclear),
        (Flaw::ConfusesUnreachable, upload::an_upload_that_was_not_reached_is_unreachable),
        (Flaw::BelievesEveryAnswer, upload::an_unexpected_answer_is_no_picture),
    ];
    for (nth, (flaw, question)) in flaws.iter().enumerate() {
        let ask = |flaw| catch_unwind(AssertUnwindSafe(|| question(&PlaceCase(flaw)))).is_ok();
        assert!(ask(Flaw::None), "line {nth}: the good sink was stopped");
        assert!(!ask(*flaw), "line {nth}: {flaw:?} got through");
    }
}
