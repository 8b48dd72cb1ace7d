//! Texts as parts to send.

use cordboard_modem::pdu::{PduError, Sending, from_hex, read_submit, segments, submit};

fn sending<'a>(text: &'a str) -> Sending<'a> {
    Sending { to: "+15550100123", text, reference: 7, wants_report: false, validity: None }
}

#[test]
fn a_short_text_is_one_part_of_septets() {
    let parts = submit(&sending("How are you?")).unwrap();
    let [part] = &parts[..] else { panic!("{} parts", parts.len()) };
    assert_eq!(part.hex, "0001000B915155100021F300000CC8F71D14969741F977FD07");
    assert_eq!(part.tpdu_octets, 24);
}
