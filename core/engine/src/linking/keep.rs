//! Whether what a provider granted is kept, and what becomes of it if not.

use super::Page;
use crate::bridge::{Bridge, guarded};
use crate::facade::{LinkPage, LinkTrouble};
use crate::texts;
use cordboard_plugin::{CallError, Credential, LinkError, Linked};
use cordboard_store::{Account, Change, Link, LinkState, LinkStep, StoreError};

/// How long a provider may take to revoke what is not kept.
const REVOKE_MS_MAX: i64 = 15_000;

/// Why a step of a link failed.
pub(super) struct Failed {
    /// What the page says.
    pub(super) trouble: LinkTrouble,
    /// What was not granted, in the plugin's words.
    pub(super) detail: Option<String>,
    /// What is texted, if there is more to say than that it failed.
    pub(super) text: Option<String>,
}

/// One that there is nothing more to say about.
impl From<LinkTrouble> for Failed {
    fn from(trouble: LinkTrouble) -> Self {
        Self { trouble, detail: None, text: None }
    }
}

impl Bridge {
    /// Why a credential must not be kept, if so: a credential for pictures alone belongs to the account
    /// that the words go to, and a grant that was refused before is no better the second time.
    pub(super) async fn not_to_keep(
        &self,
        link: &Link,
        sink_name: &str,
        served: &[String],
        linked: &Linked,
    ) -> Result<Option<Failed>, StoreError> {
        let provider = self.provider_of(sink_name);
        let segments_max = self.segments_max();
        if let Some(theirs) = self.account_of_words(link, served, linked).await? {
            let (theirs, chosen) = (&theirs.remote.handle, &linked.account.handle);
            return Ok(Some(Failed {
                trouble: LinkTrouble::OtherAccount,
                detail: Some(theirs.clone()),
                text: Some(texts::pictures_of_other(theirs, chosen, segments_max)),
            }));
        }
        let sink = self.registry().sinks.get(sink_name);
        let Some(grant) = sink.and_then(|sink| sink.plugin.fingerprint(&credential_of(linked)))
        else {
            return Ok(None);
        };
        if !self.store().was_refused(&link.sender, &grant).await? {
            return Ok(None);
        }
        let text = Some(texts::same_grant(&provider, self.name(), segments_max));
        Ok(Some(Failed { trouble: LinkTrouble::SameGrant, detail: None, text }))
    }

    /// The account that the words go to at the same destination, if this is a credential for pictures
    /// alone and of another account.
    async fn account_of_words(
        &self,
        link: &Link,
        served: &[String],
        linked: &Linked,
    ) -> Result<Option<Account>, StoreError> {
        if served.iter().any(|sink| self.takes_words(link, sink)) {
            return Ok(None);
        }
        let provider = self.provider_of(self.step_sink(link));
        let mut accounts = self.store().accounts(&link.sender).await?;
        accounts.retain(|account| {
            self.takes_words(link, &account.sink) && self.provider_of(&account.sink) == provider
        });
        let same = |account: &Account| account.remote.id == linked.account.id;
        Ok(if accounts.iter().any(same) { None } else { accounts.into_iter().next() })
    }

    /// Accounts for pictures that end because the words now go to another account.
    pub(super) async fn left_behind(
        &self,
        link: &Link,
        served: &[String],
        linked: &Linked,
    ) -> Result<Vec<Change>, StoreError> {
        if !served.iter().any(|sink| self.takes_words(link, sink)) {
            return Ok(Vec::new());
        }
        let provider = self.provider_of(self.step_sink(link));
        let mut accounts = self.store().accounts(&link.sender).await?;
        accounts.retain(|account| {
            account.remote.id != linked.account.id
                && !served.contains(&account.sink)
                && !self.takes_words(link, &account.sink)
                && self.provider_of(&account.sink) == provider
        });
        let sender = &link.sender;
        let leave =
            |account: Account| Change::LeaveSink { sender: sender.clone(), sink: account.sink };
        Ok(accounts.into_iter().map(leave).collect())
    }

    /// What an error of the plugin means for the person; the operator is told what is theirs to mend.
    pub(super) fn why_failed(&self, link: &Link, sink_name: &str, error: &LinkError) -> Failed {
        tracing::info!(sink = sink_name, link.id, "linking failed: {error}");
        let provider = self.provider_of(sink_name);
        match error {
            LinkError::Declined => Failed::from(LinkTrouble::Declined),
            LinkError::Expired(_) | LinkError::WrongCode(_) => Failed::from(LinkTrouble::Expired),
            LinkError::TooLittle(words) => {
                tracing::error!(
                    sink = sink_name,
                    "somebody could not connect, not granted: {words}"
                );
                self.alert(&format!("sink {sink_name}: not granted"), words);
                let text = texts::too_little(&provider, words, self.segments_max());
                let (trouble, detail) = (LinkTrouble::TooLittle, Some(words.clone()));
                Failed { trouble, detail, text: Some(text) }
            }
            LinkError::Failed(error) => Failed::from(self.link_trouble(sink_name, error)),
        }
    }

    /// A step failed: the link ends. What an earlier step of it has connected stays so, and the person is
    /// told what is connected and what is not.
    pub(super) async fn fail_step(&self, link: &Link, from: LinkState, failed: Failed) -> Page {
        let sink_name = self.step_sink(link);
        let words_of = self.words_already(link, sink_name).await?;
        let text = match &words_of {
            Some(handle) => texts::words_only(handle, failed.text.as_deref(), self.segments_max()),
            None => failed.text.unwrap_or_else(|| texts::link_failed(&self.provider_of(sink_name))),
        };
        let step = LinkStep::to(link.id, from, LinkState::Failed);
        let changes = vec![Change::StepLink(step), self.link_text(link, "failed", text)];
        match self.commit(None, changes).await {
            Err(StoreError::Conflict) => return Ok(LinkPage::Trouble(LinkTrouble::Used)),
            stepped => stepped?,
        };
        let Failed { trouble, detail, .. } = failed;
        Ok(match (words_of, detail) {
            (None, None) => LinkPage::Trouble(trouble),
            (words_of, detail) => LinkPage::NotConnected { trouble, detail, words_of },
        })
    }

    /// Whose words an earlier step of this link has connected, when this one was for pictures.
    async fn words_already(&self, link: &Link, sink: &str) -> Result<Option<String>, StoreError> {
        if link.sink_index == 0 || self.takes_words(link, sink) {
            return Ok(None);
        }
        for earlier in &link.sinks {
            if self.takes_words(link, earlier)
                && let Some(account) = self.connected(&link.sender, earlier).await?
            {
                return Ok(Some(account.remote.handle));
            }
        }
        Ok(None)
    }

    /// Revokes what was granted and will not be used, unless somebody is connected to the same account:
    /// a provider may end all that was granted to us there.
    pub(super) async fn give_back(&self, sink_name: &str, linked: &Linked) {
        match self.used_by_others(linked).await {
            Ok(false) => {}
            Ok(true) => {
                tracing::info!(sink = sink_name, "not given back: somebody uses the same account");
                return;
            }
            Err(error) => return crate::pump::report(&error),
        }
        let Some(sink) = self.registry().sinks.get(sink_name) else { return };
        let credential = credential_of(linked);
        let host = self.host(sink_name);
        match guarded(self, REVOKE_MS_MAX, sink.plugin.revoke(&host, &credential)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(sink = sink_name, "not given back: {error}"),
            Err(problem) => tracing::warn!(sink = sink_name, "not given back: {problem}"),
        }
    }

    async fn used_by_others(&self, linked: &Linked) -> Result<bool, StoreError> {
        let credential = &linked.credential;
        for (name, sink) in &self.registry().sinks {
            if sink.accepts(&credential.kind, &credential.realm)
                && self.store().same_remote(&linked.account.id, name).await? > 0
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn link_trouble(&self, sink_name: &str, error: &CallError) -> LinkTrouble {
        if let CallError::Operator { trouble, detail } = error {
            tracing::error!(sink = sink_name, ?trouble, "nobody can connect: {detail}");
            self.trouble(&format!("sink {sink_name}"), Some(detail));
            return LinkTrouble::Operator;
        }
        tracing::warn!(sink = sink_name, "linking did not work: {error}");
        LinkTrouble::Provider
    }
}

pub(super) fn credential_of(linked: &Linked) -> Credential {
    Credential {
        kind: linked.credential.kind.clone(),
        realm: linked.credential.realm.clone(),
        secret: linked.credential.secret.clone(),
        account: linked.account.clone(),
    }
}
