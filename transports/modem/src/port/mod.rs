//! The serial line: bytes out, bytes in, and the moment it is gone.
