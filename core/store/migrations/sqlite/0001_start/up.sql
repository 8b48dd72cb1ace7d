-- ids: only this spelling numbers itself; AUTOINCREMENT: an id is never used again.

-- Rows and their keys outlive the words: a late repeat is known for ever.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    transport TEXT NOT NULL,
    account TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    line TEXT NOT NULL,
    text TEXT NOT NULL,
    media TEXT NOT NULL,
    keyword TEXT,
    segments BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    read SMALLINT NOT NULL,
    unconfirmed SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    wait SMALLINT NOT NULL,
    wait_until BIGINT,
    approved SMALLINT NOT NULL,
    outcome TEXT NOT NULL,
    erased_at BIGINT,
    UNIQUE (account, provider_id)
);
CREATE INDEX messages_by_sender_read_id ON messages (sender, read, id);
CREATE INDEX messages_by_sender_state_id ON messages (sender, state, id);
CREATE INDEX messages_by_state_id ON messages (state, id);
CREATE INDEX messages_by_received_at ON messages (received_at);

-- One part at one sink. `unfinished` is 1 in the states queued, working, waiting and unclear.
CREATE TABLE posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES messages (id),
    sender TEXT NOT NULL,
    sink TEXT NOT NULL,
    part_index INTEGER NOT NULL,
    part_count INTEGER NOT NULL,
    part TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    state SMALLINT NOT NULL,
    unfinished SMALLINT NOT NULL,
    wait SMALLINT NOT NULL,
    due_at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    looks INTEGER NOT NULL,
    doubt SMALLINT NOT NULL,
    attempt_started_at BIGINT,
    attempt_deadline_at BIGINT,
    published_id TEXT,
    published_url TEXT,
    remote_id TEXT,
    undo_asked SMALLINT NOT NULL,
    retracted_at BIGINT,
    outcome TEXT NOT NULL,
    price BIGINT NOT NULL,
    UNIQUE (message_id, sink, part_index)
);
CREATE INDEX posts_by_sender_sink_unfinished_message_id_part_index ON posts (sender, sink, unfinished, message_id, part_index);
CREATE INDEX posts_by_sender_sink_undo_asked ON posts (sender, sink, undo_asked);
CREATE INDEX posts_by_sink_unfinished ON posts (sink, unfinished);
CREATE INDEX posts_by_text_hash ON posts (text_hash);

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    started_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    closed_at BIGINT,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX attempts_by_post_id ON attempts (post_id);
CREATE INDEX attempts_by_started_at ON attempts (started_at);

-- Claims look only here, never among messages. `next_at`: touched for then since the claim.
CREATE TABLE lanes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind SMALLINT NOT NULL,
    key TEXT NOT NULL,
    due_at BIGINT,
    next_at BIGINT,
    owner TEXT,
    until BIGINT,
    fence BIGINT NOT NULL,
    touches BIGINT NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX lanes_by_kind_due_at ON lanes (kind, due_at);

CREATE TABLE replies (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key TEXT NOT NULL,
    transport TEXT NOT NULL,
    line TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    class SMALLINT NOT NULL,
    message_id BIGINT,
    always SMALLINT NOT NULL,
    secret SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    due_at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    provider_id TEXT,
    detail TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (key)
);
CREATE INDEX replies_by_transport_line_recipient_state ON replies (transport, line, recipient, state);
CREATE INDEX replies_by_transport_provider_id ON replies (transport, provider_id);
CREATE INDEX replies_by_message_id ON replies (message_id);
CREATE INDEX replies_by_recipient_state ON replies (recipient, state);
CREATE INDEX replies_by_created_at ON replies (created_at);

CREATE TABLE identities (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    sender TEXT NOT NULL,
    standing SMALLINT NOT NULL,
    quiet SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    UNIQUE (sender)
);

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    identity_id BIGINT NOT NULL REFERENCES identities (id),
    sink TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    relink SMALLINT NOT NULL,
    relink_since BIGINT,
    linked_at BIGINT NOT NULL,
    UNIQUE (identity_id, sink)
);
CREATE INDEX accounts_by_sink_remote_id ON accounts (sink, remote_id);

-- `sealed` is opened by the process only; `sinks` is a JSON list.
CREATE TABLE credentials (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    identity_id BIGINT NOT NULL REFERENCES identities (id),
    kind TEXT NOT NULL,
    realm TEXT NOT NULL,
    sinks TEXT NOT NULL,
    sealed BLOB NOT NULL,
    version BIGINT NOT NULL,
    remote_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    refresh_at BIGINT,
    checked_at BIGINT NOT NULL,
    refresh_owner TEXT,
    refresh_until BIGINT,
    revoking SMALLINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX credentials_by_identity_id_revoking_kind ON credentials (identity_id, revoking, kind);
CREATE INDEX credentials_by_revoking_checked_at ON credentials (revoking, checked_at);

CREATE TABLE credential_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    identity_id BIGINT NOT NULL REFERENCES identities (id),
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX credential_events_by_identity_id ON credential_events (identity_id);

CREATE TABLE links (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash TEXT NOT NULL,
    sender TEXT NOT NULL,
    transport TEXT NOT NULL,
    line TEXT NOT NULL,
    sinks TEXT NOT NULL,
    reason SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    sink_index INTEGER NOT NULL,
    cookie_hash TEXT,
    state_hash TEXT,
    code_hash TEXT,
    code_tries INTEGER NOT NULL,
    secret BLOB,
    held_return BLOB,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (token_hash)
);
CREATE INDEX links_by_sender_state ON links (sender, state);
CREATE INDEX links_by_cookie_hash ON links (cookie_hash);
CREATE INDEX links_by_state_hash ON links (state_hash);
CREATE INDEX links_by_expires_at ON links (expires_at);

CREATE TABLE opt_outs (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    transport TEXT NOT NULL,
    line TEXT NOT NULL,
    sender TEXT NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (transport, line, sender)
);

CREATE TABLE sink_pauses (
    sink TEXT PRIMARY KEY NOT NULL,
    detail TEXT NOT NULL,
    since BIGINT NOT NULL,
    probe_at BIGINT NOT NULL
);

CREATE TABLE line_troubles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    transport TEXT NOT NULL,
    line TEXT NOT NULL,
    detail TEXT NOT NULL,
    since BIGINT NOT NULL,
    UNIQUE (transport, line)
);

-- Windows below 100000 are days since 1970, the others hours.
CREATE TABLE counters (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key TEXT NOT NULL,
    "window" BIGINT NOT NULL,
    n BIGINT NOT NULL,
    UNIQUE (key, "window")
);
CREATE INDEX counters_by_window ON counters ("window");

CREATE TABLE plugin_state (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    instance TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    version BIGINT NOT NULL,
    expires_at BIGINT,
    UNIQUE (instance, key)
);
CREATE INDEX plugin_state_by_expires_at ON plugin_state (expires_at);

CREATE TABLE timers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    instance TEXT NOT NULL,
    key TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    owner TEXT,
    until BIGINT,
    UNIQUE (instance, key)
);
CREATE INDEX timers_by_due_at ON timers (due_at);

-- One row: every message ever stored, counted in the transaction that stores it.
CREATE TABLE totals (
    id BIGINT PRIMARY KEY NOT NULL,
    messages BIGINT NOT NULL
);

-- Small facts of the bridge itself; `schema.oldest_reader` names the oldest schema that can read this one.
CREATE TABLE facts (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

INSERT INTO totals (id, messages) VALUES (1, 0);
INSERT INTO facts (key, value) VALUES ('schema.oldest_reader', '1');
