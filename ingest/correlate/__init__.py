"""Claims and what is known → what is known next, and what that changed. Pure."""
