//! The questions that every transport is asked.

mod common;

use common::{ACCOUNT, HOOK, encoded, settings, signed, text_fields};
use cordboard_plugin::{HttpAnswer, HttpCall, Transport};
use cordboard_testkit::conformance::{ProviderAnswers, TransportCase};
use cordboard_testkit::{conformance_transport, made};
use cordboard_twilio::PLUGIN;
use serde_json::json;

struct TwilioCase;

impl TransportCase for TwilioCase {
    fn transport(&self) -> Box<dyn Transport> {
        made::transport(&PLUGIN, "twilio", &settings(json!({}), 24))
    }

    fn genuine(&self, nth: u32, text: &str) -> HttpCall {
        signed(HOOK, encoded(&text_fields(nth, text)))
    }

    fn repeated(&self, nth: u32, text: &str) -> HttpCall {
        let mut fields = text_fields(nth, text);
        fields.push(("ErrorCode".to_owned(), "11200".to_owned()));
        fields.push(("ErrorUrl".to_owned(), HOOK.to_owned()));
        signed(HOOK, encoded(&fields))
    }

    fn forged(&self) -> Vec<HttpCall> {
        let genuine = self.genuine(1, "hello");
        let mut unsigned = genuine.clone();
        unsigned.headers.pop();
        let mut other_words = genuine.clone();
        other_words.body = encoded(&text_fields(1, "hello!")).into();
        let mut other_place = genuine.clone();
        other_place.url = format!("{HOOK}?x=1");
        let mut status = genuine.clone();
        status.path = "/status".to_owned();
        status.url = format!("{HOOK}/status?reply=1");
        let mut other_account = text_fields(1, "hello");
        other_account[16].1 = "AC00000000000000000000000000000002".to_owned();
        let other_account = signed(HOOK, encoded(&other_account));
        vec![unsigned, other_words, other_place, status, other_account]
    }

    fn genuine_body(&self, body: Vec<u8>) -> HttpCall {
        signed(HOOK, body)
    }

    fn genuine_with_parameters(&self, count: usize) -> HttpCall {
        let mut fields = text_fields(1, "hello");
        fields.extend((0..count).map(|nth| (format!("New{nth}"), "x".to_owned())));
        signed(HOOK, encoded(&fields))
    }

    fn answers(&self) -> ProviderAnswers {
        let accepted = json!({
            "sid": "SM00000000000000000000000000000001",
            "account_sid": ACCOUNT,
            "status": "queued",
            "num_segments": "1",
            "error_code": null,
        });
        let throttled = json!({ "code": 20429, "message": "Too many requests", "status": 429 });
        let throttled = HttpAnswer::json(429, &throttled);
        let error = json!({ "code": 20500, "message": "Internal server error", "status": 500 });
        ProviderAnswers {
            errors_inside: vec![
                HttpAnswer::json(200, &error),
                HttpAnswer::json(201, &json!({ "sid": null, "error_code": 30008 })),
                HttpAnswer::json(201, &json!({ "sid": "" })),
            ],
            throttled_with_wait: Some(throttled.clone().with_header("Retry-After", "30")),
            throttled,
            ..ProviderAnswers::new(HttpAnswer::json(201, &accepted))
        }
    }
}

conformance_transport!(TwilioCase);
