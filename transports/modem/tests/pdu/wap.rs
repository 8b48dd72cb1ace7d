//! The notice of an MMS in a WAP push (WAP-230-WSP 8, MMS-ENC 6.2 and 7).

use crate::{WITH_HEADER, carrying, message};
use cordboard_modem::pdu::{
    Deliver, Delivering, Expiry, MmsNotice, Sort, announce, mms_notice, to_hex,
};
use cordboard_plugin::Timestamp;

/// A push to port 2948 in one message.
fn push(data: &str) -> Deliver {
    let data: String = data.split_whitespace().collect();
    carrying(WITH_HEADER, 0, 0xF5, &format!("{:02X}0605040B8423F0{data}", data.len() / 2 + 7))
}

fn text(text: &str) -> String {
    to_hex(text.as_bytes()) + "00"
}

/// A notice with these fields behind its type, the content named by its number.
fn notice(fields: &str) -> Option<MmsNotice> {
    mms_notice(&[push(&format!("010603BEAF848C82{fields}"))])
}

/// oFono, unit/test-sms.c (wap_push_1), its words replaced by as long ones.
#[test]
fn a_notice_in_one_part_is_read() {
    let push = carrying(
        WITH_HEADER,
        0,
        0xF5,
        "720605040B8423F00106246170706C69636174696F6E2F766E642E7761702E6D6D732D6D65737361676500AF84B4868C82984F6751\
         4B4B42008D9089088053656E646572009650696374757265008A808E0240008805810303F48083687474703A2F2F6D312E74\
         6573742F4F2F5A39495A4F00",
    );
    assert_eq!(push.sort(), Sort::WapPush);
    let expected = MmsNotice {
        from: Some("Sender".to_owned()),
        subject: Some("Picture".to_owned()),
        bytes: Some(16_384),
        expires: Some(Expiry::In(259_200)),
        location: Some("http://m1.test/O/Z9IZO".to_owned()),
    };
    assert_eq!(mms_notice(&[push]), Some(expected));
}

/// python-messaging, messaging/test/test_wap.py (test_decoding_m_notification_ind), the sender's number replaced.
#[test]
fn a_notice_in_two_parts_is_read_in_any_order() {
    let first = carrying(
        WITH_HEADER,
        0,
        0x04,
        "8B0C08049F8E020105040B8423F00106226170706C69636174696F6E2F766E642E7761702E6D6D732D6D65737361676500AF848C82\
         984E4F4B3543694B636F544D595347344D4253774141734B7631344655484141414141414141008D908918802B31353535303130303132\
         332F545950453D504C4D4E008A808E0274008805810301194083687474703A2F",
    );
    let second = carrying(
        WITH_HEADER,
        0,
        0x04,
        "440C08049F8E020205040B8423F02F70726F6D6D732F736572766C6574732F4E4F4B3543694B636F544D595347344D425377414173\
         4B76313446554841414141414141410 0",
    );
    let expected = MmsNotice {
        from: Some("+15550100123".to_owned()),
        subject: None,
        bytes: Some(29_696),
        expires: Some(Expiry::In(72_000)),
        location: Some("http://promms/servlets/NOK5CiKcoTMYSG4MBSwAAsKv14FUHAAAAAAAA".to_owned()),
    };
    let parts = [second.clone(), first.clone(), second.clone()];
    assert_eq!(mms_notice(&parts), Some(expected.clone()));
    // Without the second part there is no address to fetch it from; without the first there is nothing.
    let cut = mms_notice(std::slice::from_ref(&first)).unwrap();
    assert_eq!(cut, MmsNotice { location: None, ..expected });
    assert_eq!(mms_notice(&[second]), None);
    assert_eq!(mms_notice(&[]), None);
}

#[test]
fn fields_come_in_many_forms() {
    let none = MmsNotice::default();
    let with_subject =
        |subject: &str| MmsNotice { subject: Some(subject.to_owned()), ..none.clone() };
    let with_from = |from: &str| MmsNotice { from: Some(from.to_owned()), ..none.clone() };
    for (fields, expected) in [
        (String::new(), none.clone()),
        // Subjects: plain, quoted, not quoted, with a character set by a short and a long integer, Latin-1, UTF-16.
        (format!("96{}", text("Hi")), with_subject("Hi")),
        (format!("967F{}", text("é")), with_subject("é")),
        (format!("96{}", text("é")), with_subject("é")),
        (format!("9604EA{}", text("Hi")), with_subject("Hi")),
        (format!("960501 6A{}", text("Hi")), with_subject("Hi")),
        (format!("9606EA7F{}", text("éa")), with_subject("éa")),
        ("960484 48E900".to_owned(), with_subject("Hé")),
        ("96080203F7 00480069 00".to_owned(), with_subject("Hi")),
        ("960B0203F7FEFF00480069 0000".to_owned(), with_subject("Hi")),
        ("960B0203F7FFFE48006900 0000".to_owned(), with_subject("Hi")),
        // Its text is not ended inside its length.
        ("9603EA4869".to_owned(), with_subject("Hi")),
        // Senders: a number, a mail address, hidden, empty, an encoded string of its own.
        (format!("891880{}", text("+15550100123/TYPE=PLMN")), with_from("+15550100123")),
        (format!("890580{}", text("a@b")), with_from("a@b")),
        ("890181".to_owned(), none.clone()),
        ("8900".to_owned(), none.clone()),
        // Texts that say nothing.
        ("89028000 8300 9600".to_owned(), none.clone()),
        (format!("89068004EA{}", text("Hi")), with_from("Hi")),
        // Sizes in one, two and nine octets, and short.
        ("8E0110".to_owned(), MmsNotice { bytes: Some(16), ..none.clone() }),
        ("8E02FFFF".to_owned(), MmsNotice { bytes: Some(65_535), ..none.clone() }),
        ("8E09010000000000000000".to_owned(), none.clone()),
        ("8E90".to_owned(), MmsNotice { bytes: Some(16), ..none.clone() }),
        // Expiries: at a moment, in a while, of no known kind, without a time.
        (
            "880680046AC77D2A".to_owned(),
            MmsNotice { expires: Some(Expiry::At(Timestamp(1_791_458_602_000))), ..none.clone() },
        ),
        ("88028185".to_owned(), MmsNotice { expires: Some(Expiry::In(5)), ..none.clone() }),
        ("88028285".to_owned(), none.clone()),
        ("880181".to_owned(), none.clone()),
        // Fields we do not need, known and unknown, of every form, and one with its name spelled out.
        (
            format!(
                "8A808F81908191809F{}B70201029E1F0401020304{}{}96{}",
                text("t"),
                text("X-Own"),
                text("v"),
                text("Hi")
            ),
            with_subject("Hi"),
        ),
        // The last of two.
        (format!("96{}96{}", text("a"), text("b")), with_subject("b")),
        // A field that is cut off ends the reading.
        (format!("96{}83687474", text("Hi")), with_subject("Hi")),
        (format!("96{}8E05", text("Hi")), with_subject("Hi")),
        (format!("96{}1F", text("Hi")), with_subject("Hi")),
        (format!("96{}8E1FFFFFFFFFFF7F00", text("Hi")), with_subject("Hi")),
    ] {
        assert_eq!(notice(&fields), Some(expected), "{fields}");
    }
}

#[test]
fn content_is_named_in_three_ways() {
    let body = "8C82 8E0110";
    let spelled = text("application/vnd.wap.mms-message");
    for head in [
        "BE".to_owned(),
        spelled.clone(),
        spelled.to_lowercase().replacen("61", "41", 1),
        // In the general form, with a parameter.
        "03BE8183".to_owned(),
        format!("1F22{spelled}8183"),
    ] {
        let data = format!("0106{:02X}{head}{body}", head.len() / 2);
        assert_eq!(mms_notice(&[push(&data)]).and_then(|notice| notice.bytes), Some(16), "{head}");
    }
}

#[test]
fn other_pushes_are_no_notices() {
    for data in [
        "",
        "01",
        "0106",
        // Service indication, other types of content, another PDU, a head that is longer than all.
        "010603AEAF848C828E0110",
        "01060461626300 8C828E0110",
        "010403BEAF848C828E0110",
        "01067FBEAF848C828E0110",
        "0106FFFFFFFFFF7FBE8C82",
        "0106008C828E0110",
        // Another message of MMS, and no message at all.
        "010603BEAF848C868E0110",
        "010603BEAF84",
        "010603BEAF848E0110",
    ] {
        assert_eq!(mms_notice(&[push(data)]), None, "{data}");
    }
    // To no port, and to another one.
    assert_eq!(mms_notice(&[carrying(0x04, 0, 0x04, "0B010603BEAF848C828E0110")]), None);
    assert_eq!(
        mms_notice(&[carrying(
            WITH_HEADER,
            0,
            0x04,
            "120605040001 0000010603BEAF848C828E0110".replace(' ', "").as_str()
        )]),
        None
    );
    // In septets.
    assert_eq!(
        mms_notice(&[carrying(WITH_HEADER, 0, 0x00, "120605040B840000010603BEAF848C828E0110")]),
        None
    );
}

#[test]
fn what_is_announced_is_read() {
    let whole = MmsNotice {
        from: Some("+15550100123/TYPE=PLMN".to_owned()),
        subject: Some("Grüße 😀".to_owned()),
        bytes: Some(123_456),
        expires: Some(Expiry::In(259_200)),
        location: Some(format!("http://mmsc.example/{}", "x".repeat(200))),
    };
    let read = |notice: &MmsNotice, wide| {
        let delivering = Delivering {
            from: "12345",
            at: Timestamp(1_791_462_890_000),
            reference: 300,
            wide,
            ..Delivering::default()
        };
        let parts = announce(notice, &delivering).unwrap();
        let parts: Vec<Deliver> = parts.iter().map(|part| message(&to_hex(part))).collect();
        assert!(parts.iter().all(|part| part.sort() == Sort::WapPush));
        (parts.len(), mms_notice(&parts).unwrap())
    };
    let expected = MmsNotice { from: Some("+15550100123".to_owned()), ..whole.clone() };
    assert_eq!(read(&whole, false), (3, expected.clone()));
    assert_eq!(read(&whole, true), (3, expected));
    let at = MmsNotice {
        expires: Some(Expiry::At(Timestamp(1_791_462_000_000))),
        ..MmsNotice::default()
    };
    assert_eq!(read(&at, false), (1, at.clone()));
}
