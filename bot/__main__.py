"""`python -m bot` is `nabat`."""

from bot.cli import main

main()
