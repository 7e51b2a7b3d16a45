-- Which of a silence's ends the cards of its region show: 0 neither, 1 that it began, 2 that it is
-- over.
ALTER TABLE silences ADD COLUMN shown INTEGER NOT NULL DEFAULT 0 CHECK (shown IN (0, 1, 2));
UPDATE silences SET shown = 2 WHERE until <= 1000 * CAST(strftime('%s', 'now') AS INTEGER);
