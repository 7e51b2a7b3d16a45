-- Neighbouring regions, for the chats that asked: told after all who follow, by the same bot as
-- the region that they follow.

-- The chat's wish once more, so that only those who have it are walked, in order.
ALTER TABLE follows ADD COLUMN beyond INTEGER NOT NULL DEFAULT 0 CHECK (beyond IN (0, 1));
CREATE INDEX follows_beyond ON follows (region, rank, chat, area) WHERE beyond = 1;
CREATE INDEX follows_beyond_own ON follows (chat, region) WHERE beyond = 1;

-- The followed region by way of which a neighbour's card is told; NULL: the chat follows its own.
ALTER TABLE cards ADD COLUMN via TEXT;
DROP INDEX cards_turn;
CREATE INDEX cards_turn ON cards (region, urgency, seen, rank, id)
WHERE open = 1 AND via IS NULL;
CREATE INDEX cards_turn_beyond ON cards (region, urgency, seen, rank, id, via)
WHERE open = 1 AND via IS NOT NULL;
