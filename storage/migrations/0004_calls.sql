-- What a card is called for and was not decided: 0 urgent, 1 important, 2 for information; 3 for
-- nothing but perhaps an edit.
ALTER TABLE cards ADD COLUMN urgency INTEGER NOT NULL DEFAULT 3;
UPDATE cards SET urgency = 0 WHERE open = 1 AND told IS NULL;
DROP INDEX cards_turn;
CREATE INDEX cards_turn ON cards (region, urgency, seen, rank, id) WHERE open = 1;

-- How many follow a place.
CREATE INDEX follows_area ON follows (region, area);
