"""Names of places as written, in any case and number, to areas."""
