-- Walks by key, however many follow a region: to give them their cards and to tell them.

-- The chat's rank once more, so that a region's followers stand in order.
ALTER TABLE follows ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
UPDATE follows SET rank = (SELECT c.rank FROM chats c WHERE c.id = follows.chat);
DROP INDEX follows_region;
CREATE INDEX follows_turn ON follows (region, rank, chat, area);

-- Cards that were told nothing, then the others; by what they have seen, in their order.
DROP INDEX cards_behind;
CREATE INDEX cards_turn ON cards (region, (told IS NOT NULL), seen, rank, id) WHERE open = 1;
