//! Texts to the operator when a person must act: once a day for each cause.

use crate::bridge::Bridge;
use crate::pump::report;
use crate::{texts, words};
use cordboard_store::{Change, NewReply, StoreError};

impl Bridge {
    /// Texts the alert numbers that a person must act on `what`, and why.
    pub(crate) fn alert(&self, what: &str, why: &str) {
        if self.config().alert_numbers.is_empty() {
            return;
        }
        let (bridge, what, why) = (self.clone(), what.to_owned(), why.to_owned());
        self.spawn(async move {
            if let Err(error) = bridge.send_alerts(&what, &why).await {
                report(&error);
            }
        });
    }

    async fn send_alerts(&self, what: &str, why: &str) -> Result<(), StoreError> {
        let day = self.now().day();
        for number in &self.config().alert_numbers {
            let Some((transport, line)) = self.line_for(number).await? else { continue };
            // The same cause on the same day has the same key, and is told once.
            let cause = words::hash(what);
            let key = format!("alert/{day}/{}/{}", &cause[..16], number.reveal());
            let text = texts::alert(self.name(), what, why);
            let alert = NewReply::answer(key, &transport, &line, number, text).always();
            self.commit(None, vec![Change::AddReply(alert)]).await?;
        }
        Ok(())
    }
}
