//! What a sink makes of drafts. No provider is needed.

use super::SinkCase;
use super::chance::for_random_bytes;
use super::set_up::{addresses, check_steps};
use cordboard_plugin::{Draft, Plan, REFUSAL_CHARS_MAX, Refusal, Sink};

/// Texts that planners stumble over, each as a thread and as one post, with and without pictures.
fn drafts(sink: &dyn Sink) -> Vec<Draft> {
    let long_words = "word ".repeat(400);
    let texts = [
        "Hello.".to_owned(),
        String::new(),
        " \n\t ".to_owned(),
        "x".to_owned(),
        "See https://example.com/a?b=c#d and www.example.com.".to_owned(),
        "👩‍👩‍👧‍👦".repeat(120),
        "e\u{301}".repeat(600),
        "\u{301}".repeat(5000),
        "漢字".repeat(500),
        "a\0b\u{202e}c\u{feff}d\u{200d}".to_owned(),
        "A sentence. Another one! A third? ".repeat(40),
        "line\r\nline\n\n\nline\n".repeat(60),
        long_words,
        "x".repeat(100_000),
        format!("https://example.com/{}", "y".repeat(3000)),
    ];
    let media_type = sink.capabilities().media_types.into_iter().next();
    let mut drafts = Vec::new();
    for text in texts {
        for thread in [true, false] {
            let words = Draft { text: text.clone(), media_types: Vec::new(), thread };
            if let Some(media_type) = &media_type {
                let media_types = vec![media_type.clone(); 2];
                drafts.push(Draft { media_types, ..words.clone() });
            }
            drafts.push(words);
        }
    }
    drafts
}

fn start_of(draft: &Draft) -> String {
    let start: String = draft.text.chars().take(40).collect();
    format!("{start:?} with {} pictures, thread = {}", draft.media_types.len(), draft.thread)
}

/// What holds for every plan and every refusal.
fn check_sane(draft: &Draft, planned: &Result<Plan, Refusal>) {
    let name = start_of(draft);
    match planned {
        Err(refusal) => {
            assert!(!refusal.words.is_empty(), "{name}: refused without words for the sender");
            assert!(!refusal.words.ends_with('.'), "{name}: these words end in a full stop");
            let chars = refusal.words.chars().count();
            assert!(chars <= REFUSAL_CHARS_MAX, "{name}: {chars} characters of words are cut");
        }
        Ok(plan) => {
            assert!(!plan.parts.is_empty(), "{name}: a plan without a part");
            let mut used = Vec::new();
            for part in &plan.parts {
                let says = !part.text.trim().is_empty() || !part.media.is_empty();
                assert!(says, "{name}: a part that says nothing");
                assert!(part.handles.is_empty(), "{name}: a handle before any upload");
                assert!(part.price.0 >= 0, "{name}: a negative price");
                used.extend(part.media.iter().copied().map(usize::from));
            }
            used.sort_unstable();
            let all: Vec<usize> = (0..draft.media_types.len()).collect();
            assert_eq!(used, all, "{name}: every picture must be used once");
        }
    }
}

/// Base URLs end without a slash, prices are not negative, deadlines are not zero.
pub fn the_capabilities_of_a_sink_make_sense(case: &dyn SinkCase) {
    let capabilities = case.sink().capabilities();
    for base in &capabilities.bases {
        let well_formed = base.url.contains("://") && !base.url.ends_with('/');
        assert!(well_formed, "not a base URL: {}", base.url);
    }
    for credential in &capabilities.credentials {
        let named = !credential.kind.is_empty() && !credential.realm.is_empty();
        assert!(named, "a credential without kind or realm: {credential:?}");
    }
    let prices = [
        capabilities.price_post,
        capabilities.price_link_post,
        capabilities.price_settle,
        capabilities.price_check,
        capabilities.price_retract,
        capabilities.price_upload,
        capabilities.price_describe,
    ];
    assert!(prices.iter().all(|price| price.0 >= 0), "a negative price: {prices:?}");
    assert!(capabilities.publish_ms_max > 0, "no time to publish");
    assert_eq!(capabilities, case.sink().capabilities(), "they change between instances");
    let uploads = !capabilities.media_types.is_empty();
    assert_eq!(uploads, capabilities.upload_ms_max > 0, "time to upload and types do not fit");
    for limit in &capabilities.media_limits {
        let known = capabilities.media_types.contains(&limit.media_type) && limit.bytes_max > 0;
        assert!(known, "a limit for nothing: {limit:?}");
    }
}

/// The set-up at the provider names the address that people come back to, when people link accounts,
/// and each of its steps says something.
pub fn the_set_up_names_the_address_people_come_back_to(case: &dyn SinkCase) {
    let sink = case.sink();
    for addresses in addresses() {
        let steps = sink.set_up(&addresses);
        check_steps(&steps);
        // A provider compares it letter for letter.
        let named = steps.iter().any(|step| step.value == addresses.callback_url);
        let links = !sink.capabilities().credentials.is_empty();
        assert!(named || !links, "nobody is told what to register: {steps:?}");
        assert_eq!(steps, sink.set_up(&addresses), "the set-up changes");
    }
}

/// The same draft is planned the same, by the same instance and by another.
pub fn the_same_draft_has_the_same_plan(case: &dyn SinkCase) {
    let (sink, other) = (case.sink(), case.sink());
    let drafts = drafts(&*sink);
    let first: Vec<_> = drafts.iter().map(|draft| sink.plan(draft)).collect();
    for (draft, first) in drafts.iter().zip(&first) {
        let name = start_of(draft);
        assert_eq!(&sink.plan(draft), first, "{name}: planned differently the second time");
        assert_eq!(&other.plan(draft), first, "{name}: planned differently by another instance");
    }
}

/// No part is empty, and every picture of the draft is used once.
pub fn every_part_says_something_and_uses_only_pictures_of_the_draft(case: &dyn SinkCase) {
    let sink = case.sink();
    for draft in drafts(&*sink) {
        check_sane(&draft, &sink.plan(&draft));
    }
    let usual = case.draft();
    let planned = sink.plan(&usual);
    check_sane(&usual, &planned);
    assert!(planned.is_ok(), "the usual draft was refused: {planned:?}");
}

/// All words of a long text stand in the parts, in order. Numbering may stand between them.
pub fn no_word_is_lost(case: &dyn SinkCase) {
    let sink = case.sink();
    for count in [1, 40, 60, 100, 250] {
        let words: Vec<String> = (0..count).map(|nth| format!("word{nth}")).collect();
        let draft = Draft { text: words.join(" "), media_types: Vec::new(), thread: true };
        let Ok(plan) = sink.plan(&draft) else { continue };
        let posted: Vec<&str> =
            plan.parts.iter().flat_map(|part| part.text.split_whitespace()).collect();
        let mut rest = posted.iter();
        for word in &words {
            assert!(rest.any(|posted| posted == word), "{count} words: `{word}` is lost");
        }
    }
}

/// Without permission for a thread there is one part, or a refusal.
pub fn a_text_that_may_not_become_a_thread_is_one_part(case: &dyn SinkCase) {
    let sink = case.sink();
    for draft in drafts(&*sink).into_iter().filter(|draft| !draft.thread) {
        let parts = sink.plan(&draft).map_or(1, |plan| plan.parts.len());
        assert_eq!(parts, 1, "{}: became a thread", start_of(&draft));
    }
}

/// Random words are planned or refused.
pub fn random_drafts_never_panic(case: &dyn SinkCase) {
    let sink = case.sink();
    for_random_bytes(|bytes| {
        let thread = bytes.len() % 2 == 0;
        let text = String::from_utf8_lossy(&bytes).repeat(bytes.len() % 5);
        let draft = Draft { text, media_types: Vec::new(), thread };
        check_sane(&draft, &sink.plan(&draft));
    });
}
