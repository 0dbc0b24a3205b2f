"""The page of the network study names every setting of its scenario table."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparewatt.inputs.network.settings import HostingSettings, NetworkSettings

PAGE = (Path(__file__).parents[3] / "docs" / "network.md").read_text(encoding="utf-8")
OPTIONS = PAGE[PAGE.index("## Options") : PAGE.index("## Results")]


@pytest.mark.parametrize("settings", [NetworkSettings, HostingSettings])
def test_every_key_is_explained(settings):
    assert [key for key in settings.model_fields if f"`{key}`" not in OPTIONS] == []
