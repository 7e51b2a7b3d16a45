"""The picture of what is in force: from values to PNG. Pure."""
