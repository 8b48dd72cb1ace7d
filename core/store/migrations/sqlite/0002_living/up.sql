-- What was spent, by UTC day: kept for ever, a few rows a day. `sort`: text in, text out, post, read.
CREATE TABLE spending (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    day BIGINT NOT NULL,
    sort SMALLINT NOT NULL,
    instance TEXT NOT NULL,
    n BIGINT NOT NULL,
    micro_usd BIGINT NOT NULL,
    UNIQUE (day, sort, instance)
);

-- A number is no proof of a person. `pin` is sealed; `believed_at`: until then the number was known to be
-- theirs; `lines`: JSON list of our lines on which they are known.
ALTER TABLE identities ADD COLUMN pin BLOB;
ALTER TABLE identities ADD COLUMN pin_wrong INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identities ADD COLUMN locked_until BIGINT;
ALTER TABLE identities ADD COLUMN believed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identities ADD COLUMN lines TEXT NOT NULL DEFAULT '[]';
UPDATE identities SET believed_at = seen_at;

-- The sealed address of a link that could not be texted, for the operator to pass on.
ALTER TABLE links ADD COLUMN copy BLOB;
