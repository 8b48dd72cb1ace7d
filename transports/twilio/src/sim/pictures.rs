//! Pictures behind Basic authentication: the API redirects to a link that must be asked without it.
//!
//! Keys: `media/<sid>/<piece>` a part of a picture, `shelf` which pictures there are, oldest first.

use super::ledger::{self, put};
use super::{failure, faults, new_sid, not_found};
use cordboard_plugin::{
    Blob, Commit, Delete, Expected, Host, HttpAnswer, HttpCall, Put, SimPlace, StateError,
};
use serde::{Deserialize, Serialize};

/// How long a link to a picture lasts (Twilio help, "Protect Media Access").
const LINK_HOURS: i64 = 4;
/// A value of a plugin's state holds 64 kB.
const PIECE_BYTES: usize = 60_000;
/// What all pictures may take together, more than one text can bring; the oldest are forgotten.
const KEPT_BYTES_MAX: usize = 64 << 20;
/// How many pictures are kept; their list is one value.
const KEPT_MAX: usize = 500;
const SHELF: &str = "shelf";

/// Where the phone's pictures are shown, below the mount.
pub(super) const SHOWN_AT: &str = "/_pictures/";
/// The look of bytes that are nothing a page can show.
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// A picture that is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    sid: String,
    bytes: usize,
}

impl Kept {
    fn pieces(&self) -> impl Iterator<Item = String> {
        (0..self.bytes.div_ceil(PIECE_BYTES)).map(|piece| piece_key(&self.sid, piece))
    }
}

fn piece_key(sid: &str, piece: usize) -> String {
    format!("media/{sid}/{piece:03}")
}

/// Adds to `more` what keeps these pictures, and forgets the oldest where they take too much. The
/// commit meets [`StateError::Conflict`] when others were kept meanwhile.
pub(super) async fn keep(
    host: &dyn Host,
    pictures: &[(String, &Blob)],
    more: &mut Commit,
) -> Result<(), StateError> {
    if pictures.is_empty() {
        return Ok(());
    }
    let (mut shelf, expected): (Vec<Kept>, _) = match host.get(SHELF).await? {
        Some(stored) => (ledger::read(&stored.value)?, Expected::Version(stored.version)),
        None => (Vec::new(), Expected::Absent),
    };
    let until = Some(host.now().plus_hours(ledger::KEPT_HOURS));
    for (sid, bytes) in pictures {
        let pieces = bytes.0.chunks(PIECE_BYTES).enumerate();
        more.puts.extend(
            pieces.map(|(at, piece)| put(piece_key(sid, at), piece.to_vec().into(), until)),
        );
        shelf.push(Kept { sid: sid.clone(), bytes: bytes.0.len() });
    }
    while shelf.len() > KEPT_MAX
        || shelf.iter().map(|kept| kept.bytes).sum::<usize>() > KEPT_BYTES_MAX
    {
        let pieces = shelf.remove(0).pieces().collect::<Vec<_>>().into_iter();
        more.deletes.extend(pieces.map(|key| Delete { key, expected: Expected::Any }));
    }
    let value = ledger::json(&shelf)?;
    more.puts.push(Put { key: SHELF.to_owned(), value, expected, expires_at: None });
    Ok(())
}

/// The whole picture; `None` when it is forgotten.
async fn load(host: &dyn Host, sid: &str) -> Result<Option<Vec<u8>>, StateError> {
    let pieces = ledger::rows(host, &format!("media/{sid}/"), None).await?;
    let bytes: Vec<u8> = pieces.into_iter().flat_map(|(_, piece)| piece.0).collect();
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// The type of a picture by its bytes, if it is one that a page can show and nothing can run in.
pub(super) fn look(bytes: &[u8]) -> Option<&'static str> {
    /// `isom`, `iso2` … and their relatives; HEIC and 3GP have others.
    const MP4_BRANDS: &[&[u8]] = &[b"iso", b"mp4", b"avc1", b"M4V", b"MSNV", b"dash"];
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => {
            MP4_BRANDS.iter().any(|known| brand.starts_with(known)).then_some("video/mp4")
        }
        _ => None,
    }
}

/// `Messages/{message}/Media/{media}`: a fresh link to the bytes.
pub(super) async fn redirect(
    host: &dyn Host,
    place: &SimPlace,
    message: &str,
    media: &str,
) -> Result<HttpAnswer, StateError> {
    if let Some(answer) = faults::take(host, "media").await?.as_deref().and_then(faults::answer) {
        return Ok(answer);
    }
    let Some((record, _)) = ledger::find(host, message).await? else { return Ok(not_found()) };
    let Some((sid, content_type)) = record.media.iter().find(|(sid, _)| sid == media) else {
        return Ok(not_found());
    };
    let link = new_sid(host, "");
    let until = host.now().plus_hours(LINK_HOURS);
    let value = format!("{sid} {content_type}");
    let puts = vec![put(format!("cdn/{link}"), value.into(), Some(until))];
    host.commit(Commit { puts, ..Commit::default() }).await?;
    let location = format!("{}/cdn/{link}", place.base_url);
    Ok(HttpAnswer::empty(307).with_header("location", &location))
}

/// `/cdn/{link}`: the bytes, for nobody who brings credentials along, as signed links do it.
pub(super) async fn bytes(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    if call.header("authorization").is_some() {
        return Ok(failure(400, 400, "Only one auth mechanism allowed"));
    }
    let Some(link) = host.get(call.path.trim_start_matches('/')).await? else {
        return Ok(failure(403, 403, "Request has expired"));
    };
    let link = String::from_utf8_lossy(&link.value.0).into_owned();
    let (sid, content_type) = link.split_once(' ').unwrap_or((&link, ""));
    let found = load(host, sid).await?;
    // The type is what a phone claimed: a browser that comes here must not act on it.
    Ok(found.map_or_else(not_found, |bytes| inert(HttpAnswer::new(200, content_type, bytes))))
}

/// `/_pictures/{sid}`: a picture as the phone shows it, by the type that its bytes have.
pub(super) async fn shown(host: &dyn Host, path: &str) -> Result<HttpAnswer, StateError> {
    let found = load(host, path.trim_start_matches(SHOWN_AT)).await?;
    let typed = found.and_then(|bytes| Some((look(&bytes)?, bytes)));
    Ok(typed.map_or_else(not_found, |(look, bytes)| {
        inert(HttpAnswer::new(200, look, bytes))
            .with_header("cache-control", "private, max-age=3600")
    }))
}

/// An answer that no browser makes more of than its type says.
fn inert(answer: HttpAnswer) -> HttpAnswer {
    answer
        .with_header("x-content-type-options", "nosniff")
        .with_header("content-security-policy", "default-src 'none'; sandbox")
}

#[cfg(test)]
mod tests {
    use super::look;

    #[test]
    fn only_what_a_page_can_show_has_a_look() {
        for (bytes, expected) in [
            (&b"\xff\xd8\xff\xe0"[..], Some("image/jpeg")),
            (b"\x89PNG\r\n\x1a\n", Some("image/png")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"\0\0\0\x18ftypmp42", Some("video/mp4")),
            (b"\0\0\0\x18ftypisom", Some("video/mp4")),
            (b"\0\0\0\x18ftypheic", None),
            (b"\0\0\0\x18ftyp3gp4", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
            (b"<!doctype html>", None),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"\xff\xd8", None),
            (b"", None),
        ] {
            assert_eq!(look(bytes), expected, "{bytes:?}");
        }
    }
}
