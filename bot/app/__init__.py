"""The composition root: every part made once and run together. Knows both `ingest` and `bot`."""
