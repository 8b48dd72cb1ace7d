//! The bridge itself: health, lines, sinks, plugins.

use super::{done, shown};
use crate::body::FORM_BYTES_MAX;
use crate::call::Call;
use crate::door::Door;
use crate::problem::Problem;
use crate::table::{Served, Site};
use crate::token::SignedIn;
use cordboard_plugin::Act;
use serde::Deserialize;

/// `GET /health`: with what a person must act on.
pub(crate) async fn health<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.health().await)
}

/// `GET /lines`.
pub(crate) async fn lines<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.lines().await)
}

/// `GET /sinks`.
pub(crate) async fn sinks<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.sinks().await)
}

/// `GET /pages`: what instances show of themselves.
pub(crate) async fn pages<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.pages().await)
}

/// `GET /plugins`: what the bridge is made of.
pub(crate) async fn plugins<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.plugins())
}

/// What `POST /pages/<name>/act` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormSent {
    /// The form's name.
    form: String,
    /// Name and value of each field.
    #[serde(default)]
    fields: Vec<(String, String)>,
}

/// `POST /pages/<name>/act`: a form of an instance's page.
pub(crate) async fn act<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    let instance = call.param(0).to_owned();
    let body = call.read(FORM_BYTES_MAX).await?;
    // serde's own words would quote the body, a PIN among it.
    let FormSent { form, fields } = serde_json::from_slice(&body).map_err(|_| {
        let shape = r#"the body is JSON: {"form": "…", "fields": [["name", "value"]]}"#;
        Problem::Unreadable(shape.to_owned())
    })?;
    let said = site.door.act(&instance, Act { form, fields }).await?;
    shown(&serde_json::json!({ "said": said }))
}

/// `POST /sinks/<name>/resume`.
pub(crate) async fn resume<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    site.door.resume(call.param(0)).await?;
    done()
}
