//! Secrets, numbers and texts never reach a log, whatever level is asked for.

use crate::bridge::{LINE, Person, Running, configure};

const PHONE: &str = "+15550101142";
const WORDS: &str = "a most remarkable sentence";
const PIN: &str = "48213907";
const NEW_PIN: &str = "70931284";

#[tokio::test]
async fn a_whole_round_trip_at_trace_logs_no_secret_number_or_text() {
    let dir = tempfile::tempdir().unwrap();
    configure(dir.path(), 0);
    let mut bridge = Running::start(dir.path(), "trace");
    let mut person = Person::new(&bridge, PHONE);
    person.join("sandbox").await;
    person.texts(WORDS).await;
    person.until("posted", |_, timeline| timeline.contains(WORDS)).await;
    person.texts(&format!("/PIN {PIN}")).await;
    person.until("has a PIN", |phone, _| phone.contains("PIN set")).await;
    person.texts(&format!("{PIN} behind a PIN")).await;
    person.until("posted", |_, timeline| timeline.contains("behind a PIN")).await;
    person.texts(&format!("/PIN {PIN} {NEW_PIN}")).await;
    person.until("has another", |phone, _| phone.matches("PIN set").count() == 2).await;
    person.texts("/UNDO").await;
    person.until("taken back", |phone, _| phone.contains("Taken back")).await;
    person.texts("/STOP").await;
    person.until("left", |phone, _| phone.contains("you are out")).await;
    assert!(bridge.terminate());
    let log = bridge.log();
    assert!(log.contains("DEBUG"), "the test must see the finest lines");
    assert!(log.contains("posted"), "and the story itself");
    let mut secrets = vec![
        PHONE.to_owned(),
        LINE.to_owned(),
        PHONE.trim_start_matches('+').to_owned(),
        PHONE.replace('+', "%2B"),
        WORDS.to_owned(),
        PIN.to_owned(),
        NEW_PIN.to_owned(),
        WORDS.replace(' ', "+"),
        cordboard_twilio::sim::AUTH_TOKEN.to_owned(),
        cordboard_x::sim::CLIENT_SECRET.to_owned(),
        std::fs::read_to_string(dir.path().join("data/admin.token")).unwrap().trim().to_owned(),
        std::fs::read_to_string(dir.path().join("data/store.key")).unwrap().trim().to_owned(),
    ];
    secrets.extend(person.seen);
    assert!(secrets.len() > 15, "the link's token, cookie, state and code were seen");
    for secret in secrets {
        assert!(secret.len() > 5);
        if let Some(line) = log.lines().find(|line| line.contains(&secret)) {
            panic!("logged: {secret:?} in\n{line}");
        }
    }
}
