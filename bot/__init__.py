"""Tells people: the Telegram bot, delivery, the command `nabat`."""
