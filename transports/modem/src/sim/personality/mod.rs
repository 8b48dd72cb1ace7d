//! What one modem does differently from another, as data. Sources: the quirk table that the README
//! names, 3GPP TS 27.005 and 27.007, and public AT manuals.

mod huawei;
mod plain;
mod quectel;
mod simcom;
mod ublox;
mod zte;

/// All of them; the first is the plain one.
pub(crate) const ALL: &[&Personality] = &[
    &plain::PLAIN,
    &huawei::STICK,
    &huawei::E3531,
    &simcom::SIM7600,
    &simcom::A7670,
    &simcom::SIM7000,
    &quectel::EC25,
    &zte::MF,
    &ublox::SARA,
];

/// The personality of this name, as [`ALL`] has them.
pub(crate) fn named(name: &str) -> Option<&'static Personality> {
    ALL.iter().copied().find(|personality| personality.name == name)
}

/// A modem's habits.
#[derive(Debug)]
pub(crate) struct Personality {
    /// The word by which it is ordered.
    pub(crate) name: &'static str,
    /// Answer of `+CGMI`.
    pub(crate) maker: &'static str,
    /// Answer of `+CGMM`.
    pub(crate) model: &'static str,
    /// Answer of `+CGMR`.
    pub(crate) revision: &'static str,
    /// Whether `+CGMI` and its relatives repeat their name before the answer.
    pub(crate) names_answers: bool,
    /// The commands that tell the ICCID, and what stands before it in the answer.
    pub(crate) iccid: &'static [(&'static str, &'static str)],
    /// Its memories beside the views on them; `SM` takes its size from the card.
    pub(crate) memories: &'static [Memory],
    /// What `+CPMS=?` offers, in this order.
    pub(crate) offered_memories: &'static [&'static str],
    /// Where everything is after power-up.
    pub(crate) first_memory: &'static str,
    /// Where texts go whatever `+CPMS` was told.
    pub(crate) lands_in: Option<&'static str>,
    /// What `+CNMI=?` offers: mode, mt, bm, ds, bfr.
    pub(crate) notify: [&'static [u8]; 5],
    /// What is refused although it is offered.
    pub(crate) refuses_notify: fn(&[u8; 5]) -> bool,
    /// `+CNMI` after power-up.
    pub(crate) first_notify: [u8; 5],
    /// What `+CSMS` can be set to.
    pub(crate) services: &'static [u8],
    /// Answer of `+CMGD=?`, true or not.
    pub(crate) deletable: &'static str,
    /// What an empty slot answers to `+CMGR`.
    pub(crate) reads_nothing: Nothing,
    /// What an empty slot answers to `+CMGD`.
    pub(crate) deletes_nothing: Nothing,
    /// What an empty memory answers to `+CMGL`.
    pub(crate) lists_nothing: Nothing,
    /// How a stored text is announced.
    pub(crate) announces: Announcing,
    /// Announced instead of `+CMTI` when the memory is full; `%` stands for its name.
    pub(crate) full: Option<&'static str>,
    /// Whether a text of class 0 is passed on directly in spite of mt 1.
    pub(crate) routes_flash: bool,
    /// Whether a comma stands before the length of `+CDS`.
    pub(crate) comma_in_report: bool,
    /// Where a stored report says it is.
    pub(crate) report_place: Option<&'static str>,
    /// Lines nobody asked for.
    pub(crate) noise: &'static [&'static str],
    /// How often one of them comes, in milliseconds.
    pub(crate) noise_every_ms: i64,
    /// Whether they come in the middle of a list too.
    pub(crate) noise_in_lists: bool,
    /// The command that stops them, the value that does, and whether it stops `+CMTI` too.
    pub(crate) hush: Option<Hush>,
    /// What is said after a reset, and how many milliseconds after it.
    pub(crate) boot: &'static [(i64, &'static str)],
    /// When it takes commands again, in milliseconds after a reset.
    pub(crate) awake_ms: i64,
    /// When the SIM answers.
    pub(crate) sim_ms: i64,
    /// When it is in its network.
    pub(crate) network_ms: i64,
    /// The final line for a command it does not know.
    pub(crate) unknown: &'static str,
    /// The final line for too many parameters of `+CNMI`.
    pub(crate) too_many: &'static str,
    /// What ends a line of an answer.
    pub(crate) line_end: &'static str,
    /// Whether the ESC that leaves a prompt is answered.
    pub(crate) answers_escape: bool,
    /// Whether `+CREG` says nothing useful, because it is on LTE only.
    pub(crate) lte_only: bool,
    /// Whether `+CMMS` is there.
    pub(crate) keeps_link: bool,
    /// Memories that a power cut empties.
    pub(crate) forgets: &'static [&'static str],
    /// Commands of its own that are taken and mean nothing here, in capital letters.
    pub(crate) takes: &'static [&'static str],
}

/// A memory of texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Its name.
    pub(crate) name: &'static str,
    /// How many slots it has; 0: as many as the card says.
    pub(crate) slots: u16,
    /// The number of its first slot.
    pub(crate) first: u16,
}

/// What is said where nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// `OK` alone.
    Ok,
    /// `+CMS ERROR: 321`.
    Missing,
    /// `ERROR`.
    Error,
}

/// How a stored text is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Announcing {
    /// `+CMTI: "SM",3`.
    Plain,
    /// The same; a notice of an MMS has `,"MMS PUSH",…` behind it.
    WithPush,
    /// An empty name and -1 (seen on a SIM7000).
    Nameless,
    /// Not at all.
    Never,
}

/// The command that stops noise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hush {
    /// Its name, as `^CURC`.
    pub(crate) command: &'static str,
    /// The value that stops it.
    pub(crate) value: &'static str,
    /// Whether announcements stop with it.
    pub(crate) announcements_too: bool,
}
