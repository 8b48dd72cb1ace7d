//! The configuration as the engine sees it: parsed, checked, secrets resolved. Reading files is the
//! binary's business; nothing here is checked a second time.

use cordboard_plugin::{Address, MicroUsd};

/// Everything the engine is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The bridge itself.
    pub bridge: BridgeConfig,
    /// Limits and manners.
    pub policy: Policy,
    /// Transport instances, in the order of the file.
    pub transports: Vec<InstanceConfig>,
    /// Sink instances, in the order of the file.
    pub sinks: Vec<InstanceConfig>,
    /// Which sinks serve which lines; the first that fits counts.
    pub routes: Vec<Route>,
    /// Numbers texted when a person must act.
    pub alert_numbers: Vec<Address>,
}

/// The `[bridge]` table, as far as the engine needs it.
#[derive(Clone, Debug)]
pub struct BridgeConfig {
    /// How we sign our texts.
    pub name: String,
    /// Where providers and people reach us, without a final slash.
    pub public_url: String,
    /// Whether `listen` or the host of `public_url` is not loopback.
    pub public: bool,
    /// Where a person can ask for help; may be empty.
    pub help_contact: String,
}

/// A `[[transport]]` or `[[sink]]` table.
#[derive(Clone, Debug)]
pub struct InstanceConfig {
    /// Its name in addresses, logs and routes.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Whether the provider is simulated.
    pub simulate: bool,
    /// Whether we may send texts on it (transports).
    pub replies: bool,
    /// Its settings: checked against the kind's table, defaults filled in, secrets resolved
    /// (left out when simulated).
    pub settings: serde_json::Value,
    /// Its `prices` table, `null` when absent.
    pub prices: serde_json::Value,
}

/// A `[[route]]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Transport name, or `*`.
    pub from: String,
    /// Our numbers; empty: all.
    pub to: Vec<Address>,
    /// Sinks that get the words.
    pub post: Vec<String>,
    /// Sink that uploads pictures for them.
    pub media: Option<String>,
}

impl Route {
    /// Whether this route serves a line of a transport.
    pub fn serves(&self, transport: &str, line: &Address) -> bool {
        (self.from == "*" || self.from == transport)
            && (self.to.is_empty() || self.to.contains(line))
    }
}

/// Who may join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signup {
    /// Anybody who texts gets an invitation.
    Open,
    /// Only people whom the operator sends a link.
    Invite,
    /// Nobody new.
    Closed,
}

/// Whether people may or must have a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinPolicy {
    /// There are none.
    Off,
    /// Whoever sets one is asked for it after a long silence and on a new line.
    Optional,
    /// Each text begins with it.
    Required,
}

/// When a person gets a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipts {
    /// For every post.
    Always,
    /// Only when something failed.
    Failures,
    /// Not even then.
    Never,
}

/// The `[policy]` table: every limit has its unit in its name.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Who may join.
    pub signup: Signup,
    /// When a person gets a receipt.
    pub receipts: Receipts,
    /// Segments a text of ours may take, 1 to 10.
    pub reply_segments_max: u32,
    /// Texts we send one number per UTC day.
    pub replies_per_number_day: u32,
    /// Whether a long text becomes a thread (otherwise it is refused).
    pub long_text_thread: bool,
    /// Parts of a thread that are posted without asking.
    pub thread_parts_max: u32,
    /// Ask before a post with a link.
    pub ask_before_link: bool,
    /// Whether people may or must have a PIN.
    pub pin: PinPolicy,
    /// After that silence the next text waits for a PIN or a relink, in days; 0: never.
    pub quiet_days: u32,
    /// How long a link works, in minutes.
    pub link_minutes: u32,
    /// Invitations for one number per UTC day.
    pub invites_per_number_day: u32,
    /// Invitations for one prefix (first six digits) per hour.
    pub invites_per_prefix_hour: u32,
    /// Invitations altogether per hour.
    pub invites_per_hour: u32,
    /// Posts of one person per UTC day.
    pub posts_per_person_day: u32,
    /// Money one person may cost per UTC day.
    pub spend_per_person_day: MicroUsd,
    /// Money everything may cost per UTC day.
    pub spend_per_day: MicroUsd,
    /// How long a text waits for a relink, an answer or the operator, in hours; a link passed on by hand
    /// works as long.
    pub keep_waiting_hours: u32,
    /// How long texts are kept after they are done, in days.
    pub keep_bodies_days: u32,
    /// After how many idle days a credential is checked.
    pub check_credentials_days: u32,
    /// How far back missed messages are looked for, in hours.
    pub catch_up_hours: u32,
    /// How long a post with pictures waits for their descriptions, in seconds.
    pub alt_wait_seconds: u32,
    /// How often a paused sink tries one message, in minutes.
    pub operator_retry_minutes: u32,
    /// Deliveries under way at once.
    pub deliveries_at_once: u32,
    /// Unfinished messages before webhooks get 503.
    pub queue_rows_max: u64,
    /// Free disk space below which webhooks get 503, in bytes.
    pub disk_free_bytes_min: u64,
    /// How long shutdown may take, in seconds.
    pub shutdown_seconds: u32,
}

impl Default for Policy {
    /// The defaults of the documentation; the binary's schema is tested against them.
    fn default() -> Self {
        Self {
            signup: Signup::Open,
            receipts: Receipts::Always,
            reply_segments_max: 2,
            replies_per_number_day: 50,
            long_text_thread: true,
            thread_parts_max: 6,
            ask_before_link: true,
            pin: PinPolicy::Optional,
            quiet_days: 60,
            link_minutes: 60,
            invites_per_number_day: 3,
            invites_per_prefix_hour: 20,
            invites_per_hour: 30,
            posts_per_person_day: 100,
            spend_per_person_day: MicroUsd(1_000_000),
            spend_per_day: MicroUsd(5_000_000),
            keep_waiting_hours: 72,
            keep_bodies_days: 30,
            check_credentials_days: 30,
            catch_up_hours: 24,
            alt_wait_seconds: 0,
            operator_retry_minutes: 15,
            deliveries_at_once: 64,
            queue_rows_max: 1_000_000,
            disk_free_bytes_min: 104_857_600,
            shutdown_seconds: 8,
        }
    }
}
