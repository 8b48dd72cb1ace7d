//! `/ALT words`: describes the sender's newest picture for people who do not see it.

use super::{Reader, Verdict};
use crate::bridge::{Bridge, guarded_about};
use crate::credentials::Usable;
use crate::pump::report;
use crate::texts;
use cordboard_plugin::{CallError, MediaHandle};
use cordboard_store::{
    Change, LaneKind, Message, MessageFilter, NewReply, Picture, PictureChange, PictureState,
    StoreError, Upload,
};

/// How many messages back a picture is looked for.
const MESSAGES_MAX: i64 = 20;
/// How long a call may take.
const DESCRIBE_MS_MAX: i64 = 20_000;

/// Where a picture is that is out already.
struct Out {
    sink: String,
    upload: Upload,
}

impl Reader<'_> {
    pub(super) async fn alt(&self, words: &str) -> Verdict {
        let answered = self.answered("alt");
        if words.is_empty() {
            return Ok(vec![answered, self.answer("alt", texts::alt_usage())]);
        }
        let Some((message, pictures)) = self.newest_pictures().await? else {
            return Ok(vec![answered, self.answer("alt", texts::nothing_to("describe"))]);
        };
        let bare = |picture: &&Picture| picture.alt.is_none();
        let Some(picture) = pictures.iter().find(bare).or(pictures.last()) else {
            return Ok(vec![answered, self.answer("alt", texts::nothing_to("describe"))]);
        };
        let left = pictures.iter().filter(bare).filter(|other| other.id != picture.id).count();
        if let Some(out) = self.bridge.out_already(&message, picture).await? {
            // A call takes a while, and reading never waits.
            self.bridge.describe_beside(
                self.message.clone(),
                picture.id,
                out,
                words.to_owned(),
                left,
            );
            return Ok(vec![answered]);
        }
        let alt = Some(words.to_owned());
        let set = PictureChange::SetAlt { picture_id: picture.id, alt };
        let told = self.answer("alt", texts::described(left));
        // It may have waited for this.
        let (kind, key, at) = (LaneKind::Fetching, message.id.to_string(), self.bridge.now());
        Ok(vec![answered, Change::Picture(set), Change::TouchLane { kind, key, at }, told])
    }

    /// The sender's newest message with pictures that can be described, and those.
    async fn newest_pictures(&self) -> Result<Option<(Message, Vec<Picture>)>, StoreError> {
        let filter = MessageFilter {
            states: Vec::new(),
            sender: Some(self.message.sender.clone()),
            before: Some(self.message.id),
            rows_max: MESSAGES_MAX,
        };
        let messages = self.bridge.store().messages(filter).await?;
        for message in messages.into_iter().filter(|message| !message.media.is_empty()) {
            let mut pictures = self.bridge.store().pictures_of(message.id).await?;
            pictures.retain(|picture| picture.state != PictureState::Refused);
            if !pictures.is_empty() {
                return Ok(Some((message, pictures)));
            }
        }
        Ok(None)
    }
}

impl Bridge {
    async fn out_already(
        &self,
        message: &Message,
        picture: &Picture,
    ) -> Result<Option<Out>, StoreError> {
        let Some(sink) = self.media_sink(message) else { return Ok(None) };
        let upload = self.store().upload_of(picture.id, sink).await?;
        Ok(upload.map(|upload| Out { sink: sink.to_owned(), upload }))
    }

    fn describe_beside(
        &self,
        command: Message,
        picture_id: i64,
        out: Out,
        words: String,
        left: usize,
    ) {
        let bridge = self.clone();
        self.spawn(async move {
            let described = bridge.describe(&command, &out, &words).await;
            let (done, text) = match described {
                Ok(true) => (true, texts::described(left)),
                Ok(false) => (false, texts::not_described(&bridge.provider_of(&out.sink))),
                Err(error) => return report(&error),
            };
            let Message { id, transport, line, sender, .. } = &command;
            let reply = NewReply::answer(format!("m{id}/alt"), transport, line, sender, text);
            let mut changes = vec![Change::AddReply(reply.about(*id))];
            if done {
                let set = PictureChange::SetAlt { picture_id, alt: Some(words) };
                changes.push(Change::Picture(set));
            }
            if let Err(error) = bridge.commit(None, changes).await {
                report(&error);
            }
        });
    }

    /// Whether the destination took the description.
    async fn describe(
        &self,
        command: &Message,
        out: &Out,
        words: &str,
    ) -> Result<bool, StoreError> {
        let Some(sink) = self.registry().sinks.get(&out.sink) else { return Ok(false) };
        let account = self.store().account(&command.sender, &out.sink).await?;
        let same = |account: &cordboard_store::Account| account.remote.id == out.upload.remote_id;
        let Some(account) = account.filter(same) else { return Ok(false) };
        let Usable::Fresh(held) = self.usable(sink, &account, None).await? else {
            return Ok(false);
        };
        let price = sink.can.price_describe;
        if !self.pay_for_call(&out.sink, &command.sender, price).await? {
            return Ok(false);
        }
        let host = self.host(&out.sink);
        let handle: &MediaHandle = &out.upload.handle;
        let call = sink.plugin.describe(&host, &held.credential, handle, words);
        let done = guarded_about(self, command.id, DESCRIBE_MS_MAX, call)
            .await
            .unwrap_or_else(|problem| Err(CallError::unclear(problem)));
        if let Err(error) = &done {
            tracing::info!(message.id = command.id, "not described: {error}");
        }
        Ok(done.is_ok())
    }
}
