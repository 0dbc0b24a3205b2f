from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.depot_tables import Tables

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path)
