//! Loops: two machines must never talk, and a person must never be taken for one.

use crate::browser::join;
use crate::town::{ANNA, BERT, LINE, Town};
use cordboard_engine::store::{MessageFilter, MessageState};
use cordboard_plugin::PhoneText;
use cordboard_testkit::run_seeded;

/// The operator's own phone.
const OPERATOR: &str = "+15550109999";

/// A phone that answers each text it gets after two seconds, for as long as one comes within a minute.
/// Gives back how many answers it sent.
async fn answers_by_itself(town: &Town, phone: &str, words: impl Fn(usize) -> String) -> usize {
    let mut seen = town.heard(phone).await.len();
    let (mut sent, mut idle) = (0, 0);
    town.texts(phone, &words(sent)).await;
    while idle < 60 {
        town.wait_seconds(1).await;
        idle += 1;
        let heard = town.heard(phone).await.len();
        if heard > seen {
            (seen, idle) = (heard, 0);
            town.wait_seconds(2).await;
            sent += 1;
            assert!(sent < 60, "it would never end: {:?}", town.heard(phone).await);
            town.texts(phone, &words(sent)).await;
        }
    }
    sent
}

async fn outcomes(town: &Town) -> Vec<String> {
    let filter = MessageFilter { states: Vec::new(), sender: None, before: None, rows_max: 100 };
    let mut messages = town.bridge.messages(filter).await.unwrap();
    messages.reverse();
    messages.into_iter().map(|message| message.outcome).collect()
}

#[test]
fn a_machine_with_constant_words_is_answered_twice_at_most() {
    run_seeded(async {
        let town = Town::new(120).await;
        join(&town, ANNA, "anna").await;
        let sent = answers_by_itself(&town, ANNA, |_| "I am driving.".to_owned()).await;
        assert_eq!(sent, 2);
        assert_eq!(town.words().await, ["I am driving."]);
        assert!(outcomes(&town).await[3].contains("third time"), "{:?}", outcomes(&town).await);
        // The operator may think otherwise; then it is read as any other text.
        let filter = MessageFilter {
            states: vec![MessageState::Refused],
            sender: None,
            before: None,
            rows_max: 1,
        };
        let refused = town.bridge.messages(filter).await.unwrap()[0].id;
        town.bridge.retry(refused).await.unwrap();
        town.until("it was tried at X", || async {
            let life = town.bridge.message(refused).await.unwrap();
            life.posts.first().is_some_and(|post| post.tries == 1)
        })
        .await;
        town.wait_seconds(30).await;
        // A stranger's machine gets no further.
        let sent = answers_by_itself(&town, BERT, |n| "I am  driving!".repeat(1 + n / 60)).await;
        assert_eq!(sent, 2);
        // After an hour the same words are words again.
        town.wait_seconds(3600).await;
        let links = |heard: &[String]| heard.iter().filter(|text| text.contains("/link/")).count();
        assert_eq!(links(&town.heard(BERT).await), 2);
        town.texts(BERT, "I am driving.").await;
        town.until("he is invited", || async { links(&town.heard(BERT).await) == 3 }).await;
    });
}

#[test]
fn a_machine_with_varying_words_falls_silent_and_the_operator_learns_of_it() {
    run_seeded(async {
        let town = Town::with(121, |config| config.alert_numbers = vec![OPERATOR.into()]).await;
        join(&town, ANNA, "anna").await;
        let sent = answers_by_itself(&town, ANNA, |n| format!("Out of office, case {n}")).await;
        assert!((5..=7).contains(&sent), "{sent}");
        let posts = town.words().await.len();
        assert!(posts <= 7, "{posts}");
        // Whatever we text it later, it says nothing more in public.
        for n in 0..3 {
            town.bridge.make_link(&ANNA.into(), true).await.unwrap();
            town.wait_seconds(3).await;
            town.texts(ANNA, &format!("Out of office, letter {n}")).await;
            town.wait_seconds(60).await;
        }
        assert_eq!(town.words().await.len(), posts);
        let outcomes = outcomes(&town).await;
        assert!(outcomes.last().unwrap().contains("taken for a machine"), "{outcomes:?}");
        assert_eq!(town.states().await.last(), Some(&MessageState::Refused));
        let told = town.heard(OPERATOR).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("phone ending 42"), "{told:?}");
        // Words that nobody asked for are a person's.
        town.wait_seconds(60).await;
        town.texts(ANNA, "back at my desk").await;
        town.until_posts(posts + 1).await;
    });
}

#[test]
fn fifteen_texts_of_a_fast_person_are_all_posted() {
    for pause in [1, 3, 5, 8] {
        run_seeded(async move {
            let town = Town::new(122).await;
            join(&town, ANNA, "anna").await;
            let texts: Vec<String> = (0..15).map(|n| format!("what I see, part {n}")).collect();
            for text in &texts {
                town.texts(ANNA, text).await;
                town.wait_seconds(pause).await;
            }
            town.until_done().await;
            assert_eq!(town.words().await, texts, "a text every {pause} s");
        });
    }
}

#[test]
fn commands_are_never_taken_for_a_machine() {
    run_seeded(async {
        let town = Town::new(123).await;
        join(&town, ANNA, "anna").await;
        for n in 1..20 {
            town.texts(ANNA, "/STATUS").await;
            town.until("each is answered", || async {
                town.heard(ANNA).await.iter().filter(|text| text.contains("today")).count() == n
            })
            .await;
        }
        town.texts(ANNA, "and words are words").await;
        town.until_posts(1).await;
        town.until_heard(ANNA, "Posted as @anna").await;
    });
}

#[test]
fn a_machine_that_asks_for_help_all_day_gets_it_a_few_times() {
    run_seeded(async {
        let town = Town::new(124).await;
        let sent = answers_by_itself(&town, ANNA, |_| "?".to_owned()).await;
        assert_eq!(sent, 5);
        assert_eq!(town.heard(ANNA).await.len(), 5);
    });
}

#[test]
fn what_cannot_be_answered_is_refused_without_a_text() {
    run_seeded(async {
        let second = "+15550100002";
        let town = Town::with(125, |config| {
            let mut other = config.transports[0].clone();
            other.name = "second".to_owned();
            other.settings["numbers"] = serde_json::json!([second]);
            config.transports.push(other);
        })
        .await;
        let strangers = [
            "12345",
            "+12345",
            "266278",
            "INFO",
            "Bank of X",
            "whatsapp:+15550101142",
            LINE,
            second,
        ];
        for (n, stranger) in strangers.into_iter().enumerate() {
            let to = if stranger == LINE { second } else { LINE };
            let by = if to == LINE { "twilio" } else { "second" };
            let text = PhoneText {
                from: stranger.into(),
                to: to.into(),
                body: "hello".to_owned(),
                pictures: Vec::new(),
            };
            town.bridge.sandbox_text(by, text).await.unwrap();
            town.until("it is refused", || async {
                town.states().await.len() == n + 1
                    && town.states().await[n] == MessageState::Refused
            })
            .await;
        }
        town.wait_seconds(60).await;
        for stranger in strangers {
            let ours = [LINE, second].contains(&stranger);
            let heard = town.heard(stranger).await;
            // Our own lines show what came in, as any phone would; nobody was answered.
            assert!(heard.iter().all(|text| ours && text == "hello"), "{stranger}: {heard:?}");
        }
        let outcomes = outcomes(&town).await;
        assert!(outcomes[6..].iter().all(|why| why.contains("our own lines")), "{outcomes:?}");
    });
}
