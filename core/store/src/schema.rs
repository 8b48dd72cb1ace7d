//! The tables, once for both databases.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    messages (id) {
        id -> BigInt,
        transport -> Text,
        account -> Text,
        provider_id -> Text,
        sender -> Text,
        line -> Text,
        text -> Text,
        media -> Text,
        keyword -> Nullable<Text>,
        segments -> BigInt,
        received_at -> BigInt,
        read -> SmallInt,
        unconfirmed -> SmallInt,
        state -> SmallInt,
        wait -> SmallInt,
        wait_until -> Nullable<BigInt>,
        approved -> SmallInt,
        outcome -> Text,
        erased_at -> Nullable<BigInt>,
    }
}

table! {
    posts (id) {
        id -> BigInt,
        message_id -> BigInt,
        sender -> Text,
        sink -> Text,
        part_index -> Integer,
        part_count -> Integer,
        part -> Text,
        text_hash -> Text,
        state -> SmallInt,
        unfinished -> SmallInt,
        wait -> SmallInt,
        due_at -> BigInt,
        tries -> Integer,
        looks -> Integer,
        doubt -> SmallInt,
        attempt_started_at -> Nullable<BigInt>,
        attempt_deadline_at -> Nullable<BigInt>,
        published_id -> Nullable<Text>,
        published_url -> Nullable<Text>,
        remote_id -> Nullable<Text>,
        undo_asked -> SmallInt,
        retracted_at -> Nullable<BigInt>,
        outcome -> Text,
        price -> BigInt,
    }
}

table! {
    attempts (id) {
        id -> BigInt,
        post_id -> BigInt,
        started_at -> BigInt,
        deadline_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        outcome -> Text,
        detail -> Text,
    }
}

table! {
    lanes (id) {
        id -> BigInt,
        kind -> SmallInt,
        key -> Text,
        due_at -> Nullable<BigInt>,
        next_at -> Nullable<BigInt>,
        owner -> Nullable<Text>,
        until -> Nullable<BigInt>,
        fence -> BigInt,
        touches -> BigInt,
    }
}

table! {
    replies (id) {
        id -> BigInt,
        key -> Text,
        transport -> Text,
        line -> Text,
        recipient -> Text,
        text -> Text,
        class -> SmallInt,
        message_id -> Nullable<BigInt>,
        always -> SmallInt,
        secret -> SmallInt,
        state -> SmallInt,
        due_at -> BigInt,
        tries -> Integer,
        provider_id -> Nullable<Text>,
        detail -> Text,
        created_at -> BigInt,
    }
}

table! {
    identities (id) {
        id -> BigInt,
        sender -> Text,
        standing -> SmallInt,
        quiet -> SmallInt,
        created_at -> BigInt,
        seen_at -> BigInt,
        pin -> Nullable<Binary>,
        pin_wrong -> Integer,
        locked_until -> Nullable<BigInt>,
        believed_at -> BigInt,
        lines -> Text,
    }
}

table! {
    accounts (id) {
        id -> BigInt,
        identity_id -> BigInt,
        sink -> Text,
        remote_id -> Text,
        handle -> Text,
        relink -> SmallInt,
        relink_since -> Nullable<BigInt>,
        linked_at -> BigInt,
    }
}

table! {
    credentials (id) {
        id -> BigInt,
        identity_id -> BigInt,
        kind -> Text,
        realm -> Text,
        sinks -> Text,
        sealed -> Binary,
        version -> BigInt,
        remote_id -> Text,
        handle -> Text,
        refresh_at -> Nullable<BigInt>,
        checked_at -> BigInt,
        refresh_owner -> Nullable<Text>,
        refresh_until -> Nullable<BigInt>,
        revoking -> SmallInt,
        created_at -> BigInt,
    }
}

table! {
    credential_events (id) {
        id -> BigInt,
        identity_id -> BigInt,
        at -> BigInt,
        event -> Text,
        kind -> Text,
        detail -> Text,
        fingerprint -> Nullable<Text>,
    }
}

table! {
    links (id) {
        id -> BigInt,
        token_hash -> Text,
        sender -> Text,
        transport -> Text,
        line -> Text,
        sinks -> Text,
        reason -> SmallInt,
        state -> SmallInt,
        sink_index -> Integer,
        cookie_hash -> Nullable<Text>,
        state_hash -> Nullable<Text>,
        code_hash -> Nullable<Text>,
        code_tries -> Integer,
        secret -> Nullable<Binary>,
        held_return -> Nullable<Binary>,
        created_at -> BigInt,
        expires_at -> BigInt,
        copy -> Nullable<Binary>,
    }
}

table! {
    opt_outs (id) {
        id -> BigInt,
        transport -> Text,
        line -> Text,
        sender -> Text,
        at -> BigInt,
    }
}

table! {
    sink_pauses (sink) {
        sink -> Text,
        detail -> Text,
        since -> BigInt,
        probe_at -> BigInt,
    }
}

table! {
    line_troubles (id) {
        id -> BigInt,
        transport -> Text,
        line -> Text,
        detail -> Text,
        since -> BigInt,
    }
}

table! {
    counters (id) {
        id -> BigInt,
        key -> Text,
        window -> BigInt,
        n -> BigInt,
    }
}

table! {
    plugin_state (id) {
        id -> BigInt,
        instance -> Text,
        key -> Text,
        value -> Binary,
        version -> BigInt,
        expires_at -> Nullable<BigInt>,
    }
}

table! {
    timers (id) {
        id -> BigInt,
        instance -> Text,
        key -> Text,
        due_at -> BigInt,
        owner -> Nullable<Text>,
        until -> Nullable<BigInt>,
    }
}

table! {
    totals (id) {
        id -> BigInt,
        messages -> BigInt,
    }
}

table! {
    facts (key) {
        key -> Text,
        value -> Text,
    }
}

table! {
    spending (id) {
        id -> BigInt,
        day -> BigInt,
        sort -> SmallInt,
        instance -> Text,
        n -> BigInt,
        micro_usd -> BigInt,
    }
}

table! {
    pictures (id) {
        id -> BigInt,
        message_id -> BigInt,
        position -> Integer,
        reference -> Text,
        state -> SmallInt,
        media_type -> Nullable<Text>,
        bytes -> BigInt,
        file -> Nullable<Text>,
        alt -> Nullable<Text>,
        outcome -> Text,
        tries -> Integer,
        due_at -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    uploads (id) {
        id -> BigInt,
        picture_id -> BigInt,
        sink -> Text,
        remote_id -> Text,
        handle -> Text,
        expires_at -> Nullable<BigInt>,
        described -> SmallInt,
    }
}

joinable!(posts -> messages (message_id));
joinable!(attempts -> posts (post_id));
joinable!(accounts -> identities (identity_id));
joinable!(credentials -> identities (identity_id));
joinable!(credential_events -> identities (identity_id));
allow_tables_to_appear_in_same_query!(
    messages,
    posts,
    attempts,
    lanes,
    replies,
    identities,
    accounts,
    credentials,
    credential_events,
    links,
    opt_outs,
    sink_pauses,
    line_troubles,
    counters,
    plugin_state,
    timers,
    totals,
    facts,
    spending,
    pictures,
    uploads,
);
