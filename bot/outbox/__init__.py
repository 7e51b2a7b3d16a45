"""Who is behind → decide → render → send → settle, best first, as fast as Telegram allows.

Nothing is queued here: a card is behind when its region has a newer version, so a crash at any
line is survived by looking again. Every attempt is committed before its request leaves.
"""
