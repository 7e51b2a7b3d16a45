-- A forum's topic where an administrator called the bot is a chat of its own, with a key of ours;
-- every other chat's key is Telegram's id. ``forum``: the group whose topic it is. ``closed``:
-- nobody but administrators may write there.
CREATE TEMP TABLE called AS SELECT id, thread FROM chats WHERE thread IS NOT NULL;
UPDATE chats SET thread = NULL;
ALTER TABLE chats ADD COLUMN forum INTEGER CHECK ((forum IS NULL) = (thread IS NULL));
ALTER TABLE chats ADD COLUMN closed INTEGER NOT NULL DEFAULT 0
    CHECK (closed = 0 OR thread IS NOT NULL);
CREATE UNIQUE INDEX chats_topic ON chats (forum, thread) WHERE forum IS NOT NULL;

-- A group's one topic until now. Its key grows, so that a walk by key under way does not pass it.
UPDATE keepers SET chat = (
    SELECT 4611686018427387904 + t.rowid FROM temp.called t WHERE t.id = keepers.chat)
WHERE chat IN (SELECT t.id FROM temp.called t WHERE t.id < 0);
UPDATE chats SET id = 4611686018427387904 + t.rowid, forum = t.id, thread = t.thread
FROM temp.called t WHERE chats.id = t.id AND t.id < 0;
DROP TABLE temp.called;

-- The bot that a notice is about, by Telegram's id: it speaks first.
ALTER TABLE notices ADD COLUMN bot INTEGER;
