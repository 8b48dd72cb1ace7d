use super::{in_order, modem};
use crate::at::{Event, Fault, Shape, SubmitError};

const PDU: &str = "0001000B915155100010F20000";

/// Sends once, while the modem says `prompt` to the command and `answer` to the message.
#[track_caller]
fn check(prompt: &'static str, answer: &'static str, expected: &Result<u8, SubmitError>) {
    let (host, modem) = modem();
    host.drive(async {
        for echo in [false, true] {
            let mut channel = in_order(&host, &modem).await;
            if echo {
                modem.echoes();
            }
            modem.answers("AT+CMGS=12", prompt).answers(PDU, answer);
            assert_eq!(&channel.submit(12, PDU).await, expected, "{answer}, echo {echo}");
            // Whatever came of it, the next answer belongs to the next question.
            channel.linger(30_000).await.unwrap();
            let lines = channel.ask("AT+CSQ", Shape::Prefixed("+CSQ:"), 5_000).await;
            assert_eq!(lines.unwrap(), ["+CSQ: 21,99"], "{answer}, echo {echo}");
        }
    });
}

#[test]
fn the_reference_is_told() {
    check(">", "+CMGS: 7\nOK", &Ok(7));
    check(">", "@140000 +CMGS: 7\nOK", &Ok(7));
    check(">", "^RSSI:1\n+CMTI: \"SM\",1\n+CMGS: 7\nRING\nNO CARRIER\nOK", &Ok(7));
    check("@9000 >", "+CMGS: 300\nOK", &Ok(44));
}

#[test]
fn with_its_reference_a_message_has_left_whatever_follows() {
    check(">", "+CMGS: 7", &Ok(7));
    check(">", "+CMGS: 7\nERROR", &Ok(7));
}

#[test]
fn without_a_prompt_nothing_left() {
    check("", "+CMGS: 7\nOK", &Err(SubmitError::NoPrompt));
    check("+CMS ERROR: 330", "", &Err(SubmitError::Fault(Fault::Cms(330))));
    check("ERROR\nOK", "", &Err(SubmitError::Fault(Fault::Plain)));
    // An OK is no prompt.
    check("OK", "+CMGS: 7\nOK", &Err(SubmitError::NoPrompt));
}

#[test]
fn a_refusal_is_a_refusal() {
    check(">", "+CMS ERROR: 38", &Err(SubmitError::Fault(Fault::Cms(38))));
    check(">", "@60000 +CMS ERROR: 500\nOK", &Err(SubmitError::Fault(Fault::Cms(500))));
}

#[test]
fn silence_after_the_message_is_unclear() {
    let unclear = |why: &str| Err(SubmitError::Unclear(why.to_owned()));
    check(">", "", &unclear("no answer to AT+CMGS="));
    check(">", "OK", &unclear("an OK without a reference"));
}

#[test]
fn a_late_answer_is_heard() {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        modem.answers("AT+CMGS=12", ">").answers(PDU, "@160000 +CMGS: 9\nOK");
        let unclear = channel.submit(12, PDU).await;
        assert_eq!(unclear, Err(SubmitError::Unclear("no answer to AT+CMGS=".to_owned())));
        channel.linger(30_000).await.unwrap();
        assert_eq!(channel.heard(), [Event::LateSent(9)]);
    });
}

#[test]
fn a_prompt_without_its_space_is_a_prompt() {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        modem.handles(|command| (command == "AT+CMGS=12").then(|| vec![(0, "\r\n>".to_owned())]));
        // This script ends a message only after a real prompt; what counts is that it is given.
        let unclear = channel.submit(12, PDU).await;
        assert!(matches!(unclear, Err(SubmitError::Unclear(_))), "{unclear:?}");
    });
}

#[test]
fn a_port_that_goes_leaves_it_clear_until_the_message_is_given() {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        modem.unplug(true);
        assert!(matches!(channel.submit(12, PDU).await, Err(SubmitError::Gone(_))));
        modem.unplug(false);
        let mut channel = in_order(&host, &modem).await;
        modem.answers("AT+CMGS=12", ">").answers(PDU, "");
        let goes = async {
            use cordboard_plugin::Host as _;
            host.sleep_until(host.now().plus_seconds(20)).await;
            modem.unplug(true);
        };
        let (sent, ()) = futures_util::future::join(channel.submit(12, PDU), goes).await;
        assert!(matches!(sent, Err(SubmitError::Unclear(_))), "{sent:?}");
    });
}
