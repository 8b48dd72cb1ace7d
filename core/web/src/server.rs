//! Two listeners, served with limits: so many connections, so many seconds for a request's head.

use crate::call::Peer;
use futures_util::future::{self, Either};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use warp::filters::BoxedFilter;
use warp::reply::Response;

/// Connections served at once on one listener; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 1024;
/// How long a request's head may take, and how long a connection may idle.
const HEAD_SECONDS_MAX: u64 = 15;
/// Longest request head.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Rest after an accept that failed, for want of file descriptors for example.
const ACCEPT_REST_MILLIS: u64 = 100;

/// A listener that could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}\nhint: {}", hint(source.kind()))]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// What the system said.
    pub source: std::io::Error,
}

fn hint(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::AddrInUse => {
            "another program has this port (another cordboard, perhaps): stop it, or choose another \
             port in `listen`"
        }
        ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege: choose a higher one in `listen` and put a proxy in \
             front"
        }
        ErrorKind::AddrNotAvailable => {
            "this machine does not have that address: use 127.0.0.1 or 0.0.0.0 in `listen`"
        }
        _ => "check `listen` in the configuration",
    }
}

/// Opens a listener.
///
/// # Errors
/// [`BindError`] naming the address and a way out.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| BindError { address, source })
}

/// Serves `routes` until `stop`, then takes no new connections and returns once the requests under
/// way are answered. The caller bounds that wait by dropping the future.
pub async fn serve(
    listener: TcpListener,
    routes: BoxedFilter<(Response,)>,
    stop: impl Future<Output = ()> + Send,
) {
    let under_way = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut stop = pin!(stop);
    loop {
        let next = pin!(async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        });
        let (place, stream, peer) = match future::select(next, &mut stop).await {
            Either::Right(_) => break,
            Either::Left(((Ok(place), Ok((stream, peer))), _)) => (place, stream, peer),
            Either::Left(((_, accepted), _)) => {
                if let Err(error) = accepted {
                    tracing::warn!(%error, "A connection could not be accepted.");
                }
                tokio::time::sleep(Duration::from_millis(ACCEPT_REST_MILLIS)).await;
                continue;
            }
        };
        let connection = connection(stream, peer, routes.clone(), &under_way);
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    under_way.shutdown().await;
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: BoxedFilter<(Response,)>,
    under_way: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    let watcher = under_way.watcher();
    async move {
        let routes = TowerToHyperService::new(warp::service(routes));
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            routes.call(request)
        });
        let served = Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(served).await {
            tracing::debug!(%error, "A connection broke off.");
        }
    }
}
