//! What the web side asks of the engine, and nothing else.

use cordboard_engine::store::{Message, MessageDetail, MessageFilter, PersonView, Sums};
use cordboard_engine::{
    Config, DeskError, Health, InstancePage, LineView, LinkPage, MadeLink, MoneyView, PluginView,
    SandboxView, SinkView,
};
use cordboard_plugin::{Act, Address, HttpAnswer, HttpCall, PhoneText, Timestamp};

/// The engine as the web side sees it. `cordboard_engine::Bridge` is one; tests bring their own.
///
/// Every decision is behind this door: the web side reads requests, calls one method, and writes
/// down what comes back.
pub trait Door: Clone + Send + Sync + 'static {
    /// How the bridge signs its texts.
    fn name(&self) -> &str;
    /// The configuration the engine runs on.
    fn config(&self) -> &Config;
    /// The time, by the one clock there is.
    fn now(&self) -> Timestamp;
    /// Whether webhooks are taken.
    fn ready(&self) -> bool;
    /// Whether everything works, and what a person must act on.
    fn health(&self) -> impl Future<Output = Health> + Send;

    /// A provider's call to `/hooks/<transport>`; the answer is for the provider, as it is.
    fn hook(&self, transport: &str, call: HttpCall) -> impl Future<Output = HttpAnswer> + Send;

    /// The page behind a texted link; changes nothing.
    fn link_page(&self, token: &str) -> impl Future<Output = LinkPage> + Send;
    /// The one button of that page was pressed.
    fn link_press(&self, token: &str) -> impl Future<Output = LinkPage> + Send;
    /// The provider sent the browser back; `cookie` is the browser's `cordboard_link`.
    fn link_return(
        &self,
        sink: &str,
        query: Vec<(String, String)>,
        cookie: Option<&str>,
    ) -> impl Future<Output = LinkPage> + Send;
    /// The code texted to the phone was entered; `field` is the form's hidden copy of the cookie.
    fn link_code(
        &self,
        sink: &str,
        cookie: Option<&str>,
        field: &str,
        code: &str,
    ) -> impl Future<Output = LinkPage> + Send;

    /// Whether any instance is simulated.
    fn simulated(&self) -> bool;
    /// A call to a simulated provider.
    fn sandbox_call(&self, name: &str, call: HttpCall) -> impl Future<Output = HttpAnswer> + Send;
    /// A simulated phone texts one of our numbers; the error is in words for the person.
    fn sandbox_text(
        &self,
        transport: &str,
        text: PhoneText,
    ) -> impl Future<Output = Result<(), String>> + Send;
    /// What a simulated phone and the simulated world show.
    fn sandbox_view(&self, phone: &Address) -> impl Future<Output = SandboxView> + Send;

    /// Our lines.
    fn lines(&self) -> impl Future<Output = Vec<LineView>> + Send;
    /// Our sinks.
    fn sinks(&self) -> impl Future<Output = Vec<SinkView>> + Send;
    /// What instances show of themselves.
    fn pages(&self) -> impl Future<Output = Vec<InstancePage>> + Send;
    /// The plugins, linked and from files.
    fn plugins(&self) -> Vec<PluginView>;
    /// A form of an instance's page was sent; brings what it says.
    fn act(
        &self,
        instance: &str,
        act: Act,
    ) -> impl Future<Output = Result<String, DeskError>> + Send;
    /// At most `rows_max` people.
    fn people(
        &self,
        rows_max: i64,
    ) -> impl Future<Output = Result<Vec<PersonView>, DeskError>> + Send;
    /// One person.
    fn person(
        &self,
        number: &Address,
    ) -> impl Future<Output = Result<PersonView, DeskError>> + Send;
    /// Revokes and erases a person's accounts, or the one at a sink.
    fn unlink(
        &self,
        number: &Address,
        sink: Option<&str>,
    ) -> impl Future<Output = Result<(), DeskError>> + Send;
    /// Blocks a person, or lifts the block.
    fn block(
        &self,
        number: &Address,
        on: bool,
    ) -> impl Future<Output = Result<(), DeskError>> + Send;
    /// Messages, newest first.
    fn messages(
        &self,
        filter: MessageFilter,
    ) -> impl Future<Output = Result<Vec<Message>, DeskError>> + Send;
    /// One message's life, step by step.
    fn message(&self, id: i64) -> impl Future<Output = Result<MessageDetail, DeskError>> + Send;
    /// Tries a failed, refused or unclear message again.
    fn retry(&self, id: i64) -> impl Future<Output = Result<(), DeskError>> + Send;
    /// How many messages are in which state.
    fn sums(&self) -> impl Future<Output = Result<Sums, DeskError>> + Send;
    /// What the last days have cost, today included.
    fn money(&self, days: u32) -> impl Future<Output = Result<MoneyView, DeskError>> + Send;
    /// Makes an invitation, and texts it if asked to.
    fn make_link(
        &self,
        number: &Address,
        text: bool,
    ) -> impl Future<Output = Result<MadeLink, DeskError>> + Send;
    /// Lets a paused sink go on.
    fn resume(&self, sink: &str) -> impl Future<Output = Result<(), DeskError>> + Send;
}
