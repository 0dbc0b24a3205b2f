"""Seeded generators of realistic inputs, written as a user would keep them."""
