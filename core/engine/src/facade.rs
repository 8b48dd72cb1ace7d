//! What the web side and the command line see of the engine: plain values.

use cordboard_plugin::{Address, HttpAnswer, Page, SetUpStep, TimelinePost, Timestamp};
use serde::Serialize;

/// What the page behind a texted link should show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPage {
    /// Asks for the one press that starts linking.
    Confirm {
        /// Last two digits of the phone.
        last_two: String,
        /// The destination as people know it: `X`.
        provider: String,
        /// When the link stops working.
        expires_at: Timestamp,
        /// The provider asks a second time right after: once for words, once for pictures.
        twice: bool,
        /// The provider shows a code, to be texted to this number of ours.
        code_to: Option<Address>,
    },
    /// Send the browser on.
    GoTo {
        /// Where to.
        url: String,
        /// The cookie that binds this browser to the link.
        cookie: String,
        /// How long the cookie is good for.
        cookie_seconds: u32,
    },
    /// The browser that came back is not the one that pressed the button: asks for the code that was
    /// texted to the phone.
    AskCode {
        /// Last two digits of the phone.
        last_two: String,
        /// The account that would be linked: `@name`.
        handle: String,
        /// Binds the form to this browser (a hidden field and a cookie of the same value).
        cookie: String,
        /// Wrong codes so far.
        wrong: u32,
    },
    /// Done.
    Linked {
        /// The destination as people know it.
        provider: String,
        /// The account: `@name`.
        handle: String,
        /// Our number to text.
        line: Address,
        /// It is another account than before, and this many texts wait for a YES.
        held: i64,
    },
    /// It did not work; the page says what to do.
    Trouble(LinkTrouble),
    /// The same, with more to say.
    NotConnected {
        /// Why.
        trouble: LinkTrouble,
        /// What was not granted, in the plugin's words; or the account that the words go to.
        detail: Option<String>,
        /// The account that an earlier step of the same link has connected for words; pictures are not.
        words_of: Option<String>,
    },
}

/// Why linking did not work, by what the person should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkTrouble {
    /// No such link: mistyped, or older than we remember. Text us for a new one.
    Unknown,
    /// Too old. Text us for a new one.
    Expired,
    /// Used already.
    Used,
    /// A newer link was sent; use that one.
    Replaced,
    /// The person said no at the provider.
    Declined,
    /// The person gave less than is needed to post.
    TooLittle,
    /// The provider gave back the very grant that it has refused before.
    SameGrant,
    /// Pictures must go to the account that the words go to.
    OtherAccount,
    /// The provider did not play along; try again later.
    Provider,
    /// Our own set-up is wrong; the operator has been told.
    Operator,
    /// Too many wrong codes or guesses.
    TooMany,
    /// What may be spent today is used up; text us tomorrow for a new link.
    Limit,
    /// We are not ready (starting or stopping); try again in a minute.
    NotReady,
}

/// Whether the bridge works, for `/healthz`, the desk and the command line.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// `ok`, or `degraded` when a person must act.
    pub status: &'static str,
    /// Whether webhooks are taken.
    pub ready: bool,
    /// What a person must act on, a line each.
    pub troubles: Vec<String>,
}

/// A link made for the operator.
#[derive(Clone, Debug, Serialize)]
pub struct MadeLink {
    /// The address to open or pass on.
    pub url: String,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// Whether it was also texted.
    pub texted: bool,
}

/// A line of ours, for `check`, the desk and the sandbox.
#[derive(Clone, Debug, Serialize)]
pub struct LineView {
    /// Transport instance.
    pub transport: String,
    /// Its kind.
    pub kind: String,
    /// Our number.
    pub line: Address,
    /// Whether the provider is simulated.
    pub simulated: bool,
    /// Where the provider delivers to.
    pub hook_url: String,
    /// Where the provider reports to.
    pub status_url: String,
    /// Whether the provider calls us with what arrives; otherwise we ask it.
    pub webhook: bool,
    /// What to set up at the provider, the same for all lines of a transport; nothing when simulated.
    pub set_up: Vec<SetUpStep>,
    /// Why the line cannot send, if it cannot.
    pub trouble: Option<String>,
}

/// A sink, for `check`, the desk and the sandbox.
#[derive(Clone, Debug, Serialize)]
pub struct SinkView {
    /// Sink instance.
    pub sink: String,
    /// Its kind.
    pub kind: String,
    /// The destination as people know it.
    pub provider: String,
    /// Whether the provider is simulated.
    pub simulated: bool,
    /// The address to register at the provider.
    pub callback_url: String,
    /// What to set up at the provider; nothing when simulated.
    pub set_up: Vec<SetUpStep>,
    /// Why it is paused, if it is.
    pub paused: Option<String>,
}

/// What an instance shows of itself.
#[derive(Clone, Debug, Serialize)]
pub struct InstancePage {
    /// The instance.
    pub instance: String,
    /// Its kind.
    pub kind: String,
    /// Facts and tables.
    #[serde(flatten)]
    pub page: Page,
}

/// What the sandbox page shows of one phone and the world. Its pictures' paths are below the
/// simulators' common mount: `/<name>/…`.
#[derive(Clone, Debug, Serialize)]
pub struct SandboxView {
    /// The phone's bubbles, oldest first.
    pub phone: Vec<cordboard_plugin::PhoneLine>,
    /// The timeline, newest first.
    pub timeline: Vec<TimelinePost>,
}

/// Why something the operator asked for was not done. The text is for people.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no such person, message or sink.
    #[error("{0}")]
    NotFound(String),
    /// It cannot be done now or not so.
    #[error("{0}")]
    Refused(String),
    /// The store did not answer.
    #[error("store: {0}")]
    Store(String),
}

impl From<cordboard_store::StoreError> for DeskError {
    fn from(error: cordboard_store::StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

/// An answer to a provider in a few words.
pub(crate) fn plain(status: u16, words: &str) -> HttpAnswer {
    // Never text/plain: a provider may text such a body to the sender, and bill it (see the transports).
    HttpAnswer::new(status, "text/html; charset=utf-8", words)
}
