//! Every state a person can be in has exactly one next thing we tell them.
//!
//! A row is a state: how somebody gets into it, what happens next, and the one text that follows, or
//! why there is none. A new state is a new variant, and does not compile until all is said of it; so
//! does a new reason to wait, a new standing or a new rule of sign-up, which must name its row. That
//! each text ends with one next step is held by the table of texts in the engine.

use crate::browser::{agree_for_code, at_provider, connect, join, newest_token, press};
use crate::codes::{by_code, way_in};
use crate::linking_media::pictures;
use crate::town::{ANNA, BERT, Town};
use cordboard_engine::store::{MessageFilter, MessageState, Standing, WaitReason};
use cordboard_engine::{Config, PinPolicy, Receipts, Signup};
use cordboard_plugin::MicroUsd;
use cordboard_testkit::run_seeded;
use serde_json::json;

macro_rules! states {
    ($($state:ident),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum State { $($state),* }
        const ALL: &[State] = &[$(State::$state),*];
    };
}

states! {
    // Not connected.
    Stranger, LastInvitation, OverInvitations, Uninvited, ShutOut, Invited, DeclinesLinking,
    // Connecting.
    Connects, ConnectsAnother, DeclinesPictures, WrongCode, CodeTooLate,
    // Connected, and nothing is amiss.
    Connected, Quiet, FailuresOnly, Undoes, AskedForYes, SaysNo, AnswersTooLate,
    // Refused or given up.
    SameWordsTwice, QuietAndRefused, OverOwnLimit, OverOwnLimitTold, Failed, Unclear, Checks, NothingToCheck,
    // Kept.
    ConnectionDies, WaitsForRelink, AsksHowItStands, WaitsForOperator, WaitsForOperatorTold,
    BehindAPausedSink, WaitsForProvider, WaitsForTomorrow,
    // A number is no proof.
    NeedsPin, MustSetPin, WrongPin, LocksOut, LockedOut, LongSilent,
    // Out.
    Leaves, Left, ComesBack, Blocked, OverOurTexts, OnAReceiveOnlyLine,
}

use State::*;

/// What somebody is told.
enum Told {
    /// One text, with these words in it.
    Once(&'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

use Told::{Nothing, Once};

#[rustfmt::skip]
fn told(state: State) -> Told {
    match state {
        Stranger | Invited | ComesBack => Once("/link/"),
        LastInvitation => Once("Last link today"),
        OverInvitations => Nothing("the one before said that it was the last; each costs money"),
        Uninvited => Once("Ask whoever runs it for a link."),
        ShutOut => Once("not taking new people"),
        DeclinesLinking => Once("Text /LINK to try again."),
        Connects => Once("EVERY text to this number is now posted publicly"),
        ConnectsAnother => Once("/YES posts it as @other, /NO drops it."),
        DeclinesPictures => Once("pictures are not connected. Text /LINK to try again."),
        WrongCode => Once("2 tries left. Look at its page and text the code again."),
        CodeTooLate => Once("Text /LINK for a new link."),
        Connected => Once("/UNDO takes it back."),
        Quiet => Nothing("they asked for receipts to stop"),
        FailuresOnly => Nothing("the operator turned receipts off"),
        Undoes => Once("Text it again if you want it out."),
        AskedForYes => Once("/YES posts it, /NO drops it."),
        SaysNo => Once("it is dropped. Text it again if you want it out."),
        AnswersTooLate => Once("nothing to decide. /STATUS tells how you stand."),
        SameWordsTwice | QuietAndRefused => Once("Text it in other words."),
        OverOwnLimit => Once("Text it again tomorrow."),
        OverOwnLimitTold | WaitsForOperatorTold => Nothing("told once a day, and that holds for all of the day"),
        Failed => Once("/LINK connects you, then /RETRY."),
        Unclear | Checks => Once("/RETRY posts it if it is missing."),
        NothingToCheck => Once("no text of yours is in doubt. /STATUS tells how you stand."),
        ConnectionDies => Once("Connect again: http"),
        WaitsForRelink => Once("Open the link we sent, or text /LINK for a new one."),
        AsksHowItStands => Once("Text /LINK to connect again."),
        WaitsForOperator | BehindAPausedSink | WaitsForProvider | WaitsForTomorrow => Once("no need to send it again."),
        NeedsPin => Once("Text the PIN alone to post this one"),
        MustSetPin => Once("begin each text with them."),
        WrongPin => Once("4 tries left. Forgot it? /LINK connects again."),
        LocksOut => Once("To unlock it now, text /LINK and connect again."),
        LockedOut => Nothing("told once for each lock"),
        LongSilent => Once("Connect X again: http"),
        Leaves => Once("START to come back."),
        Left => Nothing("silence was promised"),
        Blocked => Nothing("the operator does not want them here"),
        OverOurTexts => Nothing("that many texts in a day are a loop or an attack"),
        OnAReceiveOnlyLine => Nothing("the line cannot send"),
    }
}

/// The row of each reason to wait.
fn of_wait(wait: WaitReason) -> State {
    match wait {
        WaitReason::Nothing => Connected,
        WaitReason::Time | WaitReason::Pictures => WaitsForProvider,
        WaitReason::Approval => AskedForYes,
        WaitReason::Relink => ConnectionDies,
        WaitReason::OtherAccount => ConnectsAnother,
        WaitReason::Operator => WaitsForOperator,
        WaitReason::Proof => NeedsPin,
        WaitReason::Check => Checks,
    }
}

/// The row of each standing.
fn of_standing(standing: Standing) -> State {
    match standing {
        Standing::Known => Connected,
        Standing::Left => Left,
        Standing::Blocked => Blocked,
    }
}

/// The row of a stranger under each rule of sign-up.
fn of_signup(signup: Signup) -> State {
    match signup {
        Signup::Open => Stranger,
        Signup::Invite => Uninvited,
        Signup::Closed => ShutOut,
    }
}

/// The row of each state that a message can end or rest in.
fn of_message(state: MessageState) -> Option<State> {
    Some(match state {
        // On its way: what comes of it is told.
        MessageState::Queued | MessageState::Working => return None,
        MessageState::Posted => Connected,
        MessageState::Answered => Stranger,
        MessageState::Refused => SameWordsTwice,
        MessageState::Failed => Failed,
        MessageState::Waiting => WaitsForOperator,
        MessageState::Unclear => Unclear,
    })
}

fn edit(state: State, config: &mut Config) {
    let policy = &mut config.policy;
    match state {
        Failed | AnswersTooLate => policy.keep_waiting_hours = 1,
        Uninvited => policy.signup = Signup::Invite,
        ShutOut => policy.signup = Signup::Closed,
        FailuresOnly => policy.receipts = Receipts::Failures,
        OverOwnLimit | OverOwnLimitTold => policy.posts_per_person_day = 1,
        NeedsPin | MustSetPin | WrongPin | LocksOut | LockedOut => policy.pin = PinPolicy::Required,
        OverOurTexts => policy.replies_per_number_day = 2,
        DeclinesPictures => pictures(config),
        WrongCode | CodeTooLate => by_code(config),
        OnAReceiveOnlyLine => config.transports[0].replies = false,
        WaitsForTomorrow => {
            // Nine tenths less what linking took pay for one post.
            policy.spend_per_day = MicroUsd(30_000);
            config.transports[0].prices =
                json!({ "usd_per_segment_in": 0.0, "usd_per_segment_out": 0.0 });
        }
        _ => {}
    }
}

/// Brings Anna into the state, up to the last thing that happens.
async fn bring(state: State, town: &Town) {
    match state {
        Stranger | Uninvited | ShutOut | OnAReceiveOnlyLine => {}
        LastInvitation | OverInvitations | Invited | DeclinesLinking | Connects => {
            let before = match state {
                LastInvitation => 2,
                OverInvitations => 3,
                _ => 1,
            };
            for n in 0..before {
                town.texts(ANNA, &format!("hello {n}")).await;
                town.wait_seconds(5).await;
            }
        }
        DeclinesPictures | WrongCode | CodeTooLate => {
            town.texts(ANNA, "hello").await;
            town.wait_seconds(5).await;
            match state {
                DeclinesPictures => {
                    connect(town, ANNA, "anna").await;
                }
                CodeTooLate => town.wait_seconds(2 * 3600).await,
                _ => {
                    agree_for_code(town, &way_in(town).await, "anna").await;
                }
            }
        }
        _ => {
            join(town, ANNA, "anna").await;
            bring_connected(state, town).await;
        }
    }
    town.wait_seconds(60).await;
}

async fn bring_connected(state: State, town: &Town) {
    let texts: &[&str] = match state {
        Undoes | SameWordsTwice | OverOwnLimit | WaitsForTomorrow | OverOurTexts => &["one"],
        OverOwnLimitTold => &["one", "two"],
        Quiet => &["/QUIET"],
        QuietAndRefused => &["one", "/QUIET"],
        SaysNo | AnswersTooLate => &["see example.com"],
        Left | ComesBack => &["/STOP"],
        NeedsPin | WrongPin => &["/PIN 2468"],
        LocksOut => &["/PIN 2468", "1111 a", "1111 b", "1111 c", "1111 d"],
        LockedOut => &["/PIN 2468", "1111 a", "1111 b", "1111 c", "1111 d", "1111 e"],
        _ => &[],
    };
    for text in texts {
        town.texts(ANNA, text).await;
        town.wait_seconds(10).await;
    }
    match state {
        AnswersTooLate => town.wait_seconds(3 * 3600).await,
        Blocked => town.bridge.block(&ANNA.into(), true).await.unwrap(),
        ConnectionDies | WaitsForRelink | AsksHowItStands | Failed | ConnectsAnother => {
            town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
            if state != ConnectionDies {
                town.texts(ANNA, "for whom?").await;
            }
        }
        WaitsForOperator | WaitsForOperatorTold | BehindAPausedSink => {
            let broke = json!([{ "on": "publish", "kind": "402", "times": 50 }]);
            if state == BehindAPausedSink {
                join(town, BERT, "bert").await;
            }
            town.faults("x", broke).await;
            match state {
                WaitsForOperatorTold => town.texts(ANNA, "first").await,
                BehindAPausedSink => town.texts(BERT, "first").await,
                _ => {}
            }
        }
        WaitsForProvider => {
            let slow = json!([{ "on": "publish", "kind": "429", "wait_seconds": 7200 }]);
            town.faults("x", slow).await;
        }
        Unclear | Checks => {
            // Words that are out already, so that a refusal of the same words tells nothing.
            town.texts(ANNA, "twins").await;
            town.until_posts(1).await;
            let faults = json!([
                { "on": "publish", "kind": "503" },
                { "on": "settle", "kind": "503", "times": 50 },
            ]);
            town.faults("x", faults).await;
            if state == Checks {
                town.texts(ANNA, "twins").await;
                town.until_heard(ANNA, "did not say whether").await;
            }
        }
        _ => {}
    }
}

/// The last thing that happens, and how long to wait for what is told of it.
async fn act(state: State, town: &Town) -> u64 {
    let text = match state {
        DeclinesLinking => {
            let leaving = press(town, &newest_token(town, ANNA).await).await;
            let query = at_provider(town, &leaving.authorize_url, "anna", "cancel").await;
            town.bridge.link_return("x", query, Some(&leaving.cookie)).await;
            return 60;
        }
        DeclinesPictures => {
            let leaving = press(town, &newest_token(town, ANNA).await).await;
            let query = at_provider(town, &leaving.authorize_url, "anna", "cancel").await;
            town.bridge.link_return("x-media", query, Some(&leaving.cookie)).await;
            return 60;
        }
        WrongCode | CodeTooLate => "0000000",
        Connects => {
            connect(town, ANNA, "anna").await;
            return 60;
        }
        ConnectsAnother => {
            connect(town, ANNA, "other").await;
            return 60;
        }
        // What she has texted is given up in time.
        Failed => return 2 * 3600,
        Undoes => "/UNDO",
        AskedForYes => "see example.com",
        SaysNo => "/NO",
        AnswersTooLate => "/YES",
        SameWordsTwice | QuietAndRefused => "one",
        AsksHowItStands => "/STATUS",
        WrongPin | LocksOut | LockedOut => "1112 good morning",
        Leaves => "/STOP",
        ComesBack => "START",
        Unclear => "twins",
        Checks | NothingToCheck => "/CHECK",
        _ => "good morning",
    };
    town.texts(ANNA, text).await;
    if state == Unclear { 3 * 3600 } else { 120 }
}

async fn check(seed: u64, state: State) {
    let town = Town::with(seed, |config| edit(state, config)).await;
    bring(state, &town).await;
    let town = if state == LongSilent { town.after_days(61).await } else { town };
    let before = town.heard(ANNA).await;
    let patience = act(state, &town).await;
    town.wait_seconds(patience).await;
    let heard = town.heard(ANNA).await.split_off(before.len());
    match told(state) {
        Once(words) => {
            assert_eq!(heard.len(), 1, "{state:?}: {heard:#?}\nbefore: {before:#?}");
            assert_eq!(heard[0].matches(words).count(), 1, "{state:?} is told: {}", heard[0]);
        }
        Nothing(why) => assert!(heard.is_empty(), "{state:?}, although {why}: {heard:#?}"),
    }
    assert!(town.sums().await.holds(), "{state:?}");
    assert_it_is(state, &town).await;
}

/// The rows that speak for a reason to wait or a standing are really that.
async fn assert_it_is(state: State, town: &Town) {
    // A look that was asked for stands beside an unclear post; its message does not wait. Pictures on
    // their way are told of when they are here or cannot be had.
    let none = [WaitReason::Nothing, WaitReason::Check, WaitReason::Pictures];
    for wait in WaitReason::ALL.iter().filter(|wait| !none.contains(wait)) {
        if of_wait(*wait) == state {
            let filter = MessageFilter {
                states: vec![MessageState::Waiting],
                sender: Some(ANNA.into()),
                before: None,
                rows_max: 1,
            };
            let waiting = town.bridge.messages(filter).await.unwrap();
            assert_eq!(waiting.first().map(|message| message.wait), Some(*wait), "{state:?}");
        }
    }
    for standing in Standing::ALL {
        if of_standing(*standing) == state {
            let person = town.bridge.person(&ANNA.into()).await.unwrap();
            assert_eq!(person.identity.standing, *standing, "{state:?}");
        }
    }
}

/// Runs a part of the rows, so that the parts run side by side.
fn check_part(part: usize, parts: usize) {
    for (at, state) in ALL.iter().enumerate().filter(|(at, _)| at % parts == part) {
        run_seeded(check(900 + at as u64, *state));
    }
}

#[test]
fn every_state_has_one_next_thing_to_tell_first_part() {
    check_part(0, 2);
}

#[test]
fn every_state_has_one_next_thing_to_tell_second_part() {
    check_part(1, 2);
}

#[test]
fn whatever_the_store_and_the_policy_know_has_its_row() {
    for wait in WaitReason::ALL {
        assert!(ALL.contains(&of_wait(*wait)), "{wait:?}");
    }
    for standing in Standing::ALL {
        assert!(ALL.contains(&of_standing(*standing)), "{standing:?}");
    }
    for state in MessageState::ALL {
        assert!(of_message(*state).is_none_or(|row| ALL.contains(&row)), "{state:?}");
    }
    for signup in [Signup::Open, Signup::Invite, Signup::Closed] {
        assert!(ALL.contains(&of_signup(signup)), "{signup:?}");
    }
}

#[test]
fn a_question_that_nobody_answered_is_no_question_any_more() {
    run_seeded(async {
        let town = Town::with(990, |config| config.policy.keep_waiting_hours = 1).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "see example.com").await;
        town.until_heard(ANNA, "/YES posts it").await;
        town.wait_seconds(3 * 3600).await;
        assert_eq!(town.states().await.last(), Some(&MessageState::Refused));
        town.texts(ANNA, "YES").await;
        town.wait_seconds(600).await;
        assert!(town.words().await.is_empty());
    });
}
