//! The GSM 7-bit alphabet: packing, tables, shifts, lengths (TS 23.038 6, TS 23.040 9.2.3.16).

use crate::{WITH_HEADER, carrying};
use cordboard_modem::pdu::{Body, Sending, submit};

fn read(user_data: &str) -> String {
    carrying(0x04, 0, 0, user_data).text()
}

/// python-gsmmodem, test/test_pdu.py (TestGsm7); the last two from Device::Gsm, t/20pdu.t.
const PACKED: &[(&str, &str)] = &[
    ("123", "0331D90C"),
    ("12345678", "0831D98C56B3DD70"),
    ("123456789", "0931D98C56B3DD7039"),
    ("Hello World!", "0CC8329BFD065DDF72363904"),
    ("[{abc}]~", "0D1BDE0615168F37A98D6FD303"),
    ("123456789012345678901234567890", "1E31D98C56B3DD7039584C36A3D56C375C0E1693CD6835DB0D97830 1"),
    ("{åΦΓΛΩΠΨΣΘ€}", "0F1BD44332A1542C174C6653DEA400"),
    ("a[]{}€", "0BE10D6FE3DBA036A94D19"),
    ("hellohello", "0AE8329BFD4697D9EC37"),
    (
        "The quick fox jumps over the lazy dog",
        "2554741914AFA7C76B90F98D07A9EB6DF81CF4B697E5203ABA0C6287F57910F97D06",
    ),
];

#[test]
fn packed_texts_are_read_and_written() {
    for (text, user_data) in PACKED {
        let user_data = user_data.replace(' ', "");
        assert_eq!(read(&user_data), *text);
        let sending =
            Sending { to: "+15550100123", text, reference: 0, wants_report: false, validity: None };
        let hex = &submit(&sending).unwrap()[0].hex;
        assert_eq!(hex.strip_prefix("0001000B915155100021F30000"), Some(user_data.as_str()));
    }
}

/// All 128 codes, with a space instead of the escape: oFono, unit/test-sms.c (sms_charset_default).
const ALL_CODES: &str = "8080806040281 80E888462C168381E90886442A9582E988C06C4E9783EA09068442A994EA8\
    946AC56AB95EB0986C46ABD96EB89C6EC7EBF97EC0A070482C1A8FC8A472C96C3A9FD0A8744AAD5AAFD8AC76CBED7ABFE0B0\
    784C2E9BCFE8B47ACD6EBBDFF0B87C4EAFDBEFF8BC7ECFEFFBFF";

/// The text of user data, with national tables as a header would set them.
fn shifted(locking_shift: u8, single_shift: u8, user_data: &str) -> String {
    let mut message = carrying(0x04, 0, 0, &user_data.replace(' ', ""));
    message.header.locking_shift = locking_shift;
    message.header.single_shift = single_shift;
    message.text()
}

#[test]
fn every_code_has_its_character_in_every_locking_table() {
    let default = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
        ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    assert_eq!(default.chars().count(), 128);
    let turkish = "@£$¥€éùıòÇ\nĞğ\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ŞşßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
        İABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§çabcdefghijklmnopqrstuvwxyzäöñüà";
    let portuguese = "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó| ÂâÊÉ !\"#º%&'()*+,-./0123456789:;<=>?\
        ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§~abcdefghijklmnopqrstuvwxyzãõ`üà";
    // Spanish has no locking table, 4 and more are not known here: all of them are the default one.
    for (language, table) in
        [(0, default), (1, turkish), (2, default), (3, portuguese), (4, default), (255, default)]
    {
        assert_eq!(shifted(language, 0, ALL_CODES), table, "{language}");
    }
}

#[test]
fn every_single_shift_table_is_read() {
    // oFono, unit/test-sms.c (sms_charset_default_ext, _turkey_ext, _spain, _portugal_ext).
    for (language, user_data, text) in [
        (0, "151BC58602DAA036A9CD6BC3DBF436BE0D705306", "\u{C}^ {}\\[~]|€"),
        (1, "1A1BC586B2416D529BD786B7E96D7C1BE002C8011318870E", "\u{C}^{}\\[~]|ĞİŞç€ğış"),
        (
            2,
            "269BC446B1A16C509BD4E6B5E16D7A1BDF06B8096E929BE7A6BA096FCA9BF4E6BDA903",
            "ç\u{C}^{}\\[~]|ÁÍÓÚá€íóú",
        ),
        (
            3,
            "3184C446B160381E1BC96662D9543696CD6583D9643C1BD42675D9F0C01B9F8602CC74B75C0EE68030ECF91D",
            "êç\u{C}ÔôÁáΦΓ^ΩΠΨΣΘÊ{}\\[~]|ÀÍÓÚÃÕÂ€íóúãõâ",
        ),
    ] {
        // The first vector announces as many codes as it shows characters; the others too: take all that is there.
        let user_data = format!("A0{}", &user_data[2..]);
        let read = shifted(language, language, &user_data);
        assert!(read.starts_with(text), "{language}: {read}");
        assert!(read.trim_end_matches(['@', ' ']) == text, "{language}: {read}");
    }
}

#[test]
fn tables_are_chosen_in_the_header() {
    let read = |user_data| carrying(WITH_HEADER, 0, 0, user_data).text();
    assert_eq!(read("07 03240101 D81C01"), "Ğ");
    assert_eq!(read("06 03250101 0003"), "ç");
    assert_eq!(read("06 03250103 0003"), "~");
    // Both, with a reference, as phones send long texts: UDHL 11, two fill bits.
    assert_eq!(read("11 0B0003070201 240101 250101 6C8E60"), "Ğç");
}

#[test]
fn an_unknown_escape_shows_the_character_without_it() {
    // 1B 41: nothing in the default extension. Under Portuguese, À; under the Portuguese locking table alone, A.
    assert_eq!(read("029B20"), "A");
    assert_eq!(shifted(0, 3, "029B20"), "À");
    assert_eq!(shifted(3, 0, "029B20"), "A");
    // 1B 07 shows what stands at 07 in the table in use.
    assert_eq!(shifted(0, 0, "029B03"), "ì");
    assert_eq!(shifted(1, 0, "029B03"), "ı");
    // A national single shift table holds the extension too.
    assert_eq!(shifted(0, 1, "029B32"), "€");
}

#[test]
fn escapes_without_a_code_behind_them_do_no_harm() {
    assert_eq!(read("011B"), "");
    // Two: a table that does not exist yet, shown as a space (TS 23.038 6.2.1.1, note 1).
    assert_eq!(read("029B0D"), " ");
    // "A" and an escape; three escapes and "A".
    assert_eq!(read("02C10D"), "A");
    assert_eq!(read("049BCD2608"), " A");
}

#[test]
fn the_announced_length_decides_where_spare_bits_look_like_an_at_sign() {
    // Seven letters in seven octets: the last seven bits are 0, as is the code of @.
    assert_eq!(read("0741E19058341E01"), "ABCDEFG");
    assert_eq!(read("0841E19058341E01"), "ABCDEFG@");
}

#[test]
fn less_data_than_announced_is_taken_as_far_as_it_goes() {
    assert_eq!(read("0CC8329BFD06"), "Hello");
    assert_eq!(read("FFC8329BFD06"), "Hello");
    assert_eq!(read("0C"), "");
    // Not even the length is there.
    assert_eq!(read(""), "");
    assert_eq!(carrying(0x04, 0, 0x08, "0A00480069").text(), "Hi");
    assert_eq!(carrying(0x04, 0, 0x04, "0A4869").body, Body::Octets(b"Hi".to_vec()));
}

#[test]
fn more_data_than_announced_is_left_alone() {
    assert_eq!(read("05C8329BFD065DDF72363904"), "Hello");
    assert_eq!(read("00C8329BFD06"), "");
    assert_eq!(carrying(0x04, 0, 0x08, "0200480069").text(), "H");
    assert_eq!(carrying(0x04, 0, 0x04, "014869").body, Body::Octets(b"H".to_vec()));
    assert_eq!(carrying(WITH_HEADER, 0, 0, "03050003070201C83401").body, Body::Septets(Vec::new()));
}

#[test]
fn half_a_unit_at_the_end_is_dropped() {
    assert_eq!(carrying(0x04, 0, 0x08, "03004800").text(), "H");
    assert_eq!(carrying(0x04, 0, 0x08, "0100").text(), "");
}

#[test]
fn a_zero_character_is_left_out() {
    assert_eq!(carrying(0x04, 0, 0x08, "06004800000069").text(), "Hi");
    assert_eq!(carrying(0x04, 0, 0x04, "03480069").text(), "Hi");
}
