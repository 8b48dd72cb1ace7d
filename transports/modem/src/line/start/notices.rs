//! How what arrives is announced (`+CNMI`, TS 27.005 3.4.1).
//!
//! Wanted is: stored and announced. A message that is handed to us directly is counted as received by
//! the network before we have written anything, and would be lost with us.

use super::{PLAIN_MS, Steps};
use crate::at::{AtError, Shape, choices, fields};

/// How a modem announces what arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notices {
    /// What `+CNMI?` answers after it was set; `None` when it does not say.
    pub(crate) setting: Option<Vec<String>>,
    /// Whether messages are announced. Otherwise they are found by looking.
    pub(crate) messages: bool,
    /// Whether reports come.
    pub(crate) reports: bool,
}

/// What is tried after the lists of `=?` have had their say. Modems refuse what they list: those with a
/// Qualcomm chip list reports of kind 1 and refuse them, SIMCom's A7670 too; a Huawei E3531 wanted
/// 2,0,0,2,1; a Cinterion MC75i takes only 1 as the last.
const FALLBACKS: &[&str] = &[
    "2,1,0,1,0",
    "2,1,0,2,0",
    "2,1,0,0,0",
    "2,1,0,1,1",
    "2,1,0,2,1",
    "2,1,0,0,1",
    "1,1,0,1,0",
    "1,1,0,2,0",
    "1,1,0,0,0",
    "1,1,0,1,1",
    "1,1,0,2,1",
    "1,1,0,0,1",
    "3,1,0,0,0",
    "2,1",
    "1,1",
    "2,0,0,2,1",
];

/// What is wanted of each of the five, best first.
const WANTED: [&[&str]; 5] = [&["2", "1", "3"], &["1"], &["0", "2"], &["1", "2", "0"], &["0", "1"]];

/// Sets the first way of announcing that is accepted.
pub(super) async fn choose(steps: &mut Steps<'_, '_>) -> Result<Notices, AtError> {
    let lines = steps.ask("AT+CNMI=?", Shape::Prefixed("+CNMI:"), PLAIN_MS).await?;
    let offered = lines.first().map(|line| choices(line)).unwrap_or_default();
    let mut accepted = None;
    for values in ladder(&offered) {
        if steps.tell(&format!("AT+CNMI={values}")).await? {
            accepted = Some(values);
            break;
        }
    }
    let setting = look(steps).await?;
    let told = setting.clone().unwrap_or_else(|| {
        accepted.iter().flat_map(|values| values.split(',')).map(str::to_owned).collect()
    });
    let is = |at: usize, wanted: &[&str]| {
        told.get(at).is_some_and(|value| wanted.contains(&value.as_str()))
    };
    Ok(Notices {
        messages: is(0, &["1", "2", "3"]) && is(1, &["1", "2", "3"]),
        reports: is(3, &["1", "2"]),
        setting,
    })
}

/// What `+CNMI?` answers.
pub(in crate::line) async fn look(
    steps: &mut Steps<'_, '_>,
) -> Result<Option<Vec<String>>, AtError> {
    let lines = steps.ask("AT+CNMI?", Shape::Prefixed("+CNMI:"), PLAIN_MS).await?;
    Ok(lines.first().map(|line| fields(line)))
}

/// The settings to try, best first: the best of what is listed, then every fallback.
fn ladder(offered: &[Vec<String>]) -> Vec<String> {
    let best: Option<Vec<&str>> = WANTED
        .iter()
        .zip(offered)
        .map(|(wanted, list)| {
            wanted.iter().copied().find(|want| list.iter().any(|has| has == want))
        })
        .collect();
    let best = best.filter(|values| values.len() == WANTED.len()).map(|values| values.join(","));
    let mut ladder: Vec<String> = best.into_iter().collect();
    for fallback in FALLBACKS {
        if !ladder.iter().any(|has| has == fallback) {
            ladder.push((*fallback).to_owned());
        }
    }
    ladder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(line: &str) -> String {
        ladder(&choices(line))[0].clone()
    }

    #[test]
    fn the_best_of_what_is_listed_is_tried_first() {
        for (line, expected) in [
            ("+CNMI: (0-3),(0-3),(0,2),(0-2),(0,1)", "2,1,0,1,0"),
            ("+CNMI: (0,1),(0,1),(0,2),(0,2),(0,1)", "1,1,0,2,0"),
            // A Cinterion MC75i.
            ("+CNMI: (0-3),(0,1),(0,2,3),(0,2),(1)", "2,1,0,2,1"),
            // No mode that announces: the ladder begins.
            ("+CNMI: (0),(0),(0),(0),(0)", "2,1,0,1,0"),
            ("", "2,1,0,1,0"),
        ] {
            assert_eq!(first(line), expected, "{line}");
        }
    }

    #[test]
    fn the_ladder_ends_with_what_needs_looking() {
        let ladder = ladder(&[]);
        assert_eq!(ladder.last().unwrap(), "2,0,0,2,1");
        let mut once = ladder.clone();
        once.dedup();
        assert_eq!(once, ladder);
    }
}
