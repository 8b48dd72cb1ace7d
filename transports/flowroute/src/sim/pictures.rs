//! Pictures: behind signed links that refuse credentials, and by their id behind Basic authentication.
//!
//! Keys: `media/<key>/<piece>` a part of a picture, `link/<key>` a signed link that still lives,
//! `named/<id>` the key and type of a picture by its id, `shelf` which pictures there are, oldest first.

use super::ledger::{self, put};
use super::{failure, faults, hex, not_found};
use cordboard_plugin::{
    Blob, Commit, Delete, Expected, Host, HttpAnswer, HttpCall, PhonePicture, Put, SimPlace,
    StateError, Timestamp,
};
use serde::{Deserialize, Serialize};

/// How long a link to a picture lasts.
const LINK_HOURS: i64 = 7 * 24;
/// A value of a plugin's state holds 64 kB.
const PIECE_BYTES: usize = 60_000;
/// What all pictures may take together, more than one text can bring; the oldest are forgotten.
const KEPT_BYTES_MAX: usize = 64 << 20;
/// How many pictures are kept; their list is one value.
const KEPT_MAX: usize = 500;
const SHELF: &str = "shelf";

/// Where signed links lead, below the mount.
pub(super) const LINKS: &str = "/media/";
/// Where the phone's pictures are shown, below the mount.
pub(super) const SHOWN_AT: &str = "/_pictures/";
/// The look of bytes that are nothing a page can show.
const UNKNOWN: &str = "application/octet-stream";

/// A picture of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Picture {
    /// Under what it is kept.
    pub(super) key: String,
    /// A number and the file's name, as Flowroute has it.
    pub(super) id: String,
    pub(super) file_name: String,
    /// As the phone named it.
    pub(super) media_type: String,
    /// By its bytes.
    pub(super) look: String,
    pub(super) bytes: usize,
}

impl Picture {
    /// The `nth` picture of a text.
    pub(super) fn new(host: &dyn Host, nth: usize, sent: &PhonePicture) -> Self {
        let key = hex(host);
        let ending = sent.media_type.rsplit('/').next().unwrap_or_default();
        let ending: String = ending.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let file_name = format!("IMG {nth}.{ending}");
        let number = host.now().0;
        Self {
            id: format!("{number}{}-{file_name}", &key[..8]),
            key,
            file_name,
            media_type: sent.media_type.clone(),
            look: look(&sent.bytes.0).unwrap_or(UNKNOWN).to_owned(),
            bytes: sent.bytes.0.len(),
        }
    }

    /// Where its bytes are for a week, in the form that S3 gives such links.
    pub(super) fn link(&self, place: &SimPlace, at: Timestamp) -> String {
        let expires = at.plus_hours(LINK_HOURS).unix_seconds();
        let name = self.file_name.replace(' ', "%20");
        format!(
            "{}{LINKS}{}/{name}?AWSAccessKeyId=SIMULATED&Expires={expires}&Signature={}%3D",
            place.base_url, self.key, self.key
        )
    }
}

/// A picture that is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    bytes: usize,
}

impl Kept {
    fn pieces(&self) -> impl Iterator<Item = String> {
        (0..self.bytes.div_ceil(PIECE_BYTES)).map(|piece| piece_key(&self.key, piece))
    }
}

fn piece_key(key: &str, piece: usize) -> String {
    format!("media/{key}/{piece:03}")
}

/// Adds to `more` what keeps these pictures, and forgets the oldest where they take too much. The
/// commit meets [`StateError::Conflict`] when others were kept meanwhile.
pub(super) async fn keep(
    host: &dyn Host,
    pictures: &[(Picture, &Blob)],
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
    let link_until = Some(host.now().plus_hours(LINK_HOURS));
    for (picture, bytes) in pictures {
        let pieces = bytes.0.chunks(PIECE_BYTES).enumerate();
        more.puts.extend(
            pieces
                .map(|(at, piece)| put(piece_key(&picture.key, at), piece.to_vec().into(), until)),
        );
        let kind = picture.media_type.clone();
        more.puts.push(put(format!("link/{}", picture.key), kind.into(), link_until));
        more.puts.push(put(format!("named/{}", picture.id), ledger::json(picture)?, until));
        shelf.push(Kept { key: picture.key.clone(), bytes: picture.bytes });
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
async fn load(host: &dyn Host, key: &str) -> Result<Option<Vec<u8>>, StateError> {
    let pieces = ledger::rows(host, &format!("media/{key}/"), None).await?;
    let bytes: Vec<u8> = pieces.into_iter().flat_map(|(_, piece)| piece.0).collect();
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// The type of a picture by its bytes, if it is one that a page can show and nothing can run in.
fn look(bytes: &[u8]) -> Option<&'static str> {
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

/// `/media/{key}/{name}`: the bytes, for nobody who brings credentials along, as signed links do it.
pub(super) async fn linked(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    if let Some(answer) = faults::stands_in(host, "media").await? {
        return Ok(answer);
    }
    if call.header("authorization").is_some() {
        let detail = "Only one auth mechanism allowed";
        return Ok(failure(host, 400, "InvalidArgument", detail));
    }
    let key = call.path[LINKS.len()..].split('/').next().unwrap_or_default();
    let Some(link) = host.get(&format!("link/{key}")).await? else {
        return Ok(failure(host, 403, "AccessDenied", "Request has expired"));
    };
    let kind = String::from_utf8_lossy(&link.value.0).into_owned();
    let found = load(host, key).await?;
    // The type is what a phone claimed: a browser that comes here must not act on it.
    let given = |bytes| inert(HttpAnswer::new(200, &kind, bytes));
    Ok(found.map_or_else(|| not_found(host), given))
}

/// `/v2.1/media/{id}`: the bytes again, by the API.
pub(super) async fn by_id(host: &dyn Host, id: &str) -> Result<HttpAnswer, StateError> {
    if let Some(answer) = faults::stands_in(host, "media").await? {
        return Ok(answer);
    }
    let id = id.replace("%20", " ");
    let Some(named) = host.get(&format!("named/{id}")).await? else { return Ok(not_found(host)) };
    let picture: Picture = ledger::read(&named.value)?;
    let found = load(host, &picture.key).await?;
    let given = |bytes| inert(HttpAnswer::new(200, &picture.media_type, bytes));
    Ok(found.map_or_else(|| not_found(host), given))
}

/// `/_pictures/{key}`: a picture as the phone shows it, by the type that its bytes have.
pub(super) async fn shown(host: &dyn Host, path: &str) -> Result<HttpAnswer, StateError> {
    let found = load(host, path.trim_start_matches(SHOWN_AT)).await?;
    let typed = found.and_then(|bytes| Some((look(&bytes)?, bytes)));
    let given = |(look, bytes)| {
        inert(HttpAnswer::new(200, look, bytes))
            .with_header("cache-control", "private, max-age=3600")
    };
    Ok(typed.map_or_else(|| not_found(host), given))
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
