//! Reading bodies: never more than a cap, never longer than a time, with or without Content-Length.

use crate::problem::Problem;
use bytes::{Buf, Bytes};
use futures_util::stream::{Stream, StreamExt};
use std::pin::Pin;
use std::time::Duration;

/// Cap for a webhook. Providers send a few kilobytes; media comes by reference.
pub(crate) const HOOK_BYTES_MAX: usize = 1 << 20;
/// Cap for a form or an API call.
pub(crate) const FORM_BYTES_MAX: usize = 64 << 10;
/// Cap for a call to a simulated provider: a picture of 5 MB with its wrapping.
pub(crate) const SANDBOX_BYTES_MAX: usize = 6 << 20;
/// Cap for a text with pictures from the sandbox's phone: a few of 5 MB, with room for the rest of the
/// form.
pub(crate) const PICTURES_BYTES_MAX: usize = 25 << 20;
/// How long a body may take to arrive.
const READ_SECONDS_MAX: u64 = 10;

/// A body that has not been read yet.
pub(crate) type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send>>;

/// Makes one type of warp's unnameable body streams.
pub(crate) fn boxed<B: Buf>(
    stream: impl Stream<Item = Result<B, warp::Error>> + Send + 'static,
) -> BodyStream {
    Box::pin(stream.map(|piece| piece.map(|mut buf| buf.copy_to_bytes(buf.remaining()))))
}

/// Reads a whole body of at most `bytes_max` bytes.
///
/// # Errors
/// [`Problem::TooLarge`] before reading when `announced` is over the cap, otherwise as soon as it is
/// passed; [`Problem::TooSlow`] after ten seconds; [`Problem::Interrupted`] when the caller went away.
pub(crate) async fn read(
    stream: BodyStream,
    announced: Option<u64>,
    bytes_max: usize,
) -> Result<Vec<u8>, Problem> {
    if announced.is_some_and(|bytes| bytes > bytes_max as u64) {
        return Err(Problem::TooLarge);
    }
    let limit = Duration::from_secs(READ_SECONDS_MAX);
    tokio::time::timeout(limit, collect(stream, bytes_max)).await.map_err(|_| Problem::TooSlow)?
}

async fn collect(mut stream: BodyStream, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| Problem::Interrupted)?;
        if piece.len() > bytes_max - body.len() {
            return Err(Problem::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn pieces(sizes: &[usize]) -> BodyStream {
        let pieces: Vec<_> = sizes.iter().map(|n| Ok(Bytes::from(vec![b'x'; *n]))).collect();
        Box::pin(stream::iter(pieces))
    }

    #[tokio::test]
    async fn a_body_up_to_the_cap_is_read_whole() {
        let body = read(pieces(&[4, 0, 6]), None, 10).await.unwrap();
        assert_eq!(body.len(), 10);
    }

    #[tokio::test]
    async fn a_body_over_the_cap_is_refused_though_nobody_announced_it() {
        let refused = read(pieces(&[4, 7]), None, 10).await;
        assert!(matches!(refused, Err(Problem::TooLarge)));
    }

    #[tokio::test]
    async fn an_announced_long_body_is_refused_before_it_is_read() {
        let never: BodyStream = Box::pin(stream::pending());
        assert!(matches!(read(never, Some(11), 10).await, Err(Problem::TooLarge)));
    }

    #[tokio::test]
    async fn an_announcement_is_not_believed() {
        assert!(matches!(read(pieces(&[11]), Some(1), 10).await, Err(Problem::TooLarge)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let never: BodyStream = Box::pin(stream::pending());
        assert!(matches!(read(never, None, 10).await, Err(Problem::TooSlow)));
    }
}
