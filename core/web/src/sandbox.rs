//! The sandbox: a simulated phone beside a simulated world.
//!
//! Seen only when something is simulated, and then only on this very machine (a loopback bridge asked
//! by a loopback name) or where the operator opened it with `sandbox_public`.

use crate::body::{PICTURES_BYTES_MAX, SANDBOX_BYTES_MAX};
use crate::call::{Call, number, passed_on, value};
use crate::door::Door;
use crate::multipart;
use crate::origin::{at_loopback_host, from_other_site};
use crate::page::sandbox as pages;
use crate::page::{self as common, help};
use crate::problem::{Problem, json_answer};
use crate::table::{Served, Site};
use cordboard_engine::LineView;
use cordboard_plugin::{Address, PhonePicture, PhoneText};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, X_CONTENT_TYPE_OPTIONS};
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
        "phone": pages::bubbles(site.config.mount(), &view.phone).into_string(),
        "timeline": pages::posts(site.config.mount(), &view.timeline).into_string(),
    });
    Ok(json_answer(StatusCode::OK, &panes))
}

/// `POST /sandbox/text`: a simulated phone texts one of our simulated lines. With pictures the form
/// comes in parts, and may be longer.
pub(crate) async fn text<D: Door>(site: Site<D>, call: Call) -> Served {
    let visitor = admit(&site, &call)?;
    if from_other_site(&call, &site.config) {
        return Err(Problem::OtherSite);
    }
    let mut asked = Asked::of_form(call).await?;
    match send(&site, &mut asked).await {
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
    Ok(fenced(passed_on(site.door.sandbox_call(&name, call).await)))
}

/// Simulated providers hand out what strangers sent. Their pages are their own business; nothing else
/// of theirs may become one.
fn fenced(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let is_page =
        headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page && !headers.contains_key(CONTENT_SECURITY_POLICY) {
        let policy = HeaderValue::from_static("default-src 'none'; sandbox");
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What the page or its form asks for.
struct Asked {
    phone: String,
    /// `transport|number`.
    line: String,
    body: String,
    pictures: Vec<PhonePicture>,
}

impl Asked {
    fn read(pairs: &[(String, String)]) -> Self {
        let phone = value(pairs, "phone").map(number).filter(|phone| !phone.is_empty());
        Self {
            phone: phone.unwrap_or_else(|| pages::PHONES[0].to_owned()),
            line: value(pairs, "line").unwrap_or_default().to_owned(),
            body: value(pairs, "body").unwrap_or_default().to_owned(),
            pictures: Vec::new(),
        }
    }

    /// Reads the form, in parts or not.
    async fn of_form(call: Call) -> Result<Self, Problem> {
        let boundary = call.header(CONTENT_TYPE).and_then(multipart::boundary);
        let Some(boundary) = boundary else { return Ok(Self::read(&call.form().await?)) };
        let body = call.read(PICTURES_BYTES_MAX).await?;
        let parts = multipart::parts(&body, &boundary)
            .ok_or_else(|| Problem::Unreadable("the form cannot be read".to_owned()))?;
        let (mut pairs, mut pictures) = (Vec::new(), Vec::new());
        for part in parts {
            match part.file_type {
                None => pairs.push((part.name, String::from_utf8_lossy(&part.bytes).into_owned())),
                Some(media_type) => {
                    pictures.push(PhonePicture { media_type, bytes: part.bytes.into() });
                }
            }
        }
        Ok(Self { pictures, ..Self::read(&pairs) })
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

async fn send<D: Door>(site: &Site<D>, asked: &mut Asked) -> Result<(), String> {
    let from = Address::new(asked.phone.as_str());
    if !from.is_e164() || !asked.phone.starts_with("+1555") {
        return Err("Phones in the sandbox have numbers like +15550100001.".to_owned());
    }
    if asked.body.is_empty() && asked.pictures.is_empty() {
        return Err("Write something, or choose a picture.".to_owned());
    }
    if asked.pictures.iter().any(|picture| !is_from_a_camera(&picture.media_type)) {
        return Err(
            "This phone sends pictures and videos; one of these files is neither.".to_owned()
        );
    }
    let lines = simulated_lines(site).await;
    let chosen = lines.iter().find(|line| pages::line_key(line) == asked.line).or(lines.first());
    let line = chosen.ok_or("No line is simulated, so there is no number to text.")?;
    let text = PhoneText {
        from,
        to: line.line.clone(),
        body: asked.body.clone(),
        pictures: std::mem::take(&mut asked.pictures),
    };
    site.door.sandbox_text(&line.transport, text).await
}

/// Whether a phone has files of this type to send. Drawings that can hold a script are none.
fn is_from_a_camera(media_type: &str) -> bool {
    let sort = ["image/", "video/"].iter().find_map(|sort| media_type.strip_prefix(sort));
    sort.is_some_and(|name| !name.is_empty() && !name.starts_with("svg"))
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
