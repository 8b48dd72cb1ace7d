//! Messages, posts, replies, and what the bridge knows of itself.

use crate::domain::*;
use crate::error::StoreError;
use crate::store::Store;
use cordboard_plugin::{Address, StatusUpdate, Stored, Timestamp};

/// Every read sees one snapshot of what has been committed.
impl Store {
    /// When the next lane of this kind can be claimed: due and free, or held under a lease that ends.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_due(&self, kind: LaneKind) -> Result<Option<Timestamp>, StoreError> {
        self.read(move |q, _| q.next_due(kind)).await
    }

    /// When the next timer can be claimed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(move |q, _| q.next_timer()).await
    }

    /// The sender's oldest message that has not been read, confirmed or not.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_unread(&self, sender: &Address) -> Result<Option<Message>, StoreError> {
        let sender = sender.clone();
        self.read(move |q, _| q.next_unread(&sender)).await
    }

    /// The oldest unread message of a sender that its provider is still to be asked about.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_unconfirmed(&self, sender: &Address) -> Result<Option<Message>, StoreError> {
        let sender = sender.clone();
        self.read(move |q, _| q.next_unconfirmed(&sender)).await
    }

    /// A message.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn message(&self, id: i64) -> Result<Option<Message>, StoreError> {
        self.read(move |q, _| q.message(id)).await
    }

    /// A message with its posts, their attempts, and what we texted about it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn message_detail(&self, id: i64) -> Result<Option<MessageDetail>, StoreError> {
        self.read(move |q, _| q.message_detail(id)).await
    }

    /// Messages, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn messages(&self, filter: MessageFilter) -> Result<Vec<Message>, StoreError> {
        self.read(move |q, _| q.messages(&filter)).await
    }

    /// The sender's waiting messages, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn waiting_of(&self, sender: &Address) -> Result<Vec<Message>, StoreError> {
        let sender = sender.clone();
        self.read(move |q, _| q.waiting_of(&sender)).await
    }

    /// How many messages are in which state.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sums(&self) -> Result<Sums, StoreError> {
        self.read(move |q, _| q.sums()).await
    }

    /// How many messages are queued, working, waiting or unclear.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open_messages(&self) -> Result<i64, StoreError> {
        self.read(move |q, _| q.open_messages()).await
    }

    /// The oldest unfinished post of a lane. A post that waits for a YES stands aside until nothing else is
    /// left; a part is never the head after an earlier part of its thread was given up.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn head(&self, sender: &Address, sink: &str) -> Result<Option<Post>, StoreError> {
        let sender = sender.clone();
        let sink = sink.to_owned();
        self.read(move |q, _| q.head(&sender, &sink)).await
    }

    /// A post.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn post(&self, id: i64) -> Result<Option<Post>, StoreError> {
        self.read(move |q, _| q.post(id)).await
    }

    /// The posts of a message, sink by sink, in order.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn posts_of(&self, message_id: i64) -> Result<Vec<Post>, StoreError> {
        self.read(move |q, _| q.posts_of(message_id)).await
    }

    /// The part before this one, of the same message at the same sink.
    /// [`StoreError::Conflict`] when there is no such post.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn previous_part(&self, post_id: i64) -> Result<Option<Post>, StoreError> {
        self.read(move |q, _| q.previous_part(post_id)).await
    }

    /// The next post of a lane to take back, the newest part first; none while a part of the same message
    /// is working or unclear.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_retraction(
        &self,
        sender: &Address,
        sink: &str,
    ) -> Result<Option<Post>, StoreError> {
        let sender = sender.clone();
        let sink = sink.to_owned();
        self.read(move |q, _| q.next_retraction(&sender, &sink)).await
    }

    /// Whether another post with these words was ever attempted at the account that the excepted post was
    /// attempted with (before any attempt: the sender's account now).
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn same_hash_posted(
        &self,
        sender: &Address,
        sink: &str,
        text_hash: &str,
        except_post_id: i64,
    ) -> Result<bool, StoreError> {
        let sender = sender.clone();
        let sink = sink.to_owned();
        let text_hash = text_hash.to_owned();
        self.read(move |q, _| q.same_hash_posted(&sender, &sink, &text_hash, except_post_id)).await
    }

    /// All replies of a lane that are queued and due: answers first, then receipts, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_reply(
        &self,
        transport: &str,
        line: &Address,
        to: &Address,
        now: Timestamp,
    ) -> Result<Vec<Reply>, StoreError> {
        let transport = transport.to_owned();
        let line = line.clone();
        let to = to.clone();
        self.read(move |q, _| q.next_reply(&transport, &line, &to, now)).await
    }

    /// A reply.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn reply(&self, id: i64) -> Result<Option<Reply>, StoreError> {
        self.read(move |q, _| q.reply(id)).await
    }

    /// When texts of ours left for a number, since then, the newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sent_to(
        &self,
        to: &Address,
        since: Timestamp,
        rows_max: i64,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let to = to.clone();
        self.read(move |q, _| q.sent_to(&to, since, rows_max)).await
    }

    /// The reply that news is about, by our own key or by the provider's id.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn reply_for_status(
        &self,
        transport: &str,
        news: &StatusUpdate,
    ) -> Result<Option<Reply>, StoreError> {
        let transport = transport.to_owned();
        let news = news.clone();
        self.read(move |q, _| q.reply_for_status(&transport, &news)).await
    }

    /// Why a line cannot send yet; `None` when it can.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn line_trouble(
        &self,
        transport: &str,
        line: &Address,
    ) -> Result<Option<String>, StoreError> {
        let transport = transport.to_owned();
        let line = line.clone();
        self.read(move |q, _| q.line_trouble(&transport, &line)).await
    }

    /// All lines that cannot send yet.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn line_troubles(&self) -> Result<Vec<LineTrouble>, StoreError> {
        self.read(move |q, _| q.line_troubles()).await
    }

    /// Whether and why a sink is paused.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn paused(&self, sink: &str) -> Result<Option<Paused>, StoreError> {
        let sink = sink.to_owned();
        self.read(move |q, _| q.paused(&sink)).await
    }

    /// All paused sinks, by name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn paused_all(&self) -> Result<Vec<(String, Paused)>, StoreError> {
        self.read(move |q, _| q.paused_all()).await
    }

    /// The ledger of what was spent, from a UTC day (in days since 1970) on.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn spent(&self, since_day: i64) -> Result<Vec<Spending>, StoreError> {
        self.read(move |q, _| q.spent(since_day)).await
    }

    /// A counter; 0 when nothing was counted.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn counter(&self, key: &str, window: i64) -> Result<i64, StoreError> {
        let key = key.to_owned();
        self.read(move |q, _| q.counter(&key, window)).await
    }

    /// One value of an instance's state; an expired one is not there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn state_get(
        &self,
        instance: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Stored>, StoreError> {
        let instance = instance.to_owned();
        let key = key.to_owned();
        self.read(move |q, _| q.state_get(&instance, &key, now)).await
    }

    /// Values whose keys start with `prefix`, in byte order, after the key `after`, at most 1000.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn state_scan(
        &self,
        instance: &str,
        prefix: &str,
        after: Option<&str>,
        rows_max: i64,
        now: Timestamp,
    ) -> Result<Vec<(String, Stored)>, StoreError> {
        let instance = instance.to_owned();
        let prefix = prefix.to_owned();
        let after = after.map(str::to_owned);
        self.read(move |q, _| q.state_scan(&instance, &prefix, after.as_deref(), rows_max, now))
            .await
    }

    /// A small fact of the bridge itself.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn fact(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.read(move |q, _| q.fact(&key)).await
    }

    /// The newest time stored: no true clock is behind it. 0 in an empty store.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn newest_time(&self) -> Result<Timestamp, StoreError> {
        self.read(move |q, _| q.newest_time()).await
    }
}
