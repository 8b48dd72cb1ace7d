//! Uploading a post's pictures before it is published. Nobody sees an upload, so one of unknown outcome is
//! made again; where it went is written down, so that a crash before the post uploads nothing twice.

use super::lane::{Lane, Step, closing};
use crate::bridge::guarded_about;
use crate::credentials::Usable;
use crate::registry::SinkInstance;
use cordboard_plugin::{CallError, Media, MediaHandle, MicroUsd, Reason, Refusal, Timestamp};
use cordboard_store::{
    Account, Change, HeldCredential, Message, MessageState, Picture, PictureChange, PictureState,
    Post, PostState, StoreError, Upload, WaitReason,
};

/// An upload that is forgotten there sooner than this is made again.
const FRESH_MS: i64 = 60_000;
/// Shortest and longest wait between uploads that fail.
const AGAIN_MS: (i64, i64) = (5_000, 15 * 60_000);

/// Handles of a post's pictures, or what else comes of trying to get them.
type Uploaded = Result<Result<Vec<MediaHandle>, Step>, StoreError>;

/// Where pictures go: the sink that uploads them, and the sender's account there.
struct Gate<'a> {
    name: String,
    sink: &'a SinkInstance,
    account: Account,
}

impl Lane<'_> {
    /// The handles of the pictures that belong to a post, uploaded as far as they are not yet.
    pub(super) async fn upload_pictures(&mut self, post: &Post, message: &Message) -> Uploaded {
        if post.part.media.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let Some(gate) = self.gate(message).await? else {
            self.refuse(post, "pictures cannot be posted here any more").await?;
            return Ok(Err(Step::Next));
        };
        let pictures = self.bridge.store().pictures_of(message.id).await?;
        let mut handles = Vec::new();
        for position in &post.part.media {
            let kept = |picture: &&Picture| {
                picture.position == i32::from(*position) && picture.state == PictureState::Kept
            };
            let Some(picture) = pictures.iter().find(kept) else {
                self.refuse(post, "its picture is not here any more").await?;
                return Ok(Err(Step::Next));
            };
            match self.handle_of(post, message, &gate, picture).await? {
                Ok(handle) => handles.push(handle),
                Err(step) => return Ok(Err(step)),
            }
        }
        Ok(Ok(handles))
    }

    /// The handles with which a post was attempted; `None` when one of them is not known any more.
    pub(super) async fn handles_uploaded(
        &self,
        post: &Post,
    ) -> Result<Option<Vec<MediaHandle>>, StoreError> {
        let mut handles = Vec::new();
        if post.part.media.is_empty() {
            return Ok(Some(handles));
        }
        let store = self.bridge.store();
        let Some(message) = store.message(post.message_id).await? else { return Ok(None) };
        let Some(sink) = self.bridge.media_sink(&message) else { return Ok(None) };
        let pictures = store.pictures_of(message.id).await?;
        for position in &post.part.media {
            let picture = pictures.iter().find(|one| one.position == i32::from(*position));
            let Some(picture) = picture else { return Ok(None) };
            let Some(upload) = store.upload_of(picture.id, sink).await? else { return Ok(None) };
            handles.push(upload.handle);
        }
        Ok(Some(handles))
    }

    async fn gate(&self, message: &Message) -> Result<Option<Gate<'_>>, StoreError> {
        let Some(name) = self.bridge.media_sink(message) else { return Ok(None) };
        let Some(sink) = self.bridge.registry().sinks.get(name) else { return Ok(None) };
        let account = self.bridge.store().account(&self.sender, name).await?;
        Ok(account.map(|account| Gate { name: name.to_owned(), sink, account }))
    }

    async fn handle_of(
        &self,
        post: &Post,
        message: &Message,
        gate: &Gate<'_>,
        picture: &Picture,
    ) -> Result<Result<MediaHandle, Step>, StoreError> {
        let before = self.bridge.store().upload_of(picture.id, &gate.name).await?;
        if let Some(upload) = before.filter(|upload| self.is_fresh(upload, &gate.account)) {
            return Ok(Ok(upload.handle));
        }
        let credential = match self.bridge.usable(gate.sink, &gate.account, None).await? {
            Usable::Fresh(credential) => *credential,
            Usable::Dead => return self.connect_again(post, message).await.map(Err),
            Usable::Later { at, detail } => return self.upload_later(post, at, &detail).await,
            Usable::Operator(error) => return self.pause_uploads(post, gate, &error).await,
        };
        let price = gate.sink.can.price_upload.0
            + picture.alt.as_ref().map_or(0, |_| gate.sink.can.price_describe.0);
        if !self.bridge.pay_for_call(&gate.name, &self.sender, MicroUsd(price)).await? {
            let at = self.tomorrow();
            return self.upload_later(post, at, "no money left for today").await;
        }
        match self.call_upload(gate, &credential, picture).await? {
            Ok(handle) => {
                let upload = Upload { remote_id: gate.account.remote.id.clone(), handle };
                let handle = upload.handle.clone();
                let sink = gate.name.clone();
                let put = PictureChange::PutUpload { picture_id: picture.id, sink, upload };
                self.commit(vec![Change::Picture(put)]).await?;
                self.bridge.sink_works(&gate.name);
                Ok(Ok(handle))
            }
            Err(error) => self.not_uploaded(post, message, (gate, credential), error).await,
        }
    }

    /// The destination does not know the uploads, or does not take them: they are made once more, in
    /// another form.
    pub(super) async fn upload_afresh(&mut self, post: &Post) -> Result<(), StoreError> {
        self.reencode = true;
        let pictures = self.bridge.store().pictures_of(post.message_id).await?;
        let drop = |picture: &Picture| {
            Change::Picture(PictureChange::DropUploads { picture_id: picture.id })
        };
        let mut changes: Vec<Change> = pictures.iter().map(drop).collect();
        let now = Some(self.now());
        changes.push(closing(post.id, PostState::Queued, now, "", "pictures are uploaded afresh"));
        self.commit(changes).await
    }

    fn is_fresh(&self, upload: &Upload, account: &Account) -> bool {
        let soon = self.now().plus_millis(FRESH_MS);
        upload.remote_id == account.remote.id
            && upload.handle.expires_at.is_none_or(|until| until > soon)
    }

    /// Uploads once; once more in another form when the destination does not take this one.
    async fn call_upload(
        &self,
        gate: &Gate<'_>,
        credential: &HeldCredential,
        picture: &Picture,
    ) -> Result<Result<MediaHandle, CallError>, StoreError> {
        let Some(mut bytes) = self.bridge.store().picture_bytes(picture.id).await? else {
            return Ok(Err(CallError::refused(Reason::Media, "", "its picture is gone")));
        };
        let mut media_type = picture.media_type.clone().unwrap_or_default();
        if self.reencode {
            (bytes, media_type) = self.bridge.re_encoded(bytes, media_type, &gate.sink.can).await;
        }
        for again in [true, false] {
            let media = Media {
                media_type: media_type.clone(),
                bytes: bytes.into(),
                alt: picture.alt.clone(),
            };
            let host = self.bridge.host(&gate.name);
            let call = gate.sink.plugin.upload(&host, &credential.credential, &media);
            let millis = i64::from(gate.sink.can.upload_ms_max);
            let uploaded = guarded_about(self.bridge, picture.message_id, millis, call)
                .await
                .unwrap_or_else(|problem| Err(CallError::unclear(problem)));
            match uploaded {
                Err(CallError::Refused(Refusal { reason: Reason::Media, .. }))
                    if again && !self.reencode =>
                {
                    (bytes, media_type) =
                        self.bridge.re_encoded(media.bytes.0, media_type, &gate.sink.can).await;
                }
                done => return Ok(done),
            }
        }
        Ok(Err(CallError::refused(Reason::Media, "", "its picture was not accepted")))
    }

    /// From an error of `upload` to what follows.
    async fn not_uploaded(
        &self,
        post: &Post,
        message: &Message,
        (gate, credential): (&Gate<'_>, HeldCredential),
        error: CallError,
    ) -> Result<Result<MediaHandle, Step>, StoreError> {
        match error {
            CallError::Relink { detail } => {
                let Gate { sink, account, .. } = gate;
                self.bridge.credential_is_dead(sink, account, &credential, &detail).await?;
                self.connect_again(post, message).await.map(Err)
            }
            CallError::Refused(refusal) => {
                self.refused_for_good(post, message, &refusal).await?;
                Ok(Err(Step::Next))
            }
            error @ CallError::Operator { .. } => self.pause_uploads(post, gate, &error).await,
            error => {
                let wish = match &error {
                    CallError::RetryAfter { wait_ms, .. } => wait_ms.unwrap_or(0),
                    _ => 0,
                };
                // The longer it has lasted, the longer the wait; no attempt counts it.
                let age = self.now().millis_since(message.received_at) / 2;
                let wait = age.clamp(AGAIN_MS.0, AGAIN_MS.1).max(wish);
                let at = self.now().plus_millis(wait);
                self.upload_later(post, at, &error.to_string()).await
            }
        }
    }

    async fn upload_later(
        &self,
        post: &Post,
        at: Timestamp,
        detail: &str,
    ) -> Result<Result<MediaHandle, Step>, StoreError> {
        self.close_waiting(post, WaitReason::Time, at, detail).await?;
        Ok(Err(Step::Rest))
    }

    /// Pictures wait for the operator; words of others go on.
    async fn pause_uploads(
        &self,
        post: &Post,
        gate: &Gate<'_>,
        error: &CallError,
    ) -> Result<Result<MediaHandle, Step>, StoreError> {
        let minutes = i64::from(self.bridge.config().policy.operator_retry_minutes);
        let probe_at = self.now().plus_seconds(minutes * 60);
        let detail = error.to_string();
        tracing::error!(sink = %gate.name, "pictures wait, a person must act: {detail}");
        self.bridge.trouble(&format!("sink {}", gate.name), Some(&detail));
        self.wait_for_operator(post, probe_at, &detail).await?;
        Ok(Err(Step::Rest))
    }

    /// Pictures must be connected again: the message waits for that, and holds nothing but itself.
    async fn connect_again(&self, post: &Post, message: &Message) -> Result<Step, StoreError> {
        let hours = i64::from(self.bridge.config().policy.keep_waiting_hours);
        let until = message.received_at.plus_hours(hours).max(self.now().plus_seconds(60));
        let waits = Change::Read {
            message_id: message.id,
            state: MessageState::Waiting,
            wait: WaitReason::Relink,
            wait_until: Some(until),
            outcome: "waits until pictures are connected again".to_owned(),
        };
        let replace = Change::ReplacePosts { message_id: message.id, posts: Vec::new() };
        match self.commit(vec![replace, waits]).await {
            // Part of it is out already: then the rest of it holds the lane.
            Err(StoreError::Conflict) => {
                self.close_waiting(post, WaitReason::Relink, until, "pictures wait").await?;
                Ok(Step::Rest)
            }
            done => done.map(|()| Step::Next),
        }
    }
}
