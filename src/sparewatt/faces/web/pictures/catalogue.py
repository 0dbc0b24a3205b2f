"""Catalogue: the pictures of each study, from its module ``<study>_pictures``."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Picture


def pictures_of(study: str) -> tuple[Picture, ...]:
    """All pictures of a study, in their order; none where a study has none."""
    name = f"sparewatt.faces.web.pictures.{study}_pictures"
    if not study.isidentifier() or importlib.util.find_spec(name) is None:
        return ()
    found: tuple[Picture, ...] = importlib.import_module(name).PICTURES
    return found
