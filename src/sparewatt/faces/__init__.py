"""Thin faces: command line, API, web."""
