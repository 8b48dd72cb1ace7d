//! The wording of everything we text. Each fits one GSM-7 segment where possible and says what to do next.

pub(crate) mod segments;

use cordboard_plugin::Timestamp;
use segments::quote;

/// How many characters of a person's own words a receipt quotes.
const QUOTE_CHARS: usize = 30;

/// An unknown number texted. `last` is the last invitation of the day.
pub(crate) fn invitation(
    name: &str,
    provider: &str,
    url: &str,
    minutes: u32,
    last: bool,
) -> String {
    let more = if last { " Last link today." } else { "" };
    format!(
        "{name}: text here to post on {provider}. Connect first ({minutes} min): {url} .{more} Msg&data rates may apply. STOP to leave."
    )
}

/// The connection of a known person is dead.
pub(crate) fn relink(provider: &str, url: &str, until: &str) -> String {
    format!("Your {provider} connection ended. Connect again: {url} . Texts wait until {until}.")
}

/// A known person asked for a link.
pub(crate) fn asked_link(provider: &str, url: &str, minutes: u32) -> String {
    format!("Connect your {provider} account within {minutes} min: {url}")
}

/// A text came while the connection is dead and a link is already out.
pub(crate) fn still_unlinked(provider: &str) -> String {
    format!(
        "Kept, not posted yet: your {provider} connection ended. Open the link we sent, or text /LINK for a new one."
    )
}

/// Linking worked.
pub(crate) fn linked(handle: &str) -> String {
    format!(
        "Connected as {handle}. EVERY text to this number is now posted publicly, replies to us too. /UNDO takes one back, /HELP, STOP to leave."
    )
}

/// Linking worked, but with another account than before, and texts wait.
pub(crate) fn linked_other(handle: &str, before: &str, held: i64) -> String {
    format!(
        "Connected as {handle} (before: {before}). {held} waiting: /YES posts them as {handle}, /NO drops them. From now on every text is public."
    )
}

/// Linking did not work.
pub(crate) fn link_failed(provider: &str) -> String {
    format!("Connecting to {provider} did not work. Text anything to try again.")
}

/// The code that proves that the person at the page holds the phone.
pub(crate) fn page_code(code: &str) -> String {
    format!("{code} is your code for the page. If you opened no page, ignore this and tell nobody.")
}

/// All parts are out.
pub(crate) fn posted(handle: &str, text: &str, url: Option<&str>) -> String {
    let url = url.map(|url| format!(" {url}")).unwrap_or_default();
    format!("Posted as {handle}: {}{url}", quote(text, QUOTE_CHARS))
}

/// A post was refused or given up. `parts_out` of a thread are out already.
pub(crate) fn not_posted(text: &str, why: &str, parts_out: usize) -> String {
    let quote = quote(text, QUOTE_CHARS);
    match parts_out {
        0 => format!("Not posted: {quote}. {why}."),
        1 => format!("Only the first part of {quote} is out. {why}. /UNDO takes it back."),
        n => format!("Only {n} parts of {quote} are out. {why}. /UNDO takes them back."),
    }
}

/// Nobody can tell whether it is out.
pub(crate) fn unclear(provider: &str, text: &str) -> String {
    format!(
        "{provider} did not say whether {} is posted. Please look there; /RETRY posts it if it is missing.",
        quote(text, QUOTE_CHARS)
    )
}

/// The sink is paused for the operator.
pub(crate) fn waits_for_operator(provider: &str) -> String {
    format!(
        "Kept: {provider} takes no posts from us right now. We post your text as soon as it does; no need to send it again."
    )
}

/// The day's limit of everybody together is reached.
pub(crate) fn waits_for_tomorrow() -> String {
    "Kept: today's limit is used up. Your text is posted tomorrow; no need to send it again."
        .to_owned()
}

/// A person's own limit for the day is reached.
pub(crate) fn person_limit(what: &str) -> String {
    format!("Not posted: you have reached today's limit ({what}). Try again tomorrow.")
}

/// Asks before something that costs more.
pub(crate) fn ask(why: &str) -> String {
    format!("Not posted yet: {why}. /YES posts it, /NO drops it.")
}

/// Something that looks like a command but is none.
pub(crate) fn no_command(word: &str) -> String {
    let word: String = word.chars().take(20).collect();
    format!(
        "No command {word}, so nothing was posted. /YES posts it as written, /HELP shows commands."
    )
}

/// A command with more words behind it than it takes.
pub(crate) fn command_goes_on(word: &str) -> String {
    format!("{word} stands alone, so nothing was done or posted. /YES posts it as written.")
}

/// What there is to know.
pub(crate) fn help(name: &str, contact: &str) -> String {
    let contact = if contact.is_empty() { String::new() } else { format!(" Help: {contact}.") };
    format!(
        "{name}: texts to this number are posted publicly. /STATUS /UNDO /RETRY /LINK /QUIET /LOUD.{contact} Msg&data rates may apply. STOP to leave."
    )
}

/// How a linked person stands.
pub(crate) fn status(handle: &str, waiting: usize, spent: &str) -> String {
    let waiting = match waiting {
        0 => "nothing waits".to_owned(),
        1 => "1 text waits".to_owned(),
        n => format!("{n} texts wait"),
    };
    format!("Connected as {handle}; {waiting}; today {spent}. /UNDO takes back the newest post.")
}

/// How a person without an account stands.
pub(crate) fn status_unlinked() -> String {
    "Not connected. Text /LINK for a link.".to_owned()
}

/// `/UNDO` before anything was attempted.
pub(crate) fn dropped(text: &str) -> String {
    format!("Dropped before it was posted: {}", quote(text, QUOTE_CHARS))
}

/// `/UNDO` of something that is out.
pub(crate) fn taken_back(text: &str) -> String {
    format!("Taken back: {}", quote(text, QUOTE_CHARS))
}

/// `/UNDO` did not work.
pub(crate) fn not_taken_back(text: &str, why: &str) -> String {
    format!("Not taken back: {}. {why}.", quote(text, QUOTE_CHARS))
}

/// There is nothing for the command to do.
pub(crate) fn nothing_to(what: &str) -> String {
    format!("There is nothing to {what}.")
}

/// The answer to NO, or to a YES after which something goes out.
pub(crate) fn decided(yes: bool) -> String {
    if yes { "All right, it is being posted." } else { "All right, it is dropped." }.to_owned()
}

/// The person left; only where the carrier does not say so itself.
pub(crate) fn left(name: &str) -> String {
    format!(
        "{name}: you are out. Your connection and data are erased, no more texts from us. START to come back."
    )
}

/// Receipts are off, or on again.
pub(crate) fn quiet(on: bool) -> String {
    if on {
        "From now on we text only when something fails. /LOUD brings receipts back."
    } else {
        "From now on you get a receipt for every post. /QUIET turns them off."
    }
    .to_owned()
}

/// A failed or unclear text is tried again.
pub(crate) fn retrying() -> String {
    "Trying again.".to_owned()
}

/// A person must act.
pub(crate) fn alert(name: &str, what: &str, why: &str) -> String {
    format!("{name} needs you. {what}: {why}")
}

/// Nobody new is taken.
pub(crate) fn closed(name: &str) -> String {
    format!("{name} is not taking new people. Your text was not posted.")
}

/// A moment as people read it in a short text: `Nov 21 14:05 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (month, day) = civil(at.day());
    let minutes = at.unix_seconds().rem_euclid(86_400) / 60;
    format!("{} {day} {:02}:{:02} UTC", MONTHS[month], minutes / 60, minutes % 60)
}

/// Month (from 0) and day of the month for a day since 1970 (proleptic Gregorian calendar, counted
/// in years that begin in March, so that the leap day comes last).
fn civil(day: i64) -> (usize, i64) {
    let shifted = day + 719_468;
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = usize::try_from((march_month + 2) % 12).unwrap_or(0);
    (month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::segments::segments;
    use super::*;

    const URL: &str = "https://bridge.example.com/link/abcd-efgh-jkmn";

    #[test]
    fn fixed_texts_fit_one_segment_and_the_long_ones_two() {
        let words = "some words that somebody texted to be posted for everybody to read";
        let post = "https://x.com/i/status/1980000000000000000";
        for text in [
            relink("X", URL, "Nov 21 14:05 UTC"),
            asked_link("X", URL, 60),
            still_unlinked("X"),
            link_failed("X"),
            page_code("123456"),
            posted("@fifteen_letters", words, Some(post)),
            not_posted(words, "X does not take the same words twice", 0),
            unclear("X", words),
            waits_for_operator("X"),
            waits_for_tomorrow(),
            person_limit("100 posts"),
            ask("a post with a link costs more"),
            no_command("UNOD"),
            command_goes_on("/UNDO"),
            status("@fifteen_letters", 12, "12 posts"),
            dropped(words),
            taken_back(words),
            left("Cordboard"),
            quiet(true),
            linked("@fifteen_letters"),
        ] {
            assert_eq!(segments(&text), 1, "{text}");
        }
        for text in [
            invitation("Cordboard", "X", URL, 60, true),
            linked_other("@fifteen_letters", "@fourteen_letter", 12),
            help("Cordboard", "help@bridge.example.com"),
        ] {
            assert!(segments(&text) <= 2, "{text}");
        }
    }

    #[test]
    fn a_moment_is_written_in_utc() {
        for (millis, text) in [
            (0, "Jan 1 00:00 UTC"),
            (1_709_208_000_000, "Feb 29 12:00 UTC"),
            (1_795_269_900_000, "Nov 21 14:05 UTC"),
            (1_798_761_599_999, "Dec 31 23:59 UTC"),
        ] {
            assert_eq!(moment(Timestamp(millis)), text);
        }
    }
}
