//! The whole filter trees in memory, in front of a door that only writes down what it is asked.

mod admin;
mod door;
mod guide;
mod hooks;
mod links;
mod logs;
mod pages;
mod pictures;
mod sandbox;
mod served;

use crate::{Meters, WebConfig, admin_routes, public_routes};
use bytes::Bytes;
use cordboard_plugin::Secret;
use door::FakeDoor;
use http::Response;
use warp::filters::BoxedFilter;

const TOKEN: &str = "right-token";

type Routes = BoxedFilter<(warp::reply::Response,)>;

fn config() -> WebConfig {
    WebConfig {
        listen: "127.0.0.1:8080".parse().unwrap(),
        admin_listen: "127.0.0.1:8081".parse().unwrap(),
        public_url: "http://127.0.0.1:8080".to_owned(),
        sandbox_public: false,
        admin_token: Secret::new(TOKEN),
        trusted_proxies: crate::TrustedProxies::default(),
    }
}

fn https() -> WebConfig {
    WebConfig { public_url: "https://bridge.example".to_owned(), ..config() }
}

fn public(door: &FakeDoor, config: &WebConfig) -> Routes {
    public_routes(door.clone(), config)
}

fn admin(door: &FakeDoor) -> Routes {
    admin_routes(door.clone(), &config(), Meters::detached().unwrap())
}

/// A request from this very machine.
fn request(method: &str, path: &str) -> warp::test::RequestBuilder {
    warp::test::request().method(method).path(path).header("host", "127.0.0.1:8080")
}

async fn status(routes: &Routes, method: &str, path: &str) -> u16 {
    request(method, path).reply(routes).await.status().as_u16()
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

#[track_caller]
fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
}
