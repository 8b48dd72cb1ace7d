//! Pictures of a message: fetched first, then planned with its words.

use super::posting::Planned;
use super::{Reader, Verdict, read_as};
use crate::pictures::may_come;
use crate::texts;
use cordboard_plugin::{MicroUsd, Part};
use cordboard_store::{
    Account, Change, LinkReason, MessageState, NewPost, Picture, PictureChange, PictureState,
    PostState, StoreError, WaitReason,
};

/// Pictures that go into a plan, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Gallery {
    /// Position among the message's pictures, and type.
    pub(super) pictures: Vec<(i32, String)>,
}

impl Gallery {
    pub(super) fn types(&self) -> Vec<String> {
        self.pictures.iter().map(|(_, media_type)| media_type.clone()).collect()
    }

    /// A plan names pictures by their place in the draft; posts name them by their place in the message.
    pub(super) fn place(&self, mut planned: Planned) -> Planned {
        for part in &mut planned.1.parts {
            part.media.retain_mut(|index| {
                let picture = self.pictures.get(usize::from(*index));
                let position = picture.and_then(|(position, _)| u16::try_from(*position).ok());
                position.inspect(|position| *index = *position).is_some()
            });
        }
        planned
    }
}

/// What is to be done about a message's pictures.
pub(super) enum Shown {
    /// These go with the words.
    Ready(Gallery),
    /// Not yet, or not at all: this comes of it.
    Verdict(Vec<Change>),
}

impl Reader<'_> {
    /// Reads a message again whose pictures are all settled.
    pub(crate) async fn with_pictures(&self) -> Verdict {
        match super::parse::look(&self.message.text, None) {
            super::parse::Seen::Words(text) => self.post(&text).await,
            _ => self.post(self.message.text.trim()).await,
        }
    }

    /// What becomes of the pictures. `accounts` are those that will post the words.
    pub(super) async fn pictures(
        &self,
        text: &str,
        media_sink: Option<&str>,
        accounts: &[Account],
    ) -> Result<Shown, StoreError> {
        let message = self.message;
        let known = self.bridge.store().pictures_of(message.id).await?;
        if message.media.is_empty() || (known.is_empty() && message.approved) {
            return Ok(Shown::Ready(Gallery::default()));
        }
        let sinks = &self.bridge.registry().sinks;
        let Some(media_sink) = media_sink.filter(|sink| sinks.contains_key(*sink)) else {
            return Ok(Shown::Verdict(self.no_pictures_here(text).await?));
        };
        let account = self.bridge.store().account(&message.sender, media_sink).await?;
        if account.is_none_or(|account| account.relink) {
            return Ok(Shown::Verdict(self.connect_pictures(media_sink).await?));
        }
        // Wanted again: their sender asked for another try.
        let wanted = known.iter().any(|picture| picture.state == PictureState::Wanted);
        if known.is_empty() || wanted {
            return Ok(Shown::Verdict(self.fetch(text, accounts)));
        }
        self.settled(text, &known).await
    }

    async fn no_pictures_here(&self, text: &str) -> Verdict {
        if text.is_empty() {
            let refused =
                read_as(self.message, MessageState::Refused, "pictures cannot be posted here");
            return Ok(vec![refused, self.answer("refused", texts::only_pictures())]);
        }
        let why = "pictures cannot be posted here, your words can";
        self.ask(&texts::ask(why, &self.until())).await
    }

    /// Words are connected, pictures are not: the message waits for that, and holds nothing but itself.
    async fn connect_pictures(&self, media_sink: &str) -> Verdict {
        let message = self.message;
        let until = self.kept_until();
        let waits = Change::Read {
            message_id: message.id,
            state: MessageState::Waiting,
            wait: WaitReason::Relink,
            wait_until: Some(until),
            outcome: "waits until pictures are connected".to_owned(),
        };
        let mut changes = vec![waits];
        let now = self.bridge.now();
        if self.bridge.store().open_link(&message.sender, now).await?.is_some() {
            let text = texts::connect_pictures_still(&texts::moment(until));
            changes.push(self.answer("pictures", text));
            return Ok(changes);
        }
        let offer = self
            .bridge
            .offer(&message.sender, &message.transport, &message.line, LinkReason::Relink)
            .await?;
        let text = texts::connect_pictures(
            &self.bridge.provider_of(media_sink),
            &offer.url,
            &texts::moment(until),
            self.bridge.segments_max(),
        );
        changes.push(Change::AddLink(offer.link));
        let reply = Change::AddReply(self.reply("pictures", text).secret());
        changes.extend(offer.texted.then_some(reply));
        Ok(changes)
    }

    /// The pictures are wanted; posts without anything to publish hold the message's place meanwhile.
    fn fetch(&self, text: &str, accounts: &[Account]) -> Vec<Change> {
        let message = self.message;
        let place = |account: &Account| NewPost {
            sink: account.sink.clone(),
            part_index: 0,
            part_count: 1,
            part: Part {
                text: text.to_owned(),
                media: Vec::new(),
                handles: Vec::new(),
                price: MicroUsd(0),
                has_link: false,
            },
            state: PostState::Waiting,
            wait: WaitReason::Pictures,
            due_at: self.kept_until(),
        };
        let references = message.media.clone();
        vec![
            read_as(message, MessageState::Queued, ""),
            Change::AddPosts {
                message_id: message.id,
                posts: accounts.iter().map(place).collect(),
            },
            Change::Picture(PictureChange::Add { message_id: message.id, references }),
        ]
    }

    /// Nothing is wanted any more. What cannot be posted is asked about, unless that was done already.
    async fn settled(&self, text: &str, known: &[Picture]) -> Result<Shown, StoreError> {
        let kept = known.iter().filter(|picture| picture.state == PictureState::Kept);
        let pictures: Vec<(i32, String)> = kept
            .filter_map(|picture| Some((picture.position, picture.media_type.clone()?)))
            .collect();
        let unfit = |picture: &&Picture| {
            picture.state == PictureState::Refused && !picture.outcome.is_empty()
        };
        let unfit: Vec<&str> =
            known.iter().filter(unfit).map(|picture| picture.outcome.as_str()).collect();
        let Some(why) = unfit.first().filter(|_| !self.message.approved) else {
            return Ok(Shown::Ready(Gallery { pictures }));
        };
        if pictures.is_empty() && text.is_empty() {
            let (state, again) = match unfit.iter().all(|why| may_come(why)) {
                true => (MessageState::Failed, true),
                false => (MessageState::Refused, false),
            };
            let refused = read_as(self.message, state, why);
            let told = texts::picture_refused(why, again, self.bridge.segments_max());
            return Ok(Shown::Verdict(vec![refused, self.answer("refused", told)]));
        }
        let why = texts::some_unfit(unfit.len(), known.len(), why);
        Ok(Shown::Verdict(self.ask(&texts::ask(&why, &self.until())).await?))
    }
}
