//! The sandbox: simulated providers, and what their phones and timelines show.

use crate::bridge::{Bridge, guarded};
use crate::facade::{SandboxView, plain};
use crate::host::InstanceHost;
use crate::registry::SimInstance;
use cordboard_plugin::{Address, HttpAnswer, HttpCall, PhoneText, TimelinePicture};

/// How long a simulated provider may take; longer than any deadline that a test makes it miss.
const SIM_MS_MAX: i64 = 125_000;

impl Bridge {
    /// Whether anything is simulated.
    pub fn simulated(&self) -> bool {
        !self.registry().simulators.is_empty()
    }

    /// A call to the simulated provider of an instance. 404 when it is not simulated.
    pub async fn sandbox_call(&self, name: &str, call: HttpCall) -> HttpAnswer {
        let Some((simulator, host)) = self.simulator(name) else {
            return plain(404, "nothing is simulated here");
        };
        let answer = simulator.plugin.call(&host, &simulator.place, call);
        guarded(self, SIM_MS_MAX, answer).await.unwrap_or_else(|problem| {
            tracing::error!(simulator = name, "{problem}");
            plain(500, "the simulator failed")
        })
    }

    /// A simulated phone texts one of our numbers.
    ///
    /// # Errors
    /// In words, when the transport is not simulated or the text was not taken.
    pub async fn sandbox_text(&self, transport: &str, text: PhoneText) -> Result<(), String> {
        let (simulator, host) =
            self.simulator(transport).ok_or("this line is not simulated".to_owned())?;
        let texted = simulator.plugin.texted(&host, &simulator.place, &text);
        guarded(self, SIM_MS_MAX, texted).await.unwrap_or_else(|problem| Err(problem.to_owned()))
    }

    /// What a phone and the timelines show.
    pub async fn sandbox_view(&self, phone: &Address) -> SandboxView {
        let mut view = SandboxView { phone: Vec::new(), timeline: Vec::new() };
        let mut scopes = Vec::new();
        for (name, simulator) in &self.registry().simulators {
            // Instances of one plugin share one world; it is shown once.
            if scopes.contains(&&simulator.scope) {
                continue;
            }
            scopes.push(&simulator.scope);
            let host = InstanceHost::simulator(self, name, &simulator.scope);
            let (mut phone, mut timeline) = (
                simulator.plugin.phone(&host, phone).await,
                simulator.plugin.timeline(&host).await,
            );
            let sent = phone.iter_mut().flat_map(|line| &mut line.pictures);
            let posted = timeline.iter_mut().flat_map(|post| &mut post.pictures);
            sent.chain(posted).for_each(|picture| place_below(name, picture));
            view.phone.extend(phone);
            view.timeline.extend(timeline);
        }
        view.phone.sort_by_key(|line| line.at);
        view.timeline.sort_by_key(|post| std::cmp::Reverse(post.at));
        view
    }

    fn simulator(&self, name: &str) -> Option<(&SimInstance, InstanceHost)> {
        let simulator = self.registry().simulators.get(name)?;
        Some((simulator, InstanceHost::simulator(self, name, &simulator.scope)))
    }
}

/// A simulator knows its own paths only; a page shows the pictures of several.
fn place_below(name: &str, picture: &mut TimelinePicture) {
    picture.path = format!("/{name}{}", picture.path);
}
