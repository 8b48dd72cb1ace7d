//! `/metrics`: what is counted, in the Prometheus text format.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// Upper ends of the buckets for everything measured in seconds.
const SECONDS: &[f64] = &[0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// How often samples are sorted into buckets when nobody reads them.
const TEND_SECONDS: u64 = 5;

/// The recorder could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up metrics")]
pub struct MetersError(#[from] BuildError);

/// All counters of the process, ready to be read.
#[derive(Clone)]
pub struct Meters(PrometheusHandle);

impl Meters {
    /// Makes this process count. Call once, before anything is counted, and keep [`Meters::tend`]
    /// running.
    ///
    /// # Errors
    /// [`MetersError`] when another recorder was installed before.
    pub fn install() -> Result<Self, MetersError> {
        Ok(Self(builder()?.install_recorder()?))
    }

    /// Meters that nothing is counted by: for tests and commands that serve no metrics.
    ///
    /// # Errors
    /// Never in practice; [`MetersError`] if the fixed set-up were refused.
    pub fn detached() -> Result<Self, MetersError> {
        Ok(Self(builder()?.build_recorder().handle()))
    }

    /// Sorts samples into buckets every few seconds, so that they take no memory while nobody reads
    /// them. Runs until dropped.
    pub async fn tend(self) {
        let mut ticks = tokio::time::interval(Duration::from_secs(TEND_SECONDS));
        loop {
            ticks.tick().await;
            self.0.run_upkeep();
        }
    }

    /// The text format, version 0.0.4.
    pub(crate) fn render(&self) -> String {
        self.0.render()
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
}
