//! Bytes over the boundary, each way. Both sides use this source, each its own copy of the code: what one
//! side has allocated, it frees.

#![expect(unsafe_code, reason = "pointers from the other side of the C boundary")]

use super::codec::Packed;
use super::raw::{Buf, Slice};
use std::ffi::c_void;

/// Copies what was borrowed.
///
/// # Safety
/// `slice` is as the header says: `len` readable bytes at `ptr`.
pub unsafe fn copied(slice: Slice) -> Vec<u8> {
    if slice.ptr.is_null() || slice.len == 0 {
        return Vec::new();
    }
    // SAFETY: not null, and the other side vouches for `len` bytes until we return.
    unsafe { std::slice::from_raw_parts(slice.ptr, slice.len) }.to_vec()
}

/// Borrows bytes to the other side for one call.
pub fn lent(bytes: &[u8]) -> Slice {
    Slice { ptr: bytes.as_ptr(), len: bytes.len() }
}

/// Longest JSON of a payload or an answer, in bytes.
pub const JSON_BYTES_MAX: usize = 16 << 20;
/// Most buffers beside a payload.
pub const BUFFERS_MAX: usize = 4096;
/// Most bytes in all the buffers of a payload.
pub const BUFFERS_BYTES_MAX: usize = 128 << 20;

/// Takes over one buffer: copies it and gives it back.
///
/// # Errors
/// When it holds more than `bytes_max`; it was given back all the same.
///
/// # Safety
/// `buf` is as the header says, and handed over to us.
pub unsafe fn taken(buf: &Buf, bytes_max: usize) -> Result<Vec<u8>, String> {
    let bytes = match buf.len <= bytes_max {
        // SAFETY: a buffer's bytes are readable until it is released, which is done right after.
        true => Ok(unsafe { copied(Slice { ptr: buf.ptr, len: buf.len }) }),
        false => Err(format!("{} bytes are too many", buf.len)),
    };
    if let Some(release) = buf.release {
        // SAFETY: called once for this buffer, with its own owner.
        unsafe { release(buf.owner) };
    }
    bytes
}

/// Takes over a payload and its buffers.
///
/// # Errors
/// When they are larger than is allowed; the buffers were given back all the same.
///
/// # Safety
/// `payload` is borrowed and `bufs` are `n` buffers handed over, as the header says.
pub unsafe fn packed(payload: Slice, bufs: *mut Buf, n: usize) -> Result<Packed, String> {
    let json = match payload.len <= JSON_BYTES_MAX {
        // SAFETY: borrowed until we return.
        true => Ok(unsafe { copied(payload) }),
        false => Err(format!("{} bytes of JSON are too many", payload.len)),
    };
    let bufs = match bufs.is_null() || n == 0 {
        true => &[],
        // SAFETY: not null, and the other side vouches for `n` of them until we return.
        false => unsafe { std::slice::from_raw_parts(bufs, n) },
    };
    let mut left = if n <= BUFFERS_MAX { BUFFERS_BYTES_MAX } else { 0 };
    let take = |buf: &Buf| {
        // SAFETY: each of them is handed over, and taken here alone.
        let bytes = unsafe { taken(buf, left) }?;
        left -= bytes.len();
        Ok(bytes)
    };
    // All of them are taken before any error counts.
    let buffers: Vec<Result<Vec<u8>, String>> = bufs.iter().map(take).collect();
    if n > BUFFERS_MAX {
        return Err(format!("{n} buffers are too many"));
    }
    Ok(Packed { json: json?, buffers: buffers.into_iter().collect::<Result<_, _>>()? })
}

/// Hands bytes over; the other side gives them back by `release`.
pub fn handed(bytes: Vec<u8>) -> Buf {
    let owner = Box::new(bytes);
    let (ptr, len) = (owner.as_ptr(), owner.len());
    Buf { ptr, len, owner: Box::into_raw(owner).cast(), release: Some(release) }
}

/// Room for a buffer.
pub fn nothing() -> Buf {
    Buf { ptr: std::ptr::null(), len: 0, owner: std::ptr::null_mut(), release: None }
}

/// Hands over the bytes beside a value's JSON.
pub fn apart(packed: Packed) -> (Vec<u8>, Vec<Buf>) {
    (packed.json, packed.buffers.into_iter().map(handed).collect())
}

unsafe extern "C" fn release(owner: *mut c_void) {
    // SAFETY: `owner` comes from `handed`, and is given back once.
    drop(unsafe { Box::from_raw(owner.cast::<Vec<u8>>()) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    unsafe extern "C" fn count(owner: *mut c_void) {
        // SAFETY: `owner` is the counter of the test, which outlives its buffers.
        unsafe { &*owner.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
    }

    fn buf(bytes: &[u8], released: &AtomicUsize) -> Buf {
        let owner = std::ptr::from_ref(released).cast_mut().cast();
        Buf { ptr: bytes.as_ptr(), len: bytes.len(), owner, release: Some(count) }
    }

    #[test]
    fn each_buffer_is_given_back_once_whatever_comes_of_it() {
        let huge = Slice { ptr: b"[]".as_ptr(), len: JSON_BYTES_MAX + 1 };
        for (count, payload, good) in
            [(3, lent(b"[]"), true), (3, huge, false), (BUFFERS_MAX + 1, lent(b"[]"), false)]
        {
            let released = AtomicUsize::new(0);
            let mut bufs: Vec<Buf> = (0..count).map(|_| buf(b"abc", &released)).collect();
            // SAFETY: what is too long is not read.
            let taken = unsafe { packed(payload, bufs.as_mut_ptr(), bufs.len()) };
            assert_eq!(taken.is_ok(), good, "{count} buffers");
            assert_eq!(released.load(Ordering::SeqCst), count);
        }
    }

    #[test]
    fn buffers_that_are_too_large_together_are_refused_and_given_back() {
        let released = AtomicUsize::new(0);
        let mut bufs = vec![buf(b"abc", &released), buf(b"abc", &released)];
        bufs[1].len = BUFFERS_BYTES_MAX;
        // SAFETY: what is too long is not read.
        let taken = unsafe { packed(lent(b"[]"), bufs.as_mut_ptr(), 2) };
        assert!(taken.unwrap_err().contains("too many"));
        assert_eq!(released.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn nothing_at_all_is_a_payload() {
        let none = Slice { ptr: std::ptr::null(), len: 0 };
        // SAFETY: there is nothing to read.
        let taken = unsafe { packed(none, std::ptr::null_mut(), 7) };
        assert_eq!(taken, Ok(Packed::default()));
    }
}
