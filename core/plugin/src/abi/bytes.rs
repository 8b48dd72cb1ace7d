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

/// Takes over one buffer: copies it and gives it back.
///
/// # Safety
/// `buf` is as the header says, and handed over to us.
pub unsafe fn taken(buf: &Buf) -> Vec<u8> {
    // SAFETY: a buffer's bytes are readable until it is released, which is done right after.
    let bytes = unsafe { copied(Slice { ptr: buf.ptr, len: buf.len }) };
    if let Some(release) = buf.release {
        // SAFETY: called once for this buffer, with its own owner.
        unsafe { release(buf.owner) };
    }
    bytes
}

/// Takes over a payload and its buffers.
///
/// # Safety
/// `payload` is borrowed and `bufs` are `n` buffers handed over, as the header says.
pub unsafe fn packed(payload: Slice, bufs: *mut Buf, n: usize) -> Packed {
    // SAFETY: borrowed until we return.
    let json = unsafe { copied(payload) };
    let bufs = match bufs.is_null() || n == 0 {
        true => &[],
        // SAFETY: not null, and the other side vouches for `n` of them until we return.
        false => unsafe { std::slice::from_raw_parts(bufs, n) },
    };
    // SAFETY: each of them is handed over.
    let buffers = bufs.iter().map(|buf| unsafe { taken(buf) }).collect();
    Packed { json, buffers }
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
