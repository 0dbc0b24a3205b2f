"""Deciders that follow a rule."""
