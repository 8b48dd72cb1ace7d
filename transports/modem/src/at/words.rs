//! What one line of a modem is: a final result, something unasked, or information.

use super::fault::Fault;
use super::values::{fields, number};

/// Something a modem says unasked, as far as we act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A message or a report was stored. Without an index, or with an empty memory, look everywhere.
    Stored {
        /// The memory it names, `SM` for example.
        memory: String,
        /// The slot, when it names one.
        index: Option<u16>,
    },
    /// A message or a report was handed to us and stored nowhere: the line with its PDU.
    Routed(String),
    /// A store is full: nothing more will be announced.
    StoreFull,
    /// It has started, or its card has come or gone: its settings are lost.
    Restarted(String),
    /// It may have started: some say so every few seconds. Its settings are worth a look.
    MayHaveRestarted,
    /// Something about its registration changed.
    Registration,
    /// The answer to a message whose answer we no longer waited for, with its reference.
    LateSent(u8),
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The end of an answer.
    Final(Result<(), Fault>),
    /// Something unasked.
    Unasked(Event),
    /// The first of two lines: the PDU follows.
    Head,
    /// Nothing we act on.
    Noise,
    /// Information, which only the command under way can understand.
    Info,
}

/// Lines that say, alone, that the modem has started or is about to go.
const STARTED: &[&str] = &[
    "RDY",
    "SMS READY",
    "SMS DONE",
    "NORMAL POWER DOWN",
    "POWERED DOWN",
    "UNDER-VOLTAGE WARNNING",
    "UNDER-VOLTAGE POWER DOWN",
    "+CPIN: NOT READY",
    "+CPIN: READY",
    "+CPIN: SIM REMOVED",
    "+CPIN: NOT INSERTED",
    "^SYSSTART",
    "+SYSSTART",
    "+QIND: SMS DONE",
    "*ATREADY: 1",
];

/// Lines that mean nothing to us and would look like a bare answer. The results of a call are among
/// them: we make no calls, so they are about somebody who rings, never about our command.
const NOISE: &[&str] = &[
    "RING",
    "NO CARRIER",
    "NO DIALTONE",
    "NO ANSWER",
    "BUSY",
    "CONNECT",
    "CALL READY",
    "PB DONE",
    "MODEM STARTUP",
    "MISSED_CALL",
];

/// Beginnings of lines that are never an answer to a command of ours.
const NOISE_STARTS: &[&str] = &[
    "+CRING:",
    "+CLIP:",
    "+CUSD:",
    "+CBM:",
    "+CIEV:",
    "+CTZV:",
    "+CTZE:",
    "+CFUN:",
    "+CCWA:",
    "+CSSU:",
    "+CSSI:",
    "+ZUSIMR:",
    "+ZDON",
    "+ZPASR",
    "+UMWI:",
    "+UUSIMSTAT:",
    "+UUPSDD:",
    "+QIND:",
    "+QUSIM:",
    "+QSIMSTAT:",
    "+STIN:",
    "+STC:",
    "MISSED_CALL:",
    "*PSUTTZ:",
    "DST:",
    "^RSSI:",
    "^HCSQ:",
    "^MODE:",
    "^SIMST:",
    "^SRVST:",
    "^DSFLOWRPT:",
    "^STIN:",
    "^NDISSTAT:",
    "^LWURC:",
    "^CSNR:",
    "^CRSSI:",
    "^ANLEVEL:",
    "^LTERSRP:",
    "^HRSSILVL:",
    "^THERM:",
    "^HNUM:",
];

/// What `line` is, as far as it can be told without knowing the command.
pub(super) fn read(line: &str) -> Word {
    if line == "OK" {
        return Word::Final(Ok(()));
    }
    if let Some(fault) = Fault::read(line) {
        return Word::Final(Err(fault));
    }
    if line.starts_with("+CMT:") || line.starts_with("+CDS:") {
        return Word::Head;
    }
    if line.starts_with("+CMTI:") || line.starts_with("+CDSI:") {
        return Word::Unasked(stored(line));
    }
    let upper = line.to_uppercase();
    if STARTED.contains(&upper.as_str()) {
        return Word::Unasked(Event::Restarted(upper));
    }
    if line.starts_with("^BOOT:") {
        return Word::Unasked(Event::MayHaveRestarted);
    }
    if line.starts_with("^SMMEMFULL") || upper.starts_with("+SMS FULL") {
        return Word::Unasked(Event::StoreFull);
    }
    if ["+CREG:", "+CGREG:", "+CEREG:"].iter().any(|prefix| line.starts_with(prefix)) {
        return Word::Unasked(Event::Registration);
    }
    let noise =
        NOISE.contains(&upper.as_str()) || NOISE_STARTS.iter().any(|start| line.starts_with(start));
    if noise { Word::Noise } else { Word::Info }
}

/// Whether `line` answers the question for what `prefix` names. A registration is also reported unasked,
/// with the state where the answer has the mode: what comes second is then missing or in quotes.
pub(super) fn answers(line: &str, prefix: &str) -> bool {
    if !line.starts_with(prefix) {
        return false;
    }
    if !matches!(prefix, "+CREG:" | "+CGREG:" | "+CEREG:") {
        return true;
    }
    let second = line.split(',').nth(1).map(str::trim);
    second.is_some_and(|second| second.parse::<u8>().is_ok())
}

/// Whether `line` could be an answer without a prefix: a name, a number.
pub(super) fn is_bare(line: &str) -> bool {
    !line.starts_with(['+', '^', '*', '$', '%', '#'])
}

/// Whether `line` is a PDU: whole octets in hexadecimal.
pub(super) fn is_pdu(line: &str) -> bool {
    line.len() >= 2 && line.len().is_multiple_of(2) && line.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The reference in `+CMGS: 7` (TS 27.005 3.5.1).
pub(super) fn sent_reference(line: &str) -> Option<u8> {
    let value = number(&fields(line.strip_prefix("+CMGS:")?), 0)?;
    // One modem counts on beyond a byte; the network sees the byte.
    u8::try_from(value.rem_euclid(256)).ok()
}

fn stored(line: &str) -> Event {
    let fields = fields(line);
    Event::Stored {
        memory: fields.first().cloned().unwrap_or_default(),
        index: number(&fields, 1).and_then(|index| u16::try_from(index).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(memory: &str, index: Option<u16>) -> Word {
        Word::Unasked(Event::Stored { memory: memory.to_owned(), index })
    }

    #[test]
    fn whole_lines_are_matched_never_a_part_of_one() {
        for (line, word) in [
            ("OK", Word::Final(Ok(()))),
            ("OKAY", Word::Info),
            ("Huawei OK", Word::Info),
            ("ERROR", Word::Final(Err(Fault::Plain))),
            ("TERROR", Word::Info),
            ("+CMS ERROR: 500", Word::Final(Err(Fault::Cms(500)))),
            ("+CMTI: \"SM\",3", said("SM", Some(3))),
            ("+CMTI: \"ME\",23,\"MMS PUSH\",12,34", said("ME", Some(23))),
            ("+CMTI: \"\",-1", said("", None)),
            ("+CMTI:", said("", None)),
            ("+CDSI: \"SR\",0", said("SR", Some(0))),
            ("+CMT: ,24", Word::Head),
            ("+CDS: 25", Word::Head),
            ("+CDS: ,25", Word::Head),
            ("RDY", Word::Unasked(Event::Restarted("RDY".to_owned()))),
            ("SMS Ready", Word::Unasked(Event::Restarted("SMS READY".to_owned()))),
            ("^BOOT:12345678,0,0,0,75", Word::Unasked(Event::MayHaveRestarted)),
            ("^SMMEMFULL:\"SM\"", Word::Unasked(Event::StoreFull)),
            ("+CREG: 1", Word::Unasked(Event::Registration)),
            ("NO CARRIER", Word::Noise),
            ("RING", Word::Noise),
            ("^RSSI:18", Word::Noise),
            ("+ZPASR: \"UMTS\"", Word::Noise),
            ("+CSQ: 21,99", Word::Info),
            ("HUAWEI", Word::Info),
        ] {
            assert_eq!(read(line), word, "{line}");
        }
    }

    #[test]
    fn an_answer_about_registration_is_told_from_the_news() {
        assert!(answers("+CREG: 0,1", "+CREG:"));
        assert!(answers("+CREG: 2,5,\"1A2B\",\"00C3\",7", "+CREG:"));
        assert!(!answers("+CREG: 1", "+CREG:"));
        assert!(!answers("+CREG: 5,\"1A2B\",\"00C3\",7", "+CREG:"));
        assert!(answers("+CSQ: 1", "+CSQ:"));
    }

    #[test]
    fn a_reference_beyond_a_byte_is_taken_as_its_byte() {
        assert_eq!(sent_reference("+CMGS: 7"), Some(7));
        assert_eq!(sent_reference("+CMGS: 256,\"00\""), Some(0));
        assert_eq!(sent_reference("+CMGS:"), None);
        assert_eq!(sent_reference("+CMGL: 1"), None);
    }
}
