"""`nabat crashtest`: the real service is killed again and again, and what it did is proved.

A run is one story on a Telegram of our own: channels post, a handful of chats listen, and the
service dies at a named step, is started again, dies at the next. Afterwards three things are
compared: what the posts say that each chat had to hear, what the chats were sent, and what the
database says of both. A run that proves nothing wrong proves little unless the same proof finds
bugs that are there: those are planted.
"""
