//! A line to a simulated modem over HTTP.
//!
//! `POST /open` begins anew, `POST /write` carries bytes there, `GET /read?after=N` brings what came
//! after the first N bytes. A read that is dropped is asked again with the same N: nothing is lost.

use super::{Port, PortError};
use crate::SIMULATED_LINE as BASE;
use async_trait::async_trait;
use cordboard_plugin::{Host, HttpError, HttpRequest, HttpResponse};

/// How long the modem may wait for a byte before it answers that there is none, in milliseconds.
const WAIT_MS: u32 = 10_000;
/// Lost answers to a read in a row before the line counts as gone.
const LOST_MAX: u32 = 3;

/// An open line to a simulated modem.
pub(crate) struct HttpPort<'h> {
    host: &'h dyn Host,
    after: u64,
}

impl<'h> HttpPort<'h> {
    /// Opens the line anew; what was buffered before is gone.
    ///
    /// # Errors
    /// [`PortError::Missing`] while it is unplugged or nobody answers.
    pub(crate) async fn open(host: &'h dyn Host) -> Result<Self, PortError> {
        let answer = host.http(HttpRequest::base("POST", BASE, "/open")).await;
        let answer = answer.map_err(|error| PortError::Missing(error.to_string()))?;
        let after = answer.json().and_then(|json| json.get("after")?.as_u64());
        match (answer.status, after) {
            (200, Some(after)) => Ok(Self { host, after }),
            (410, _) => Err(PortError::Missing("it is unplugged".to_owned())),
            (status, _) => Err(PortError::Missing(format!("no simulated modem there ({status})"))),
        }
    }

    async fn read_once(&mut self) -> Result<Option<Vec<u8>>, HttpError> {
        let path = format!("/read?after={}&wait_ms={WAIT_MS}", self.after);
        let mut request = HttpRequest::base("GET", BASE, path);
        request.timeout_ms = WAIT_MS * 3;
        let HttpResponse { status, body, .. } = self.host.http(request).await?;
        match status {
            200 if !body.0.is_empty() => {
                self.after += body.0.len() as u64;
                Ok(Some(body.0))
            }
            200 | 204 => Ok(None),
            410 => Err(HttpError::Unreachable("it was unplugged".to_owned())),
            _ => Err(HttpError::Unclear(format!("status {status}"))),
        }
    }
}

#[async_trait]
impl Port for HttpPort<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        let request = HttpRequest::base("POST", BASE, "/write")
            .with_body("application/octet-stream", bytes.to_vec());
        match self.host.http(request).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(PortError::Gone(format!("writing was answered {}", answer.status))),
            Err(error) => Err(PortError::Gone(error.to_string())),
        }
    }

    async fn read(&mut self) -> Result<Vec<u8>, PortError> {
        let mut lost = 0;
        loop {
            match self.read_once().await {
                Ok(Some(bytes)) => return Ok(bytes),
                Ok(None) => lost = 0,
                Err(HttpError::Unclear(_)) if lost < LOST_MAX => {
                    lost += 1;
                    self.host.sleep_until(self.host.now().plus_seconds(1)).await;
                }
                Err(error) => return Err(PortError::Gone(error.to_string())),
            }
        }
    }
}
