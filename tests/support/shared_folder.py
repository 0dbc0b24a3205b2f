"""Where data of other programs lie, outside the repository: ``$SPAREWATT_SHARED`` (``../shared``)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def shared_path(name: str) -> Path:
    """A file of the shared folder; the test is skipped where it is not there."""
    path = ROOT / os.environ.get("SPAREWATT_SHARED", "../shared") / name
    if not path.exists():
        pytest.skip(f"no {name} in $SPAREWATT_SHARED")
    return path
