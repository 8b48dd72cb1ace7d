//! Pictures that do not get there, and what is to be done about each.

use crate::town::{Town, part, picture, with_alt};
use cordboard_plugin::{CallError, Credential, MediaHandle, Reason, Secret};
use cordboard_testkit::block_on;
use serde_json::{Value, json};

/// An error in few letters.
fn short(error: &CallError) -> String {
    match error {
        CallError::RetryAfter { wait_ms, .. } => format!("wait {}", wait_ms.unwrap_or(-1)),
        CallError::Unreachable { .. } => "unreachable".to_owned(),
        CallError::Unclear { .. } => "unclear".to_owned(),
        CallError::Relink { .. } => "relink".to_owned(),
        CallError::Refused(refusal) => format!("refused {:?}", refusal.reason),
        CallError::Operator { trouble, .. } => format!("operator {trouble:?}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn each_failure_of_each_step_has_its_action() {
    let kinds = [
        ("401", "relink"),
        ("402", "operator Credit"),
        ("403", "refused Other"),
        ("404", "refused Media"),
        ("413", "refused Media"),
        ("429", "wait 900000"),
        ("453", "operator Plan"),
        ("503", "unclear"),
        ("html", "unclear"),
        ("unrecognized", "refused Media"),
        ("unreachable", "unreachable"),
        ("reset_after_accept", "unclear"),
        ("timeout_after_accept", "unclear"),
        ("503_after_accept", "unclear"),
    ];
    for settings in [json!({}), json!({ "upload_api": "v1.1" })] {
        let town = Town::new("oauth1", &settings);
        let who = town.link("ada");
        for step in ["upload", "init", "append", "finalize", "status"] {
            let media_type = if step == "upload" { "image/png" } else { "image/gif" };
            for (kind, wanted) in kinds {
                town.fault(step, kind);
                let error = town.upload(&who, &picture(media_type, 50, 1)).unwrap_err();
                assert_eq!(short(&error), wanted, "{settings} {step} {kind}: {error:?}");
            }
            town.upload(&who, &picture(media_type, 50, 1)).unwrap();
        }
    }
}

#[test]
fn json_is_sent_where_x_wants_json_and_nowhere_else() {
    for message in ["wants_json", "not_json"] {
        let town = Town::new("oauth1", &json!({}));
        let who = town.link("ada");
        town.fault("upload", message);
        let sent = picture("image/png", 70_000, 1);
        let still = town.upload(&who, &sent).unwrap();
        town.fault("append", message);
        let gif = picture("image/gif", 5_000_000, 1);
        let handle = town.upload(&who, &gif).unwrap();
        let appends: Vec<bool> = town
            .host
            .requests()
            .iter()
            .filter(|request| request.body.0.len() > 100_000)
            .map(|request| request.body.0.starts_with(b"{"))
            .collect();
        // Multipart once, then JSON for the rest of this picture.
        assert_eq!(appends, [false, true, true, true], "{message}");
        town.publish(&who, &part("still", vec![still]), None).unwrap();
        assert_eq!(town.shown(0, 0).body, sent.bytes);
        town.publish(&who, &part("gif", vec![handle]), None).unwrap();
        assert_eq!(town.shown(0, 0).body, gif.bytes);
        // Any other 400 is no reason to say it again.
        let before = town.paths().len();
        town.fault("upload", "bad_media");
        town.upload(&who, &picture("image/png", 50, 1)).unwrap_err();
        assert_eq!(town.paths().len() - before, 1);
    }
}

#[test]
fn what_x_does_not_take_is_not_even_sent() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    let before = town.paths().len();
    for (media_type, len, reason, says) in [
        ("image/heic", 50, Reason::Content, "X does not take HEIC pictures"),
        ("video/3gpp", 50, Reason::Content, "X does not take 3GP videos"),
        ("image/jpg", 50, Reason::Content, "X does not take pictures of this kind"),
        ("text/vcard", 50, Reason::Content, "X does not take attachments of this kind"),
        ("image/jpeg", 5_000_001, Reason::Media, "X takes a JPEG up to 5 MB"),
        ("image/gif", 15_000_001, Reason::Media, "X takes a GIF up to 15 MB"),
    ] {
        let error = town.upload(&who, &picture(media_type, len, 1)).unwrap_err();
        let CallError::Refused(refusal) = error else { panic!("{error:?}") };
        assert_eq!(refusal.reason, reason, "{media_type}");
        assert!(refusal.words.starts_with(says), "{}", refusal.words);
    }
    assert_eq!(town.paths().len(), before);
}

#[test]
fn bytes_that_are_something_else_are_not_recognised() {
    for settings in [json!({}), json!({ "upload_api": "v1.1" })] {
        let town = Town::new("oauth1", &settings);
        let who = town.link("ada");
        for media_type in ["image/png", "image/gif", "video/mp4"] {
            let mut wrong = picture("image/bmp", 50, 1);
            media_type.clone_into(&mut wrong.media_type);
            let error = town.upload(&who, &wrong).unwrap_err();
            let CallError::Refused(refusal) = error else { panic!("{error:?}") };
            assert_eq!(refusal.reason, Reason::Media);
            assert_eq!(refusal.words, "X does not recognise this picture");
        }
    }
}

#[test]
fn a_video_that_x_cannot_process_is_refused() {
    for settings in [json!({}), json!({ "upload_api": "v1.1" })] {
        let town = Town::new("oauth1", &settings);
        let who = town.link("ada");
        town.fault("status", "processing_failed");
        let error = town.upload(&who, &picture("video/mp4", 50, 1)).unwrap_err();
        let CallError::Refused(refusal) = error else { panic!("{error:?}") };
        assert_eq!((refusal.reason, refusal.code.as_str()), (Reason::Media, "InvalidMedia"));
    }
}

#[test]
fn nobody_waits_for_x_for_ever() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    let order = json!({ "faults": [{ "on": "status", "kind": "processing", "times": 400 }] });
    town.order("/_faults", &order);
    let error = town.upload(&who, &picture("video/mp4", 50, 1)).unwrap_err();
    assert_eq!(short(&error), "wait 60000");
    let sleeps = town.host.sleeps();
    let waited = sleeps.last().unwrap().millis_since(sleeps[0]);
    assert!(waited < 300_000 && sleeps.len() > 5, "{waited} in {} looks", sleeps.len());
    assert!(i64::from(town.media.capabilities().upload_ms_max) > waited);
}

#[test]
fn a_token_that_may_only_read_is_erased_for_pictures_and_says_what_to_change() {
    for settings in [json!({}), json!({ "upload_api": "v1.1" })] {
        let town = Town::new("oauth1", &settings);
        // A token keeps the level that the app had when it was made.
        town.order("/_app", &json!({ "access": "read" }));
        let start = town.begin(&*town.media).unwrap();
        let answer = town.decide(&start, "authorize", "ada");
        town.fault("me", "503");
        let who = town.complete(&town.back(&start, &answer)).unwrap();
        town.order("/_app", &json!({ "access": "read-write" }));
        let error = town.upload(&who, &picture("image/png", 50, 1)).unwrap_err();
        let CallError::Relink { detail } = error else { panic!("{error:?}") };
        assert!(detail.contains("`Read and write`"), "{detail}");
        assert!(!block_on(town.media.check(&town.host, &who)).unwrap().may_write);
        let error = town.post(&who, "words", &[]).unwrap_err();
        assert_eq!(short(&error), "relink");
    }
}

#[test]
fn a_consent_without_media_write_is_noticed_before_x_is_asked() {
    let town = Town::new("oauth2", &json!({}));
    let who = town.link("ada");
    let mut tokens: Value = serde_json::from_str(who.secret.reveal()).unwrap();
    tokens["scope"] = "tweet.read tweet.write users.read offline.access".into();
    let who = Credential { secret: Secret::new(tokens.to_string()), ..who };
    let before = town.paths().len();
    let error = town.upload(&who, &picture("image/png", 50, 1)).unwrap_err();
    assert_eq!(short(&error), "relink");
    assert_eq!(town.paths().len(), before);
    assert!(!block_on(town.media.check(&town.host, &who)).unwrap().may_write);
}

#[test]
fn an_unreadable_credential_is_linked_again() {
    let town = Town::new("oauth1", &json!({}));
    let who = Credential { secret: Secret::new("?"), ..town.link("ada") };
    let error = town.upload(&who, &picture("image/png", 50, 1)).unwrap_err();
    assert_eq!(short(&error), "relink");
    assert_eq!(town.media.fingerprint(&who), None);
}

#[test]
fn ids_that_are_stale_foreign_or_used_are_uploaded_again() {
    let town = Town::new("oauth1", &json!({}));
    let (ada, bob) = (town.link("ada"), town.link("bob"));
    let post = |who, handle: &MediaHandle| {
        let part = part("look", vec![handle.clone()]);
        town.publish(who, &part, None).map_err(|error| short(&error))
    };
    let media = Err("refused Media".to_owned());
    let handle = town.upload(&ada, &picture("image/png", 50, 1)).unwrap();
    assert_eq!(post(&bob, &handle), media);
    let wrong = MediaHandle { id: "1880028106020515840".to_owned(), ..handle.clone() };
    assert_eq!(post(&ada, &wrong), media);
    // X's own second look at a picture, when it is posted.
    town.fault("publish", "bad_media");
    assert_eq!(post(&ada, &handle), media);
    town.host.advance_millis(86_400_001);
    let asked = town.paths().len();
    assert_eq!(post(&ada, &handle), media);
    assert_eq!(town.paths().len(), asked, "X was asked about a picture that it has forgotten");
    let timeless = MediaHandle { expires_at: None, ..handle };
    assert_eq!(post(&ada, &timeless), media);
    let again = town.upload(&ada, &picture("image/png", 50, 1)).unwrap();
    post(&ada, &again).unwrap();
    assert_eq!(post(&ada, &again), media);
    assert_eq!(town.timeline().len(), 1);
}

#[test]
fn a_part_never_goes_out_without_its_pictures() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    let mut lacks = part("look", Vec::new());
    lacks.media = vec![0];
    assert_eq!(short(&town.publish(&who, &lacks, None).unwrap_err()), "refused Media");
    let handle = town.upload(&who, &picture("image/png", 50, 1)).unwrap();
    let odd = MediaHandle { id: "../1".to_owned(), ..handle };
    let odd = part("look", vec![odd]);
    assert_eq!(short(&town.publish(&who, &odd, None).unwrap_err()), "refused Media");
}

#[test]
fn mixed_or_too_many_pictures_are_not_taken_by_x() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    let still = town.upload(&who, &picture("image/png", 50, 1)).unwrap();
    let gif = town.upload(&who, &picture("image/gif", 50, 1)).unwrap();
    for handles in [vec![still.clone(), gif], vec![still.clone(), still.clone()], vec![still; 5]] {
        let error = town.publish(&who, &part("look", handles), None).unwrap_err();
        assert!(short(&error).starts_with("refused"), "{error:?}");
    }
    assert!(town.timeline().is_empty());
}

#[test]
fn pictures_that_nobody_posted_are_not_shown() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    let handle = town.upload(&who, &with_alt(picture("image/png", 50, 1), "A cat.")).unwrap();
    assert_eq!(town.ask("GET", &format!("/media/{}", handle.id), "", "").status, 404);
    for id in ["", "1", "../post", &"9".repeat(300)] {
        assert_eq!(town.ask("GET", &format!("/media/{id}"), "", "").status, 404, "{id}");
    }
}

#[test]
fn only_so_much_is_kept_of_old_pictures() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    for nth in 0..15 {
        town.post(&who, &format!("post {nth}"), &[picture("image/png", 4_900_000, nth)]).unwrap();
        town.host.advance_millis(1000);
    }
    assert_eq!(town.shown(0, 0).status, 200);
    let oldest = town.timeline().pop().unwrap();
    assert_eq!((oldest.text.as_str(), oldest.pictures.len()), ("post 0", 0));
}

#[test]
fn the_sink_of_pictures_posts_nothing() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    let draft =
        cordboard_plugin::Draft { text: "a".to_owned(), media_types: Vec::new(), thread: true };
    assert!(town.media.plan(&draft).unwrap_err().words.contains("pictures only"));
    let posted = block_on(town.media.publish(&town.host, &who, &part("a", Vec::new()), None));
    assert_eq!(short(&posted.unwrap_err()), "refused Other");
}
