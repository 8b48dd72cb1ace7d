//! The words of the store: what goes in and comes out. Row types stay behind the repository.

mod account;
mod applied;
mod change;
mod lane;
mod link;
mod message;
mod money;
mod picture;
mod post;
mod proof;
mod reply;
mod upkeep;

pub use account::{
    Account, CredentialEvent, HeldCredential, Identity, NewAccount, PersonView, Standing,
};
pub use applied::{Applied, Undone};
pub use change::{Change, Counter, LinkStep};
pub use lane::{Claim, Hold, LaneKind};
pub use link::{Link, LinkReason, LinkState, NewLink};
pub use message::{
    AttemptView, Message, MessageDetail, MessageFilter, MessageState, NewMessage, Post, PostState,
    SETTLE_AFTER_MS, Sums, TakenIn, WaitReason,
};
pub use money::{Carrier, Spending, SpentOn, posts_key, spent_key};
pub(crate) use picture::ShelfRow;
pub use picture::{Picture, PictureChange, PictureState, Upload};
pub use post::{CloseAttempt, NewPost};
pub(crate) use proof::line_word;
pub use proof::{Proof, Proves};
pub use reply::{NewReply, Reply, ReplyClass, ReplyState};
pub use upkeep::{LineTrouble, Paused, SweepLimits, Swept};

/// Names a `SMALLINT` code and a word for each variant of a state; the words appear in tables,
/// pages, JSON and docs alike.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every variant, in the order of its code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code kept in the table.
            pub fn code(self) -> i16 {
                match self { $(Self::$variant => $code),* }
            }

            /// The variant for a code, `None` for one that a newer version wrote.
            pub fn from_code(code: i16) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The word for it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The variant for a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use coded;
