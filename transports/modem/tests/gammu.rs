//! An independent judge: Debian's gammu drives the simulated modem on a pseudo-terminal. What it sends is
//! read by our code, and what our code writes is read by it.

#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "a test may")]

use cordboard_modem::pdu;
use cordboard_modem::sim::machine::{Card, Machine};
use cordboard_modem::sim::pty::Handle;
use cordboard_plugin::Timestamp;
use std::process::{Command, Output};

const START: Timestamp = Timestamp(1_790_000_000_000);
const OURS: &str = "+15550100142";
const THEIRS: &str = "+15550100123";

/// Whether gammu is here; loudly `false` otherwise, and a failure where it is required.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn gammu_is_here() -> bool {
    let found = Command::new("gammu").arg("--version").output().is_ok();
    if !found {
        let required = std::env::var("CORDBOARD_TEST_REQUIRE").unwrap_or_default();
        assert!(!required.contains("gammu"), "gammu is required and not installed");
        eprintln!("SKIPPED: gammu is not installed; no independent judge has looked at the PDUs");
    }
    found
}

/// A modem, and the configuration with which gammu finds it.
struct Judged {
    handle: Handle,
    folder: tempfile::TempDir,
}

impl Judged {
    fn new(personality: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let card = Card { slots: 50, ..Card::default() };
        let mut machine = Machine::new(personality, card).unwrap();
        // Gammu hushes a Huawei stick itself; it takes the noise of a ZTE stick for answers.
        machine.write(START, b"AT+ZOPRT=5\r");
        machine.read(START);
        let handle = Handle::new(machine, folder.path(), START).unwrap();
        let device = handle.path().display();
        let rc = format!("[gammu]\ndevice = {device}\nconnection = at115200\n");
        std::fs::write(folder.path().join("gammurc"), rc).unwrap();
        Self { handle, folder }
    }

    fn gammu(&self, words: &[&str]) -> Output {
        let mut command = Command::new("gammu");
        command.arg("--config").arg(self.folder.path().join("gammurc"));
        command.args(["-d", "textall", "-f"]).arg(self.folder.path().join("log"));
        command.args(words).env("LC_ALL", "C.UTF-8").env("HOME", self.folder.path());
        command.output().unwrap()
    }

    /// What it printed, and the end of its own log.
    fn shown(&self, out: &Output) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let log = text(&std::fs::read(self.folder.path().join("log")).unwrap());
        let first = log.lines().count().saturating_sub(60);
        let log: Vec<&str> = log.lines().skip(first).collect();
        format!("{}{}{}", text(&out.stdout), text(&out.stderr), log.join("\n"))
    }

    /// Sends a text with gammu; what its phone shows.
    fn sends(&self, options: &[&str], text: &str) -> Vec<String> {
        let out = self.gammu(&[&["sendsms", "TEXT", OURS][..], options, &["-text", text]].concat());
        assert!(out.status.success(), "{}", self.shown(&out));
        let shown = self.handle.with(|machine, _| machine.take_shown());
        assert!(shown.iter().all(|text| text.to.reveal() == OURS), "{shown:?}");
        shown.into_iter().map(|text| text.text).collect()
    }

    /// Puts a text into the store, its parts in this order (from 1 on; all in order when empty).
    fn store(&self, text: &str, reference: u16, wide: bool, order: &[usize]) {
        let delivering = pdu::Delivering {
            from: THEIRS,
            text,
            at: START,
            reference,
            wide,
            centre: "+15550100000",
            ..pdu::Delivering::default()
        };
        let parts = pdu::deliver(&delivering).unwrap();
        let all: Vec<usize> = (1..=parts.len()).collect();
        let order = if order.is_empty() { &all } else { order };
        let ordered: Vec<_> = order.iter().map(|number| parts[number - 1].clone()).collect();
        self.handle.with(|machine, now| machine.deliver(now, ordered));
    }

    /// The texts that gammu finds in the store, long ones joined by it, in the order of the alphabet.
    fn finds(&self) -> Vec<String> {
        let out = self.gammu(&["geteachsms"]);
        assert!(out.status.success(), "{}", self.shown(&out));
        let mut texts = texts(&String::from_utf8(out.stdout).unwrap());
        texts.sort();
        texts
    }
}

/// The bodies in what gammu prints: each stands after an empty line below its head.
fn texts(printed: &str) -> Vec<String> {
    let blocks = printed.split("\nSMS message\n").skip(1);
    let body = |block: &str| {
        let (head, body) = block.split_once("\n\n").unwrap();
        assert!(head.contains(&format!("Remote number        : \"{THEIRS}\"")), "{head}");
        let end = ["\n\nLocation ", "\n\n\n"].iter().filter_map(|end| body.find(end)).min();
        body[..end.unwrap_or(body.len())].to_owned()
    };
    blocks.map(body).collect()
}

#[test]
fn what_gammu_sends_reads_as_it_was_written() {
    if !gammu_is_here() {
        return;
    }
    let long = format!("{} end", "a long text of words ".repeat(18));
    let cyrillic = "Длинный текст 👍 ".repeat(9);
    let cases = [
        (&[][..], "hello"),
        (&[], "100 € {x} [y] ~ \\ ^ | @ £ ñ"),
        (&["-len", "400"], &long),
        (&["-unicode"], "Привет 👍 мир"),
        (&["-len", "400", "-unicode"], cyrillic.trim_end()),
    ];
    std::thread::scope(|scope| {
        for (options, text) in cases {
            scope.spawn(move || {
                assert_eq!(Judged::new("quectel").sends(options, text), [text], "{options:?}");
            });
        }
    });
}

#[test]
fn gammu_sends_through_sticks() {
    if !gammu_is_here() {
        return;
    }
    let long = "a long text of words ".repeat(10);
    let long = long.trim_end();
    std::thread::scope(|scope| {
        for personality in ["huawei", "zte"] {
            scope.spawn(move || {
                let sent = Judged::new(personality).sends(&["-len", "400", "-report"], long);
                assert_eq!(sent, [long], "{personality}");
            });
        }
    });
}

#[test]
fn gammu_reads_what_we_write_as_we_read_it() {
    if !gammu_is_here() {
        return;
    }
    let judged = Judged::new("plain");
    let long = "a long text of words ".repeat(16);
    let extended = "{€}".repeat(60);
    let cyrillic = "Длинный текст ".repeat(12);
    let texts = [
        "hello",
        "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?",
        "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
        "100 € {x} [y] ~ \\ ^ |",
        "1234567",
        "Привет, мир",
        "thumbs 👍 up",
        &long,
        &extended,
        &cyrillic,
    ];
    for (reference, text) in (1..).zip(texts) {
        judged.store(text, reference, false, &[]);
    }
    judged.store(&long, 0x1234, true, &[3, 1, 2]);
    let mut expected = texts.to_vec();
    expected.push(&long);
    expected.sort_unstable();
    assert_eq!(judged.finds(), expected);
}

#[test]
fn gammu_reads_every_personality() {
    if !gammu_is_here() {
        return;
    }
    std::thread::scope(|scope| {
        for personality in ["huawei", "simcom", "simcom_a7670", "quectel", "zte", "ublox"] {
            scope.spawn(move || {
                let judged = Judged::new(personality);
                judged.store("hello", 1, false, &[]);
                judged.store(&"again and ".repeat(20), 2, false, &[2, 1]);
                assert_eq!(
                    judged.finds(),
                    ["again and ".repeat(20), "hello".to_owned()],
                    "{personality}"
                );
            });
        }
    });
}
