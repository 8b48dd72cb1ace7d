//! `people`: who uses the bridge.

use super::{ask, moment, number, rows, text};
use crate::cli::People;
use crate::failure::Failure;
use crate::operator::{Ask, Desk};
use crate::talk;
use serde_json::Value;

pub(super) async fn people(desk: &Desk, people: People) -> Result<(), Failure> {
    match people {
        People::List { limit, json } => {
            let found = ask(desk, Ask::People(limit)).await?;
            let people: Vec<Value> = rows(&found).iter().map(flat).collect();
            if json.json {
                return talk::json(&Value::Array(people));
            }
            let mut columns =
                vec!["sender", "standing", "accounts", "messages", "waiting", "seen_at"];
            let mut lines: Vec<Vec<String>> = people.iter().map(line).collect();
            // Most bridges text all their links, and have none to pass on.
            if people.iter().any(|person| person["link"].is_string()) {
                columns.push("link");
                for (line, person) in lines.iter_mut().zip(&people) {
                    line.push(link(person));
                }
            }
            talk::table(&columns, &lines, "nobody is known yet")
        }
        People::Show { number, json } => {
            let person = flat(&ask(desk, Ask::Person(number)).await?);
            if json.json { talk::json(&person) } else { show(&person) }
        }
        People::Unlink { number, sink } => {
            ask(desk, Ask::Unlink(number.clone(), sink.clone())).await?;
            let number = number.reveal();
            talk::say(&match sink {
                Some(sink) => format!("{number} is disconnected from {sink}; /LINK connects again"),
                None => format!("{number} is disconnected; a text brings a new link"),
            });
            Ok(())
        }
        People::Block { number } => {
            ask(desk, Ask::Block(number.clone(), true)).await?;
            talk::say(&format!("{} is blocked: nothing is read or answered", number.reveal()));
            Ok(())
        }
        People::Unblock { number } => {
            ask(desk, Ask::Block(number.clone(), false)).await?;
            talk::say(&format!("{} is not blocked any more", number.reveal()));
            Ok(())
        }
    }
}

/// A person in one object: the identity's words stand beside the others.
fn flat(person: &Value) -> Value {
    let mut person = person.clone();
    if let Some(all) = person.as_object_mut()
        && let Some(Value::Object(identity)) = all.remove("identity")
    {
        for (key, value) in identity {
            all.entry(key).or_insert(value);
        }
    }
    person
}

fn line(person: &Value) -> Vec<String> {
    vec![
        text(person, "sender").to_owned(),
        text(person, "standing").to_owned(),
        accounts(person),
        number(person, "messages"),
        number(person, "waiting"),
        moment(person, "seen_at"),
    ]
}

/// The address of a link that could not be texted.
fn link(person: &Value) -> String {
    person["link"].as_str().unwrap_or("-").to_owned()
}

fn accounts(person: &Value) -> String {
    let shown = |account: &Value| {
        let relink = if account["relink"] == true { " (must link again)" } else { "" };
        format!("{} {}{relink}", text(account, "sink"), text(&account["remote"], "handle"))
    };
    let all: Vec<String> = rows(&person["accounts"]).iter().map(shown).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}

fn show(person: &Value) -> Result<(), Failure> {
    for (label, value) in [
        ("sender", text(person, "sender").to_owned()),
        ("standing", text(person, "standing").to_owned()),
        ("accounts", accounts(person)),
        ("messages", number(person, "messages")),
        ("waiting", number(person, "waiting")),
        ("PIN", if person["pin"] == true { "set" } else { "none" }.to_owned()),
        ("locked until", moment(person, "locked_until")),
        ("link open until", moment(person, "link_until")),
        ("link to pass on", link(person)),
        ("first seen", moment(person, "created_at")),
        ("last seen", moment(person, "seen_at")),
    ] {
        talk::data(&format!("{label:<16}{value}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_person_is_one_object_and_one_line() {
        let view = json!({
            "identity": { "id": 1, "sender": "+15550100001", "standing": "known", "seen_at": 0 },
            "accounts": [
                { "sink": "wall", "remote": { "id": "7", "handle": "@ann" }, "relink": true }
            ],
            "messages": 3, "waiting": 1, "link_until": null, "link": null,
        });
        let person = flat(&view);
        assert_eq!(person["sender"], "+15550100001");
        assert_eq!(person.get("identity"), None);
        let expected = [
            "+15550100001",
            "known",
            "wall @ann (must link again)",
            "3",
            "1",
            "1970-01-01 00:00:00Z",
        ];
        assert_eq!(line(&person), expected);
    }
}
