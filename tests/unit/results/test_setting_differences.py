"""In which settings runs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.run_folder import RunFolder
from sparewatt.results.setting_differences import read_settings, setting_differences

if TYPE_CHECKING:
    from pathlib import Path


def _folder(path: Path, name: str, text: str) -> RunFolder:
    (path / name).mkdir()
    (path / name / "scenario.toml").write_text(text, encoding="utf-8")
    return RunFolder(path / name)


def test_only_what_differs_is_told_key_by_key(tmp_path: Path) -> None:
    first = _folder(tmp_path, "a", 'version = 1\nname = "A"\nseed = 7\n[depot]\ngap = 0.1\ndays = [1, 2]\n')
    other = _folder(
        tmp_path,
        "b",
        'version = 1\nname = "B"\nseed = 8\n[inputs]\ntables = "x/"\n[depot]\ngap = 0.1\nmagic_fill = true\n',
    )
    told = dict(setting_differences([first, other]))
    assert told == {"seed": ("7", "8"), "depot.days": ("[1, 2]", None), "depot.magic_fill": (None, "true")}
    assert setting_differences([first, first]) == ()


def test_runs_without_a_readable_scenario_file_tell_nothing(tmp_path: Path) -> None:
    first = _folder(tmp_path, "a", "seed = 7\n")
    assert read_settings(_folder(tmp_path, "b", "seed = = 7")) == {}
    assert setting_differences([first, RunFolder(tmp_path / "none")]) == ()
