//! `messages sum --money`: what was spent, by day.

use super::{moment, rows, text};
use crate::failure::Failure;
use crate::talk;
use cordboard_plugin::MicroUsd;
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;

/// Shows what `GET /money` answers: one line per day, sort and instance, and what they make together.
pub(super) fn show(money: &Value, as_json: bool) -> Result<(), Failure> {
    let spent = rows(&money["spent"]);
    if as_json {
        return talk::json(&Value::Array(spent.iter().map(row).collect()));
    }
    let lines: Vec<Vec<String>> = spent.iter().map(line).collect();
    talk::table(&["day", "for", "where", "number", "cost"], &lines, "nothing was spent")?;
    let price = |line: &Value| line["micro_usd"].as_i64().unwrap_or_default();
    let together = MicroUsd(spent.iter().map(price).sum());
    let limit = MicroUsd(money["day_cost"]["limit_micro_usd"].as_i64().unwrap_or_default());
    talk::data(&format!("together {together}; a day's limit is {limit}"))
}

fn row(line: &Value) -> Value {
    json!({
        "day": day(line),
        "for": sort(line),
        "instance": line["instance"],
        "n": line["n"],
        "micro_usd": line["micro_usd"],
    })
}

fn line(line: &Value) -> Vec<String> {
    vec![
        day(line),
        sort(line),
        text(line, "instance").to_owned(),
        line["n"].as_i64().unwrap_or_default().to_string(),
        MicroUsd(line["micro_usd"].as_i64().unwrap_or_default()).to_string(),
    ]
}

fn day(line: &Value) -> String {
    let at = json!({ "at": line["day"].as_i64().unwrap_or_default().saturating_mul(DAY_MS) });
    moment(&at, "at").chars().take("2026-11-21".len()).collect()
}

fn sort(line: &Value) -> String {
    text(line, "on").replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_ledger_is_read_by_people_and_programs() {
        let spent =
            json!({ "day": 20_778, "on": "text_in", "instance": "a", "n": 3, "micro_usd": 24_900 });
        assert_eq!(line(&spent), ["2026-11-21", "text in", "a", "3", "0.0249 USD"]);
        let row = row(&spent);
        assert_eq!(
            (row["day"].as_str(), row["for"].as_str()),
            (Some("2026-11-21"), Some("text in"))
        );
    }
}
