//! How a picture gets to X: in one call or in pieces, and then the wait until X has looked at it.
//!
//! No more than two copies of a picture are held: the one we are given and the body of the call that
//! is under way. In pieces, the second is one piece.

use super::kind::Kind;
use super::v2::Shape;
use super::{v1, v2};
use crate::access::{Access, READ_ONLY};
use crate::answers;
use crate::config::UploadApi;
use crate::publish::is_id;
use cordboard_plugin::{
    CallError, Host, HttpRequest, HttpResponse, MediaHandle, Reason, Timestamp,
};
use serde_json::Value;

/// One piece. X takes 4 MB, and base64 makes it a third longer; 1000 pieces are allowed.
const PIECE_BYTES: usize = 2 << 20;
/// For a call that carries a picture: a slow line needs its time.
const CARRY_MS: u32 = 120_000;
/// X gets this long to look at a picture.
const PROCESSING_MS_MAX: i64 = 300_000;
/// No wait between two looks is longer, whatever X says.
const LOOK_SECONDS_MAX: i64 = 30;
/// Life of a picture when X does not say (X docs).
const LIFE_SECONDS: i64 = 86_400;

/// One upload on its way.
pub(super) struct Upload<'a> {
    pub(super) host: &'a dyn Host,
    pub(super) access: Access<'a>,
    pub(super) api: UploadApi,
}

/// A picture that X has taken.
struct Taken {
    id: String,
    expires_at: Timestamp,
    processing: Value,
}

impl Upload<'_> {
    /// Uploads `bytes` and waits until they can be posted.
    pub(super) async fn put(&self, kind: &Kind, bytes: &[u8]) -> Result<MediaHandle, CallError> {
        let taken = if kind.is_still() {
            self.at_once(kind, bytes).await
        } else {
            self.in_pieces(kind, bytes).await
        }?;
        let (id, expires_at) = (taken.id.clone(), Some(taken.expires_at));
        self.processed(taken).await?;
        Ok(MediaHandle { id, expires_at, described: false })
    }

    /// Sets the description of a picture.
    pub(super) async fn describe(&self, id: &str, alt: &str) -> Result<(), CallError> {
        let request = match self.api {
            UploadApi::V2 => v2::describe(id, alt),
            UploadApi::V1 => v1::describe(id, alt),
        };
        let answer = self.send(request).await?;
        // v1.1 answers without a body; v2 with the id.
        match self.api {
            UploadApi::V1 => Ok(()),
            UploadApi::V2 if answer.json().is_some_and(|body| body["data"].is_object()) => Ok(()),
            UploadApi::V2 => Err(answers::failure(&answer)),
        }
    }

    async fn at_once(&self, kind: &Kind, bytes: &[u8]) -> Result<Taken, CallError> {
        let answer = match self.api {
            UploadApi::V1 => self.send(v1::simple(self.host, kind, bytes)).await?,
            UploadApi::V2 => {
                let call = |shape| v2::one_shot(self.host, kind, bytes, shape);
                let mut shape = Shape::Multipart;
                self.in_some_shape(&mut shape, call).await?
            }
        };
        self.taken(&answer)
    }

    async fn in_pieces(&self, kind: &Kind, bytes: &[u8]) -> Result<Taken, CallError> {
        let begun = match self.api {
            UploadApi::V2 => v2::initialize(kind, bytes.len()),
            UploadApi::V1 => v1::init(kind, bytes.len()),
        };
        let id = self.taken(&self.send(begun).await?)?.id;
        let mut shape = Shape::Multipart;
        for (segment, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
            match self.api {
                UploadApi::V1 => self.send(v1::append(self.host, &id, segment, piece)).await?,
                UploadApi::V2 => {
                    let call = |shape| v2::append(self.host, &id, segment, piece, shape);
                    self.in_some_shape(&mut shape, call).await?
                }
            };
        }
        let ended = match self.api {
            UploadApi::V2 => v2::finalize(&id),
            UploadApi::V1 => v1::finalize(&id),
        };
        let taken = self.taken(&self.send(ended).await?)?;
        if taken.id == id { Ok(taken) } else { Err(CallError::unclear("X names another picture")) }
    }

    /// Makes a call in `shape`, and in JSON if X wants that now; the rest of the picture then keeps to it.
    async fn in_some_shape(
        &self,
        shape: &mut Shape,
        call: impl Fn(Shape) -> HttpRequest,
    ) -> Result<HttpResponse, CallError> {
        let answer = self.ask(call(*shape)).await?;
        if *shape == Shape::Multipart && v2::wants_json(&answer) {
            *shape = Shape::Json;
            return self.send(call(Shape::Json)).await;
        }
        self.good(answer)
    }

    /// Waits until X is done, if it says that it is not.
    async fn processed(&self, mut taken: Taken) -> Result<(), CallError> {
        let until = self.host.now().plus_millis(PROCESSING_MS_MAX);
        loop {
            let wait = match taken.processing["state"].as_str() {
                // Without this X is done; asking it all the same is an error.
                None if taken.processing.is_null() => return Ok(()),
                Some("succeeded") => return Ok(()),
                Some("failed") => return Err(failed(&taken.processing["error"])),
                _ => taken.processing["check_after_secs"].as_i64().unwrap_or(1),
            };
            let look = self.host.now().plus_seconds(wait.clamp(1, LOOK_SECONDS_MAX));
            if look > until {
                let detail = "X still works on the picture after five minutes";
                return Err(CallError::retry_after(Some(60_000), detail));
            }
            self.host.sleep_until(look).await;
            let request = match self.api {
                UploadApi::V2 => v2::status(&taken.id),
                UploadApi::V1 => v1::status(&taken.id),
            };
            let next = self.taken(&self.send(request).await?)?;
            taken.processing = next.processing;
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let answer = self.ask(request).await?;
        self.good(answer)
    }

    async fn ask(&self, mut request: HttpRequest) -> Result<HttpResponse, CallError> {
        request.timeout_ms = CARRY_MS;
        Ok(self.access.call(self.host, request).await?)
    }

    fn good(&self, answer: HttpResponse) -> Result<HttpResponse, CallError> {
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(self.failure(&answer)) }
    }

    /// What X says of a picture that it has taken: v2 below `data`, v1.1 at the top.
    fn taken(&self, answer: &HttpResponse) -> Result<Taken, CallError> {
        let body = answer.json().unwrap_or(Value::Null);
        let (data, id) = match self.api {
            UploadApi::V2 => (&body["data"], &body["data"]["id"]),
            UploadApi::V1 => (&body, &body["media_id_string"]),
        };
        let Some(id) = id.as_str().filter(|id| is_id(id)) else {
            return Err(answers::failure(answer));
        };
        let life = data["expires_after_secs"].as_i64().unwrap_or(LIFE_SECONDS);
        Ok(Taken {
            id: id.to_owned(),
            expires_at: answer.at.plus_seconds(life.clamp(0, 30 * 86_400)),
            processing: data["processing_info"].clone(),
        })
    }

    /// What a bad answer to an upload means.
    fn failure(&self, answer: &HttpResponse) -> CallError {
        let body = String::from_utf8_lossy(&answer.body.0[..answer.body.0.len().min(4096)]);
        let refused = |code: &str, words: &str| CallError::refused(Reason::Media, code, words);
        match answer.status {
            403 if self.access.tokens().is_none() && answers::is_write_refusal(answer) => {
                CallError::relink(READ_ONLY)
            }
            413 => refused("413", "X finds this picture too large"),
            404 | 410 => refused("404", "X no longer has this picture"),
            400 if body.to_ascii_lowercase().contains("media type unrecognized") => {
                refused("media type unrecognized", "X does not recognise this picture")
            }
            _ => match answers::failure(answer) {
                CallError::Refused(refusal)
                    if refusal.reason == Reason::Other && answer.status != 403 =>
                {
                    refused(&refusal.code, "X did not accept the picture")
                }
                error => self.access.failure(answer, error),
            },
        }
    }
}

/// What a failed look at a picture means.
fn failed(error: &Value) -> CallError {
    let code = error["name"].as_str().filter(|name| {
        name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    let words = "X could not process this picture or video";
    CallError::refused(Reason::Media, code.unwrap_or("processing failed"), words)
}
