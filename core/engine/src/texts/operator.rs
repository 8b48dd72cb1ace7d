//! Texts to the operator.

use super::room::shortened;

/// Most characters of a trouble and of its cause that an alert repeats.
const WHAT_CHARS_MAX: usize = 60;
const WHY_CHARS_MAX: usize = 160;

/// A person must act.
pub(crate) fn alert(name: &str, what: &str, why: &str) -> String {
    let what = shortened(what, WHAT_CHARS_MAX);
    let why = shortened(why.trim_end_matches('.'), WHY_CHARS_MAX);
    format!("{name} needs you. {what}: {why}. See the desk or the log.")
}
