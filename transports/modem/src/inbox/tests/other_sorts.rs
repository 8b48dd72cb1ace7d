use super::*;
use crate::inbox::pictures::NOT_FETCHED;
use crate::pdu::{self, Body, Deliver, Delivering, MmsNotice, Ports, Waiting};
use cordboard_plugin::{Level, Timestamp};

/// The lines of a picture's notice, from the operator's own short code.
pub(super) fn notice(from: &str, place: &str, at: Timestamp, reference: u16) -> Vec<String> {
    let notice = MmsNotice {
        from: Some(format!("{from}/TYPE=PLMN")),
        subject: Some("x".repeat(120)),
        location: Some(place.to_owned()),
        ..MmsNotice::default()
    };
    let delivering = Delivering { from: "890", at, reference, ..Delivering::default() };
    let lines = pdu::announce(&notice, &delivering).unwrap();
    assert_eq!(lines.len(), 2, "the usual length");
    lines.iter().map(|octets| pdu::to_hex(octets)).collect()
}

fn come(world: &mut World, lines: &[String]) {
    lines.iter().for_each(|line| {
        world.arrive(line);
    });
    world.pass().unwrap();
}

#[test]
fn a_text_to_be_shown_at_once_is_a_text() {
    let mut world = World::running();
    let flash = changed(&text(ANN, "hello", world.now()), |deliver| deliver.coding.octet = 0x10);
    come(&mut world, &[flash]);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn an_empty_text_is_a_text() {
    let mut world = World::running();
    let line = text(ANN, "", world.now());
    come(&mut world, &[line]);
    assert_eq!(world.texts(), [""]);
}

#[test]
fn what_is_no_text_is_counted_and_shown_for_three_days() {
    for counter in
        ["modem_silent_total", "modem_voicemail_total", "modem_sim_data_total", "modem_ports_total"]
    {
        let change = |deliver: &mut Deliver| match counter {
            "modem_silent_total" => deliver.protocol = 0x40,
            "modem_voicemail_total" => {
                deliver.coding.octet = 0xC8;
                deliver.coding.waiting = Some(Waiting { keep: false, active: true });
            }
            "modem_sim_data_total" => deliver.protocol = 0x7F,
            _ => deliver.header.ports = Some(Ports { destination: 49999, source: 0 }),
        };
        let mut world = World::running();
        let line = changed(&text(ANN, "hello", world.now()), change);
        come(&mut world, &[line]);
        assert!(world.texts().is_empty(), "{counter}");
        assert_eq!(world.count(counter), 1, "{counter}");
        assert_eq!(world.table("Not handed on")[0][2], "…23", "{counter}");
        assert!(world.rows("kept/").is_empty() && world.store.is_empty(), "{counter}");
        world.advance(3 * DAY_MS);
        assert!(world.table("Not handed on").is_empty(), "{counter}");
    }
}

#[test]
fn what_cannot_be_read_is_kept_for_thirty_days_with_its_line() {
    let mut world = World::running();
    let compressed =
        changed(&text(ANN, "hello", world.now()), |deliver| deliver.coding.octet = 0x20);
    let lines = ["00".to_owned(), "+CMS ERROR: 500".to_owned(), compressed];
    come(&mut world, &lines);
    let mut shown: Vec<String> =
        world.table("Cannot be read").into_iter().map(|mut row| row.remove(3)).collect();
    shown.sort();
    let mut expected = lines.to_vec();
    expected.sort();
    assert_eq!(shown, expected);
    assert_eq!(world.count("modem_undecodable_total"), 3);
    let warned = world.fake().log_lines().into_iter().filter(|line| line.level == Level::Warn);
    assert_eq!(warned.count(), 3);
    world.advance(30 * DAY_MS - 1);
    assert_eq!(world.table("Cannot be read").len(), 3);
    world.advance(1);
    assert!(world.table("Cannot be read").is_empty());
}

#[test]
fn the_log_never_holds_a_line_or_a_number() {
    let mut world = World::running();
    let line = text(ANN, "hello", world.now());
    let silent = changed(&line, |deliver| deliver.protocol = 0x40);
    come(&mut world, &[line[..20].to_owned(), line.clone(), silent]);
    for logged in world.fake().log_lines() {
        assert!(!logged.line.contains("5550") && !logged.line.contains(&line[..16]), "{logged:?}");
    }
}

#[test]
fn whoever_sends_a_picture_is_told_that_it_was_not_fetched() {
    let mut world = World::running();
    let mut lines = notice(ANN, "http://mms.example/1", world.now(), 1);
    lines.reverse();
    come(&mut world, &lines);
    assert_eq!(world.replies(), [NOT_FETCHED]);
    let reply = &world.fake().replies()[0];
    assert_eq!((reply.from.reveal(), reply.to.reveal()), (LINE, ANN));
    assert_eq!(pdu::segments(NOT_FETCHED), 1);
    assert!(world.texts().is_empty());
    assert_eq!(world.count("modem_mms_notices_total"), 1);
    assert!(world.rows("open/").is_empty() && world.rows("part/").is_empty());
}

#[test]
fn once_for_each_notice_and_place_however_often_the_operator_repeats_it() {
    let mut world = World::running();
    for (reference, place) in
        [(1, "http://mms.example/1"), (2, "http://mms.example/1"), (3, "http://mms.example/2")]
    {
        let lines = notice(ANN, place, world.now(), reference);
        come(&mut world, &lines);
        world.advance(HOUR_MS);
    }
    assert_eq!(world.replies().len(), 2);
}

#[test]
fn a_picture_of_a_short_code_or_of_nobody_is_told_to_nobody() {
    let mut world = World::running();
    let lines = notice("12345", "http://mms.example/1", world.now(), 1);
    come(&mut world, &lines);
    assert!(world.replies().is_empty());
    assert_eq!(world.count("modem_mms_notices_total"), 1);
}

#[test]
fn half_a_notice_is_told_after_the_wait_and_then_no_more() {
    let mut world = World::running();
    let lines = notice(ANN, "http://mms.example/1", world.now(), 1);
    come(&mut world, &lines[..1]);
    world.advance(HOUR_MS);
    world.work();
    assert_eq!(world.replies(), [NOT_FETCHED]);
    come(&mut world, &lines[1..]);
    assert_eq!(world.replies().len(), 1);
    assert!(world.rows("open/").is_empty());
}

#[test]
fn the_end_of_a_notice_alone_is_told_to_nobody() {
    let mut world = World::running();
    let lines = notice(ANN, "http://mms.example/1", world.now(), 1);
    come(&mut world, &lines[1..]);
    world.advance(HOUR_MS);
    world.work();
    assert!(world.replies().is_empty());
    assert_eq!(world.overdue(), None);
}

#[test]
fn a_push_that_is_no_picture_is_counted() {
    let mut world = World::running();
    let line = changed(&text("890", "hello", world.now()), |deliver| {
        deliver.header.ports = Some(Ports { destination: 2948, source: 0 });
        deliver.coding.octet = 0x04;
        deliver.coding.alphabet = crate::pdu::Alphabet::Octets;
        deliver.body = Body::Octets(vec![1, 6, 1, 0xAE, 2, 5]);
    });
    come(&mut world, &[line]);
    assert!(world.replies().is_empty() && world.texts().is_empty());
    assert_eq!(world.count("modem_service_pushes_total"), 1);
}
