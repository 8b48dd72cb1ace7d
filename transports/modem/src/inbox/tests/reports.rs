//! Reports arrive as messages do, and settle texts in one step with being worked on.

use super::*;
use crate::pdu::{self, Reporting};
use cordboard_plugin::{Address, DeliveryState, OutgoingText};
use cordboard_testkit::block_on;

#[test]
fn a_report_that_was_kept_settles_its_text_once_wherever_the_process_dies() {
    let make = || {
        let mut world = World::running();
        let text = OutgoingText {
            key: "r1".to_owned(),
            from: Address::new(LINE),
            to: Address::new(ANN),
            text: "Posted.".to_owned(),
            status_url: None,
        };
        let leaving = block_on(world.outbox.begin(&world.host, CARD, &text, 1)).unwrap();
        block_on(world.outbox.part_sent(&world.host, &leaving, 0, 9)).unwrap();
        let at = world.now();
        let report =
            Reporting { reference: 9, to: ANN, sent_at: at, done_at: at, ..Reporting::default() };
        world.arrive(&pdu::to_hex(&pdu::report(&report).unwrap()));
        world
    };
    killed_anywhere(make, World::pass, |world| {
        let news = world.fake().statuses();
        assert_eq!(news.len(), 1);
        assert_eq!(news[0].state, DeliveryState::Delivered);
        assert!(world.rows("kept/").is_empty() && world.texts().is_empty());
    });
}
