//! The questions that every sink is asked.

#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{
    Blob, Credential, HttpAnswer, Media, RemoteAccount, Secret, Settings, Sink,
};
use cordboard_testkit::conformance::{ProviderAnswers, SinkCase};
use cordboard_testkit::{conformance_sink, conformance_upload, made};
use cordboard_x::PLUGIN;
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
        made::sink(&PLUGIN, "x", &settings)
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

/// `x` with a link by OAuth 1.0a.
struct SignedCase;

/// `x-media`: one API, and the picture that it is asked to upload.
struct MediaCase {
    upload_api: &'static str,
    media_type: &'static str,
}

fn signing(upload: serde_json::Value) -> Settings {
    let mut values =
        json!({ "auth": "oauth1", "consumer_key": "key", "consumer_secret": "secret" });
    values.as_object_mut().unwrap().extend(upload.as_object().unwrap().clone());
    Settings {
        name: "x".to_owned(),
        values,
        prices: json!(null),
        public: false,
        catch_up_hours: 24,
    }
}

fn signing_credential(sink: &dyn Sink) -> Credential {
    let kind = sink.capabilities().credentials.remove(0);
    let secret = json!({ "token": "1-token", "token_secret": "secret" });
    Credential {
        kind: kind.kind,
        realm: kind.realm,
        secret: Secret::new(secret.to_string()),
        account: RemoteAccount { id: "1".to_owned(), handle: "@someone".to_owned() },
    }
}

impl SinkCase for SignedCase {
    fn sink(&self) -> Box<dyn Sink> {
        made::sink(&PLUGIN, "x", &signing(json!({})))
    }

    fn answers(&self) -> ProviderAnswers {
        XCase.answers()
    }

    fn credential(&self) -> Credential {
        signing_credential(&*self.sink())
    }
}

impl SinkCase for MediaCase {
    fn sink(&self) -> Box<dyn Sink> {
        let settings = signing(json!({ "upload_api": self.upload_api }));
        made::sink(&PLUGIN, "x-media", &settings)
    }

    fn upload_answers(&self) -> ProviderAnswers {
        let id = "1880028106020515840";
        // Both APIs read their own half.
        let both = json!({ "data": { "id": id }, "media_id_string": id });
        let mut answers = ProviderAnswers::new(HttpAnswer::json(200, &both));
        for odd in [json!({ "data": { "id": "../1" } }), json!({ "media_id_string": 7 })] {
            answers.errors_inside.push(HttpAnswer::json(200, &odd));
        }
        answers
    }

    fn credential(&self) -> Credential {
        signing_credential(&*self.sink())
    }

    fn media(&self) -> Media {
        let media_type = self.media_type.to_owned();
        Media { media_type, bytes: Blob(vec![7; 100]), alt: None }
    }
}

mod signed {
    use super::*;
    conformance_sink!(SignedCase);
}

mod v2 {
    use super::*;
    conformance_upload!(MediaCase { upload_api: "v2", media_type: "image/jpeg" });
}

mod v2_in_pieces {
    use super::*;
    conformance_upload!(MediaCase { upload_api: "v2", media_type: "video/mp4" });
}

mod v1 {
    use super::*;
    conformance_upload!(MediaCase { upload_api: "v1.1", media_type: "image/jpeg" });
}

mod v1_in_pieces {
    use super::*;
    conformance_upload!(MediaCase { upload_api: "v1.1", media_type: "video/mp4" });
}
