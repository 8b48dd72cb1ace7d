//! `messages`: what has arrived, and what became of it.

use super::{ask, moment, money, number, rows, text};
use crate::cli::Messages;
use crate::failure::Failure;
use crate::operator::{Ask, Desk, Operator};
use crate::talk;
use cordboard_store::{MessageFilter, MessageState};
use serde_json::{Map, Value};

/// How much of a text a list shows, in characters.
const TEXT_CHARS: usize = 40;

pub(super) async fn messages(desk: &Desk, messages: Messages) -> Result<(), Failure> {
    match messages {
        Messages::List { state, sender, before, limit, json } => {
            let states = state.iter().map(|word| self::state(word)).collect::<Result<_, _>>()?;
            let filter = MessageFilter { states, sender, before, rows_max: limit };
            let found = ask(desk, Ask::Messages(filter)).await?;
            if json.json { talk::json(&found) } else { list(&found) }
        }
        Messages::Show { id, json } => {
            let detail = ask(desk, Ask::Message(id)).await?;
            if json.json { talk::json(&detail) } else { show(&detail) }
        }
        Messages::Retry { ids } => retry(desk, &ids).await,
        Messages::Sum { money: true, days, json } => {
            money::show(&ask(desk, Ask::Money(days)).await?, json.json)
        }
        Messages::Sum { json, .. } => {
            let sums = flat(&ask(desk, Ask::Sums).await?);
            if json.json {
                talk::json(&Value::Object(sums.clone()))?;
            } else {
                talk::data(&sentence(&sums))?;
            }
            if holds(&sums) { Ok(()) } else { Err(Failure::failed("the sum does not hold", BUG)) }
        }
    }
}

const BUG: &str = "this is a bug in Cordboard: please report it with this output";

fn state(word: &str) -> Result<MessageState, Failure> {
    MessageState::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = MessageState::ALL.iter().map(|state| state.word()).collect();
        let hint = format!("states are {}", words.join(", "));
        Failure::usage(format!("`{word}` is not a state of messages"), hint)
    })
}

/// Tries each message; one that cannot be tried again does not keep the others back.
async fn retry(desk: &Desk, ids: &[i64]) -> Result<(), Failure> {
    let operator = Operator::find(desk)?;
    let mut failed = Vec::new();
    for id in ids {
        match operator.ask(Ask::Retry(*id)).await {
            Ok(_) if operator.is_running() => talk::say(&format!("message {id} is tried again")),
            Ok(_) => {
                talk::say(&format!("message {id} is tried again when the bridge runs"));
            }
            Err(failure) => failed.push(failure),
        }
    }
    operator.close().await?;
    // The last one ends the command; the others are told before it.
    let last = failed.pop();
    for failure in failed {
        talk::say(&failure.to_string());
    }
    last.map_or(Ok(()), Err)
}

fn list(found: &Value) -> Result<(), Failure> {
    let columns = ["id", "state", "transport", "sender", "received_at", "text", "outcome"];
    let line = |message: &Value| {
        vec![
            number(message, "id"),
            text(message, "state").to_owned(),
            text(message, "transport").to_owned(),
            text(message, "sender").to_owned(),
            moment(message, "received_at"),
            talk::short(text(message, "text"), TEXT_CHARS),
            talk::short(text(message, "outcome"), TEXT_CHARS * 2),
        ]
    };
    let lines: Vec<Vec<String>> = rows(found).iter().map(line).collect();
    talk::table(&columns, &lines, "no such messages")
}

fn show(detail: &Value) -> Result<(), Failure> {
    let message = &detail["message"];
    for (label, value) in [
        ("id", number(message, "id")),
        ("state", text(message, "state").to_owned()),
        ("waits for", text(message, "wait").to_owned()),
        ("transport", text(message, "transport").to_owned()),
        ("line", text(message, "line").to_owned()),
        ("sender", text(message, "sender").to_owned()),
        ("received at", moment(message, "received_at")),
        ("text", talk::short(text(message, "text"), usize::MAX)),
        ("outcome", text(message, "outcome").to_owned()),
    ] {
        talk::data(&format!("{label:<13}{value}"))?;
    }
    for post in rows(&detail["posts"]) {
        let (part, parts) = (post["part_index"].as_i64(), post["part_count"].as_i64());
        let (part, parts) = (part.unwrap_or_default() + 1, parts.unwrap_or_default());
        let (sink, state, outcome) =
            (text(post, "sink"), text(post, "state"), text(post, "outcome"));
        let place = post["published"]["url"].as_str().unwrap_or_default();
        let line = format!("post         {sink} part {part} of {parts}: {state} {outcome} {place}");
        talk::data(line.trim_end())?;
    }
    for attempt in rows(&detail["attempts"]) {
        let (began, outcome) = (moment(attempt, "started_at"), text(attempt, "outcome"));
        let line = format!("attempt      {began} {outcome} {}", text(attempt, "detail"));
        talk::data(line.trim_end())?;
    }
    for reply in rows(&detail["replies"]) {
        let words = talk::short(text(reply, "text"), usize::MAX);
        talk::data(&format!("reply        {}: {words}", text(reply, "state")))?;
    }
    Ok(())
}

/// Sums as one object: `total` and each state.
fn flat(sums: &Value) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("total".to_owned(), sums["total"].clone());
    for pair in rows(&sums["states"]) {
        if let Some(state) = pair[0].as_str() {
            all.insert(state.to_owned(), pair[1].clone());
        }
    }
    all
}

fn holds(sums: &Map<String, Value>) -> bool {
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    let states = sums.iter().filter(|(key, _)| *key != "total");
    sums.get("total").map(number) == Some(states.map(|(_, value)| number(value)).sum())
}

fn sentence(sums: &Map<String, Value>) -> String {
    let count = |key: &str| sums.get(key).and_then(Value::as_i64).unwrap_or_default();
    let state = |state: &MessageState| format!("{state} {}", count(state.word()));
    let states: Vec<String> = MessageState::ALL.iter().map(state).collect();
    format!("total {} = {}", count("total"), states.join(" + "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cordboard_store::Sums;

    #[test]
    fn the_sum_is_one_line_and_is_checked() {
        let states = MessageState::ALL.iter().map(|state| (*state, 1)).collect();
        let sums = flat(&serde_json::to_value(Sums { total: 8, states }).unwrap());
        assert!(holds(&sums));
        assert_eq!(
            sentence(&sums),
            "total 8 = queued 1 + working 1 + posted 1 + answered 1 + refused 1 + failed 1 + \
             waiting 1 + unclear 1"
        );
        let mut wrong = sums;
        wrong.insert("total".to_owned(), Value::from(9));
        assert!(!holds(&wrong));
    }

    #[test]
    fn a_state_that_is_none_is_wrong_usage() {
        assert!(state("posted").is_ok());
        assert!(state("lost").unwrap_err().to_string().contains("unclear"));
    }
}
