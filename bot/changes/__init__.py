"""What changed for a chat between what it was told and what is now: DOMAIN §4's rows."""
