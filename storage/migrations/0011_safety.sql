-- Promises of the server that a dangerous button may be pressed once, by whom it was shown to.
CREATE TABLE nonces (
    nonce TEXT PRIMARY KEY,
    chat INTEGER NOT NULL,
    who INTEGER NOT NULL,
    action TEXT NOT NULL,
    until INTEGER NOT NULL,
    UNIQUE (chat, who, action)
) STRICT;
CREATE INDEX nonces_until ON nonces (until);

-- Who set a group or channel up, to be told in private what befalls it; its title, to say of which.
CREATE TABLE keepers (
    chat INTEGER PRIMARY KEY,
    who INTEGER NOT NULL,
    lang TEXT NOT NULL CHECK (lang IN ('ru', 'uk', 'en')),
    title TEXT NOT NULL
) STRICT;
CREATE INDEX keepers_who ON keepers (who);
