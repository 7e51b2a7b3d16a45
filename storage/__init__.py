"""What is remembered: the vocabulary, the database, one module a noun."""
