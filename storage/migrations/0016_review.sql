-- Cards whose time has come, in the order in which they are looked at, however many come at once.
CREATE INDEX cards_due_turn ON cards ((via IS NOT NULL), urgency, due_at, rank, id, region, via)
WHERE due_at IS NOT NULL;

-- Those whose sound was taken from them, for when an operators' silence ends before its time.
CREATE INDEX cards_hushed ON cards (region, due_at) WHERE open = 1 AND hushed = 1;

-- Closed cards, oldest first, to be forgotten.
CREATE INDEX cards_closed ON cards (opened_at) WHERE open = 0 AND due_at IS NULL;

-- Letters that wait, without those that nobody may send any more.
DROP INDEX letters_open;
CREATE INDEX letters_open ON letters (until, id) WHERE sent_at IS NULL;
