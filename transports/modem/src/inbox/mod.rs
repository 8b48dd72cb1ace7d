//! What arrives: made durable before its slot is deleted, then decoded, joined and handed on.
