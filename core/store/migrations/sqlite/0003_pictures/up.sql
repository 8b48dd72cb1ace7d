-- Pictures of messages. `reference` is JSON: how the provider names it, so that it can be fetched again.
-- `file` names where its sealed bytes rest; only a kept picture has one.
CREATE TABLE pictures (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES messages (id),
    position INTEGER NOT NULL,
    reference TEXT NOT NULL,
    state SMALLINT NOT NULL,
    media_type TEXT,
    bytes BIGINT NOT NULL,
    file TEXT,
    alt TEXT,
    outcome TEXT NOT NULL,
    tries INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (message_id, position)
);
CREATE INDEX pictures_by_file ON pictures (file);

-- Uploaded: after a crash it is not uploaded a second time, and can be described once it is out.
CREATE TABLE uploads (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    picture_id BIGINT NOT NULL REFERENCES pictures (id),
    sink TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    expires_at BIGINT,
    described SMALLINT NOT NULL,
    UNIQUE (picture_id, sink)
);

-- Which grant of the provider was refused, without secrets; it may come back when its person links again.
ALTER TABLE credential_events ADD COLUMN fingerprint TEXT;
