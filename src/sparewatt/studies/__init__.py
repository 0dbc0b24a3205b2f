"""Composition only: one module per study."""
