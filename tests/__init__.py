"""Tests: unit, integration, e2e, corpus, bench."""
