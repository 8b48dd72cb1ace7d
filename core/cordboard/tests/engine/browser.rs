//! What a person does in a browser, without one: opens the texted link, presses, authorises, returns.

use crate::town::Town;
use cordboard_engine::LinkPage;
use cordboard_plugin::HttpCall;

/// The token of the newest link texted to a phone.
pub(crate) async fn newest_token(town: &Town, phone: &str) -> String {
    let heard = town.heard(phone).await;
    let link = heard.iter().rev().find_map(|text| text.split_once("/link/")).expect("a link");
    link.1.split([' ', '.']).next().unwrap().to_owned()
}

/// A browser that left for the provider.
pub(crate) struct Leaving {
    pub(crate) authorize_url: String,
    pub(crate) cookie: String,
}

pub(crate) async fn press(town: &Town, token: &str) -> Leaving {
    match town.bridge.link_press(token).await {
        LinkPage::GoTo { url, cookie, .. } => Leaving { authorize_url: url, cookie },
        other => panic!("no way on: {other:?}"),
    }
}

/// What the person does on the provider's page; gives back the query it returns with.
pub(crate) async fn at_provider(
    town: &Town,
    authorize_url: &str,
    handle: &str,
    decision: &str,
) -> Vec<(String, String)> {
    let (sink, answer) = decided(town, authorize_url, handle, decision).await;
    assert_eq!(answer.status, 302, "{}", String::from_utf8_lossy(&answer.body.0));
    let location = answer.headers.iter().find(|(name, _)| name == "location").unwrap();
    let back = url::Url::parse(&location.1).unwrap();
    assert_eq!(back.path(), format!("/link/{sink}/callback"));
    back.query_pairs().into_owned().collect()
}

/// The same where the provider shows a code instead of sending the browser back: the code.
pub(crate) async fn agree_for_code(town: &Town, authorize_url: &str, handle: &str) -> String {
    let (_, answer) = decided(town, authorize_url, handle, "authorize").await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body.0));
    let html = String::from_utf8(answer.body.0).unwrap();
    let shown = html.split_once("id=\"pin\">").expect("a code").1;
    shown.split('<').next().unwrap().to_owned()
}

/// Fills in the provider's page; the sink it belongs to, and its answer.
async fn decided(
    town: &Town,
    authorize_url: &str,
    handle: &str,
    decision: &str,
) -> (String, cordboard_plugin::HttpAnswer) {
    let url = url::Url::parse(authorize_url).unwrap();
    let below = url.path().strip_prefix("/sandbox/").unwrap();
    let (sink, path) = below.split_once('/').unwrap();
    let path = format!("/{path}");
    let page = call(town, sink, "GET", &path, url.query().unwrap_or(""), "").await;
    assert_eq!(page.status, 200);
    let html = String::from_utf8(page.body.0).unwrap();
    let mut form: Vec<(String, String)> = html
        .split("<input ")
        .skip(1)
        .filter_map(|input| {
            let tag = input.split('>').next()?;
            Some((attribute(tag, "name")?, attribute(tag, "value")?))
        })
        .filter(|(name, _)| name != "handle")
        .collect();
    form.push(("handle".to_owned(), handle.to_owned()));
    form.push(("decision".to_owned(), decision.to_owned()));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let answer = call(town, sink, "POST", &path, "", &body).await;
    (sink.to_owned(), answer)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!("{name}=\""))?.1.split('"').next()?;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

async fn call(
    town: &Town,
    sink: &str,
    method: &str,
    path: &str,
    query: &str,
    body: &str,
) -> cordboard_plugin::HttpAnswer {
    let call = HttpCall {
        method: method.to_owned(),
        url: format!("http://127.0.0.1:8080/sandbox/{sink}{path}?{query}"),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: body.into(),
    };
    town.bridge.sandbox_call(sink, call).await
}

/// The whole way, from the newest link on the phone.
pub(crate) async fn connect(town: &Town, phone: &str, handle: &str) -> LinkPage {
    let token = newest_token(town, phone).await;
    let leaving = press(town, &token).await;
    let query = at_provider(town, &leaving.authorize_url, handle, "authorize").await;
    town.bridge.link_return("x", query, Some(&leaving.cookie)).await
}

async fn links(town: &Town, phone: &str) -> usize {
    town.heard(phone).await.iter().filter(|text| text.contains("/link/")).count()
}

/// A first text, the invitation, and the whole way.
pub(crate) async fn join(town: &Town, phone: &str, handle: &str) {
    let links = links(town, phone).await;
    town.texts(phone, "hello").await;
    town.until("a link comes", || async { crate::browser::links(town, phone).await > links }).await;
    let page = connect(town, phone, handle).await;
    assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
    town.until_heard(phone, "Connected as").await;
}
