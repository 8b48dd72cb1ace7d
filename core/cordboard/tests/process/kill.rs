//! The 200 comes after the fsync: a process killed right after it has lost nothing and repeats nothing.

use crate::bridge::{LINE, Person, Running, configure, form};
use cordboard_plugin::Secret;
use cordboard_twilio::signature::{Algorithm, sign};

const PHONE: &str = "+15550101142";

#[tokio::test]
async fn a_process_killed_right_after_its_answer_posts_the_message_once() {
    let dir = tempfile::tempdir().unwrap();
    configure(dir.path(), 0);
    let mut bridge = Running::start(dir.path(), "info");
    // The address is part of what people were linked under, so it stays for the later lives.
    configure(dir.path(), bridge.port());
    Person::new(&bridge, PHONE).join("sandbox").await;
    for life in 0..4 {
        let words = format!("life number {life}");
        let person = Person::new(&bridge, PHONE);
        let (body, signature) = webhook(&bridge, life, &words);
        let hook = format!("{}/hooks/twilio", bridge.url);
        let answer = person.post(&hook, &body, Some(("x-twilio-signature", &signature))).await;
        assert_eq!(answer.status(), 200);
        bridge.kill();
        bridge = Running::start(dir.path(), "info");
        let person = Person::new(&bridge, PHONE);
        // An attempt that the kill interrupted is looked at half a minute after its deadline.
        person
            .until(&format!("{words} posted"), |phone, timeline| {
                timeline.contains(&words) && phone.contains(&words)
            })
            .await;
        // The provider brings it again; it is known.
        let again = person.post(&hook, &body, Some(("x-twilio-signature", &signature))).await;
        assert_eq!(again.status(), 200);
    }
    let person = Person::new(&bridge, PHONE);
    // One more text behind them all: when it is out, nothing older is left in the lane.
    person.texts("the last word").await;
    person.until("the last posted", |_, timeline| timeline.contains("the last word")).await;
    let (_, timeline) = person.panes().await;
    for life in 0..4 {
        let words = format!("life number {life}");
        assert_eq!(timeline.matches(&words).count(), 1, "{words}\n{timeline}");
    }
    assert!(bridge.terminate(), "an ordered stop ends well:\n{}", bridge.log());
}

/// A webhook call as the provider makes it, and its signature.
fn webhook(bridge: &Running, life: u32, words: &str) -> (String, String) {
    let sid = format!("SM{life:032}");
    let pairs = [
        ("MessageSid", sid.as_str()),
        ("AccountSid", cordboard_twilio::sim::ACCOUNT_SID),
        ("From", PHONE),
        ("To", LINE),
        ("Body", words),
        ("NumMedia", "0"),
    ];
    let bytes: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect();
    let token = Secret::new(cordboard_twilio::sim::AUTH_TOKEN);
    let url = format!("{}/hooks/twilio", bridge.url);
    (form(&pairs), sign(Algorithm::HmacSha1, &token, &url, &bytes))
}
