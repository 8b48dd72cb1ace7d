//! OAuth 1.0a: how pictures are uploaded, and how people link without a public web server.

pub mod sign;
