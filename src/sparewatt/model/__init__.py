"""Frozen nouns that every floor shares; no solver, no pandas, no input or output."""
