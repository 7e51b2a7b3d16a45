"""The words of official posts as tables: signals, hazards, states, harm, numbers."""
