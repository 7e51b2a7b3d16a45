-- When a proposal was written: an all-clear ends no danger that is newer.
ALTER TABLE proposals ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
