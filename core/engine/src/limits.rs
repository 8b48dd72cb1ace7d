//! What is counted, for whom, and up to where.

use crate::config::Policy;
use cordboard_plugin::{Address, MicroUsd, Timestamp};
use cordboard_store::Counter;

/// Money spent by everybody together.
pub(crate) const SPENT_ALL: &str = "usd";
const HOUR_MS: i64 = 3_600_000;
/// Digits of a number that make its prefix.
const PREFIX_DIGITS: usize = 6;

/// Posts of one person.
pub(crate) fn posts_key(sender: &Address) -> String {
    format!("posts/{}", sender.reveal())
}

/// Money spent for one person.
pub(crate) fn spent_key(sender: &Address) -> String {
    format!("usd/{}", sender.reveal())
}

/// One invitation: for the number first, then its prefix, then everybody.
pub(crate) fn invite_counters(policy: &Policy, sender: &Address, now: Timestamp) -> Vec<Counter> {
    let hour = now.0.div_euclid(HOUR_MS);
    let prefix: String =
        sender.reveal().chars().filter(char::is_ascii_digit).take(PREFIX_DIGITS).collect();
    vec![
        Counter {
            key: format!("invites/{}", sender.reveal()),
            window: now.day(),
            by: 1,
            max: i64::from(policy.invites_per_number_day),
        },
        Counter {
            key: format!("invites/prefix/{prefix}"),
            window: hour,
            by: 1,
            max: i64::from(policy.invites_per_prefix_hour),
        },
        Counter {
            key: "invites/all".to_owned(),
            window: hour,
            by: 1,
            max: i64::from(policy.invites_per_hour),
        },
    ]
}

/// One post and its price: the person's number of posts, the person's money, everybody's money.
pub(crate) fn post_counters(
    policy: &Policy,
    sender: &Address,
    price: MicroUsd,
    now: Timestamp,
) -> Vec<Counter> {
    let window = now.day();
    vec![
        Counter {
            key: posts_key(sender),
            window,
            by: 1,
            max: i64::from(policy.posts_per_person_day),
        },
        Counter { key: spent_key(sender), window, by: price.0, max: policy.spend_per_person_day.0 },
        spent_by_all(policy, price, window),
    ]
}

/// One text of ours: the recipient's number of texts, everybody's money.
pub(crate) fn reply_counters(
    policy: &Policy,
    to: &Address,
    price: MicroUsd,
    now: Timestamp,
) -> Vec<Counter> {
    let window = now.day();
    vec![
        Counter {
            key: format!("replies/{}", to.reveal()),
            window,
            by: 1,
            max: i64::from(policy.replies_per_number_day),
        },
        spent_by_all(policy, price, window),
    ]
}

/// What posts and texts alike are paid from.
fn spent_by_all(policy: &Policy, price: MicroUsd, window: i64) -> Counter {
    Counter { key: SPENT_ALL.to_owned(), window, by: price.0, max: policy.spend_per_day.0 }
}

/// Something that is told once a day: passes its limit the second time.
pub(crate) fn once_a_day(what: &str, sender: &Address, now: Timestamp) -> Vec<Counter> {
    let key = format!("told/{what}/{}", sender.reveal());
    vec![Counter { key, window: now.day(), by: 1, max: 1 }]
}
