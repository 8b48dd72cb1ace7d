//! The core's own tables in `plugins.toml`, one declaration a table. The check, the defaults and the
//! documentation all come from here; plugins declare their settings the same way.

use cordboard_plugin::{Setting, SettingKind};

/// Keys with this default may be left out and then mean "none".
pub const NONE: Option<&str> = Some("\"\"");

const fn key(
    key: &'static str,
    kind: SettingKind,
    default: Option<&'static str>,
    doc: &'static str,
) -> Setting {
    Setting { key, kind, default, doc }
}

const fn whole(
    name: &'static str,
    (min, max): (i64, i64),
    default: &'static str,
    doc: &'static str,
) -> Setting {
    key(name, SettingKind::Whole { min, max }, Some(default), doc)
}

/// The `[bridge]` table.
pub const BRIDGE: &[Setting] = &[
    key(
        "name",
        SettingKind::Text,
        Some("\"Cordboard\""),
        "How we sign our texts, 1 to 30 characters; letters beyond GSM-7 more than halve a segment.",
    ),
    key(
        "listen",
        SettingKind::Text,
        Some("\"127.0.0.1:8080\""),
        "Address and port of the public side; port 0 takes a free one.",
    ),
    key(
        "public_url",
        SettingKind::Url,
        NONE,
        "Where providers and people reach us, at most 100 characters, https unless loopback; signatures are checked against it. Default: `listen`, when that is loopback.",
    ),
    key(
        "data_dir",
        SettingKind::Text,
        Some("\"data\""),
        "Folder of the database, keys and lock; made with mode 0700.",
    ),
    key("plugin_dir", SettingKind::Text, Some("\"dist/plugins\""), "Folder of plugins from files."),
    key(
        "trusted_proxies",
        SettingKind::TextList,
        Some("[]"),
        "Addresses (`10.0.0.1`) and networks (`10.0.0.0/8`) whose X-Forwarded-For we believe.",
    ),
    key(
        "sandbox_public",
        SettingKind::Flag,
        Some("false"),
        "Whether a public bridge shows `/sandbox` to everybody.",
    ),
    key(
        "help_contact",
        SettingKind::Text,
        NONE,
        "Where a person can ask for help, at most 60 characters; part of the answer to HELP.",
    ),
];

/// The `[store]` table.
pub const STORE: &[Setting] = &[
    key(
        "url",
        SettingKind::Text,
        Some("\"sqlite:data/cordboard.db\""),
        "Where everything is kept: `sqlite:PATH`.",
    ),
    key(
        "key",
        SettingKind::Secret,
        Some("\"file:data/store.key\""),
        "The key that seals credentials; the file is made on first run over an empty store, mode 0600.",
    ),
];

/// The `[admin]` table.
pub const ADMIN: &[Setting] = &[
    key(
        "listen",
        SettingKind::Text,
        Some("\"127.0.0.1:8081\""),
        "Address and port of the operator's API; never the public one.",
    ),
    key(
        "token",
        SettingKind::Secret,
        Some("\"file:data/admin.token\""),
        "Opens the operator's API; the file is made on first run, mode 0600.",
    ),
    key(
        "alert_numbers",
        SettingKind::NumberList,
        Some("[]"),
        "Numbers texted when a person must act.",
    ),
];

/// The `[policy]` table: limits and manners, units in the names.
pub const POLICY: &[Setting] = &[
    key(
        "signup",
        SettingKind::Choice(&["open", "invite", "closed"]),
        Some("\"open\""),
        "Who may join: anybody who texts, people sent a link by the operator, nobody new.",
    ),
    key(
        "receipts",
        SettingKind::Choice(&["always", "failures", "never"]),
        Some("\"always\""),
        "When a person gets a receipt.",
    ),
    whole("reply_segments_max", (1, 10), "2", "Segments a text of ours may take."),
    whole("replies_per_number_day", (1, 10_000), "50", "Texts we send one number per UTC day."),
    key(
        "long_text",
        SettingKind::Choice(&["thread", "refuse"]),
        Some("\"thread\""),
        "What becomes of a text too long for one post.",
    ),
    whole("thread_parts_max", (1, 100), "6", "Parts of a thread that are posted without asking."),
    key(
        "ask_before_link",
        SettingKind::Flag,
        Some("true"),
        "Ask before a post with a link, which costs more.",
    ),
    key(
        "pin",
        SettingKind::Choice(&["off", "optional", "required"]),
        Some("\"optional\""),
        "Whether people may have a PIN, or must begin each text with it; `off`: nobody has one.",
    ),
    whole(
        "quiet_days",
        (0, 3650),
        "60",
        "After that silence the next text waits for a PIN or a relink; 0: never.",
    ),
    whole("link_minutes", (5, 1440), "60", "How long a link works."),
    whole("invites_per_number_day", (1, 100), "3", "Invitations for one number per UTC day."),
    whole(
        "invites_per_prefix_hour",
        (1, 10_000),
        "20",
        "Invitations for one prefix (first six digits) per hour.",
    ),
    whole("invites_per_hour", (1, 100_000), "30", "Invitations altogether per hour."),
    whole("posts_per_person_day", (1, 100_000), "100", "Posts of one person per UTC day."),
    key(
        "spend_per_person_day_usd",
        SettingKind::Usd,
        Some("1.00"),
        "Dollars one person may cost per UTC day: posts, reads and texts both ways.",
    ),
    key(
        "spend_per_day_usd",
        SettingKind::Usd,
        Some("5.00"),
        "Dollars everything may cost per UTC day: posts, reads and texts both ways.",
    ),
    whole(
        "keep_waiting_hours",
        (1, 8760),
        "72",
        "How long a text waits for a relink, an answer or the operator; a link passed on by hand works as long.",
    ),
    whole("keep_bodies_days", (0, 3650), "30", "How long texts are kept after they are done."),
    whole(
        "check_credentials_days",
        (1, 365),
        "30",
        "After how many idle days a credential is refreshed or checked.",
    ),
    whole(
        "catch_up_hours",
        (0, 720),
        "24",
        "How far back missed messages are looked for; 0: not at all.",
    ),
    whole("alt_wait_seconds", (0, 3600), "0", "How long a picture waits for its description."),
    whole("operator_retry_minutes", (1, 1440), "15", "How often a paused sink tries one message."),
    whole("deliveries_at_once", (1, 1024), "64", "Deliveries under way at once."),
    whole(
        "queue_rows_max",
        (1, 1_000_000_000),
        "1_000_000",
        "Unfinished messages before webhooks get 503.",
    ),
    whole(
        "disk_free_bytes_min",
        (0, i64::MAX),
        "104_857_600",
        "Free disk space below which webhooks get 503.",
    ),
    whole("shutdown_seconds", (1, 300), "8", "How long shutdown may take."),
];

/// A `[[plugin]]` table.
pub const PLUGIN: &[Setting] = &[
    key("path", SettingKind::Text, None, "The file, below `bridge.plugin_dir` or absolute."),
    key(
        "sha256",
        SettingKind::Text,
        NONE,
        "What its SHA-256 must be, 64 hexadecimal digits; `cordboard plugins check FILE` prints it.",
    ),
    key(
        "override",
        SettingKind::Flag,
        Some("false"),
        "Whether it takes the place of a built-in kind of the same name.",
    ),
];

/// A `[[transport]]` table, beside its `settings` and `prices`.
pub const TRANSPORT: &[Setting] = &[
    key(
        "name",
        SettingKind::Text,
        None,
        "Its name in addresses, logs and routes: 1 to 32 of a-z, 0-9 and `-`.",
    ),
    key("kind", SettingKind::Text, None, "Which plugin it is made by."),
    key(
        "simulate",
        SettingKind::Flag,
        Some("false"),
        "Talk to the simulated provider instead of the real one.",
    ),
    key(
        "replies",
        SettingKind::Flag,
        Some("true"),
        "Whether we may send texts; false: receive only.",
    ),
];

/// A `[[sink]]` table, beside its `settings` and `prices`.
pub const SINK: &[Setting] = &[
    key(
        "name",
        SettingKind::Text,
        None,
        "Its name in addresses, logs and routes: 1 to 32 of a-z, 0-9 and `-`.",
    ),
    key("kind", SettingKind::Text, None, "Which plugin it is made by."),
    key(
        "simulate",
        SettingKind::Flag,
        Some("false"),
        "Talk to the simulated provider instead of the real one.",
    ),
];

/// The `prices` table of a transport.
pub const TRANSPORT_PRICES: &[Setting] = &[
    key("usd_per_segment_in", SettingKind::Usd, NONE, "Dollars one incoming segment costs."),
    key("usd_per_segment_out", SettingKind::Usd, NONE, "Dollars one outgoing segment costs."),
];

/// The `prices` table of a sink.
pub const SINK_PRICES: &[Setting] = &[
    key("usd_per_post", SettingKind::Usd, NONE, "Dollars one post costs."),
    key("usd_per_link_post", SettingKind::Usd, NONE, "Dollars one post with a link costs."),
];

/// A `[[route]]` table.
pub const ROUTE: &[Setting] = &[
    key("from", SettingKind::Text, Some("\"*\""), "A transport's name, or `*` for all."),
    key("to", SettingKind::NumberList, Some("[]"), "Our numbers it serves; empty: all."),
    key("post", SettingKind::TextList, None, "The sinks that get the words."),
    key("media", SettingKind::Text, NONE, "The sink that uploads pictures for them."),
];

/// The tables at the top of the file: name, whether it may stand several times, and its keys.
pub const TOP: &[(&str, bool, &[Setting])] = &[
    ("bridge", false, BRIDGE),
    ("store", false, STORE),
    ("admin", false, ADMIN),
    ("policy", false, POLICY),
    ("plugin", true, PLUGIN),
    ("transport", true, TRANSPORT),
    ("sink", true, SINK),
    ("route", true, ROUTE),
];
