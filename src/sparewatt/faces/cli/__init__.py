"""The command line: thin commands over studies, results and the store."""

from __future__ import annotations

from sparewatt.faces.cli.app import main

__all__ = ["main"]
