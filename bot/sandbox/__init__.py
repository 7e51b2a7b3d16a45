"""A Telegram of our own on loopback, for the demo and the tests."""
