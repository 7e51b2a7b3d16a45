-- Times are integer milliseconds since 1970 UTC, flags 0 or 1, lists and snapshots JSON.

CREATE TABLE channels (
    id INTEGER PRIMARY KEY,
    access_hash INTEGER NOT NULL,
    username TEXT,
    title TEXT NOT NULL,
    area TEXT NOT NULL,
    declares INTEGER NOT NULL CHECK (declares IN (0, 1)),
    cursor INTEGER,
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    added_at INTEGER NOT NULL,
    last_post_at INTEGER,
    last_read_at INTEGER,
    trouble TEXT
) STRICT;

-- One row a revision. A revision with the digest of the one before is the same post again.
CREATE TABLE posts (
    channel INTEGER NOT NULL REFERENCES channels (id),
    message INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    latest INTEGER NOT NULL CHECK (latest IN (0, 1)),
    text TEXT NOT NULL,
    digest TEXT NOT NULL,
    posted_at INTEGER NOT NULL,
    edited_at INTEGER,
    received_at INTEGER NOT NULL,
    forwarded INTEGER NOT NULL CHECK (forwarded IN (0, 1)),
    grouped INTEGER,
    media TEXT,
    service INTEGER NOT NULL CHECK (service IN (0, 1)),
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
    state TEXT NOT NULL
        CHECK (state IN ('recorded', 'applied', 'silent', 'duplicate', 'failed')),
    reason TEXT,
    assessment TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, message, revision)
) STRICT;
CREATE UNIQUE INDEX posts_latest ON posts (channel, message) WHERE latest = 1;
CREATE INDEX posts_received ON posts (received_at);
CREATE INDEX posts_open ON posts (received_at) WHERE state IN ('recorded', 'failed');

CREATE TABLE situations (
    region TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    snapshot TEXT NOT NULL,
    PRIMARY KEY (region, version)
) STRICT;
CREATE TABLE heads (
    region TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    FOREIGN KEY (region, version) REFERENCES situations (region, version)
) STRICT;

CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    region TEXT NOT NULL,
    hazard TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    ending TEXT CHECK (ending IN ('clear', 'stale')),
    peak INTEGER NOT NULL,
    areas TEXT NOT NULL,
    CHECK ((closed_at IS NULL) = (ending IS NULL))
) STRICT;
CREATE UNIQUE INDEX incidents_open ON incidents (region, hazard) WHERE closed_at IS NULL;
CREATE INDEX incidents_history ON incidents (region, opened_at);

CREATE TABLE held (
    id INTEGER PRIMARY KEY,
    region TEXT NOT NULL,
    channel INTEGER NOT NULL,
    message INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    claim TEXT NOT NULL,
    source TEXT NOT NULL,
    why TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'released', 'rejected')),
    decided_by INTEGER,
    decided_at INTEGER,
    UNIQUE (region, channel, message, ordinal, claim)
) STRICT;

-- A published version, and how far the chats in its scope have been given cards.
CREATE TABLE alerts (
    region TEXT NOT NULL,
    version INTEGER NOT NULL,
    urgency INTEGER NOT NULL,
    touched TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    reached_rank INTEGER,
    reached_chat INTEGER,
    reached_area TEXT,
    dispatched INTEGER NOT NULL DEFAULT 0 CHECK (dispatched IN (0, 1)),
    PRIMARY KEY (region, version),
    FOREIGN KEY (region, version) REFERENCES situations (region, version)
) STRICT;
CREATE INDEX alerts_open ON alerts (urgency, published_at) WHERE dispatched = 0;

CREATE TABLE chats (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('private', 'group', 'supergroup', 'channel')),
    lang TEXT NOT NULL CHECK (lang IN ('ru', 'uk', 'en')),
    members INTEGER NOT NULL DEFAULT 1,
    rank INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'stopped', 'suspended')),
    why TEXT,
    thread INTEGER,
    wishes TEXT NOT NULL,
    joined_at INTEGER NOT NULL
) STRICT;

CREATE TABLE follows (
    chat INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE ON UPDATE CASCADE,
    area TEXT NOT NULL,
    region TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (chat, area)
) STRICT;
CREATE INDEX follows_region ON follows (region, chat);

CREATE TABLE cards (
    id INTEGER PRIMARY KEY,
    chat INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE ON UPDATE CASCADE,
    region TEXT NOT NULL,
    opened_version INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    told INTEGER,
    shown INTEGER,
    sounded INTEGER,
    sounded_at INTEGER,
    edited_at INTEGER,
    message_id INTEGER,
    old_message_id INTEGER,
    alarmed INTEGER NOT NULL DEFAULT 0 CHECK (alarmed IN (0, 1)),
    open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
    reason TEXT,
    due_at INTEGER,
    UNIQUE (chat, region, opened_version)
) STRICT;
CREATE UNIQUE INDEX cards_live ON cards (chat, region) WHERE open = 1;
CREATE INDEX cards_behind ON cards (region, rank, id) WHERE open = 1;
CREATE INDEX cards_due ON cards (due_at) WHERE due_at IS NOT NULL;

-- Every request that may change what a chat sees: written before it leaves, ended by its answer.
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    card INTEGER NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    lever TEXT NOT NULL CHECK (lever IN ('sound', 'silent', 'edit')),
    danger INTEGER NOT NULL CHECK (danger IN (0, 1)),
    alarms INTEGER NOT NULL CHECK (alarms IN (0, 1)),
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    message_id INTEGER,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT;
CREATE INDEX attempts_in_doubt ON attempts (card) WHERE ended_at IS NULL;
CREATE INDEX attempts_card ON attempts (card);
CREATE INDEX attempts_ended ON attempts (ended_at);

-- Pages and answers that must reach a chat although nobody waits for them.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    chat INTEGER NOT NULL,
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    sent_at INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    UNIQUE (chat, key)
) STRICT;
CREATE INDEX notices_open ON notices (id) WHERE sent_at IS NULL;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who INTEGER NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE TABLE switches (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- Channels named in the configuration: resolved once, from then on the numeric id rules.
CREATE TABLE seeds (
    username TEXT PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channels (id)
) STRICT;
