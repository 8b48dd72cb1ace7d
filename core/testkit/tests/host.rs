//! What the fake host does for a plugin, and what it refuses.

use cordboard_plugin::{
    Base, Blob, Commit, Delete, Expected, Host, HostReply, HttpAnswer, HttpCall, HttpError,
    HttpRequest, Incoming, Level, MessageKey, Put, SIM_REFUSED, SIM_RESET, SIM_TIMEOUT, SimPlace,
    Simulator, StateError, Timer, async_trait,
};
use cordboard_testkit::{FakeHost, START, block_on, poll_once};
use std::sync::Arc;

/// Answers with what it was called with; `/fault/<status>` answers with that status.
struct Echo;

#[async_trait]
impl Simulator for Echo {
    fn settings(&self, _kind: &str, _place: &SimPlace) -> serde_json::Value {
        serde_json::Value::Null
    }

    async fn call(&self, host: &dyn Host, place: &SimPlace, call: HttpCall) -> HttpAnswer {
        if let Some(status) = call.path.strip_prefix("/fault/") {
            return HttpAnswer::empty(status.parse().unwrap_or(400));
        }
        if call.path == "/text" {
            let mut request = HttpRequest::foreign("POST", place.hook_url.clone());
            request.body = call.body;
            let status = host.http(request).await.map_or(502, |answer| answer.status);
            return HttpAnswer::empty(status);
        }
        let line = format!(
            "{} {} path={} query={} authorization={} body={}",
            call.method,
            call.url,
            call.path,
            call.query,
            call.header("Authorization").unwrap_or("none"),
            String::from_utf8_lossy(&call.body.0),
        );
        HttpAnswer::new(200, "text/plain", line)
    }
}

const PLACE: &str = "http://127.0.0.1:8080/sandbox/echo";
const HOOK: &str = "http://127.0.0.1:8080/hooks/echo";

fn with_echo() -> (FakeHost, FakeHost) {
    let host = FakeHost::new();
    let sim_host = host.sibling();
    let place = SimPlace { base_url: PLACE.to_owned(), hook_url: HOOK.to_owned() };
    host.mount_simulator("api", Arc::new(Echo), place, sim_host.clone());
    (host, sim_host)
}

fn ask(host: &FakeHost, request: HttpRequest) -> Result<String, HttpError> {
    block_on(host.http(request)).map(|answer| String::from_utf8_lossy(&answer.body.0).into_owned())
}

fn put(key: &str, value: &str, expected: Expected) -> Put {
    Put { key: key.to_owned(), value: value.into(), expected, expires_at: None }
}

fn puts(puts: Vec<Put>) -> Commit {
    Commit { puts, ..Commit::default() }
}

fn versions(host: &FakeHost) -> Vec<(String, i64)> {
    let rows = block_on(host.scan("", None, 1000)).unwrap_or_default();
    rows.into_iter().map(|(key, stored)| (key, stored.version)).collect()
}

#[test]
fn queued_answers_are_given_in_order_and_requests_are_remembered() {
    let host = FakeHost::new();
    host.answer(201, &[("x-a", "1")], "first").fail(HttpError::Unclear("lost".to_owned()));
    let first = block_on(host.http(HttpRequest::base("POST", "api", "/a"))).unwrap();
    assert_eq!((first.status, first.header("X-A"), first.at), (201, Some("1"), START));
    assert_eq!(
        ask(&host, HttpRequest::foreign("GET", "https://a.example.com")),
        Err(HttpError::Unclear("lost".to_owned()))
    );
    assert!(matches!(
        ask(&host, HttpRequest::base("GET", "api", "/b")),
        Err(HttpError::Unreachable(_))
    ));
    let methods: Vec<String> = host.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["POST", "GET", "GET"]);
    assert_eq!(host.answers_left(), 0);
}

#[test]
fn a_closure_answers_what_nothing_else_answers() {
    let (host, _) = with_echo();
    let inner = host.clone();
    host.on_http(move |request| Ok(inner.response(200, &[], request.method.clone())));
    host.answer(200, &[], "queued");
    let foreign = || HttpRequest::foreign("GET", "https://a.example.com/");
    assert_eq!(ask(&host, foreign()).unwrap(), "queued");
    assert_eq!(ask(&host, foreign()).unwrap(), "GET");
    assert!(ask(&host, HttpRequest::base("GET", "api", "/x")).unwrap().contains("path=/x"));
}

#[test]
fn a_base_leads_to_its_simulator_as_the_call_arrives_there() {
    let (host, _) = with_echo();
    let request = HttpRequest::base("POST", "api", "/v2/posts?a=%20b")
        .with_authorization("Bearer token")
        .with_body("text/plain", "words");
    assert_eq!(
        ask(&host, request).unwrap(),
        format!(
            "POST {PLACE}/v2/posts?a=%20b path=/v2/posts query=a=%20b \
             authorization=Bearer token body=words"
        )
    );
}

#[test]
fn only_addresses_below_the_prefix_lead_to_the_simulator() {
    let (host, _) = with_echo();
    for (url, leads) in [
        (PLACE.to_owned(), true),
        (format!("{PLACE}/"), true),
        (format!("{PLACE}?q"), true),
        (format!("{PLACE}2/x"), false),
        ("https://a.example.com".to_owned(), false),
    ] {
        assert_eq!(ask(&host, HttpRequest::foreign("GET", url.clone())).is_ok(), leads, "{url}");
    }
}

#[test]
fn a_configured_base_keeps_its_address() {
    let host = FakeHost::new()
        .with_bases(vec![Base { name: "api".to_owned(), url: format!("{PLACE}/deeper") }]);
    let place = SimPlace { base_url: PLACE.to_owned(), hook_url: String::new() };
    host.mount_simulator("api", Arc::new(Echo), place, host.sibling());
    assert!(ask(&host, HttpRequest::base("GET", "api", "/x")).unwrap().contains("path=/deeper/x "));
}

#[test]
fn a_url_prefix_leads_to_the_simulator_too() {
    let host = FakeHost::new();
    let place = SimPlace { base_url: PLACE.to_owned(), hook_url: String::new() };
    host.mount_simulator("https://api.example.com", Arc::new(Echo), place, host.sibling());
    let answer = ask(&host, HttpRequest::foreign("GET", "https://api.example.com/x")).unwrap();
    assert!(answer.contains("path=/x "), "{answer}");
}

#[test]
fn a_simulator_can_lose_an_answer() {
    let (host, _) = with_echo();
    let fault =
        |status: u16| ask(&host, HttpRequest::base("GET", "api", format!("/fault/{status}")));
    assert!(matches!(fault(SIM_REFUSED), Err(HttpError::Unreachable(_))));
    assert!(matches!(fault(SIM_TIMEOUT), Err(HttpError::Unclear(_))));
    assert!(matches!(fault(SIM_RESET), Err(HttpError::Unclear(_))));
    assert!(fault(503).is_ok());
}

#[test]
fn a_simulators_webhook_reaches_a_handler() {
    let (host, sim_host) = with_echo();
    let bridge = host.clone();
    sim_host.on_url(HOOK, move |call| {
        let bridge = bridge.clone();
        async move {
            bridge.log(Level::Info, &String::from_utf8_lossy(&call.body.0));
            HttpAnswer::empty(204)
        }
    });
    let request = HttpRequest::base("POST", "api", "/text").with_body("text/plain", "hello");
    assert_eq!(block_on(host.http(request)).unwrap().status, 204);
    assert_eq!(host.log_lines()[0].line, "hello");
}

#[test]
fn what_every_host_forbids_is_forbidden() {
    let host = FakeHost::new();
    host.on_http(|_| Err(HttpError::Unclear("asked".to_owned())));
    let foreign = || HttpRequest::foreign("GET", "https://a.example.com/");
    let base = || HttpRequest::base("GET", "api", "/");
    let timed = |timeout_ms| HttpRequest { timeout_ms, ..base() };
    for (request, forbidden) in [
        (foreign().with_authorization("Bearer t"), true),
        (foreign().with_header("Cookie", "a=b"), true),
        (foreign().with_header("AUTHORIZATION", "t"), true),
        (foreign().with_header("accept", "image/*"), false),
        (base().with_authorization("Bearer t"), false),
        (timed(0), true),
        (timed(120_000), false),
        (timed(120_001), true),
        (HttpRequest { answer_bytes_max: (32 << 20) + 1, ..base() }, true),
    ] {
        let answer = ask(&host, request.clone());
        assert_eq!(matches!(answer, Err(HttpError::Forbidden(_))), forbidden, "{request:?}");
    }
}

#[test]
fn an_answer_over_its_limit_is_unclear() {
    let host = FakeHost::new();
    host.answer(200, &[], "12345").answer(200, &[], "123456");
    let request = || HttpRequest { answer_bytes_max: 5, ..HttpRequest::base("GET", "api", "/") };
    assert_eq!(ask(&host, request()).unwrap(), "12345");
    assert!(matches!(ask(&host, request()), Err(HttpError::Unclear(_))));
}

#[test]
fn sleeping_moves_the_clock_and_a_stopped_sleep_does_not() {
    let host = FakeHost::new();
    let sibling = host.sibling();
    block_on(host.sleep_until(START.plus_seconds(5)));
    block_on(host.sleep_until(START));
    assert_eq!(host.now(), START.plus_seconds(5));
    host.advance_millis(7);
    assert_eq!(sibling.now(), START.plus_millis(5007));
    host.stop_sleeping_after(2);
    let endless = async {
        loop {
            host.sleep_until(host.now().plus_seconds(1)).await;
        }
    };
    assert_eq!(poll_once::<std::pin::Pin<Box<dyn Future<Output = ()>>>>(Box::pin(endless)), None);
    assert_eq!(host.now(), START.plus_millis(6007));
    assert_eq!(host.sleeps().len(), 4);
}

#[test]
fn chance_depends_on_the_seed_alone() {
    let draw = |seed| {
        let host = FakeHost::new().with_seed(seed);
        (host.random(5), host.random(40))
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    let (short, long) = draw(1);
    assert_eq!((short.len(), long.len()), (5, 40));
    assert_ne!(long[..8], long[8..16]);
}

#[test]
fn a_commit_is_all_or_nothing() {
    let host = FakeHost::new();
    block_on(host.commit(puts(vec![put("a", "1", Expected::Absent)]))).unwrap();
    block_on(host.commit(puts(vec![put("a", "2", Expected::Version(1))]))).unwrap();
    for commit in [
        puts(vec![put("b", "1", Expected::Any), put("a", "3", Expected::Version(1))]),
        puts(vec![put("b", "1", Expected::Any), put("a", "3", Expected::Absent)]),
        Commit {
            deletes: vec![Delete { key: "c".to_owned(), expected: Expected::Version(1) }],
            ..puts(vec![put("b", "1", Expected::Any)])
        },
    ] {
        assert_eq!(block_on(host.commit(commit)), Err(StateError::Conflict));
    }
    assert_eq!(versions(&host), [("a".to_owned(), 2)]);
    let delete = Delete { key: "a".to_owned(), expected: Expected::Version(2) };
    block_on(host.commit(Commit { deletes: vec![delete], ..Commit::default() })).unwrap();
    assert_eq!(block_on(host.get("a")), Ok(None));
}

#[test]
fn keys_and_values_have_their_limits() {
    let host = FakeHost::new();
    let sized = |key: usize, value: usize| {
        puts(vec![put(&"k".repeat(key), &"v".repeat(value), Expected::Any)])
    };
    assert_eq!(block_on(host.commit(sized(255, 65_536))), Ok(()));
    assert_eq!(block_on(host.commit(sized(256, 1))), Err(StateError::TooLarge));
    assert_eq!(block_on(host.commit(sized(1, 65_537))), Err(StateError::TooLarge));
    let timers = vec![Timer { key: "k".repeat(256), at: START }];
    let commit = Commit { timers, ..Commit::default() };
    assert_eq!(block_on(host.commit(commit)), Err(StateError::TooLarge));
    assert_eq!(versions(&host).len(), 1);
}

#[test]
fn an_expired_value_is_gone() {
    let host = FakeHost::new();
    let expiring = Put { expires_at: Some(START.plus_millis(10)), ..put("a", "1", Expected::Any) };
    block_on(host.commit(puts(vec![expiring]))).unwrap();
    host.advance_millis(9);
    assert_eq!(versions(&host).len(), 1);
    host.advance_millis(1);
    assert_eq!(block_on(host.get("a")), Ok(None));
    assert_eq!(versions(&host).len(), 0);
    assert_eq!(block_on(host.commit(puts(vec![put("a", "2", Expected::Absent)]))), Ok(()));
    assert_eq!(versions(&host), [("a".to_owned(), 1)]);
}

#[test]
fn a_scan_reads_one_prefix_in_order_and_page_by_page() {
    let host = FakeHost::new();
    let all = ["b/2", "a/1", "b/1", "b/3", "c"].map(|key| put(key, "", Expected::Any));
    block_on(host.commit(puts(all.to_vec()))).unwrap();
    let keys = |after: Option<&str>, rows_max| -> Vec<String> {
        let rows = block_on(host.scan("b/", after, rows_max)).unwrap();
        rows.into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(keys(None, 2), ["b/1", "b/2"]);
    assert_eq!(keys(Some("b/2"), 2), ["b/3"]);
    assert!(keys(Some("b/3"), 2).is_empty());
}

#[test]
fn messages_and_replies_are_kept_once_per_key() {
    let host = FakeHost::new();
    let message = |text: &str| Incoming {
        key: MessageKey { account: "carrier:1".to_owned(), id: "1".to_owned() },
        from: "+15550100002".into(),
        to: "+15550100001".into(),
        text: text.to_owned(),
        media: Vec::new(),
        keyword: None,
        segments: 1,
    };
    let reply = |text: &str| HostReply {
        key: "r".to_owned(),
        transport: None,
        from: "+15550100001".into(),
        to: "+15550100002".into(),
        text: text.to_owned(),
    };
    for text in ["first", "again"] {
        let commit = Commit {
            messages: vec![message(text)],
            replies: vec![reply(text)],
            ..Commit::default()
        };
        block_on(host.commit(commit)).unwrap();
    }
    assert_eq!(host.messages(), [message("first")]);
    assert_eq!(host.replies(), [reply("first")]);
}

#[test]
fn timers_are_replaced_by_key_and_taken_when_due() {
    let host = FakeHost::new();
    let timer = |key: &str, seconds| Timer { key: key.to_owned(), at: START.plus_seconds(seconds) };
    let set = |timers| block_on(host.commit(Commit { timers, ..Commit::default() })).unwrap();
    set(vec![timer("late", 9), timer("moved", 1), timer("soon", 2)]);
    set(vec![timer("moved", 3)]);
    host.advance_millis(2_999);
    assert_eq!(host.due_timers(), [timer("soon", 2)]);
    host.advance_millis(1);
    assert_eq!(host.due_timers(), [timer("moved", 3)]);
    assert_eq!(host.timers(), [timer("late", 9)]);
}

#[test]
fn the_store_fails_once_when_told_and_writes_nothing() {
    let host = FakeHost::new();
    let gone = StateError::Unavailable("gone".to_owned());
    let commit = puts(vec![put("a", "1", Expected::Any)]);
    host.fail_state(gone.clone());
    assert_eq!(block_on(host.commit(commit.clone())), Err(gone.clone()));
    host.fail_state(gone.clone());
    assert_eq!(block_on(host.get("a")), Err(gone.clone()));
    host.fail_state(gone.clone());
    assert_eq!(block_on(host.scan("", None, 1)), Err(gone));
    assert_eq!(block_on(host.get("a")), Ok(None));
    assert_eq!(block_on(host.commit(commit)), Ok(()));
    assert_eq!(block_on(host.get("a")).unwrap().unwrap().value, Blob::from("1"));
}

#[test]
fn log_lines_and_counters_are_kept() {
    let host = FakeHost::new();
    host.log(Level::Warn, "odd");
    host.metric("texts", 2);
    host.metric("texts", 3);
    assert_eq!(host.log_lines()[0].level, Level::Warn);
    assert_eq!((host.metric_count("texts"), host.metric_count("other")), (5, 0));
}

#[test]
fn a_leaping_clock_serves_sleepers_in_their_order() {
    let host = FakeHost::leaping();
    let at = |seconds: i64| START.plus_millis(seconds * 1000);
    let order = std::sync::Mutex::new(Vec::new());
    let sleeper = |name: &'static str, seconds: i64| {
        let (host, order) = (&host, &order);
        async move {
            host.sleep_until(at(seconds)).await;
            order.lock().unwrap().push((name, host.now()));
        }
    };
    host.drive(futures_util::future::join3(
        sleeper("late", 3600),
        sleeper("early", 1),
        sleeper("never", 0),
    ));
    let seen = order.into_inner().unwrap();
    assert_eq!(seen, [("never", START), ("early", at(1)), ("late", at(3600))]);
}

#[test]
fn a_sleep_that_was_given_up_is_forgotten() {
    let host = FakeHost::leaping();
    let long = Box::pin(host.sleep_until(START.plus_hours(24)));
    let short = Box::pin(host.sleep_until(START.plus_millis(5)));
    host.drive(futures_util::future::select(long, short));
    host.drive(host.sleep_until(START.plus_millis(10)));
    assert_eq!(host.now(), START.plus_millis(10));
}

#[test]
#[should_panic(expected = "never comes")]
fn a_leaping_clock_tells_when_nothing_will_ever_happen() {
    FakeHost::leaping().drive(std::future::pending::<()>());
}

#[test]
fn the_real_clock_takes_its_time() {
    let host = FakeHost::in_real_time();
    let began = std::time::Instant::now();
    host.drive(host.sleep_until(host.now().plus_millis(30)));
    assert!(began.elapsed() >= std::time::Duration::from_millis(29));
    assert!(host.now() >= START.plus_millis(30));
}
