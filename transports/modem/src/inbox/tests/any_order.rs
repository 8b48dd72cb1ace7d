//! Any order, repeats, listings and kills: each text once and whole.

use super::*;
use proptest::prelude::*;

/// Something that happens to the world.
#[derive(Clone, Debug)]
enum Event {
    /// The next part in the shuffled order comes to the modem.
    Part,
    /// One that came already comes again, as a part picks it.
    Repeat(usize),
    /// The line does its work.
    Pass,
    /// It does, and is killed at the touch behind so many more.
    Killed(usize, bool),
    /// Time passes, in seconds; never so many together that somebody is asked.
    Wait(u16),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Part),
        1 => any::<usize>().prop_map(Event::Repeat),
        2 => Just(Event::Pass),
        3 => (0_usize..60, any::<bool>()).prop_map(|(touches, after)| Event::Killed(touches, after)),
        1 => (0_u16..15).prop_map(Event::Wait),
    ]
}

/// The texts: sender, how many parts, the alphabet.
fn sent() -> impl Strategy<Value = Vec<(usize, usize, bool)>> {
    prop::collection::vec((0_usize..3, 1_usize..5, any::<bool>()), 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn each_text_is_handed_on_once_and_whole(
        texts in sent(),
        shuffle in prop::collection::vec(any::<u32>(), 40),
        events in prop::collection::vec(event(), 0..80),
        stamped in any::<bool>(),
    ) {
        let mut world = World::running();
        let mut expected = Vec::new();
        let mut waiting = Vec::new();
        for (n, (sender, parts, greek)) in texts.iter().enumerate() {
            let from = ["+15550100023", "+15550100042", "+15550100077"][*sender];
            let mark = if *greek { 'λ' } else { 'l' };
            let length = parts * if *greek { 60 } else { 150 } - 10;
            let words: String =
                format!("{n}{mark}").chars().cycle().take(length).collect::<String>() + "!";
            let at = world.now().plus_seconds(i64::try_from(n).unwrap());
            let reference = u16::try_from(n).unwrap();
            let delivering = crate::pdu::Delivering {
                from, text: &words, at, reference, ..Default::default()
            };
            let lines = lines(&delivering);
            prop_assert_eq!(lines.len(), *parts);
            waiting.extend(lines.into_iter().map(|line| if stamped { line } else { stampless(&line) }));
            expected.push((from.to_owned(), words, u16::try_from(*parts).unwrap()));
        }
        let mut order: Vec<(u32, String)> = shuffle.into_iter().chain(0..).zip(waiting).collect();
        order.sort();
        let mut came: Vec<String> = Vec::new();
        let rest = order.len();
        for event in events.into_iter().chain(std::iter::repeat_n(Event::Part, rest)) {
            match event {
                Event::Part => if let Some((_, line)) = order.pop() {
                    world.arrive(&line);
                    came.push(line);
                },
                // Without a stamp nothing tells a repeat from the same words said again.
                Event::Repeat(which) => if stamped && !came.is_empty() {
                    let line = came[which % came.len()].clone();
                    world.arrive(&line);
                },
                Event::Pass => world.pass().unwrap(),
                Event::Killed(touches, after) => {
                    world.host.kill_after(touches, if after { Kill::After } else { Kill::Before });
                    // Whether it came through or not, the next process finds out.
                    let _ = world.pass();
                    world.restart();
                }
                Event::Wait(seconds) => world.advance(i64::from(seconds) * 1000),
            }
        }
        world.pass().unwrap();
        let mut handed_on: Vec<_> = world
            .fake()
            .messages()
            .into_iter()
            .map(|message| (message.from.reveal().to_owned(), message.text, message.segments))
            .collect();
        handed_on.sort();
        expected.sort();
        prop_assert_eq!(handed_on, expected);
        prop_assert!(world.store.is_empty());
        for prefix in ["kept/", "open/", "part/", "slot/"] {
            prop_assert!(world.rows(prefix).is_empty(), "{}", prefix);
        }
        prop_assert!(world.replies().is_empty());
    }
}
