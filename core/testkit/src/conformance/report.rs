//! What a transport makes of its provider's reports about texts we sent.

use super::receive::check_sane;
use super::{ReportCase, only};
use cordboard_plugin::{DeliveryState, HttpCall, StatusUpdate};

/// The provider's id of the text that is spoken of.
const ID: &str = "report-1";

/// The one piece of news in a genuine report.
fn news(case: &dyn ReportCase, call: HttpCall) -> StatusUpdate {
    let outcome = check_sane(&*case.transport(), call);
    let answered = outcome.as_ref().map(|received| received.answer.status);
    assert!(matches!(answered, Ok(200..300)), "a genuine report was answered with {answered:?}");
    let messages = outcome.as_ref().map_or(0, |received| received.messages.len());
    assert_eq!(messages, 0, "a report was taken for a text");
    only(outcome.map(|received| received.statuses), "a report must bring news of one text")
}

/// A text that is on the phone is known to be there, by the id that sending it gave.
pub fn a_report_of_delivery_is_news_of_that_text(case: &dyn ReportCase) {
    let news = news(case, case.report(ID, &case.delivered()));
    assert_eq!((news.id.as_str(), news.state), (ID, DeliveryState::Delivered), "{news:?}");
    assert!(news.error.is_none(), "a text that is on the phone brings an error: {news:?}");
}

/// Providers repeat what was not answered in time.
pub fn a_repeated_report_says_the_same(case: &dyn ReportCase) {
    let report = || news(case, case.report(ID, &case.delivered()));
    assert_eq!(report(), report(), "the same report is other news the second time");
}

/// Providers invent words. One that nobody knows is answered, and is neither delivery nor failure.
pub fn a_report_of_an_unknown_state_decides_nothing(case: &dyn ReportCase) {
    for state in ["a-state-nobody-knows", "", "0", "DELIVERED?"] {
        let outcome = check_sane(&*case.transport(), case.report(ID, state));
        let answered = outcome.as_ref().map(|received| received.answer.status);
        assert!(answered.is_ok(), "`{state}` was rejected, so it is repeated: {answered:?}");
        for news in outcome.iter().flat_map(|received| &received.statuses) {
            let open = matches!(news.state, DeliveryState::Accepted | DeliveryState::Sent);
            assert!(open, "`{state}` was taken for {:?}", news.state);
        }
    }
}
