//! The questions that every sink is asked.

#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{
    Create as _, Credential, HttpAnswer, RemoteAccount, Secret, Settings, Sink,
};
use cordboard_testkit::conformance::{ProviderAnswers, SinkCase};
use cordboard_testkit::conformance_sink;
use cordboard_x::X;
use serde_json::json;

struct XCase;

impl SinkCase for XCase {
    fn sink(&self) -> Box<dyn Sink> {
        let settings = Settings {
            name: "x".to_owned(),
            values: json!({ "client_id": "client", "client_secret": "secret" }),
            prices: json!(null),
            public: false,
            catch_up_hours: 24,
        };
        Box::new(X::create(&settings).unwrap())
    }

    fn answers(&self) -> ProviderAnswers {
        let data = json!({ "data": { "id": "1880028106020515840", "text": "Hello" } });
        let mut answers = ProviderAnswers::new(HttpAnswer::json(201, &data));
        answers.errors_inside.push(HttpAnswer::json(200, &json!({ "data": null })));
        answers.errors_inside.push(HttpAnswer::json(201, &json!({ "data": { "id": 7 } })));
        answers
    }

    fn credential(&self) -> Credential {
        let kind = self.sink().capabilities().credentials.remove(0);
        let secret = json!({
            "access_token": "access", "refresh_token": "refresh",
            "scope": "tweet.read tweet.write users.read offline.access",
            "expires_at": 1_790_000_600_000_i64,
        });
        Credential {
            kind: kind.kind,
            realm: kind.realm,
            secret: Secret::new(secret.to_string()),
            account: RemoteAccount { id: "12345".to_owned(), handle: "@someone".to_owned() },
        }
    }
}

conformance_sink!(XCase);
