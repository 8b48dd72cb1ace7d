//! Connecting pictures, which may need a second agreement.

use super::room::first_that_fits;
use super::{handle, provider};

/// Pictures were connected by a link of their own.
pub(crate) fn pictures_linked(account: &str) -> String {
    let account = handle(account);
    format!(
        "Connected as {account}, pictures too: EVERY text and picture to this number is posted publicly. /UNDO takes one back, /HELP, STOP to leave."
    )
}

/// The connection for pictures is dead; words go on.
pub(crate) fn relink_pictures(to: &str, url: &str, until: &str, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!(
                "Your {to} connection for pictures ended, words go on. Texts with pictures wait until {until}. Connect again: {url}"
            ),
            format!("Pictures wait until {until}. Connect again: {url}"),
        ],
    )
}

/// The first step of a link connected the words, the second did not connect the pictures. `why` is what
/// there is to say about the second.
pub(crate) fn words_only(account: &str, why: Option<&str>, segments_max: u32) -> String {
    let account = handle(account);
    let barely =
        format!("Your words go to {account}, pictures are not connected. Text /LINK to try again.");
    match why {
        None => barely,
        Some(why) => first_that_fits(
            segments_max,
            [format!("Your words go to {account}, pictures are not connected. {why}"), barely],
        ),
    }
}

/// The provider granted less than is needed; `what` in the plugin's words.
pub(crate) fn too_little(to: &str, what: &str, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!("{to} did not grant us {what}. Text /LINK to try again."),
            format!(
                "{to} did not grant us enough to post. Whoever runs this has been told why. Text /LINK to try again."
            ),
        ],
    )
}

/// Another account was chosen for pictures than the words go to.
pub(crate) fn pictures_of_other(words: &str, chosen: &str, segments_max: u32) -> String {
    let (words, chosen) = (handle(words), handle(chosen));
    first_that_fits(
        segments_max,
        [
            format!(
                "Pictures must go where your words go, to {words}; you chose {chosen}. Nothing was changed. Text /LINK to try again."
            ),
            format!("Pictures must go to {words} too. Text /LINK to try again."),
        ],
    )
}

/// The provider gave back a grant that it has refused before.
pub(crate) fn same_grant(to: &str, name: &str, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!(
                "{to} gave us the old connection back, which does not work. Remove {name} from the connected apps in your {to} settings, then text /LINK."
            ),
            format!("Remove us from the connected apps in your {to} settings, then text /LINK."),
        ],
    )
}
