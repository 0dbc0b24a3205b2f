"""Outcomes, tables, figures, exports and the store."""
