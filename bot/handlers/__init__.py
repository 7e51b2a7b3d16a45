"""What a person may say to the bot: one module a subject, one `router()` each."""
