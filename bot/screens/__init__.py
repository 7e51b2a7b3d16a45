"""What a person sees when they speak to the bot: pure functions from values to messages."""
