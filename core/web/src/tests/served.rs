//! One round over a real connection: what only a server can get wrong.

use super::door::FakeDoor;
use super::{config, public};
use crate::{bind, serve};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
}

async fn run(door: &FakeDoor) -> Running {
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let routes = public(door, &config());
    let served = tokio::spawn(serve(listener, routes, async {
        stopped.await.ok();
    }));
    Running { address, stop, served }
}

async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn chunked(pieces: &[&[u8]]) -> Vec<u8> {
    let mut request = b"POST /hooks/twin?a=%2b HTTP/1.1\r\nHost: 127.0.0.1\r\n\
        Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        .to_vec();
    for piece in pieces {
        request.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        request.extend_from_slice(piece);
        request.extend(b"\r\n");
    }
    request.extend(b"0\r\n\r\n");
    request
}

#[tokio::test]
async fn a_body_of_unknown_length_is_taken_whole_and_the_caller_known() {
    let door = FakeDoor::default();
    let running = run(&door).await;
    let answer = exchange(running.address, &chunked(&[b"Body=", b"\xff\xfe", b"x"])).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("<Response/>"), "{answer}");
    let call = door.call();
    assert_eq!(call.body.0, b"Body=\xff\xfex");
    assert_eq!(call.query, "a=%2b");
    assert_eq!(call.header("x-forwarded-for"), Some("127.0.0.1"));
    running.stop.send(()).unwrap();
    running.served.await.unwrap();
}

#[tokio::test]
async fn serving_ends_when_told_though_a_connection_idles() {
    let running = run(&FakeDoor::default()).await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    idle.write_all(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    running.stop.send(()).unwrap();
    running.served.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_taken_port_is_named_with_a_way_out() {
    let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = first.local_addr().unwrap();
    let error = bind(address).await.unwrap_err().to_string();
    assert!(error.contains(&address.to_string()), "{error}");
    assert!(error.contains("hint: another program has this port"), "{error}");
}
