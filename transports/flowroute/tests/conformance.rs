//! The questions that every transport is asked.

mod common;

use common::{callback, document, id, settings, token};
use cordboard_flowroute::PLUGIN;
use cordboard_plugin::{HttpAnswer, HttpCall, Transport};
use cordboard_testkit::conformance::{ProviderAnswers, TransportCase};
use cordboard_testkit::{conformance_transport, made};
use serde_json::json;

struct FlowrouteCase;

impl TransportCase for FlowrouteCase {
    fn transport(&self) -> Box<dyn Transport> {
        made::transport(&PLUGIN, "flowroute", &settings(json!({}), 24))
    }

    fn genuine(&self, nth: u32, text: &str) -> HttpCall {
        callback("", &token(), document(nth, text).to_string())
    }

    fn repeated(&self, nth: u32, text: &str) -> HttpCall {
        // The flat form of the same: a callback may be set anew while one is being repeated.
        let flat = json!({ "to": "+15550100001", "from": 15_550_100_002_u64, "body": text, "id": id(nth) });
        callback("", &token(), flat.to_string())
    }

    fn forged(&self) -> Vec<HttpCall> {
        let genuine = self.genuine(1, "hello");
        let with_query = |query: &str| HttpCall { query: query.to_owned(), ..genuine.clone() };
        let mut other_number = document(1, "hello");
        other_number["data"]["attributes"]["to"] = "15550100009".into();
        let receipt = json!({ "data": {
            "type": "delivery_receipt",
            "id": id(1),
            "attributes": { "level": 2, "status": "delivered", "status_code": null },
        } });
        vec![
            with_query(""),
            with_query("token="),
            with_query("Token=0123456789abcdef0123456789abcdef"),
            with_query("token=0123456789abcdef0123456789abcdee"),
            with_query("token=0123456789abcdef0123456789abcdef0"),
            callback("/status", "reply=1", receipt.to_string()),
            callback("", &token(), other_number.to_string()),
        ]
    }

    fn genuine_body(&self, body: Vec<u8>) -> HttpCall {
        callback("", &token(), body)
    }

    fn genuine_with_parameters(&self, count: usize) -> HttpCall {
        let mut call = document(1, "hello");
        for nth in 0..count {
            call["data"]["attributes"][format!("new_{nth}")] = "x".into();
        }
        callback("", &token(), call.to_string())
    }

    fn answers(&self) -> ProviderAnswers {
        let link = format!("https://api.flowroute.com/v2.1/messages/{}", id(1));
        let data = json!({ "links": { "self": link }, "type": "message", "id": id(1) });
        let error = json!({ "errors": [{ "id": "1", "status": 500, "title": "Internal Error" }] });
        ProviderAnswers {
            errors_inside: vec![
                HttpAnswer::json(200, &error),
                HttpAnswer::json(202, &error),
                HttpAnswer::json(202, &json!({ "data": { "type": "message", "id": null } })),
                HttpAnswer::json(202, &json!({ "data": { "type": "message", "id": "" } })),
                HttpAnswer::json(200, &json!({ "id": 7 })),
            ],
            ..ProviderAnswers::new(HttpAnswer::json(202, &json!({ "data": data })))
        }
    }
}

conformance_transport!(FlowrouteCase);
