"""The pictures of a depot run, in their order."""

from __future__ import annotations

from sparewatt.faces.web.pictures.depot_site import SITE

PICTURES = (SITE,)
