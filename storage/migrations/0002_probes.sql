-- A suspended chat is tried again after a while: since when it is, and how often that was done.
-- An active chat that has a time here is on trial: its next message decides.
ALTER TABLE chats ADD COLUMN suspended_at INTEGER;
ALTER TABLE chats ADD COLUMN probes INTEGER NOT NULL DEFAULT 0;
-- Of those suspended before, the time is not known: their first probe is a day from now.
UPDATE chats SET suspended_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000
WHERE state = 'suspended';
CREATE INDEX chats_suspended ON chats (probes, suspended_at) WHERE state = 'suspended';
