//! What the operator can see and do.

use crate::bridge::Bridge;
use crate::facade::{DeskError, LineView, MadeLink, SinkView};
use crate::registry::hook_url;
use crate::texts;
use cordboard_plugin::{Address, Addresses};
use cordboard_store::{
    Change, LaneKind, LinkReason, Message, MessageDetail, MessageFilter, NewReply, PersonView,
    Standing, StoreError, Sums,
};

impl Bridge {
    /// Our lines, with what to set up at the provider.
    pub async fn lines(&self) -> Vec<LineView> {
        let public_url = &self.config().bridge.public_url;
        let mut lines = Vec::new();
        for (name, transport) in &self.registry().transports {
            let hook_url = hook_url(public_url, name);
            let status_url = format!("{hook_url}/status");
            let set_up = if transport.config.simulate {
                Vec::new()
            } else {
                let (hook_url, status_url) = (hook_url.clone(), status_url.clone());
                let addresses = Addresses { hook_url, status_url, ..self.addresses() };
                transport.plugin.set_up(&addresses)
            };
            for number in &transport.can.numbers {
                let line = Address::new(number.clone());
                let trouble = self
                    .store()
                    .line_trouble(name, &line)
                    .await
                    .unwrap_or_else(|error| Some(format!("store: {error}")));
                lines.push(LineView {
                    transport: name.clone(),
                    kind: transport.config.kind.clone(),
                    line,
                    simulated: transport.config.simulate,
                    hook_url: hook_url.clone(),
                    status_url: status_url.clone(),
                    webhook: transport.can.webhook,
                    set_up: set_up.clone(),
                    trouble,
                });
            }
        }
        lines
    }

    /// Our sinks, with what to set up at the provider.
    pub async fn sinks(&self) -> Vec<SinkView> {
        let mut sinks = Vec::new();
        for (name, sink) in &self.registry().sinks {
            let paused = match self.store().paused(name).await {
                Ok(pause) => pause.map(|pause| pause.detail),
                Err(error) => Some(format!("store: {error}")),
            };
            let callback_url = self.callback_url(name);
            let set_up = if sink.config.simulate {
                Vec::new()
            } else {
                let callback_url = callback_url.clone();
                sink.plugin.set_up(&Addresses { callback_url, ..self.addresses() })
            };
            sinks.push(SinkView {
                sink: name.clone(),
                kind: sink.config.kind.clone(),
                provider: sink.can.provider.clone(),
                simulated: sink.config.simulate,
                callback_url,
                set_up,
                paused,
            });
        }
        sinks
    }

    /// Where the bridge itself is reached.
    fn addresses(&self) -> Addresses {
        let public_url = self.config().bridge.public_url.clone();
        let reachable = !crate::words::is_loopback_url(&public_url);
        Addresses { public_url, reachable, ..Addresses::default() }
    }

    /// The people, at most `rows_max`, by number.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn people(&self, rows_max: i64) -> Result<Vec<PersonView>, DeskError> {
        let people = self.store().people(rows_max, None).await?;
        Ok(people.into_iter().map(|person| self.worth_showing(person)).collect())
    }

    /// One person.
    ///
    /// # Errors
    /// `NotFound` when nobody of that number is known.
    pub async fn person(&self, number: &Address) -> Result<PersonView, DeskError> {
        let person = self.store().person(number).await?;
        let known = person.map(|person| self.worth_showing(person));
        known.ok_or_else(|| DeskError::NotFound(format!("nobody is known as {}", number.reveal())))
    }

    /// A link that has expired is not worth passing on.
    fn worth_showing(&self, person: PersonView) -> PersonView {
        let good = person.link_until.is_some_and(|until| until > self.now());
        PersonView { link: person.link.filter(|_| good), ..person }
    }

    /// Erases a person's accounts and credentials, or those at one sink; they may link again.
    ///
    /// # Errors
    /// `NotFound` when nobody of that number is known, or they have no account at that sink.
    pub async fn unlink(&self, number: &Address, sink: Option<&str>) -> Result<(), DeskError> {
        let person = self.person(number).await?;
        let at = |name: &str| person.accounts.iter().any(|account| account.sink == name);
        if let Some(sink) = sink.filter(|sink| !at(sink)) {
            let number = number.reveal();
            return Err(DeskError::NotFound(format!("{number} has no account at sink `{sink}`")));
        }
        let sender = number.clone();
        let leave = match sink {
            // What waits for the last account waits for nothing.
            Some(sink) if person.accounts.len() > 1 => {
                Change::LeaveSink { sender, sink: sink.to_owned() }
            }
            _ => Change::Leave { sender, standing: Standing::Known },
        };
        self.commit(None, vec![leave]).await?;
        Ok(())
    }

    /// Blocks a number (its accounts are erased, nothing it sends is read), or lifts that.
    ///
    /// # Errors
    /// When the store does not answer, or the number is none.
    pub async fn block(&self, number: &Address, on: bool) -> Result<(), DeskError> {
        must_be_number(number)?;
        let change = if on {
            Change::Leave { sender: number.clone(), standing: Standing::Blocked }
        } else {
            Change::SetStanding { sender: number.clone(), standing: Standing::Known }
        };
        self.commit(None, vec![change]).await?;
        Ok(())
    }

    /// Messages, newest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn messages(&self, filter: MessageFilter) -> Result<Vec<Message>, DeskError> {
        Ok(self.store().messages(filter).await?)
    }

    /// One message's life.
    ///
    /// # Errors
    /// `NotFound` when there is no such message.
    pub async fn message(&self, id: i64) -> Result<MessageDetail, DeskError> {
        let detail = self.store().message_detail(id).await?;
        detail.ok_or_else(|| DeskError::NotFound(format!("there is no message {id}")))
    }

    /// Tries a failed, refused or unclear message again.
    ///
    /// # Errors
    /// `NotFound`, or `Refused` when there is nothing to try again.
    pub async fn retry(&self, id: i64) -> Result<(), DeskError> {
        let message = self.message(id).await?.message;
        if self.commit(None, vec![Change::Retry { message_id: id }]).await?.taken {
            return Ok(());
        }
        Err(DeskError::Refused(format!(
            "message {id} is {}: there is nothing to try again",
            message.state
        )))
    }

    /// How many messages are in which state.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sums(&self) -> Result<Sums, DeskError> {
        Ok(self.store().sums().await?)
    }

    /// Makes a link for a person; with `text` it is also sent.
    ///
    /// # Errors
    /// `Refused` when the number is none or no line serves it.
    pub async fn make_link(&self, number: &Address, text: bool) -> Result<MadeLink, DeskError> {
        must_be_number(number)?;
        let (transport, line) = self
            .line_for(number)
            .await?
            .ok_or_else(|| DeskError::Refused("no line has a route".to_owned()))?;
        let (url, link, texted) = if text {
            let offer = self.offer(number, &transport, &line, LinkReason::Operator).await?;
            (offer.url, offer.link, offer.texted)
        } else {
            let sinks = self.sinks_to_link(number, &transport, &line, &[]).await?;
            let reason = LinkReason::Operator;
            let (url, link) = self.new_link(number, &transport, &line, reason, sinks);
            (url, self.for_hours(link), false)
        };
        let expires_at = link.expires_at;
        let mut changes = vec![Change::AddLink(link)];
        if texted {
            let route = self.registry().route(&transport, &line);
            let provider = route
                .and_then(|route| route.post.first())
                .map(|sink| self.provider_of(sink))
                .unwrap_or_default();
            let minutes = self.config().policy.link_minutes;
            let key = format!("operator-link/{}", crate::words::hex(&self.world().bytes::<8>()));
            let text = texts::invitation(
                self.name(),
                &provider,
                &url,
                minutes,
                false,
                self.segments_max(),
            );
            let reply = NewReply::answer(key, &transport, &line, number, text).secret();
            changes.push(Change::AddReply(reply));
        }
        self.commit(None, changes).await?;
        Ok(MadeLink { url, expires_at, texted })
    }

    /// Lets a paused sink work again.
    ///
    /// # Errors
    /// `NotFound` when there is no such sink, `Refused` when it is not paused.
    pub async fn resume(&self, sink: &str) -> Result<(), DeskError> {
        if !self.registry().sinks.contains_key(sink) {
            return Err(DeskError::NotFound(format!("there is no sink `{sink}`")));
        }
        if self.store().paused(sink).await?.is_none() {
            return Err(DeskError::Refused(format!("sink `{sink}` is not paused")));
        }
        metrics::gauge!("cordboard_sink_paused", "sink" => sink.to_owned()).set(0.0);
        self.commit(None, vec![Change::ResumeSink { sink: sink.to_owned() }]).await?;
        Ok(())
    }

    /// Does what is due and needs nobody's answer (revocations), for a command that ends at once.
    pub async fn settled(&self) {
        let claim = self.claim();
        match self.store().claim_lanes(LaneKind::Revoking, claim, 100, self.now()).await {
            Ok(holds) => {
                for hold in holds {
                    self.revoke_lane(hold).await;
                }
            }
            Err(error) => crate::pump::report(&error),
        }
    }

    /// The line a person wrote to last, or the first that has a route.
    pub(crate) async fn line_for(
        &self,
        number: &Address,
    ) -> Result<Option<(String, Address)>, StoreError> {
        if let Some(line) = self.last_line(number).await? {
            return Ok(Some(line));
        }
        let lines = self.registry().transports.iter().flat_map(|(name, transport)| {
            transport
                .can
                .numbers
                .iter()
                .map(move |number| (name.clone(), Address::new(number.clone())))
        });
        Ok(lines.into_iter().find(|(name, line)| self.registry().route(name, line).is_some()))
    }

    async fn last_line(&self, sender: &Address) -> Result<Option<(String, Address)>, StoreError> {
        let filter = MessageFilter {
            states: Vec::new(),
            sender: Some(sender.clone()),
            before: None,
            rows_max: 1,
        };
        let newest = self.store().messages(filter).await?.into_iter().next();
        Ok(newest
            .filter(|message| self.registry().transports.contains_key(&message.transport))
            .map(|message| (message.transport, message.line)))
    }

    /// Whom and over which line to tell something about an identity.
    pub(crate) async fn last_line_of(
        &self,
        identity_id: i64,
    ) -> Result<Option<(Address, String, Address)>, StoreError> {
        let Some(identity) = self.store().identity_by_id(identity_id).await? else {
            return Ok(None);
        };
        let line = self.line_for(&identity.sender).await?;
        Ok(line.map(|(transport, line)| (identity.sender, transport, line)))
    }
}

fn must_be_number(number: &Address) -> Result<(), DeskError> {
    if number.is_e164() {
        return Ok(());
    }
    Err(DeskError::Refused("a number is written like +15550100001".to_owned()))
}
