"""The contracts of pyproject.toml name every module of every study, so that none escapes the linter."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from sparewatt.studies.study import STUDIES

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "src/sparewatt/studies").glob("*.py"))


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_knows_no_other(study):
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["name"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    contract = contracts[f"The {study} study knows no other"]

    def of(*names: str) -> list[str]:
        return [f"sparewatt.studies.{m}" for m in MODULES if m.partition("_")[0] in names]

    assert contract["source_modules"] == of(study)
    assert sorted(contract["forbidden_modules"]) == of(*(one for one in STUDIES if one != study))
