//! What `cordboard doctor` looks at: the keys, the numbers, and whether records can be read back.

use crate::codes;
use crate::config::Config;
use crate::outbound;
use crate::records;
use cordboard_plugin::{Address, CallError, Finding, Host};

const HOUR_MS: i64 = 3_600_000;

/// Asks Flowroute whether this account is set up well. Costs nothing.
pub(crate) async fn diagnose(config: &Config, host: &dyn Host) -> Vec<Finding> {
    let mut findings = match records_finding(config, host).await {
        Ok(finding) => vec![finding],
        Err(finding) => return vec![finding],
    };
    for number in &config.numbers {
        findings.push(number_finding(config, host, number).await);
    }
    findings.push(good(
        "where callbacks go cannot be asked for; texts that miss them are found within 15 minutes",
    ));
    findings
}

async fn records_finding(config: &Config, host: &dyn Host) -> Result<Finding, Finding> {
    let now = host.now();
    let path = records::page_path(now.plus_millis(-HOUR_MS), now, 1, 0);
    match ask(config, host, path).await {
        Ok(()) => Ok(good("the keys are accepted and records of messages can be read")),
        Err(error) => Err(trouble("records of messages cannot be read", &error)),
    }
}

async fn number_finding(config: &Config, host: &dyn Host, number: &Address) -> Finding {
    let path = format!("/v2/numbers/{}", outbound::digits(number.reveal()));
    let answer = host.http(outbound::api_call(config, "GET", path)).await;
    match answer.map_err(CallError::from) {
        Ok(answer) if answer.status == 200 => good(&format!("number {number} is on this account")),
        Ok(answer) if answer.status == 404 => bad(
            &format!("number {number} is not on this account"),
            "correct `numbers`, or buy the number in the Flowroute portal",
        ),
        Ok(answer) => {
            let error = codes::failed_question(&answer);
            trouble(&format!("number {number} cannot be read"), &error)
        }
        Err(error) => trouble(&format!("number {number} cannot be read"), &error),
    }
}

async fn ask(config: &Config, host: &dyn Host, path: String) -> Result<(), CallError> {
    records::read(&host.http(outbound::api_call(config, "GET", path)).await?).map(|_| ())
}

fn good(line: &str) -> Finding {
    Finding { ok: true, line: line.to_owned(), hint: String::new() }
}

fn bad(line: &str, hint: &str) -> Finding {
    Finding { ok: false, line: line.to_owned(), hint: hint.to_owned() }
}

fn trouble(line: &str, error: &CallError) -> Finding {
    bad(&format!("{line}: {error}"), "check `access_key`, `secret_key` and the network, then retry")
}
