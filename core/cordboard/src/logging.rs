//! Logs: to stderr, at the level the operator asked for, and never more of other crates than INFO.

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterFn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging to stderr. `filter` is as in `CORDBOARD_LOG`; one that cannot be read means `info`.
pub fn start(filter: &str) {
    let (asked, wrong) = match EnvFilter::try_new(filter) {
        Ok(asked) => (asked, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_filter(asked)
        .with_filter(FilterFn::new(may_be_logged));
    // A subscriber that is there already (a test's) keeps its place.
    let started = tracing_subscriber::registry().with(lines).try_init();
    if let (Ok(()), Some(error)) = (started, wrong) {
        tracing::warn!(%error, "CORDBOARD_LOG cannot be read; logging at `info`");
    }
}

/// Our own lines are written without secrets, so all levels may be had. HTTP and TLS crates show
/// headers and bodies below INFO: those never leave.
fn may_be_logged(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || line.target().starts_with("cordboard")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn other_crates_say_nothing_below_info_whatever_is_asked() {
        let paper = Paper::default();
        let out = paper.clone();
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(move || out.clone())
            .with_filter(EnvFilter::new("trace,hyper=trace"))
            .with_filter(FilterFn::new(may_be_logged));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::trace!(target: "hyper::proto", "authorization: hush");
            tracing::debug!(target: "reqwest", "authorization: hush");
            tracing::info!(target: "hyper", "a line at info");
            tracing::trace!(target: "cordboard_engine", "a line of ours");
        });
        let written = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert!(!written.contains("hush"), "{written}");
        assert!(
            written.contains("a line at info") && written.contains("a line of ours"),
            "{written}"
        );
    }
}
