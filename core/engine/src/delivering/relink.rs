//! A text that waits for a relink nobody has been told of.

use super::lane::Lane;
use crate::texts;
use cordboard_plugin::Timestamp;
use cordboard_store::{Change, LinkReason, Post, ReplyClass, StoreError, WaitReason};

impl Lane<'_> {
    /// A connection that died in use has brought its link. One that ended with our own keys has not: its
    /// person learns of it with the first text that waits, unless a link is out.
    pub(super) async fn send_relink(&self, post: &Post) -> Result<(), StoreError> {
        let store = self.bridge.store();
        let waits = store.post(post.id).await?.filter(|post| post.wait == WaitReason::Relink);
        let Some(until) = waits.map(|post| post.due_at) else { return Ok(()) };
        if store.open_link(&self.sender, self.now()).await?.is_some() {
            return Ok(());
        }
        let Some(message) = store.message(post.message_id).await? else { return Ok(()) };
        let (transport, line) = (&message.transport, &message.line);
        let offer = self.bridge.offer(&self.sender, transport, line, LinkReason::Relink).await?;
        let text = self.relink_text(&offer.url, until);
        let what = format!("relink-{}", self.sink_name);
        let told = offer.texted.then(|| self.secret_to(&message, &what, text));
        self.commit(std::iter::once(Change::AddLink(offer.link)).chain(told).collect()).await
    }

    fn relink_text(&self, url: &str, until: Timestamp) -> String {
        texts::relink(
            &self.sink.can.provider,
            url,
            &texts::moment(until),
            self.bridge.segments_max(),
        )
    }

    fn secret_to(&self, message: &cordboard_store::Message, what: &str, text: String) -> Change {
        match self.text_to(message, what, text, ReplyClass::Answer) {
            Change::AddReply(reply) => Change::AddReply(reply.secret()),
            other => other,
        }
    }
}
