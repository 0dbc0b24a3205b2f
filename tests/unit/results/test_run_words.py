"""Columns and times in words, and the inputs that a run keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sparewatt.results.column_words import column_head, column_words
from sparewatt.results.duration_words import elapsed_words
from sparewatt.results.run_folder import RunFolder
from sparewatt.results.run_inputs import input_text, list_inputs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "words", "unit"),
    [
        ("delivered_kwh", "Delivered", "kWh"),
        ("headroom_kwh_per_day", "Headroom", "kWh/day"),
        ("price_per_kwh", "Price", "per kWh"),
        ("vehicle_id", "Vehicle", ""),
        ("id", "Number", ""),
        ("soc_arrival", "SoC arrival", ""),
        ("g2v_kwh", "G2V", "kWh"),
        ("any_share", "Any", "0–1"),
        ("share", "Share", ""),
        ("asc_kw", "ASC", "kW"),
        ("t_client", "T client", ""),
        ("_", "_", ""),
    ],
)
def test_columns_are_told_in_words_with_their_units(name: str, words: str, unit: str) -> None:
    assert column_words(name) == (words, unit)
    assert column_head(name) == (f"{words} [{unit}]" if unit else words)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_times_are_told_for_people(seconds: float, words: str) -> None:
    start = datetime(2026, 3, 29, tzinfo=UTC)
    assert elapsed_words(start, start + timedelta(seconds=seconds)) == words
    naive = start.replace(tzinfo=None)  # as an older store has it
    assert elapsed_words(naive, start + timedelta(seconds=seconds)) == words


def test_inputs_are_listed_and_looked_into(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert list_inputs(folder) == ()
    (tmp_path / "inputs" / "grid").mkdir(parents=True)
    (tmp_path / "inputs" / "grid" / "Master.dss").write_text("New Circuit.x\n" * 100)
    (tmp_path / "inputs" / "hub.xlsx").write_bytes(b"PK\0\1")
    (tmp_path / "scenario.toml").write_text("version = 1\n")
    (tmp_path / "outcome.json").write_text("{}")
    (tmp_path / "inputs" / "way_out").symlink_to("/etc/passwd")
    files = {file.name: file for file in list_inputs(folder)}
    assert list(files) == ["scenario.toml", "inputs/grid/Master.dss", "inputs/hub.xlsx"]
    assert files["scenario.toml"].size == 12
    assert input_text(files["scenario.toml"]) == "version = 1\n"
    assert input_text(files["inputs/grid/Master.dss"], most=13) == "New Circuit.x"
    assert input_text(files["inputs/hub.xlsx"]) is None
