-- Quiet hours took the sound from a danger, and nothing of this card has sounded since.
ALTER TABLE cards ADD COLUMN hushed INTEGER NOT NULL DEFAULT 0 CHECK (hushed IN (0, 1));
