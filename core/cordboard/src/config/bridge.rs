//! `[bridge]`, `[store]` and `[admin]`: where we listen, and where things are kept.

use super::problem::Findings;
use super::row::{Absent, Owner, Row};
use super::secrets::SecretRef;
use super::{KeySource, Surroundings, single, tables};
use cordboard_engine::{BridgeConfig, is_loopback_url};
use cordboard_plugin::{Address, Secret};
use cordboard_web::TrustedProxies;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use toml::de::DeTable;

/// Longest name: it stands in every invitation.
const NAME_CHARS_MAX: usize = 30;
/// Longest contact: it stands in every answer to HELP.
const HELP_CONTACT_CHARS_MAX: usize = 60;
/// Longest address: with a link's token it still leaves room for words in one segment.
const PUBLIC_URL_CHARS_MAX: usize = 100;

/// What the three tables say.
pub(crate) struct Front {
    pub(crate) engine: BridgeConfig,
    pub(crate) listen: SocketAddr,
    pub(crate) admin_listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) plugin_dir: PathBuf,
    pub(crate) store_path: PathBuf,
    pub(crate) key: KeySource,
    pub(crate) token: KeySource,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) sandbox_public: bool,
    pub(crate) alert_numbers: Vec<Address>,
}

pub(crate) fn read(
    document: &DeTable<'_>,
    surroundings: &Surroundings<'_>,
    findings: &mut Findings,
) -> Front {
    let mut table = |name, settings| {
        let (table, at) = single(document, name);
        let owner = Owner::Table(name);
        Row::read(table, at, settings, &[], &owner, Absent::Required, findings)
    };
    let bridge = table("bridge", tables::BRIDGE);
    let store = table("store", tables::STORE);
    let admin = table("admin", tables::ADMIN);

    let listen = listen(&bridge, "bridge", findings);
    let admin_listen = self::listen(&admin, "admin", findings);
    check_listeners(listen, admin_listen, admin.at("listen"), findings);
    let public_url = public_url(&bridge, listen, findings);
    let public = !listen.ip().is_loopback() || !is_loopback_url(&public_url);
    let name = bridge.text("name").trim().to_owned();
    let fits = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX;
    if bridge.value("name").is_some() && (!fits || name.contains(char::is_control)) {
        let message = format!("`bridge.name` must have 1 to {NAME_CHARS_MAX} characters");
        findings.wrong(bridge.at("name"), message, "it stands in every invitation we text");
    }
    let help_contact = help_contact(&bridge, findings);
    Front {
        engine: BridgeConfig { name, public_url, public, help_contact },
        listen,
        admin_listen,
        data_dir: surroundings.folder.join(bridge.text("data_dir")),
        plugin_dir: surroundings.folder.join(bridge.text("plugin_dir")),
        store_path: store_path(&store, surroundings, findings),
        key: key_source(&store, "store", "key", surroundings, findings),
        token: key_source(&admin, "admin", "token", surroundings, findings),
        trusted_proxies: proxies(&bridge, findings),
        sandbox_public: bridge.flag("sandbox_public"),
        alert_numbers: admin.texts("alert_numbers").into_iter().map(Address::from).collect(),
    }
}

/// Nothing but where plugins from files are; what is wrong with the table is told elsewhere.
pub(crate) fn plugin_dir(document: &DeTable<'_>, surroundings: &Surroundings<'_>) -> PathBuf {
    let (table, at) = single(document, "bridge");
    let (owner, mut elsewhere) = (Owner::Table("bridge"), Findings::default());
    let bridge = Row::read(table, at, tables::BRIDGE, &[], &owner, Absent::Filled, &mut elsewhere);
    surroundings.folder.join(bridge.text("plugin_dir"))
}

fn help_contact(bridge: &Row, findings: &mut Findings) -> String {
    let contact = bridge.text("help_contact").trim().to_owned();
    if contact.chars().count() > HELP_CONTACT_CHARS_MAX || contact.contains(char::is_control) {
        let message = format!(
            "`bridge.help_contact` must be one line of at most {HELP_CONTACT_CHARS_MAX} characters"
        );
        let hint = "it stands in every answer to HELP; an address, a number or a short web address will do";
        findings.wrong(bridge.at("help_contact"), message, hint);
    }
    contact
}

/// Stands in for an address that was wrong; never bound, since the configuration is refused.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn listen(row: &Row, table: &str, findings: &mut Findings) -> SocketAddr {
    let text = row.text("listen").replacen("localhost:", "127.0.0.1:", 1);
    text.parse().unwrap_or_else(|_| {
        if row.value("listen").is_some() {
            let message = format!("`{table}.listen` must be an IP address and a port, not `{text}`");
            let hint = "write it as \"127.0.0.1:8080\", or \"0.0.0.0:8080\" for every address of this machine";
            findings.wrong(row.at("listen"), message, hint);
        }
        NOWHERE
    })
}

fn check_listeners(public: SocketAddr, admin: SocketAddr, at: usize, findings: &mut Findings) {
    if public == admin && public.port() != 0 {
        let message = "`admin.listen` is the same as `bridge.listen`";
        findings.wrong(
            at,
            message,
            "the operator's API never stands on the public port; take another port",
        );
    }
    if !admin.ip().is_loopback() {
        findings.warn(format!(
            "the operator's API listens on {admin}, which is not loopback; only its token protects it, without encryption"
        ));
    }
}

fn public_url(bridge: &Row, listen: SocketAddr, findings: &mut Findings) -> String {
    let url = bridge.text("public_url").to_owned();
    if !bridge.written("public_url") {
        if !listen.ip().is_loopback() {
            let message = "`bridge.public_url` is missing, and `bridge.listen` is not loopback";
            let hint =
                "say where providers and people reach this bridge: `public_url = \"https://…\"`";
            findings.wrong(bridge.at("listen"), message, hint);
        }
        return format!("http://{listen}");
    }
    if url.chars().count() > PUBLIC_URL_CHARS_MAX {
        let message =
            format!("`bridge.public_url` must have at most {PUBLIC_URL_CHARS_MAX} characters");
        let hint = "it stands in every link we text; a host of 40 keeps most texts in one segment";
        findings.wrong(bridge.at("public_url"), message, hint);
    }
    if url.starts_with("http:") && !is_loopback_url(&url) {
        let message = "`bridge.public_url` must begin with `https` unless its host is loopback";
        let hint = "put a proxy with a certificate in front, or use an address of 127.0.0.1 to try things out";
        findings.wrong(bridge.at("public_url"), message, hint);
    }
    url
}

fn store_path(store: &Row, surroundings: &Surroundings<'_>, findings: &mut Findings) -> PathBuf {
    let url = store.text("url");
    if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.trim().is_empty()) {
        // `sqlite://path` is what other programs write.
        let path = path.strip_prefix("//").unwrap_or(path);
        return surroundings.folder.join(path);
    }
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let message = "`store.url` names PostgreSQL, but this version keeps its store in SQLite";
        findings.wrong(store.at("url"), message, "write `url = \"sqlite:data/cordboard.db\"`");
    } else if store.value("url").is_some() {
        let message = "`store.url` must be `sqlite:PATH`";
        findings.wrong(store.at("url"), message, "write `url = \"sqlite:data/cordboard.db\"`");
    }
    PathBuf::new()
}

fn key_source(
    row: &Row,
    table: &str,
    key: &'static str,
    surroundings: &Surroundings<'_>,
    findings: &mut Findings,
) -> KeySource {
    match SecretRef::parse(row.text(key), &surroundings.folder) {
        Some(SecretRef::File(path)) => KeySource::File(path),
        Some(variable) => {
            let found = variable.resolve(surroundings.environment, &format!("`{table}.{key}`"));
            KeySource::Given(found.unwrap_or_else(|unresolved| {
                if key == "token" {
                    // Without it the commands beside a running bridge cannot ask it anything.
                    findings.wrong(row.at(key), unresolved.message, unresolved.hint);
                } else {
                    findings.unresolved(row.at(key), unresolved);
                }
                Secret::default()
            }))
        }
        // Not a reference: told when the table was read.
        None => KeySource::Given(Secret::default()),
    }
}

fn proxies(bridge: &Row, findings: &mut Findings) -> TrustedProxies {
    TrustedProxies::parse(&bridge.texts("trusted_proxies")).unwrap_or_else(|problem| {
        let message = format!("`bridge.trusted_proxies`: {problem}");
        findings.wrong(bridge.at("trusted_proxies"), message, "write them as [\"127.0.0.1\"]");
        TrustedProxies::default()
    })
}
