//! Pictures of an MMS: fetched right after the message is read, cleaned, kept sealed until its end.
//!
//! One lane per message. Meanwhile posts without words to publish hold the message's place in its
//! delivering lanes; when the last picture is settled, the message is planned with what there is.

mod care;

use crate::bridge::{Bridge, guarded_about};
use crate::pump::report;
use crate::reading::Reader;
use care::{Part, care};
use cordboard_plugin::{CallError, SinkCapabilities, Timestamp};
use cordboard_store::{
    Change, Hold, LaneKind, Message, MessageState, Picture, PictureChange, PictureState, PostState,
    ShelfLimits, StoreError, WaitReason,
};

/// Why a picture is missing that may be here another time.
const NOT_FETCHED: &str = "the picture could not be fetched";
const NO_ROOM: &str = "there is no room for the picture right now";
/// How long fetching one picture may take.
const FETCH_MS_MAX: i64 = 60_000;
/// Calls for one picture before it is given up.
const TRIES_MAX: i32 = 6;
/// First wait between tries; doubled each time.
const BACKOFF_MS: i64 = 5_000;
/// The largest picture that is fetched. Carriers allow less.
const FETCH_BYTES_MAX: u32 = 16 << 20;
/// What may rest on the shelf.
const SHELF: ShelfLimits = ShelfLimits {
    picture_bytes_max: FETCH_BYTES_MAX as i64,
    message_bytes_max: 40 << 20,
    shelf_bytes_max: 4 << 30,
    pictures_max: 4_000,
};

impl Bridge {
    /// Fetches what is due of a message's pictures, and gives the lane back.
    pub(crate) async fn fetch_lane(&self, hold: Hold) {
        if let Err(error) = self.fetch_all(&hold).await {
            report(&error);
        }
    }

    async fn fetch_all(&self, hold: &Hold) -> Result<(), StoreError> {
        let Some(message) = self.message_of(hold).await? else {
            return self.give_lane_back(hold).await;
        };
        if self.registry().is_left_out(&message.transport) {
            // Its plugin is missing. The lane is not given back, so it rests until its lease is over.
            return Ok(());
        }
        while !self.stopping() {
            let pictures = self.store().pictures_of(message.id).await?;
            let wanted = pictures.iter().filter(|one| one.state == PictureState::Wanted);
            let Some(next) = wanted.min_by_key(|one| (one.due_at, one.position)) else {
                return self.all_settled(hold, message.id).await;
            };
            if next.due_at > self.now() {
                break;
            }
            match self.fetch_one(hold, &message, next).await {
                // The message has come to its end a moment ago.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        self.give_lane_back(hold).await
    }

    async fn give_lane_back(&self, hold: &Hold) -> Result<(), StoreError> {
        self.commit(Some(hold), vec![Change::ReleaseLane(hold.clone())]).await.map(|_| ())
    }

    /// Writes what follows for a message, and gives the lane back; only that when the message was taken
    /// back a moment ago.
    async fn conclude(&self, hold: &Hold, mut changes: Vec<Change>) -> Result<(), StoreError> {
        changes.push(Change::ReleaseLane(hold.clone()));
        match self.commit(Some(hold), changes).await {
            Err(StoreError::Conflict) => self.give_lane_back(hold).await,
            done => done.map(|_| ()),
        }
    }

    async fn message_of(&self, hold: &Hold) -> Result<Option<Message>, StoreError> {
        match hold.key.parse() {
            Ok(id) => self.store().message(id).await,
            Err(_) => Ok(None),
        }
    }

    async fn fetch_one(
        &self,
        hold: &Hold,
        message: &Message,
        picture: &Picture,
    ) -> Result<(), StoreError> {
        let refuse = |outcome: &str| {
            let outcome = outcome.trim_end_matches('.').to_owned();
            vec![Change::Picture(PictureChange::Refused { picture_id: picture.id, outcome })]
        };
        let changes = match self.call_fetch(message, picture).await {
            Ok(bytes) => {
                let limits = self.picture_limits(message);
                // One at a time: decoding takes memory.
                let permit = self.cares().acquire().await;
                let part = self.world().aside(move || care(bytes, &limits)).await;
                drop(permit);
                match part.unwrap_or_else(|| Part::Unfit("it is broken".to_owned())) {
                    Part::Picture { media_type, bytes } => {
                        self.shelve(message, picture, media_type, bytes).await?
                    }
                    Part::Words(words) if message.text.trim().is_empty() => {
                        let mut changes = refuse("");
                        changes.push(Change::SetText { message_id: message.id, text: words });
                        changes
                    }
                    // The layout of an MMS, or words beside words: nobody sent them as a picture.
                    Part::Words(_) | Part::Layout => refuse(""),
                    Part::Unfit(why) => refuse(&why),
                }
            }
            Err(CallError::Refused(refusal)) => refuse(&refusal.words),
            Err(error) if picture.tries + 1 >= TRIES_MAX => {
                tracing::warn!(message.id, "a picture was not to be had: {error}");
                refuse(NOT_FETCHED)
            }
            Err(error) => {
                tracing::info!(message.id, "a picture was not fetched yet: {error}");
                let at = self.again_at(&error, picture.tries);
                let outcome = "not fetched yet".to_owned();
                vec![Change::Picture(PictureChange::Later { picture_id: picture.id, at, outcome })]
            }
        };
        self.commit(Some(hold), changes).await.map(|_| ())
    }

    async fn call_fetch(&self, message: &Message, picture: &Picture) -> Result<Vec<u8>, CallError> {
        let Some(transport) = self.registry().transports.get(&message.transport) else {
            return Err(CallError::unclear("its transport is not configured"));
        };
        let host = self.host(&message.transport);
        let call = transport.plugin.fetch(&host, &picture.reference, FETCH_BYTES_MAX);
        let fetched = guarded_about(self, message.id, FETCH_MS_MAX, call)
            .await
            .unwrap_or_else(|problem| Err(CallError::unclear(problem)))?;
        Ok(fetched.bytes.0)
    }

    fn again_at(&self, error: &CallError, tries: i32) -> Timestamp {
        let backoff = BACKOFF_MS << tries.clamp(0, 8);
        let wait = match error {
            CallError::RetryAfter { wait_ms: Some(wait_ms), .. } => (*wait_ms).max(backoff),
            _ => backoff,
        };
        self.now().plus_millis(wait)
    }

    async fn shelve(
        &self,
        message: &Message,
        picture: &Picture,
        media_type: String,
        bytes: Vec<u8>,
    ) -> Result<Vec<Change>, StoreError> {
        match self.store().shelve(picture.id, bytes, SHELF).await {
            Ok(file) => {
                tracing::info!(message.id, "a picture is here");
                Ok(vec![Change::Picture(PictureChange::Kept { file, media_type })])
            }
            Err(StoreError::NoRoom(limit)) => {
                tracing::warn!(message.id, "no room for a picture: {limit:?}");
                let outcome = NO_ROOM.to_owned();
                let refused = PictureChange::Refused { picture_id: picture.id, outcome };
                Ok(vec![Change::Picture(refused)])
            }
            Err(error) => Err(error),
        }
    }

    /// What the sink that will upload them takes.
    fn picture_limits(&self, message: &Message) -> cordboard_pictures::Limits {
        let sink = self.media_sink(message).and_then(|sink| self.registry().sinks.get(sink));
        care::limits(sink.map(|sink| &sink.can))
    }

    /// The name of the sink that uploads a message's pictures.
    pub(crate) fn media_sink(&self, message: &Message) -> Option<&str> {
        self.registry().route(&message.transport, &message.line)?.media.as_deref()
    }

    /// The same picture in another form, as far as it can be had.
    pub(crate) async fn re_encoded(
        &self,
        bytes: Vec<u8>,
        media_type: String,
        can: &SinkCapabilities,
    ) -> (Vec<u8>, String) {
        let limits = care::limits(Some(can));
        let permit = self.cares().acquire().await;
        let work = move || care::afresh(bytes, media_type, &limits);
        let done = self.world().aside(work).await;
        drop(permit);
        done.unwrap_or_default()
    }

    /// No picture is wanted any more: the message is planned with what there is.
    async fn all_settled(&self, hold: &Hold, message_id: i64) -> Result<(), StoreError> {
        let posts = self.store().posts_of(message_id).await?;
        let holds_place = |state: PostState, wait: WaitReason| {
            state == PostState::Waiting && wait == WaitReason::Pictures
        };
        let held = posts.iter().any(|post| holds_place(post.state, post.wait) && post.tries == 0);
        let message = self.store().message(message_id).await?;
        let waits = |message: &Message| {
            let for_alt = message.state == MessageState::Waiting
                && message.wait == WaitReason::Pictures
                && posts.is_empty();
            held || for_alt
        };
        let Some(message) = message.filter(waits) else {
            return self.give_lane_back(hold).await;
        };
        if let Some(at) = self.waits_for_alt(&message).await? {
            return self.wait_for_alt(hold, &message, held, at).await;
        }
        let identity = self.store().identity(&message.sender).await?;
        let reader = Reader { bridge: self, message: &message, identity };
        let verdict = reader.with_pictures().await?;
        self.conclude(hold, in_place(message_id, verdict)).await
    }

    /// Until when the message waits for the descriptions of its pictures, if it still does.
    async fn waits_for_alt(&self, message: &Message) -> Result<Option<Timestamp>, StoreError> {
        let seconds = i64::from(self.config().policy.alt_wait_seconds);
        let at = message.received_at.plus_seconds(seconds);
        if at <= self.now() {
            return Ok(None);
        }
        let pictures = self.store().pictures_of(message.id).await?;
        let bare = |one: &Picture| one.state == PictureState::Kept && one.alt.is_none();
        Ok(pictures.iter().any(bare).then_some(at))
    }

    /// The message waits, and holds nothing but itself.
    async fn wait_for_alt(
        &self,
        hold: &Hold,
        message: &Message,
        held: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let hours = i64::from(self.config().policy.keep_waiting_hours);
        let mut changes = Vec::new();
        if held {
            changes.push(Change::ReplacePosts { message_id: message.id, posts: Vec::new() });
            changes.push(Change::Read {
                message_id: message.id,
                state: MessageState::Waiting,
                wait: WaitReason::Pictures,
                wait_until: Some(message.received_at.plus_hours(hours).max(at)),
                outcome: "waits for a description".to_owned(),
            });
        }
        let key = hold.key.clone();
        changes.push(Change::TouchLane { kind: LaneKind::Fetching, key, at });
        self.conclude(hold, changes).await
    }
}

/// The verdict of a message whose place is held: its posts take that place, or it is given up.
fn in_place(message_id: i64, verdict: Vec<Change>) -> Vec<Change> {
    let mut posts = Vec::new();
    let mut rest = Vec::new();
    for change in verdict {
        match change {
            Change::AddPosts { posts: added, .. } => posts.extend(added),
            other => rest.push(other),
        }
    }
    // The state of a message with posts follows from them, so they come last; without any, it is what
    // the verdict says.
    let at = if posts.is_empty() { 0 } else { rest.len() };
    rest.insert(at, Change::ReplacePosts { message_id, posts });
    rest
}

/// Whether trying again may bring a picture that is missing for this reason.
pub(crate) fn may_come(outcome: &str) -> bool {
    [NOT_FETCHED, NO_ROOM].contains(&outcome)
}
