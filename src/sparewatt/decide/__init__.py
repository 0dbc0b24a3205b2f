"""Choices, fast and approximate; never imports physics."""
