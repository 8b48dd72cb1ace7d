//! The list of all questions, room by room: once, for the macros and for whoever asks in another way.

use super::{
    DeviceCase, ReportCase, SinkCase, TransportCase, device, plan, publish, receive, report, send,
    upload,
};

/// A question to a case of the kind `C`. It panics when the answer is wrong, and says why.
pub struct Question<C: ?Sized> {
    /// Its name: a sentence, with `_` for spaces.
    pub name: &'static str,
    /// Asks it.
    pub ask: fn(&C),
}

/// Hands the questions of a room to the macro `$then`, behind the room and what else it is given.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_questions {
    (receive $then:ident $given:tt) => {
        $crate::$then! { receive $given
            the_capabilities_make_sense
            the_set_up_names_the_address_of_the_hook
            a_genuine_webhook_brings_the_words_as_they_were_sent
            a_repeated_webhook_has_the_same_key
            another_message_has_another_key
            a_forged_webhook_is_rejected_and_leaves_nothing
            a_webhook_without_a_body_brings_no_message
            a_text_of_a_hundred_thousand_characters_is_answered
            a_body_that_is_not_utf8_is_answered
            ten_thousand_parameters_are_answered
            random_bodies_never_panic
        }
    };
    (send $then:ident $given:tt) => {
        $crate::$then! { send $given
            an_accepted_text_has_an_id
            an_error_inside_a_success_is_no_success
            a_throttled_text_is_left_for_later
            a_failing_provider_leaves_the_outcome_unclear
            an_unreadable_answer_leaves_the_outcome_unclear
            a_lost_answer_leaves_the_outcome_unclear
            a_provider_that_was_not_reached_is_unreachable
            an_unexpected_answer_is_no_success
            a_text_that_nobody_waits_for_is_let_go
        }
    };
    (report $then:ident $given:tt) => {
        $crate::$then! { report $given
            a_report_of_delivery_is_news_of_that_text
            a_repeated_report_says_the_same
            a_report_of_an_unknown_state_decides_nothing
        }
    };
    (device $then:ident $given:tt) => {
        $crate::$then! { device $given
            the_capabilities_make_sense
            the_set_up_says_something
            every_webhook_is_turned_away
        }
    };
    (plan $then:ident $given:tt) => {
        $crate::$then! { plan $given
            the_capabilities_of_a_sink_make_sense
            the_set_up_names_the_address_people_come_back_to
            the_same_draft_has_the_same_plan
            every_part_says_something_and_uses_only_pictures_of_the_draft
            no_word_is_lost
            a_text_that_may_not_become_a_thread_is_one_part
            random_drafts_never_panic
        }
    };
    (publish $then:ident $given:tt) => {
        $crate::$then! { publish $given
            an_accepted_post_has_an_id
            an_error_inside_a_success_is_no_success
            a_throttled_post_is_left_for_later
            a_failing_provider_leaves_the_outcome_unclear
            an_unreadable_answer_leaves_the_outcome_unclear
            a_lost_answer_leaves_the_outcome_unclear
            a_provider_that_was_not_reached_is_unreachable
            an_unexpected_answer_is_no_success
            a_post_that_nobody_waits_for_is_let_go
        }
    };
    (upload $then:ident $given:tt) => {
        $crate::$then! { upload $given
            an_accepted_picture_has_an_id
            a_picture_of_an_unknown_type_is_refused
            an_error_inside_a_success_is_no_picture
            a_throttled_upload_is_left_for_later
            a_failing_provider_leaves_the_upload_unclear
            an_unreadable_answer_leaves_the_upload_unclear
            a_lost_answer_leaves_the_upload_unclear
            an_upload_that_was_not_reached_is_unreachable
            an_unexpected_answer_is_no_picture
            an_upload_that_nobody_waits_for_is_let_go
        }
    };
}

/// Turns questions into tests.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($room:ident ($case:expr) $($question:ident)*) => {
        $(#[test]
        fn $question() {
            $crate::conformance::$room::$question(&$case);
        })*
    };
}

/// Turns questions into a list of them.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_list {
    ($room:ident ($list:ident $case:ident) $($question:ident)*) => {
        /// The questions of this room, in order.
        pub fn $list() -> Vec<Question<dyn $case>> {
            vec![$(Question { name: stringify!($question), ask: $room::$question }),*]
        }
    };
}

conformance_questions! { receive conformance_list (receive_questions TransportCase) }
conformance_questions! { send conformance_list (send_questions TransportCase) }
conformance_questions! { report conformance_list (report_questions ReportCase) }
conformance_questions! { device conformance_list (device_questions DeviceCase) }
conformance_questions! { plan conformance_list (plan_questions SinkCase) }
conformance_questions! { publish conformance_list (publish_questions SinkCase) }
conformance_questions! { upload conformance_list (upload_questions SinkCase) }
