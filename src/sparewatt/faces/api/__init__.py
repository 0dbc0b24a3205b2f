"""The REST API: FastAPI on the store and the queue; OpenAPI from the scenario models. No SQL, no maths."""

from __future__ import annotations

from sparewatt.faces.api.app import make_api

__all__ = ["make_api"]
