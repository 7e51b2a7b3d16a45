"""The rules of the genre: which words of a clause make which claim."""
