//! Bodies of `multipart/form-data` (RFC 7578), built once and as long as they have to be.

use cordboard_plugin::{Host, HttpRequest};

/// A body in the making.
pub(super) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// An empty body with room for a picture of `bytes` bytes, so that it is never copied while it grows.
    pub(super) fn new(host: &dyn Host, bytes: usize) -> Self {
        let chance: String = host.random(16).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { boundary: format!("cordboard-{chance}"), body: Vec::with_capacity(bytes + 1024) }
    }

    /// Adds a short field. Names and values are ours and hold no quotes or line ends.
    pub(super) fn field(mut self, name: &str, value: &str) -> Self {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n",
            self.boundary
        );
        self.body.extend_from_slice(head.as_bytes());
        self
    }

    /// Adds bytes of `media_type` under `name`.
    pub(super) fn file(mut self, name: &str, media_type: &str, bytes: &[u8]) -> Self {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\
             Content-Type: {media_type}\r\n\r\n",
            self.boundary
        );
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(bytes);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// `request` with this body.
    pub(super) fn of(mut self, request: HttpRequest) -> HttpRequest {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        let kind = format!("multipart/form-data; boundary={}", self.boundary);
        request.with_body(&kind, self.body)
    }
}
