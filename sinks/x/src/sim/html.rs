//! The frame of all pages.

use cordboard_plugin::HttpAnswer;

/// A page that works without scripts and on small phones.
pub(super) fn html(status: u16, body: &str) -> HttpAnswer {
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Simulated X</title></head><body><h1>Simulated X</h1>{body}</body></html>"
    );
    HttpAnswer::new(status, "text/html; charset=utf-8", page)
}

/// `text` as words of a page or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
