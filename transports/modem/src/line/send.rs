//! Texts out, part by part. What may have left is never repeated.

use super::door::Job;
use super::serve::{End, Serving, Stop};
use super::verdict::{Verdict, verdict};
use crate::at::{AtError, Class, Event, Fault, SubmitError};
use crate::outbox::Leaving;
use crate::pdu::{self, Sending};
use cordboard_plugin::{
    CallError, DeliveryState, Level, OutgoingText, Reason, Receipt, StateError, Timestamp,
};

/// How long the centre tries to reach the phone: TP-VP 167 is a day (TS 23.040 9.2.3.12.1). An answer
/// that comes later answers nothing.
const A_DAY: u8 = 167;
/// After so long no further part is begun: it might not end before the core's deadline of ten minutes.
const BEGIN_MS_MAX: i64 = 400_000;
/// How long a late answer is waited for, in milliseconds.
const LATE_MS: i64 = 30_000;
/// Pause before a modem that was busy is asked again, and how often it is.
const SOON_MS: i64 = 3_000;
const SOON_MAX: u32 = 5;
/// Errors in a row that say nothing before the modem is started up again.
const VAGUE_MAX: u32 = 3;
/// Texts that are remembered as refused once.
const SECOND_CHANCES_MAX: usize = 50;
/// Tries to write down what must not be forgotten.
const WRITES_MAX: u32 = 3;

/// What became of one part.
enum Part {
    Left(u8),
    Unclear(String),
    Not(CallError),
}

impl Serving<'_, '_> {
    /// Takes a text that was handed in, sends it and answers.
    pub(super) async fn send(&mut self, job: Job) -> Result<(), Stop> {
        let Some(job) = job.take() else { return Ok(()) };
        if !self.session.sends()
            && let Err(stop) = self.look_at_network().await
        {
            job.answer(Err(CallError::retry_after(Some(SOON_MS), "the modem does not answer")));
            return Err(stop);
        }
        if let Err(error) = self.line.desk.may_send(self.host.now()) {
            job.answer(Err(error));
            return Ok(());
        }
        let began = self.host.now();
        let outcome = self.send_text(&job.text, began).await;
        let name = match &outcome {
            Ok(_) => "modem_texts_sent_total",
            Err(CallError::Unclear { .. }) => "modem_texts_unclear_total",
            Err(_) => "modem_texts_not_sent_total",
        };
        self.host.metric(name, 1);
        job.answer(outcome);
        Ok(())
    }

    async fn send_text(
        &mut self,
        text: &OutgoingText,
        began: Timestamp,
    ) -> Result<Receipt, CallError> {
        let (line, host) = (self.line, self.host);
        let count = pdu::segments(&text.text);
        let card = self.session.card().to_owned();
        let leaving = line.outbox.begin(host, &card, text, count).await.map_err(unwritten)?;
        let sent = self.send_parts(text, &leaving, began).await;
        if let Err(error) = line.outbox.done(host, &leaving).await {
            host.log(Level::Debug, &format!("the end of a text was not written down: {error}"));
        }
        sent?;
        Ok(Receipt {
            id: leaving.id,
            state: DeliveryState::Sent,
            segments: u16::try_from(count).ok(),
        })
    }

    /// Sends the parts that have not left, in order, each only when the one before has.
    async fn send_parts(
        &mut self,
        text: &OutgoingText,
        leaving: &Leaving,
        began: Timestamp,
    ) -> Result<(), CallError> {
        if leaving.unclear.contains(&true) {
            return Err(CallError::unclear("a part of this text may have left before"));
        }
        let open: Vec<usize> =
            (0..leaving.left.len()).filter(|at| leaving.left[*at].is_none()).collect();
        if open.len() > 1 {
            self.keep_link().await;
        }
        for at in open {
            if self.host.now().millis_since(began) > BEGIN_MS_MAX {
                return Err(CallError::retry_after(
                    Some(0),
                    "the rest of its parts is still to go",
                ));
            }
            match self.send_part(text, leaving, at).await {
                Part::Left(reference) => self.left(leaving, at, reference).await,
                Part::Unclear(why) => {
                    self.unclear(leaving, at).await;
                    return Err(CallError::unclear(why));
                }
                Part::Not(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends one part, again where that is safe and useful.
    async fn send_part(&mut self, text: &OutgoingText, leaving: &Leaving, at: usize) -> Part {
        let mut soon = 0;
        loop {
            let part = match self.part(text, leaving, at) {
                Ok(part) => part,
                Err(error) => return Part::Not(error),
            };
            let fault = match self.channel.submit(part.tpdu_octets, &part.hex).await {
                Ok(reference) => {
                    (self.busy, self.vague) = (0, 0);
                    return Part::Left(reference);
                }
                Err(SubmitError::Unclear(why)) => return self.wait_for_late_answer(why).await,
                Err(SubmitError::Fault(fault)) => fault,
                Err(error) => return Part::Not(self.not_asked(error)),
            };
            let again = self.second_chances.contains(&text.key);
            let verdict = verdict(&fault, self.busy, again);
            self.heed_fault(&fault, text);
            match verdict {
                Verdict::Left => return Part::Left(0),
                Verdict::Unclear => {
                    return Part::Unclear(format!("the network is silent ({fault})"));
                }
                Verdict::WithoutValidity if self.limits_validity => self.limits_validity = false,
                Verdict::Soon if soon < SOON_MAX => {
                    soon += 1;
                    if let Err(error) = self.channel.linger(SOON_MS).await {
                        return Part::Not(self.not_asked(SubmitError::Gone(error)));
                    }
                }
                Verdict::Soon | Verdict::WithoutValidity => {
                    let detail = format!("the modem is busy ({fault})");
                    return Part::Not(CallError::retry_after(Some(LATE_MS), detail));
                }
                Verdict::Not(error) => return Part::Not(error),
            }
        }
    }

    fn part(
        &self,
        text: &OutgoingText,
        leaving: &Leaving,
        at: usize,
    ) -> Result<pdu::Part, CallError> {
        let sending = Sending {
            to: text.to.reveal(),
            text: &text.text,
            reference: leaving.reference,
            wants_report: self.session.notices.reports,
            validity: self.limits_validity.then_some(A_DAY),
        };
        let parts = pdu::submit(&sending).map_err(|error| {
            let words = match error {
                pdu::PduError::TooLong => "the text is too long for one message",
                _ => "this number cannot be texted",
            };
            CallError::refused(Reason::Other, error.to_string(), words)
        })?;
        let part = parts.into_iter().nth(at);
        part.ok_or_else(|| CallError::refused(Reason::Other, "", "the text has fewer parts"))
    }

    /// Remembers what a refusal says of the modem, beyond this text.
    fn heed_fault(&mut self, fault: &Fault, text: &OutgoingText) {
        let class = fault.class();
        self.host.log(Level::Warn, &format!("the modem did not send a part: {fault}"));
        self.busy = if class == Class::NetworkBusy { self.busy + 1 } else { 0 };
        let says_nothing = matches!(class, Class::Vague | Class::Hardware | Class::NotSupported);
        self.vague = if says_nothing { self.vague + 1 } else { 0 };
        match class {
            Class::Doubtful | Class::Rejected if !self.second_chances.contains(&text.key) => {
                if self.second_chances.len() == SECOND_CHANCES_MAX {
                    self.second_chances.remove(0);
                }
                self.second_chances.push(text.key.clone());
            }
            Class::Full => self.look_everywhere = true,
            _ => {}
        }
        if self.vague >= VAGUE_MAX {
            self.end = Some(End::Again(format!("{VAGUE_MAX} errors in a row, the last {fault}")));
        }
    }

    /// Nothing was given to the modem.
    fn not_asked(&mut self, error: SubmitError) -> CallError {
        let detail = match error {
            SubmitError::Gone(error) => {
                let detail = error.to_string();
                self.end = Some(End::Gone(error));
                detail
            }
            SubmitError::Dead => {
                self.end = Some(End::Dead);
                "the modem does not answer".to_owned()
            }
            _ => "the modem did not ask for the message".to_owned(),
        };
        CallError::retry_after(Some(SOON_MS), detail)
    }

    /// Nobody answered in time: waits on a little, sends nothing meanwhile.
    async fn wait_for_late_answer(&mut self, why: String) -> Part {
        if let Err(error) = self.channel.linger(LATE_MS).await {
            self.end = Some(End::Gone(error));
        }
        let mut late = None;
        for event in self.channel.heard() {
            match event {
                Event::LateSent(reference) => late = Some(reference),
                event => self.channel.hear_again(event),
            }
        }
        late.map_or(Part::Unclear(why), Part::Left)
    }

    /// Writes down that a part has left.
    async fn left(&mut self, leaving: &Leaving, at: usize, reference: u8) {
        let (line, host) = (self.line, self.host);
        for _ in 0..WRITES_MAX {
            match line.outbox.part_sent(host, leaving, at, reference).await {
                Ok(()) => return,
                Err(error) => self.not_written(&error),
            }
        }
    }

    /// Writes down that nobody knows, and waits for an answer that may still come.
    async fn unclear(&mut self, leaving: &Leaving, at: usize) {
        let (line, host) = (self.line, self.host);
        self.late = Some((leaving.clone(), at));
        for _ in 0..WRITES_MAX {
            match line.outbox.part_unclear(host, leaving, at).await {
                Ok(()) => return,
                Err(error) => self.not_written(&error),
            }
        }
    }

    fn not_written(&self, error: &StateError) {
        let words = format!("what became of a text could not be written down: {error}");
        self.line.desk.trouble(self.host, Level::Warn, words);
    }

    /// The answer to a part came after all.
    pub(super) async fn late_answer(&mut self, reference: u8) -> Result<(), Stop> {
        if let Some((leaving, at)) = self.late.take() {
            self.left(&leaving, at, reference).await;
            self.line.outbox.done(self.host, &leaving).await?;
        }
        Ok(())
    }

    /// Lets the modem keep its link to the network between parts (TS 27.005 3.5.6), if it can.
    async fn keep_link(&mut self) {
        if !self.keeps_link {
            return;
        }
        match self.channel.tell("AT+CMMS=1", 5_000).await {
            Ok(()) => {}
            Err(AtError::Fault(_)) => self.keeps_link = false,
            // The part that follows finds out what is the matter.
            Err(error) => self.host.log(Level::Debug, &format!("keeping the link: {error}")),
        }
    }
}

fn unwritten(error: StateError) -> CallError {
    CallError::retry_after(Some(SOON_MS), format!("the store does not answer: {error}"))
}
