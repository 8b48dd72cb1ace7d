//! The suite lets a good transport pass and stops each of these bad ones.

use super::flaw::{Flaw, deliver};
use cordboard_plugin::{
    Addresses, Base, Blob, CallError, Commit, DeliveryState, Host, HttpAnswer, HttpCall, Incoming,
    MessageKey, MicroUsd, OutgoingText, Pace, Receipt, Received, Rejected, SetUpStep, StatusUpdate,
    Timer, Transport, TransportCapabilities, async_trait,
};
use cordboard_testkit::conformance::{
    ProviderAnswers, ReportCase, TransportCase, receive, report, send,
};
use cordboard_testkit::{START, conformance_report, conformance_transport};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

static CALLS: AtomicU64 = AtomicU64::new(0);

struct Carrier(Flaw);

impl Carrier {
    fn message(&self, body: &Blob) -> Option<Incoming> {
        let fields: Value = match serde_json::from_slice(&body.0) {
            Ok(fields) => fields,
            Err(_) if self.0 == Flaw::InventsMessages => json!({ "id": "0", "text": "" }),
            Err(_) => return None,
        };
        let field = |name: &str| Some(fields.get(name)?.as_str()?.to_owned());
        let id = match self.0 {
            Flaw::NewKeyEachTime => CALLS.fetch_add(1, Ordering::Relaxed).to_string(),
            Flaw::OneKeyForAll => "1".to_owned(),
            _ => field("id")?,
        };
        let text = match self.0 {
            Flaw::TrimsWords => field("text")?.trim().to_owned(),
            Flaw::CutsWords => field("text")?.chars().take(1600).collect(),
            _ => field("text")?,
        };
        Some(Incoming {
            key: MessageKey { account: "carrier:1".to_owned(), id },
            from: "+15550100002".into(),
            to: "+15550100001".into(),
            text,
            media: Vec::new(),
            keyword: None,
            segments: 1,
        })
    }
}

impl Carrier {
    fn status(&self, body: &Blob) -> Result<Option<StatusUpdate>, Rejected> {
        let fields: Value = serde_json::from_slice(&body.0).unwrap_or_default();
        let Some(word) = fields.get("state").and_then(Value::as_str) else { return Ok(None) };
        let state = match word {
            "delivered" => DeliveryState::Delivered,
            _ if self.0 == Flaw::BelievesAnyState => DeliveryState::Failed,
            _ if self.0 == Flaw::RejectsUnknownStates => {
                return Err(Rejected::malformed("no such state"));
            }
            _ => DeliveryState::Accepted,
        };
        let counted = (self.0 == Flaw::CountsReports)
            .then(|| CALLS.fetch_add(1, Ordering::Relaxed).to_string());
        let id = fields["id"].as_str().unwrap_or_default().to_owned();
        Ok(Some(StatusUpdate { id, reply_key: None, state, code: counted, error: None }))
    }
}

#[async_trait]
impl Transport for Carrier {
    fn capabilities(&self) -> TransportCapabilities {
        let plus = if self.0 == Flaw::NumbersWithoutPlus { "" } else { "+" };
        TransportCapabilities {
            numbers: vec![format!("{plus}15550100001")],
            bases: vec![Base { name: "api".to_owned(), url: "https://api.example.com".to_owned() }],
            media_hosts: Vec::new(),
            pictures_in: false,
            webhook: true,
            confirms: false,
            carrier_words: Vec::new(),
            price_segment_in: MicroUsd(0),
            price_segment_out: MicroUsd(0),
            text_chars_max: 1600,
            pace: Pace::default(),
        }
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        let (place, value) = match self.0 {
            Flaw::ForgetsTheHook => ("webhook", addresses.public_url.as_str()),
            Flaw::PastesNothing => ("webhook", ""),
            _ => ("webhook", addresses.hook_url.as_str()),
        };
        vec![SetUpStep::paste(place, value)]
    }

    async fn receive(&self, host: &dyn Host, call: HttpCall) -> Result<Received, Rejected> {
        if self.0 == Flaw::WritesBeforeItChecks {
            let timers = vec![Timer { key: "later".to_owned(), at: START }];
            let written = host.commit(Commit { timers, ..Commit::default() }).await;
            assert_eq!(written, Ok(()));
        }
        if call.query != "token=right" && self.0 != Flaw::BelievesEveryone {
            let status = if self.0 == Flaw::BlamesItself { 500 } else { 403 };
            return Err(Rejected { status, reason: "wrong token".to_owned() });
        }
        let odd = std::str::from_utf8(&call.body.0).is_err();
        assert!(!(odd && self.0 == Flaw::PanicsOnOddBytes), "odd bytes");
        let many = call.body.0.iter().filter(|byte| **byte == b':').count() > 1000;
        assert!(!(many && self.0 == Flaw::PanicsOnManyFields), "many fields");
        if let Some(status) = self.status(&call.body)? {
            let answer = HttpAnswer::empty(204);
            let statuses = if self.0 == Flaw::ForgetsReports { vec![] } else { vec![status] };
            return Ok(Received { messages: Vec::new(), statuses, answer });
        }
        let message =
            self.message(&call.body).ok_or_else(|| Rejected::malformed("not a message"))?;
        let answer = HttpAnswer::empty(204);
        Ok(Received { messages: vec![message], statuses: Vec::new(), answer })
    }

    async fn send(&self, host: &dyn Host, text: &OutgoingText) -> Result<Receipt, CallError> {
        let id = deliver(host, &text.text, self.0).await?;
        Ok(Receipt { id, state: DeliveryState::Accepted, segments: None })
    }
}

struct CarrierCase(Flaw);

impl CarrierCase {
    fn call(query: &str, body: impl Into<Blob>) -> HttpCall {
        HttpCall {
            method: "POST".to_owned(),
            url: format!("https://bridge.example.com/hooks/carrier?{query}"),
            path: String::new(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: body.into(),
        }
    }
}

impl TransportCase for CarrierCase {
    fn transport(&self) -> Box<dyn Transport> {
        Box::new(Carrier(self.0))
    }

    fn genuine(&self, nth: u32, text: &str) -> HttpCall {
        let body = json!({ "id": nth.to_string(), "text": text });
        Self::call("token=right", body.to_string())
    }

    fn forged(&self) -> Vec<HttpCall> {
        let body = self.genuine(1, "x").body;
        vec![Self::call("token=wrong", body.clone()), Self::call("", body)]
    }

    fn genuine_body(&self, body: Vec<u8>) -> HttpCall {
        Self::call("token=right", body)
    }

    fn genuine_with_parameters(&self, count: usize) -> HttpCall {
        let mut body = json!({ "id": "1", "text": "x" });
        for nth in 0..count {
            body[format!("field{nth}")] = json!(nth);
        }
        Self::call("token=right", body.to_string())
    }

    fn answers(&self) -> ProviderAnswers {
        ProviderAnswers::new(HttpAnswer::json(200, &json!({ "id": "provider-1" })))
    }
}

impl ReportCase for CarrierCase {
    fn report(&self, id: &str, state: &str) -> HttpCall {
        Self::call("token=right", json!({ "id": id, "state": state }).to_string())
    }

    fn delivered(&self) -> String {
        "delivered".to_owned()
    }
}

conformance_transport!(CarrierCase(Flaw::None));
conformance_report!(CarrierCase(Flaw::None));

#[test]
fn each_bad_report_fails_its_question() {
    type Question = fn(&dyn ReportCase);
    let flaws: &[(Flaw, Question)] = &[
        (Flaw::ForgetsReports, report::a_report_of_delivery_is_news_of_that_text),
        (Flaw::CountsReports, report::a_repeated_report_says_the_same),
        (Flaw::BelievesAnyState, report::a_report_of_an_unknown_state_decides_nothing),
        (Flaw::RejectsUnknownStates, report::a_report_of_an_unknown_state_decides_nothing),
    ];
    for (flaw, question) in flaws {
        let ask = |flaw| catch_unwind(AssertUnwindSafe(|| question(&CarrierCase(flaw)))).is_ok();
        assert!(ask(Flaw::None), "the good transport was stopped beside {flaw:?}");
        assert!(!ask(*flaw), "{flaw:?} got through");
    }
}

#[test]
fn each_bad_transport_fails_its_question() {
    type Question = fn(&dyn TransportCase);
    let flaws: &[(Flaw, Question)] = &[
        (Flaw::NumbersWithoutPlus, receive::the_capabilities_make_sense),
        (Flaw::ForgetsTheHook, receive::the_set_up_names_the_address_of_the_hook),
        (Flaw::PastesNothing, receive::the_set_up_names_the_address_of_the_hook),
        (Flaw::TrimsWords, receive::a_genuine_webhook_brings_the_words_as_they_were_sent),
        (Flaw::NewKeyEachTime, receive::a_repeated_webhook_has_the_same_key),
        (Flaw::OneKeyForAll, receive::another_message_has_another_key),
        (Flaw::BelievesEveryone, receive::a_forged_webhook_is_rejected_and_leaves_nothing),
        (Flaw::BlamesItself, receive::a_forged_webhook_is_rejected_and_leaves_nothing),
        (Flaw::WritesBeforeItChecks, receive::a_forged_webhook_is_rejected_and_leaves_nothing),
        (Flaw::InventsMessages, receive::a_webhook_without_a_body_brings_no_message),
        (Flaw::CutsWords, receive::a_text_of_a_hundred_thousand_characters_is_answered),
        (Flaw::PanicsOnOddBytes, receive::a_body_that_is_not_utf8_is_answered),
        (Flaw::PanicsOnManyFields, receive::ten_thousand_parameters_are_answered),
        (Flaw::PanicsOnOddBytes, receive::random_bodies_never_panic),
        (Flaw::LosesTheId, send::an_accepted_text_has_an_id),
        (Flaw::BelievesEvery2xx, send::an_error_inside_a_success_is_no_success),
        (Flaw::IgnoresTheWait, send::a_throttled_text_is_left_for_later),
        (Flaw::GivesUpWhenThrottled, send::a_throttled_text_is_left_for_later),
        (Flaw::RepeatsAfterFailure, send::a_failing_provider_leaves_the_outcome_unclear),
        (Flaw::BelievesEvery2xx, send::an_unreadable_answer_leaves_the_outcome_unclear),
        (Flaw::GivesUpOnOddAnswers, send::an_unreadable_answer_leaves_the_outcome_unclear),
        (Flaw::TriesTwice, send::a_lost_answer_leaves_the_outcome_unclear),
        (Flaw::ConfusesUnreachable, send::a_provider_that_was_not_reached_is_unreachable),
        (Flaw::BelievesEveryAnswer, send::an_unexpected_answer_is_no_success),
        (Flaw::AnswersUnasked, send::a_text_that_nobody_waits_for_is_let_go),
        (Flaw::KeepsAtIt, send::a_text_that_nobody_waits_for_is_let_go),
    ];
    for (nth, (flaw, question)) in flaws.iter().enumerate() {
        let ask = |flaw| catch_unwind(AssertUnwindSafe(|| question(&CarrierCase(flaw)))).is_ok();
        assert!(ask(Flaw::None), "line {nth}: the good transport was stopped");
        assert!(!ask(*flaw), "line {nth}: {flaw:?} got through");
    }
}
