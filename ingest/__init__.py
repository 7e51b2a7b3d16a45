"""Turns posts of official channels into facts and writes them."""
