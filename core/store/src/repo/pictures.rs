//! Pictures: wanted, kept, uploaded, gone with the final state of their message.

use super::{Conn, lanes, messages, posts};
use crate::domain::{
    LaneKind, MessageState, Picture, PictureChange, PictureState, PostState, ShelfRow, Upload,
    WaitReason,
};
use crate::error::{Out, StoreError};
use crate::rows::{MessageRow, PictureRow, PostRow, UploadRow, flag};
use crate::schema::{messages as message_rows, pictures, uploads};
use crate::shelf::Shelved;
use cordboard_plugin::{MediaRef, Timestamp};
use diesel::prelude::*;

/// Posts of a retried message look after this long for pictures that nobody has settled.
const PICTURES_WAIT_HOURS: i64 = 72;

pub(super) fn pictures_of(conn: &mut Conn, message_id: i64) -> Out<Vec<Picture>> {
    pictures::table
        .filter(pictures::message_id.eq(message_id))
        .order(pictures::position)
        .select(PictureRow::as_select())
        .load(conn)?
        .into_iter()
        .map(PictureRow::into_domain)
        .collect()
}

fn find(conn: &mut Conn, id: i64) -> Out<Option<PictureRow>> {
    Ok(pictures::table.find(id).select(PictureRow::as_select()).first(conn).optional()?)
}

pub(super) fn picture(conn: &mut Conn, id: i64) -> Out<Option<Picture>> {
    find(conn, id)?.map(PictureRow::into_domain).transpose()
}

pub(super) fn resting(conn: &mut Conn, id: i64) -> Out<Option<String>> {
    Ok(find(conn, id)?.and_then(|row| row.file))
}

pub(super) fn upload_of(conn: &mut Conn, picture_id: i64, sink: &str) -> Out<Option<Upload>> {
    let row = uploads::table
        .filter(uploads::picture_id.eq(picture_id).and(uploads::sink.eq(sink)))
        .select(UploadRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(UploadRow::into_domain))
}

/// When the next of a message's pictures is to be fetched.
pub(super) fn next_wanted(conn: &mut Conn, message_id: i64) -> Out<Option<Timestamp>> {
    let due: Option<i64> = pictures::table
        .filter(pictures::message_id.eq(message_id))
        .filter(pictures::state.eq(PictureState::Wanted.code()))
        .select(diesel::dsl::min(pictures::due_at))
        .get_result(conn)?;
    Ok(due.map(Timestamp))
}

pub(super) fn change(conn: &mut Conn, change: &PictureChange, now: Timestamp) -> Out<()> {
    match change {
        PictureChange::Add { message_id, references } => add(conn, *message_id, references, now),
        PictureChange::Kept { file, media_type } => kept(conn, file, media_type, now),
        PictureChange::Later { picture_id, at, outcome } => later(conn, *picture_id, *at, outcome),
        PictureChange::Refused { picture_id, outcome } => refused(conn, *picture_id, outcome, now),
        PictureChange::SetAlt { picture_id, alt } => {
            diesel::update(pictures::table.find(picture_id))
                .set(pictures::alt.eq(alt))
                .execute(conn)?;
            Ok(())
        }
        PictureChange::PutUpload { picture_id, sink, upload } => {
            put_upload(conn, *picture_id, sink, upload)
        }
        PictureChange::DropUploads { picture_id } => drop_uploads(conn, &[*picture_id]),
    }
}

fn add(conn: &mut Conn, message_id: i64, references: &[MediaRef], now: Timestamp) -> Out<()> {
    for (position, reference) in (0..).zip(references) {
        diesel::insert_into(pictures::table)
            .values((
                pictures::message_id.eq(message_id),
                pictures::position.eq(position),
                pictures::reference.eq(serde_json::to_string(reference)?),
                pictures::state.eq(PictureState::Wanted.code()),
                pictures::bytes.eq(0),
                pictures::outcome.eq(""),
                pictures::tries.eq(0),
                pictures::due_at.eq(now.0),
                pictures::created_at.eq(now.0),
            ))
            .on_conflict((pictures::message_id, pictures::position))
            .do_nothing()
            .execute(conn)?;
    }
    follow(conn, message_id)?;
    touch(conn, message_id, now)
}

/// Makes the fetching lane of a message due if it has something to fetch.
fn touch(conn: &mut Conn, message_id: i64, now: Timestamp) -> Out<()> {
    if next_wanted(conn, message_id)?.is_none() {
        return Ok(());
    }
    lanes::touch(conn, LaneKind::Fetching, &message_id.to_string(), now)
}

/// The row of a picture in one of these states.
fn expect(conn: &mut Conn, id: i64, states: &[PictureState]) -> Out<PictureRow> {
    let row = find(conn, id)?.ok_or(StoreError::Conflict)?;
    let expected = states.iter().any(|state| state.code() == row.state);
    if expected { Ok(row) } else { Err(StoreError::Conflict) }
}

fn kept(conn: &mut Conn, file: &Shelved, media_type: &str, now: Timestamp) -> Out<()> {
    let row = expect(conn, file.picture_id(), &[PictureState::Wanted])?;
    diesel::update(pictures::table.find(row.id))
        .set((
            pictures::state.eq(PictureState::Kept.code()),
            pictures::media_type.eq(media_type),
            pictures::bytes.eq(file.bytes()),
            pictures::file.eq(file.name()),
            pictures::outcome.eq(""),
        ))
        .execute(conn)?;
    settled(conn, row.message_id, now)
}

fn later(conn: &mut Conn, id: i64, at: Timestamp, outcome: &str) -> Out<()> {
    expect(conn, id, &[PictureState::Wanted])?;
    diesel::update(pictures::table.find(id))
        .set((
            pictures::tries.eq(pictures::tries + 1),
            pictures::due_at.eq(at.0),
            pictures::outcome.eq(outcome),
        ))
        .execute(conn)?;
    Ok(())
}

fn refused(conn: &mut Conn, id: i64, outcome: &str, now: Timestamp) -> Out<()> {
    let not_gone = [PictureState::Wanted, PictureState::Kept, PictureState::Refused];
    let row = expect(conn, id, &not_gone)?;
    diesel::update(pictures::table.find(id))
        .set((pictures::state.eq(PictureState::Refused.code()), pictures::outcome.eq(outcome)))
        .execute(conn)?;
    drop_uploads(conn, &[id])?;
    settled(conn, row.message_id, now)
}

/// When no picture of a message is wanted any more, posts that were begun with them go on. Those never
/// begun stay: they are planned anew from what there is, see [`posts::replace`].
fn settled(conn: &mut Conn, message_id: i64, now: Timestamp) -> Out<()> {
    let rows = posts::rows_of(conn, message_id)?;
    if next_wanted(conn, message_id)?.is_some() || rows.iter().all(|row| row.tries == 0) {
        return Ok(());
    }
    for row in rows.iter().filter(|row| row.wait == WaitReason::Pictures.code()) {
        posts::move_to(conn, row.id, PostState::Queued, WaitReason::Nothing, now)?;
        posts::touch(conn, &row.sender, &row.sink, now)?;
    }
    messages::derive_state(conn, message_id)
}

fn put_upload(conn: &mut Conn, picture_id: i64, sink: &str, upload: &Upload) -> Out<()> {
    expect(conn, picture_id, &[PictureState::Kept])?;
    let place = (
        uploads::remote_id.eq(&upload.remote_id),
        uploads::handle.eq(&upload.handle.id),
        uploads::expires_at.eq(upload.handle.expires_at.map(|at| at.0)),
        uploads::described.eq(flag(upload.handle.described)),
    );
    diesel::insert_into(uploads::table)
        .values((uploads::picture_id.eq(picture_id), uploads::sink.eq(sink), place))
        .on_conflict((uploads::picture_id, uploads::sink))
        .do_update()
        .set(place)
        .execute(conn)?;
    Ok(())
}

fn drop_uploads(conn: &mut Conn, picture_ids: &[i64]) -> Out<()> {
    diesel::delete(uploads::table.filter(uploads::picture_id.eq_any(picture_ids))).execute(conn)?;
    Ok(())
}

fn is_final(state: i16) -> bool {
    [MessageState::Posted, MessageState::Answered, MessageState::Refused, MessageState::Failed]
        .iter()
        .any(|ended| ended.code() == state)
}

/// Lets the pictures of a message go once it has reached a final state. A refused one stays refused, so
/// that it can be seen why.
pub(super) fn follow(conn: &mut Conn, message_id: i64) -> Out<()> {
    let state: Option<i16> =
        message_rows::table.find(message_id).select(message_rows::state).first(conn).optional()?;
    if !state.is_some_and(is_final) {
        return Ok(());
    }
    let open = [PictureState::Wanted.code(), PictureState::Kept.code()];
    let ids: Vec<i64> = pictures::table
        .filter(pictures::message_id.eq(message_id).and(pictures::state.eq_any(open)))
        .select(pictures::id)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(());
    }
    diesel::update(pictures::table.filter(pictures::id.eq_any(&ids)))
        .set(pictures::state.eq(PictureState::Gone.code()))
        .execute(conn)?;
    // What is out can still be described.
    if state == Some(MessageState::Posted.code()) { Ok(()) } else { drop_uploads(conn, &ids) }
}

/// A message in a final state is tried again: its pictures are fetched again, and its posts wait for them.
/// `message` is how it stood before.
pub(super) fn want_again(conn: &mut Conn, message: &MessageRow, now: Timestamp) -> Out<()> {
    if !is_final(message.state) {
        return Ok(());
    }
    let rows = diesel::update(pictures::table.filter(pictures::message_id.eq(message.id)))
        .set((
            pictures::state.eq(PictureState::Wanted.code()),
            pictures::outcome.eq(""),
            pictures::tries.eq(0),
            pictures::due_at.eq(now.0),
        ))
        .execute(conn)?;
    if rows == 0 {
        return Ok(());
    }
    let until = now.plus_hours(PICTURES_WAIT_HOURS);
    for row in queued_of(conn, message.id)? {
        posts::move_to(conn, row.id, PostState::Waiting, WaitReason::Pictures, until)?;
    }
    touch(conn, message.id, now)
}

fn queued_of(conn: &mut Conn, message_id: i64) -> Out<Vec<PostRow>> {
    let rows = posts::rows_of(conn, message_id)?;
    Ok(rows.into_iter().filter(|row| row.state == PostState::Queued.code()).collect())
}

/// Files that rest, and whose they are.
pub(super) fn shelf_rows(conn: &mut Conn) -> Out<Vec<ShelfRow>> {
    // No file's name is empty; unlike `IS NOT NULL`, this is found by the index.
    let rows: Vec<(i64, Option<String>, i64)> = pictures::table
        .filter(pictures::file.gt(""))
        .select((pictures::message_id, pictures::file, pictures::bytes))
        .load(conn)?;
    let row = |(message_id, file, bytes): (i64, Option<String>, i64)| {
        file.map(|file| ShelfRow { message_id, file, bytes })
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

/// Forgets the files of pictures that are not kept any more; they are to be removed after the commit.
pub(super) fn unshelve(conn: &mut Conn) -> Out<Vec<String>> {
    let kept = PictureState::Kept.code();
    let rows: Vec<(i64, Option<String>)> = pictures::table
        .filter(pictures::file.gt("").and(pictures::state.ne(kept)))
        .select((pictures::id, pictures::file))
        .load(conn)?;
    let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
    if !ids.is_empty() {
        diesel::update(pictures::table.filter(pictures::id.eq_any(ids)))
            .set((pictures::file.eq(None::<String>), pictures::bytes.eq(0)))
            .execute(conn)?;
    }
    Ok(rows.into_iter().filter_map(|(_, file)| file).collect())
}

/// Kept pictures whose file is not `there` (a backup brings none) are fetched again; counts them.
pub(super) fn want_missing(conn: &mut Conn, there: &[String]) -> Out<i64> {
    let rows: Vec<(i64, i64, Option<String>, i64)> = pictures::table
        .filter(pictures::file.gt("").and(pictures::state.eq(PictureState::Kept.code())))
        .select((pictures::id, pictures::message_id, pictures::file, pictures::due_at))
        .load(conn)?;
    let mut missing = 0;
    for (id, message_id, file, due_at) in rows {
        if file.is_some_and(|file| there.contains(&file)) {
            continue;
        }
        diesel::update(pictures::table.find(id))
            .set((
                pictures::state.eq(PictureState::Wanted.code()),
                pictures::file.eq(None::<String>),
                pictures::bytes.eq(0),
            ))
            .execute(conn)?;
        // It was due once, so it is due.
        touch(conn, message_id, Timestamp(due_at))?;
        missing += 1;
    }
    Ok(missing)
}

/// Erases what is known of the pictures of messages whose words are erased.
pub(super) fn erase(conn: &mut Conn, message_ids: &[i64]) -> Out<()> {
    diesel::delete(pictures::table.filter(pictures::message_id.eq_any(message_ids)))
        .execute(conn)?;
    Ok(())
}
