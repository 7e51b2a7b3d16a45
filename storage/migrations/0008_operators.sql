-- What operators did stays as it was written.
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;

-- What waits for a person: doubtful danger (told already), doubtful all-clears (not told), reports.
-- A decision is a label of the parser: what the post said, and what is true.
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('danger', 'clear', 'report')),
    region TEXT NOT NULL,
    channel INTEGER NOT NULL,
    message INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    claim TEXT NOT NULL,
    source TEXT NOT NULL,
    why TEXT NOT NULL,
    post TEXT,
    home TEXT,
    said TEXT,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('open', 'confirmed', 'corrected', 'released', 'rejected', 'withdrawn')
    ),
    truth TEXT,
    decided_by INTEGER,
    decided_at INTEGER,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'corrected') = (truth IS NOT NULL)),
    UNIQUE (kind, region, channel, message, ordinal, claim)
) STRICT;
CREATE INDEX reviews_open ON reviews (id) WHERE state = 'open';
INSERT INTO reviews (id, kind, region, channel, message, ordinal, claim, source, why, asked_at,
    state, decided_by, decided_at)
SELECT id, 'clear', region, channel, message, ordinal, claim, source, why, held_at,
    CASE WHEN state = 'held' THEN 'open'
         WHEN state = 'rejected' AND decided_by IS NULL THEN 'withdrawn' ELSE state END,
    decided_by, decided_at
FROM held;
DROP TABLE held;

-- A notice that is the card of a review: its text is made when it is sent.
ALTER TABLE notices ADD COLUMN review INTEGER REFERENCES reviews (id);

-- An incident that was told and never was: nobody gave an all-clear, so its ending is 'stale'.
ALTER TABLE incidents ADD COLUMN retracted_at INTEGER;

-- What an operator is about to do and has to confirm: once, in time, perhaps by a second one.
CREATE TABLE proposals (
    token TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    made_by INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    backed INTEGER NOT NULL DEFAULT 0 CHECK (backed IN (0, 1)),
    taken_by INTEGER
) STRICT;

-- Sounds of a hazard (NULL: of all) in a region that an operator turned into silent messages.
CREATE TABLE silences (
    id INTEGER PRIMARY KEY,
    region TEXT NOT NULL,
    hazard TEXT,
    made_by INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    why TEXT NOT NULL CHECK (why <> '')
) STRICT;
CREATE INDEX silences_region ON silences (region, until);

-- Until then a channel's posts are kept and not applied.
ALTER TABLE channels ADD COLUMN muted_until INTEGER;
ALTER TABLE channels ADD COLUMN muted_why TEXT;

-- Service messages to everybody. Chats are walked by id; ``reached`` moves before a request leaves,
-- so no chat gets one twice. ``shown``: the message in which its author sees how far it is.
CREATE TABLE broadcasts (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    made_by INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
    total INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    reached INTEGER,
    shown INTEGER
) STRICT;
CREATE UNIQUE INDEX broadcasts_running ON broadcasts (state) WHERE state = 'running';
