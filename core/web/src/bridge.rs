//! The engine's own door.

use crate::door::Door;
use cordboard_engine::store::{Message, MessageDetail, MessageFilter, PersonView, Sums};
use cordboard_engine::{
    Bridge, Config, DeskError, Health, InstancePage, LineView, LinkPage, MadeLink, MoneyView,
    PluginView, SandboxView, SinkView,
};
use cordboard_plugin::{Act, Address, HttpAnswer, HttpCall, PhoneText, Timestamp};

impl Door for Bridge {
    fn name(&self) -> &str {
        Bridge::name(self)
    }

    fn config(&self) -> &Config {
        Bridge::config(self)
    }

    fn now(&self) -> Timestamp {
        Bridge::now(self)
    }

    fn ready(&self) -> bool {
        Bridge::ready(self)
    }

    async fn health(&self) -> Health {
        Bridge::health(self).await
    }

    async fn hook(&self, transport: &str, call: HttpCall) -> HttpAnswer {
        Bridge::hook(self, transport, call).await
    }

    async fn link_page(&self, token: &str) -> LinkPage {
        Bridge::link_page(self, token).await
    }

    async fn link_press(&self, token: &str) -> LinkPage {
        Bridge::link_press(self, token).await
    }

    async fn link_return(
        &self,
        sink: &str,
        query: Vec<(String, String)>,
        cookie: Option<&str>,
    ) -> LinkPage {
        Bridge::link_return(self, sink, query, cookie).await
    }

    async fn link_code(
        &self,
        sink: &str,
        cookie: Option<&str>,
        field: &str,
        code: &str,
    ) -> LinkPage {
        Bridge::link_code(self, sink, cookie, field, code).await
    }

    fn simulated(&self) -> bool {
        Bridge::simulated(self)
    }

    async fn sandbox_call(&self, name: &str, call: HttpCall) -> HttpAnswer {
        Bridge::sandbox_call(self, name, call).await
    }

    async fn sandbox_text(&self, transport: &str, text: PhoneText) -> Result<(), String> {
        Bridge::sandbox_text(self, transport, text).await
    }

    async fn sandbox_view(&self, phone: &Address) -> SandboxView {
        Bridge::sandbox_view(self, phone).await
    }

    async fn lines(&self) -> Vec<LineView> {
        Bridge::lines(self).await
    }

    async fn sinks(&self) -> Vec<SinkView> {
        Bridge::sinks(self).await
    }

    async fn pages(&self) -> Vec<InstancePage> {
        Bridge::pages(self).await
    }

    fn plugins(&self) -> Vec<PluginView> {
        Bridge::plugins(self)
    }

    async fn act(&self, instance: &str, act: Act) -> Result<String, DeskError> {
        Bridge::act(self, instance, act).await
    }

    async fn people(&self, rows_max: i64) -> Result<Vec<PersonView>, DeskError> {
        Bridge::people(self, rows_max).await
    }

    async fn person(&self, number: &Address) -> Result<PersonView, DeskError> {
        Bridge::person(self, number).await
    }

    async fn unlink(&self, number: &Address, sink: Option<&str>) -> Result<(), DeskError> {
        Bridge::unlink(self, number, sink).await
    }

    async fn block(&self, number: &Address, on: bool) -> Result<(), DeskError> {
        Bridge::block(self, number, on).await
    }

    async fn messages(&self, filter: MessageFilter) -> Result<Vec<Message>, DeskError> {
        Bridge::messages(self, filter).await
    }

    async fn message(&self, id: i64) -> Result<MessageDetail, DeskError> {
        Bridge::message(self, id).await
    }

    async fn retry(&self, id: i64) -> Result<(), DeskError> {
        Bridge::retry(self, id).await
    }

    async fn sums(&self) -> Result<Sums, DeskError> {
        Bridge::sums(self).await
    }

    async fn money(&self, days: u32) -> Result<MoneyView, DeskError> {
        Bridge::money(self, days).await
    }

    async fn make_link(&self, number: &Address, text: bool) -> Result<MadeLink, DeskError> {
        Bridge::make_link(self, number, text).await
    }

    async fn resume(&self, sink: &str) -> Result<(), DeskError> {
        Bridge::resume(self, sink).await
    }
}
