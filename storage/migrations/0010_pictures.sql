-- What Telegram holds of pictures that were sent: by the picture, and by the bot whose file it is.
CREATE TABLE pictures (
    key     TEXT    NOT NULL,
    bot     INTEGER NOT NULL,
    file_id TEXT    NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (key, bot)
) STRICT, WITHOUT ROWID;
CREATE INDEX pictures_made ON pictures (made_at);
