-- Whether the reader is a member of a channel, to whom its posts are pushed (NULL: not known yet),
-- and what Telegram said where it could not become one.
ALTER TABLE channels ADD COLUMN joined INTEGER CHECK (joined IN (0, 1));
ALTER TABLE channels ADD COLUMN unjoined_why TEXT;

-- Stretches of time of which a channel's posts are kept and not applied, whenever they are read.
CREATE TABLE mutes (
    id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channels (id),
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    why TEXT NOT NULL CHECK (why <> ''),
    made_by INTEGER
) STRICT;
CREATE INDEX mutes_channel ON mutes (channel, id);
INSERT INTO mutes (channel, since, until, why)
SELECT c.id,
    coalesce((SELECT max(a.at) FROM audit a WHERE a.action = 'channel_mute'
              AND json_extract(a.detail, '$.channel') = c.id), c.added_at),
    c.muted_until, coalesce(nullif(c.muted_why, ''), '—')
FROM channels c WHERE c.muted_until IS NOT NULL;
ALTER TABLE channels DROP COLUMN muted_until;
ALTER TABLE channels DROP COLUMN muted_why;

-- The moderator who found an all-clear in a post that was told as danger: another one releases it.
ALTER TABLE reviews ADD COLUMN found_by INTEGER;

-- A service message for the followers of these places (a JSON list); NULL: for everybody.
ALTER TABLE broadcasts ADD COLUMN areas TEXT;

-- Incidents that were over before they were taken back: who saw them is sent a correction. Cards are
-- walked by id; ``reached`` moves in the write that owes the letters.
CREATE TABLE recalls (
    incident INTEGER PRIMARY KEY REFERENCES incidents (id),
    wrong TEXT NOT NULL,
    at INTEGER NOT NULL,
    reached INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1))
) STRICT;
