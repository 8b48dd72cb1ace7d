//! `/CHECK`: looks again at what nobody could tell.

use super::{Reader, Verdict};
use crate::texts;
use cordboard_store::{Change, Hold, Message, MessageFilter, MessageState, StoreError};

/// What a text of somebody's own can be in; answers to commands are none.
const POSTED_OR_NOT: [MessageState; 7] = [
    MessageState::Queued,
    MessageState::Working,
    MessageState::Waiting,
    MessageState::Unclear,
    MessageState::Failed,
    MessageState::Refused,
    MessageState::Posted,
];

impl Reader<'_> {
    /// Makes the newest unclear text of this sender due. The look answers; without anything to look at
    /// the answer says how the newest text stands. Whether there was anything is known only after the
    /// commit, so the message is read in the same one.
    pub(super) async fn check(&self, hold: &Hold) -> Verdict {
        if let Some(unclear) = self.newest_text(&[MessageState::Unclear]).await? {
            let changes = vec![self.answered("check"), Change::Recheck { message_id: unclear.id }];
            if self.bridge.commit(Some(hold), changes).await?.taken {
                return Ok(Vec::new());
            }
        }
        let newest = self.newest_text(&POSTED_OR_NOT).await?;
        let text = texts::nothing_unclear(
            newest.map(|message| (message.text, message.state)),
            self.bridge.segments_max(),
        );
        Ok(vec![self.answered("check"), self.answer("check", text)])
    }

    async fn newest_text(&self, states: &[MessageState]) -> Result<Option<Message>, StoreError> {
        let filter = MessageFilter {
            states: states.to_vec(),
            sender: Some(self.message.sender.clone()),
            before: Some(self.message.id),
            rows_max: 1,
        };
        Ok(self.bridge.store().messages(filter).await?.into_iter().next())
    }
}
