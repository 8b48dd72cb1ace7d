//! The wording around pictures.

use super::room::{first_that_fits, shortened};
use super::{marks, provider};
use cordboard_plugin::REFUSAL_CHARS_MAX;

/// Words of the care for pictures: whole sentences that already say what to do.
const REASON_CHARS_MAX: usize = 140;

/// A text that is nothing but pictures, where none can be posted.
pub(crate) fn only_pictures() -> String {
    "Not posted: pictures cannot be posted here, words can. Text the words alone.".to_owned()
}

/// A picture that came without words cannot be posted.
pub(crate) fn picture_refused(why: &str, may_come: bool, segments_max: u32) -> String {
    let why = shortened(marks::plain_marks(why).trim_end_matches('.'), REASON_CHARS_MAX);
    let way_out = if may_come { "/RETRY tries again." } else { "Then send it again." };
    first_that_fits(
        segments_max,
        [
            format!("Not posted: {why}. {way_out}"),
            format!("Your picture cannot be posted. {way_out}"),
        ],
    )
}

/// Part of a question: some of the pictures cannot be posted.
pub(crate) fn some_unfit(unfit: usize, all: usize, why: &str) -> String {
    let why = marks::plain_marks(why);
    let why = why.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned();
    let what = match (unfit, all) {
        (1, 1) => "the picture would be missing".to_owned(),
        (unfit, all) => format!("{unfit} of {all} pictures would be missing"),
    };
    shortened(&format!("{what}: {why}"), REFUSAL_CHARS_MAX)
}

/// Words are connected, pictures are not.
pub(crate) fn connect_pictures(to: &str, url: &str, until: &str, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!(
                "Pictures need one more connection to {to}. Your text waits until {until}. Connect: {url}"
            ),
            format!("Pictures need one more connection: {url}"),
        ],
    )
}

/// The same while a link is out.
pub(crate) fn connect_pictures_still(until: &str) -> String {
    format!(
        "Pictures need one more connection. Your text is kept until {until}. Open the link we sent, or text /LINK for a new one."
    )
}

/// `/ALT` worked.
pub(crate) fn described(left: usize) -> String {
    match left {
        0 => "Picture described. /UNDO takes the post back.".to_owned(),
        1 => "Picture described. 1 more has no description: /ALT and your words.".to_owned(),
        n => format!("Picture described. {n} more have no description: /ALT and your words."),
    }
}

/// `/ALT` did not work.
pub(crate) fn not_described(to: &str) -> String {
    format!("{} did not take the description. Text /ALT and your words again later.", provider(to))
}

/// `/ALT` without words.
pub(crate) fn alt_usage() -> String {
    "Nothing was changed. To describe your newest picture text /ALT and your words.".to_owned()
}
