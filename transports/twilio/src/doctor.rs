//! What `cordboard doctor` looks at: the keys, the numbers, and where Twilio sends their texts.

use crate::config::{Config, Receive};
use crate::listing;
use crate::outbound;
use cordboard_plugin::{Address, CallError, Finding, Host};
use serde_json::Value;

/// Asks Twilio whether this account is set up well. Costs nothing.
pub(crate) async fn diagnose(config: &Config, host: &dyn Host) -> Vec<Finding> {
    let account = match ask(config, host, config.path(".json")).await {
        Ok(account) => account,
        Err(error) => return vec![trouble("the account cannot be read", &error)],
    };
    let mut findings = vec![account_finding(&account)];
    for number in &config.numbers {
        findings.push(number_finding(config, host, number).await);
    }
    findings
}

fn account_finding(account: &Value) -> Finding {
    match account["status"].as_str() {
        Some("active") => good("the keys are accepted and the account is active"),
        _ => bad("the account is not active", "look at the account's state in the Twilio console"),
    }
}

async fn number_finding(config: &Config, host: &dyn Host, number: &Address) -> Finding {
    let query = number.reveal().replace('+', "%2B");
    let path = format!("{}?PhoneNumber={query}", config.path("/IncomingPhoneNumbers.json"));
    let body = match ask(config, host, path).await {
        Ok(body) => body,
        Err(error) => return trouble(&format!("number {number} cannot be read"), &error),
    };
    let rows = body["incoming_phone_numbers"].as_array().into_iter().flatten();
    let found = rows.into_iter().find(|row| row["phone_number"].as_str() == Some(number.reveal()));
    let Some(row) = found else {
        return bad(
            &format!("number {number} is not on this account"),
            "correct `numbers`, or buy the number in the Twilio console",
        );
    };
    if config.receive == Receive::Poll {
        return good(&format!("number {number} is on this account; its texts are asked for"));
    }
    let address = row["sms_url"].as_str().unwrap_or_default();
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let ours = format!("/hooks/{}", config.name);
    if address.trim_end_matches('/').ends_with(&ours) {
        good(&format!("number {number} sends its texts here"))
    } else {
        bad(
            &format!("number {number} sends its texts elsewhere"),
            &format!(
                "at the number, under Messaging, set \"A message comes in\" to \
                 Webhook, <public_url>{ours}, HTTP POST; a Messaging Service overrides it"
            ),
        )
    }
}

async fn ask(config: &Config, host: &dyn Host, path: String) -> Result<Value, CallError> {
    listing::page(&host.http(outbound::api_call(config, "GET", path)).await?)
}

fn good(line: &str) -> Finding {
    Finding { ok: true, line: line.to_owned(), hint: String::new() }
}

fn bad(line: &str, hint: &str) -> Finding {
    Finding { ok: false, line: line.to_owned(), hint: hint.to_owned() }
}

fn trouble(line: &str, error: &CallError) -> Finding {
    bad(
        &format!("{line}: {error}"),
        "check `account_sid`, `auth_token` and the network, then retry",
    )
}
