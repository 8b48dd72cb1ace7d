//! A table of routes, and the one place where errors become answers and requests are logged.
//!
//! A route is a line: methods, pattern, handler. `:name` in a pattern takes one segment, a final `*`
//! the rest of the path (`/…` or nothing). The pattern is all that is ever logged of a path.

use crate::body;
use crate::call::{Call, Peer};
use crate::config::WebConfig;
use crate::door::Door;
use crate::problem::{Audience, Problem};
use crate::token::{self, SignedIn};
use cordboard_plugin::Timestamp;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use std::sync::Arc;
use warp::filters::BoxedFilter;
use warp::path::FullPath;
use warp::reject::{Reject, Rejection};
use warp::reply::Response;
use warp::{Filter, Reply};

pub(crate) const GET: &[Method] = &[Method::GET];
pub(crate) const POST: &[Method] = &[Method::POST];
/// What providers may be told to use.
pub(crate) const GET_OR_POST: &[Method] = &[Method::GET, Method::POST];
/// Every method: the handler's business.
pub(crate) const ANY: &[Method] = &[];

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct Site<D> {
    pub(crate) door: D,
    pub(crate) config: Arc<WebConfig>,
}

impl<D: Door> Site<D> {
    pub(crate) fn new(door: D, config: &WebConfig) -> Self {
        Self { door, config: Arc::new(config.clone()) }
    }
}

/// What a handler returns.
pub(crate) type Served = Result<Response, Problem>;

/// One row as it can be read again, by tests and by the API's own document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) methods: &'static [Method],
    pub(crate) pattern: &'static str,
}

/// Routes in the making.
pub(crate) struct Table<D> {
    site: Site<D>,
    rows: Vec<Row>,
    filter: BoxedFilter<(Answered,)>,
}

/// A handler's result with the pattern it was found under.
struct Answered {
    pattern: &'static str,
    served: Served,
}

/// The path fits a route, the method does not.
#[derive(Debug)]
struct WrongMethod(&'static str);

impl Reject for WrongMethod {}

impl<D: Door> Table<D> {
    pub(crate) fn new(site: Site<D>) -> Self {
        let nothing = warp::any().and_then(|| async { Err::<Answered, _>(warp::reject()) });
        Self { site, rows: Vec::new(), filter: nothing.boxed() }
    }

    /// Adds a route.
    pub(crate) fn on<H, F>(
        mut self,
        methods: &'static [Method],
        pattern: &'static str,
        handler: H,
    ) -> Self
    where
        H: Fn(Site<D>, Call) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Served> + Send + 'static,
    {
        let site = self.site.clone();
        let route = call(methods, pattern).then(move |call: Call| {
            let served = handler(site.clone(), call);
            async move { Answered { pattern, served: served.await } }
        });
        self.rows.push(Row { methods, pattern });
        self.filter = self.filter.or(route).unify().boxed();
        self
    }

    /// Adds a route for whoever shows the admin token.
    pub(crate) fn on_signed_in<H, F>(
        self,
        methods: &'static [Method],
        pattern: &'static str,
        handler: H,
    ) -> Self
    where
        H: Fn(SignedIn, Site<D>, Call) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Served> + Send + 'static,
    {
        self.on(methods, pattern, move |site, call| {
            let handled = token::bearer(&call, &site.config.admin_token)
                .map(|proof| handler(proof, site, call));
            async move { handled?.await }
        })
    }

    /// The rows added so far.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The whole as one filter that answers every request.
    pub(crate) fn build(self, audience: Audience) -> BoxedFilter<(Response,)> {
        let Self { site, rows, filter } = self;
        let clock = site.clone();
        let begun = warp::method().and(warp::any().map(move || clock.door.now()));
        let answered = filter.recover(move |rejection| {
            let answered = recovered(&rejection, &rows);
            async move { Ok::<_, std::convert::Infallible>(answered) }
        });
        begun
            .and(answered.unify())
            .map(move |method: Method, begun: Timestamp, answered: Answered| {
                let millis = site.door.now().millis_since(begun);
                finish(&method, millis, answered, audience)
            })
            .boxed()
    }
}

fn recovered(rejection: &Rejection, rows: &[Row]) -> Answered {
    match rejection.find::<WrongMethod>() {
        Some(WrongMethod(pattern)) => {
            let methods = rows.iter().filter(|row| row.pattern == *pattern);
            let names: Vec<_> = methods.flat_map(|row| row.methods).map(Method::as_str).collect();
            Answered { pattern, served: Err(Problem::Method(names.join(", "))) }
        }
        None => Answered { pattern: "(none)", served: Err(Problem::NotFound) },
    }
}

fn finish(method: &Method, millis: i64, answered: Answered, audience: Audience) -> Response {
    let Answered { pattern, served } = answered;
    let response = match served {
        Ok(response) => response,
        Err(problem) => problem.answer(audience),
    };
    let status = response.status().as_u16();
    tracing::debug!(
        http.method = %known(method), http.route = pattern, http.status = status, duration_ms = millis,
        "Answered {status} on `{pattern}`."
    );
    let labels = [("route", pattern.to_owned()), ("status", status.to_string())];
    metrics::counter!("cordboard_http_requests_total", &labels).increment(1);
    metrics::histogram!("cordboard_http_request_seconds", "route" => pattern)
        .record(millis.max(0) as f64 / 1000.0);
    response.into_response()
}

/// A method's name, unless the caller made it up: then it could be anything.
fn known(method: &Method) -> &str {
    let standard = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::PATCH,
    ];
    if standard.contains(method) { method.as_str() } else { "(other)" }
}

/// Takes requests that fit; the body is touched only once path and method do.
fn call(
    methods: &'static [Method],
    pattern: &'static str,
) -> impl Filter<Extract = (Call,), Error = Rejection> + Clone {
    let fits = warp::path::full().and(warp::method()).and_then(move |path: FullPath, method| {
        let fit = fit(methods, pattern, path.as_str(), &method);
        async move { fit.map(|params| (params, path, method)) }
    });
    let raw_query = warp::query::raw().map(Some).or(warp::any().map(|| None)).unify();
    fits.and(raw_query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .and(warp::body::stream().map(body::boxed))
        .map(
            |(params, path, method): (_, FullPath, _),
             raw_query: Option<String>,
             headers: HeaderMap,
             peer: Option<Peer>,
             body| {
                let raw_path = path.as_str().to_owned();
                Call { params, raw_path, method, raw_query, headers, peer, body }
            },
        )
}

fn fit(
    methods: &[Method],
    pattern: &'static str,
    path: &str,
    method: &Method,
) -> Result<Vec<String>, Rejection> {
    let params = params(pattern, path).ok_or_else(warp::reject::not_found)?;
    if methods.is_empty() || methods.contains(method) {
        Ok(params)
    } else {
        Err(warp::reject::custom(WrongMethod(pattern)))
    }
}

/// The parameters of a path that fits a pattern.
fn params(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = path;
    for wanted in pattern.split('/').skip(1) {
        if wanted == "*" {
            found.push(rest.to_owned());
            return Some(found);
        }
        let after_slash = rest.strip_prefix('/')?;
        let end = after_slash.find('/').unwrap_or(after_slash.len());
        let (segment, further) = after_slash.split_at(end);
        if wanted.starts_with(':') {
            let value = percent_decode_str(segment).decode_utf8().ok()?;
            found.push((!value.is_empty()).then(|| value.into_owned())?);
        } else if segment != wanted {
            return None;
        }
        rest = further;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_its_paths_and_no_other() {
        for (pattern, path, expected) in [
            ("/", "/", Some(vec![])),
            ("/", "/x", None),
            ("/link/:token", "/link/ABC-123", Some(vec!["ABC-123"])),
            ("/link/:token", "/link/", None),
            ("/link/:token", "/link/a/", None),
            ("/link/:token", "/link/a/b", None),
            ("/link/:token", "/link/%ff", None),
            ("/people/:number", "/people/%2B15550100001", Some(vec!["+15550100001"])),
            ("/people/:number", "/people/+15550100001", Some(vec!["+15550100001"])),
            ("/sandbox/:name/*", "/sandbox/x", Some(vec!["x", ""])),
            ("/sandbox/:name/*", "/sandbox/x/", Some(vec!["x", "/"])),
            ("/sandbox/:name/*", "/sandbox/x/2/a%2Fb", Some(vec!["x", "/2/a%2Fb"])),
            ("/sandbox/:name/*", "/sandbox", None),
            ("/healthz", "*", None),
        ] {
            let got = params(pattern, path);
            let expected: Option<Vec<String>> =
                expected.map(|list| list.into_iter().map(str::to_owned).collect());
            assert_eq!(got, expected, "{pattern} {path}");
        }
    }
}
