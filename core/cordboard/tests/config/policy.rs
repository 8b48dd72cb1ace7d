//! Every key of `[policy]` does what it says, and a test shows it.

use cordboard::config::tables::POLICY;
use std::path::Path;

/// Which test, from the root of the workspace, shows what a key does.
const SHOWN: &[(&str, &str)] = &[
    (
        "signup",
        "core/cordboard/tests/engine/policy.rs::sign_up_by_invitation_takes_people_sent_a_link",
    ),
    ("signup", "core/cordboard/tests/engine/limits.rs::closed_sign_up_takes_nobody_new"),
    ("receipts", "core/cordboard/tests/engine/policy.rs::receipts_come_as_they_are_wanted"),
    (
        "reply_segments_max",
        "core/cordboard/tests/engine/policy.rs::our_texts_keep_to_their_segments",
    ),
    (
        "replies_per_number_day",
        "core/cordboard/tests/engine/limits.rs::texts_to_one_number_are_limited",
    ),
    ("long_text", "core/cordboard/tests/engine/policy.rs::a_long_text_may_be_refused"),
    ("thread_parts_max", "core/cordboard/tests/engine/policy.rs::a_longer_thread_is_asked_about"),
    (
        "ask_before_link",
        "core/cordboard/tests/engine/policy.rs::a_post_with_a_link_may_go_out_unasked",
    ),
    (
        "ask_before_link",
        "core/cordboard/tests/engine/commands.rs::a_post_with_a_link_is_asked_about_and_holds_only_itself",
    ),
    ("pin", "core/cordboard/tests/engine/pins.rs::where_pins_are_required_each_text_carries_one"),
    (
        "pin",
        "core/cordboard/tests/engine/proof.rs::where_pins_are_off_one_from_before_is_cut_and_proves_nothing",
    ),
    (
        "quiet_days",
        "core/cordboard/tests/engine/proof.rs::after_a_long_silence_somebody_without_a_pin_connects_again",
    ),
    (
        "quiet_days",
        "core/cordboard/tests/engine/proof.rs::a_silence_is_nothing_where_the_operator_says_so",
    ),
    (
        "alt_wait_seconds",
        "core/cordboard/tests/engine/pictures.rs::a_post_may_wait_for_its_description_and_holds_only_itself",
    ),
    ("link_minutes", "core/cordboard/tests/engine/policy.rs::a_link_works_for_so_many_minutes"),
    (
        "invites_per_number_day",
        "core/cordboard/tests/engine/limits.rs::one_number_gets_so_many_invitations_a_day_and_the_last_says_so",
    ),
    (
        "invites_per_prefix_hour",
        "core/cordboard/tests/engine/limits.rs::strangers_of_one_prefix_and_all_strangers_together_are_limited",
    ),
    (
        "invites_per_hour",
        "core/cordboard/tests/engine/policy.rs::all_strangers_together_get_so_many_invitations_an_hour",
    ),
    (
        "posts_per_person_day",
        "core/cordboard/tests/engine/limits.rs::a_person_over_their_limit_is_refused_and_told_once",
    ),
    (
        "spend_per_person_day_usd",
        "core/cordboard/tests/engine/policy.rs::one_person_may_cost_so_much_a_day",
    ),
    (
        "spend_per_day_usd",
        "core/cordboard/tests/engine/money.rs::whatever_arrives_a_day_costs_no_more_than_its_limit",
    ),
    (
        "spend_per_day_usd",
        "core/cordboard/tests/engine/limits.rs::over_the_bridges_limit_texts_wait_for_tomorrow",
    ),
    (
        "keep_waiting_hours",
        "core/cordboard/tests/engine/refresh.rs::a_text_that_nobody_relinks_for_is_given_up_in_time",
    ),
    (
        "keep_waiting_hours",
        "core/cordboard/tests/engine/idle.rs::a_question_nobody_answers_ends_in_time_and_without_a_text",
    ),
    ("keep_bodies_days", "core/cordboard/tests/engine/policy.rs::texts_are_kept_for_so_many_days"),
    (
        "check_credentials_days",
        "core/cordboard/tests/engine/idle.rs::an_idle_credential_is_refreshed_once_and_nobody_is_bothered",
    ),
    (
        "catch_up_hours",
        "transports/twilio/tests/catch_up.rs::a_look_reaches_back_catch_up_hours_at_most",
    ),
    (
        "operator_retry_minutes",
        "core/cordboard/tests/engine/policy.rs::a_paused_sink_is_tried_every_so_many_minutes",
    ),
    (
        "deliveries_at_once",
        "core/cordboard/tests/engine/policy.rs::so_many_deliveries_are_under_way_at_once",
    ),
    (
        "queue_rows_max",
        "core/cordboard/tests/engine/limits.rs::a_full_disk_or_queue_is_told_to_the_provider_and_the_operator",
    ),
    (
        "disk_free_bytes_min",
        "core/cordboard/tests/engine/limits.rs::a_full_disk_or_queue_is_told_to_the_provider_and_the_operator",
    ),
    (
        "shutdown_seconds",
        "core/cordboard/tests/engine/policy.rs::stopping_takes_so_many_seconds_at_most",
    ),
];

#[test]
fn every_key_has_a_test_and_every_test_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let mut missing = Vec::new();
    for setting in POLICY {
        if !SHOWN.iter().any(|(key, _)| *key == setting.key) {
            missing.push(format!("`{}` has no test", setting.key));
        }
    }
    for (key, test) in SHOWN {
        if !POLICY.iter().any(|setting| setting.key == *key) {
            missing.push(format!("`{key}` is no key of [policy]"));
        }
        let (file, name) = test.split_once("::").unwrap();
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        if !text.contains(&format!("#[test]\nfn {name}()")) {
            missing.push(format!("`{test}` is not there"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
