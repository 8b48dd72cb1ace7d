//! What is counted, for whom, and up to where.

use crate::config::Policy;
use cordboard_plugin::{Address, MicroUsd, Timestamp};
use cordboard_store::{Counter, Reply, ReplyClass, posts_key, spent_key};

const HOUR_MS: i64 = 3_600_000;
/// Digits of a number that make its prefix.
const PREFIX_DIGITS: usize = 6;
/// Texts to one number per UTC day that are sent even after STOP (its confirmation, HELP), and to the
/// operator.
const ALWAYS_PER_NUMBER_DAY: i64 = 10;

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

/// Which part of a day's money may be used up. What is kept back pays for telling people that the money
/// is used up, for taking posts back, and for the words that law asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purse {
    /// Links for people whom nobody knows: a storm of strangers must not use up what the others need.
    Strangers,
    /// Posts and receipts.
    Usual,
    /// Answers, looks, taking back.
    Answers,
    /// What is sent even after STOP.
    Last,
}

impl Purse {
    /// How much of `max` may be used up.
    pub(crate) fn share(self, max: MicroUsd) -> i64 {
        let hundredths = match self {
            Self::Strangers => 50,
            Self::Usual => 90,
            Self::Answers => 95,
            Self::Last => 100,
        };
        max.0 / 100 * hundredths
    }
}

/// One attempt to post and its price: the person's number of posts, their money, everybody's money.
pub(crate) fn post_counters(
    policy: &Policy,
    sender: &Address,
    price: MicroUsd,
    now: Timestamp,
) -> Vec<Counter> {
    let posts = Counter {
        key: posts_key(sender),
        window: now.day(),
        by: 1,
        max: i64::from(policy.posts_per_person_day),
    };
    [vec![posts], money(policy, sender, price, Purse::Usual, now)].concat()
}

/// One text of ours: the recipient's number of texts, their money, everybody's money.
pub(crate) fn reply_counters(
    policy: &Policy,
    reply: &Reply,
    price: MicroUsd,
    now: Timestamp,
) -> Vec<Counter> {
    let to = reply.to.reveal();
    let window = now.day();
    if reply.always {
        let key = format!("replies/always/{to}");
        let answers = Counter { key, window, by: 1, max: ALWAYS_PER_NUMBER_DAY };
        return vec![answers, everybodys(policy, price, Purse::Last, window)];
    }
    let purse = match reply.class {
        ReplyClass::Answer => Purse::Answers,
        ReplyClass::Receipt => Purse::Usual,
    };
    let max = i64::from(policy.replies_per_number_day);
    let texts = Counter { key: format!("replies/{to}"), window, by: 1, max };
    [vec![texts], money(policy, &reply.to, price, purse, now)].concat()
}

/// Money spent for a person: theirs, and everybody's.
pub(crate) fn money(
    policy: &Policy,
    person: &Address,
    price: MicroUsd,
    purse: Purse,
    now: Timestamp,
) -> Vec<Counter> {
    let window = now.day();
    let key = spent_key(Some(person));
    let max = purse.share(policy.spend_per_person_day);
    vec![Counter { key, window, by: price.0, max }, everybodys(policy, price, purse, window)]
}

/// What everything is paid from.
fn everybodys(policy: &Policy, price: MicroUsd, purse: Purse, window: i64) -> Counter {
    let max = purse.share(policy.spend_per_day);
    Counter { key: spent_key(None), window, by: price.0, max }
}

/// Something that is told once a day: passes its limit the second time.
pub(crate) fn once_a_day(what: &str, sender: &Address, now: Timestamp) -> Vec<Counter> {
    let key = format!("told/{what}/{}", sender.reveal());
    vec![Counter { key, window: now.day(), by: 1, max: 1 }]
}
