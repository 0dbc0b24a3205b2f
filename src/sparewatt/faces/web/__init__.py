"""The web application: pages over studies, store and results."""

from __future__ import annotations

from sparewatt.faces.web.app import make_web

__all__ = ["make_web"]
