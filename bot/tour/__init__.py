"""`nabat tour`: the bot's screens, played on the sandbox by the real program and drawn."""
