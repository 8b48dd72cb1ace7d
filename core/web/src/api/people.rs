//! People: who they are to us, and ending it.

use super::{done, query, shown, whole_number};
use crate::body::FORM_BYTES_MAX;
use crate::call::{Call, value};
use crate::door::Door;
use crate::problem::Problem;
use crate::table::{Served, Site};
use crate::token::SignedIn;
use cordboard_plugin::Address;
use serde::Deserialize;

/// Most rows in a list.
const ROWS_MAX: i64 = 1000;

/// `GET /people?limit=`.
pub(crate) async fn list<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    let query = query(&call, &["limit"])?;
    let rows = value(&query, "limit").map_or(Ok(ROWS_MAX), |text| whole_number("limit", text))?;
    if !(1..=ROWS_MAX).contains(&rows) {
        return Err(Problem::Unreadable(format!("`limit` is 1 to {ROWS_MAX}")));
    }
    shown(&site.door.people(rows).await?)
}

/// `GET /people/<number>`.
pub(crate) async fn show<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    shown(&site.door.person(&person(&call)).await?)
}

/// `POST /people/<number>/unlink?sink=`.
pub(crate) async fn unlink<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    let query = query(&call, &["sink"])?;
    site.door.unlink(&person(&call), value(&query, "sink")).await?;
    done()
}

/// `POST /people/<number>/block`.
pub(crate) async fn block<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    site.door.block(&person(&call), true).await?;
    done()
}

/// `POST /people/<number>/unblock`.
pub(crate) async fn unblock<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    site.door.block(&person(&call), false).await?;
    done()
}

/// What `POST /links` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkWanted {
    /// For whom.
    number: Address,
    /// Whether it is also texted.
    #[serde(default)]
    text: bool,
}

/// `POST /links`: an invitation made by the operator.
pub(crate) async fn make_link<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    let body = call.read(FORM_BYTES_MAX).await?;
    // serde's own words would quote the body, a telephone number among it.
    let wanted: LinkWanted = serde_json::from_slice(&body).map_err(|_| {
        let shape = r#"the body is JSON: {"number": "+15550100001", "text": false}"#;
        Problem::Unreadable(shape.to_owned())
    })?;
    let number = Address::new(wanted.number.reveal());
    shown(&site.door.make_link(&number, wanted.text).await?)
}

fn person(call: &Call) -> Address {
    Address::new(call.param(0))
}
