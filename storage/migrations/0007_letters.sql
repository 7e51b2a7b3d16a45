-- Messages that are no alerts and may wait: a specimen, a test, the summary of a night. Owed once
-- for each key; ``sent_at`` stands before the request leaves, so that none is said twice. An empty
-- body: there was nothing to say.
CREATE TABLE letters (
    id INTEGER PRIMARY KEY,
    chat INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE ON UPDATE CASCADE,
    key TEXT NOT NULL,
    region TEXT NOT NULL,
    body TEXT NOT NULL,
    silent INTEGER NOT NULL CHECK (silent IN (0, 1)),
    made_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    sent_at INTEGER,
    UNIQUE (chat, key)
) STRICT;
CREATE INDEX letters_open ON letters (id) WHERE sent_at IS NULL;
CREATE INDEX letters_made ON letters (made_at);

-- Those who asked for the summary of a night.
CREATE INDEX chats_digest ON chats (id)
WHERE state = 'active' AND json_extract(wishes, '$.digest') = 1;

-- Readers who say that an alert was wrong: once for each version that their card told them.
CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    chat INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE ON UPDATE CASCADE,
    card INTEGER NOT NULL,
    region TEXT NOT NULL,
    version INTEGER NOT NULL,
    channel INTEGER,
    message INTEGER,
    link TEXT,
    words TEXT,
    asked_in INTEGER,
    made_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'upheld', 'dismissed')),
    settled_by INTEGER,
    settled_at INTEGER,
    UNIQUE (chat, card, version),
    CHECK ((state = 'pending') = (settled_at IS NULL))
) STRICT;
CREATE INDEX reports_pending ON reports (id) WHERE state = 'pending';
