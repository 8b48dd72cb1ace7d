//! The sandbox: a simulated phone beside a simulated world.
//!
//! Seen only when something is simulated, and then only on this very machine (a loopback bridge asked
//! by a loopback name) or where the operator opened it with `sandbox_public`.

use crate::body::SANDBOX_BYTES_MAX;
use crate::call::{Call, number, passed_on, value};
use crate::door::Door;
use crate::origin::{at_loopback_host, from_other_site};
use crate::page::sandbox as pages;
use crate::page::{self as common, help};
use crate::problem::{Problem, json_answer};
use crate::table::{Served, Site};
use cordboard_engine::LineView;
use cordboard_plugin::{Address, PhoneText};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde_json::json;
use warp::reply::Response;

/// Proof that a caller may see the sandbox.
struct Visitor(());

fn admit<D: Door>(site: &Site<D>, call: &Call) -> Result<Visitor, Problem> {
    let config = &site.config;
    let open = config.sandbox_public || (!config.is_public() && at_loopback_host(call));
    if open && site.door.simulated() { Ok(Visitor(())) } else { Err(Problem::NotFound) }
}

/// `/`: the sandbox for who may see it, a word of help for everybody else.
pub(crate) async fn front<D: Door>(site: Site<D>, call: Call) -> Served {
    match admit(&site, &call) {
        Ok(Visitor(())) => Ok(see_other(&format!("{}/sandbox", site.config.mount()))),
        Err(_) => {
            let contact = &site.door.config().bridge.help_contact;
            let markup = help::render(site.door.name(), contact);
            Ok(common::respond(StatusCode::OK, common::BARE, markup))
        }
    }
}

/// `GET /sandbox?phone=&line=`.
pub(crate) async fn page<D: Door>(site: Site<D>, call: Call) -> Served {
    let visitor = admit(&site, &call)?;
    let query = call.query();
    let asked = Asked::read(&query);
    Ok(shown(&visitor, &site, &asked, StatusCode::OK, "").await)
}

/// `GET /sandbox/page.js`: refreshes the two panes; the page works without it.
pub(crate) async fn script<D: Door>(site: Site<D>, call: Call) -> Served {
    admit(&site, &call)?;
    let mut response = Response::new(pages::SCRIPT.into());
    common::guard(response.headers_mut(), "text/javascript; charset=utf-8");
    Ok(response)
}

/// `GET /sandbox/view?phone=`: the two panes as they are now, as fragments of HTML.
pub(crate) async fn view<D: Door>(site: Site<D>, call: Call) -> Served {
    admit(&site, &call)?;
    let query = call.query();
    let view = site.door.sandbox_view(&Address::new(Asked::read(&query).phone)).await;
    let panes = json!({
        "phone": pages::bubbles(&view.phone).into_string(),
        "timeline": pages::posts(&view.timeline).into_string(),
    });
    Ok(json_answer(StatusCode::OK, &panes))
}

/// `POST /sandbox/text`: a simulated phone texts one of our simulated lines.
pub(crate) async fn text<D: Door>(site: Site<D>, call: Call) -> Served {
    let visitor = admit(&site, &call)?;
    if from_other_site(&call, &site.config) {
        return Err(Problem::OtherSite);
    }
    let form = call.form().await?;
    let asked = Asked::read(&form);
    match send(&site, &asked).await {
        Ok(()) => Ok(see_other(&asked.address(site.config.mount()))),
        Err(why) => Ok(shown(&visitor, &site, &asked, StatusCode::BAD_REQUEST, &why).await),
    }
}

/// `/sandbox/<name>/…`: a simulated provider, as its clients would see the real one.
pub(crate) async fn provider<D: Door>(site: Site<D>, call: Call) -> Served {
    admit(&site, &call)?;
    let name = call.param(0).to_owned();
    let path = call.param(1).to_owned();
    let config = &site.config;
    let call =
        call.whole(&config.public_url, path, &config.trusted_proxies, SANDBOX_BYTES_MAX).await?;
    Ok(passed_on(site.door.sandbox_call(&name, call).await))
}

/// What the page or its form asks for.
struct Asked {
    phone: String,
    /// `transport|number`.
    line: String,
    body: String,
}

impl Asked {
    fn read(pairs: &[(String, String)]) -> Self {
        let phone = value(pairs, "phone").map(number).filter(|phone| !phone.is_empty());
        Self {
            phone: phone.unwrap_or_else(|| pages::PHONES[0].to_owned()),
            line: value(pairs, "line").unwrap_or_default().to_owned(),
            body: value(pairs, "body").unwrap_or_default().to_owned(),
        }
    }

    /// The page to go back to.
    fn address(&self, mount: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("phone", &self.phone)
            .append_pair("line", &self.line)
            .finish();
        format!("{mount}/sandbox?{query}")
    }
}

async fn send<D: Door>(site: &Site<D>, asked: &Asked) -> Result<(), String> {
    let from = Address::new(asked.phone.as_str());
    if !from.is_e164() || !asked.phone.starts_with("+1555") {
        return Err("Phones in the sandbox have numbers like +15550100001.".to_owned());
    }
    let lines = simulated_lines(site).await;
    let chosen = lines.iter().find(|line| pages::line_key(line) == asked.line).or(lines.first());
    let line = chosen.ok_or("No line is simulated, so there is no number to text.")?;
    let text =
        PhoneText { from, to: line.line.clone(), body: asked.body.clone(), pictures: Vec::new() };
    site.door.sandbox_text(&line.transport, text).await
}

async fn simulated_lines<D: Door>(site: &Site<D>) -> Vec<LineView> {
    site.door.lines().await.into_iter().filter(|line| line.simulated).collect()
}

async fn shown<D: Door>(
    _: &Visitor,
    site: &Site<D>,
    asked: &Asked,
    status: StatusCode,
    trouble: &str,
) -> Response {
    let lines = simulated_lines(site).await;
    let sinks: Vec<_> = site.door.sinks().await.into_iter().filter(|sink| sink.simulated).collect();
    let view = site.door.sandbox_view(&Address::new(asked.phone.as_str())).await;
    let markup = pages::render(&pages::Sandbox {
        bridge: site.door.name(),
        mount: site.config.mount(),
        phone: &asked.phone,
        line: &asked.line,
        body: &asked.body,
        lines: &lines,
        sinks: &sinks,
        view: &view,
        trouble,
    });
    common::respond(status, common::SCRIPTED, markup)
}

fn see_other(address: &str) -> Response {
    let mut response = Response::new(Vec::new().into());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(value) = HeaderValue::from_str(address) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}
