"""The real neighbourhoods through the command line, with every algorithm, beside what is asked for."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.model.market_rules import Algorithm
from support.command_line import Here
from support.shared_folder import shared_path

FOLDERS = ("small_test", "test")
ORIGINAL_WH = {"small_test": 1149.0, "test": 11740.0}
"""Mean of the program whose algorithms these are, as the specification tells it."""
SEARCHES = {Algorithm.L_BFGS_B, Algorithm.SLSQP, Algorithm.TNC}
MUST_COVER_WH = {
    "small_test": {Algorithm.MILP: 3225.0},
    "test": {Algorithm.MILP: 22100.0, **dict.fromkeys(SEARCHES, 21000.0)},
}
BEST_POSSIBLE = {Algorithm.PERFECT_FORESIGHT}
NEAR_WH = 1e-6
SCENARIO = """version = 1
study = "community"
name = "{name}"
seed = 7
[inputs]
folder = "given/"
[community]
algorithm = "{algorithm}"
reset_scores = true
bound = false
"""


@pytest.fixture(params=FOLDERS)
def given(request, tmp_path, capsys, monkeypatch):
    """A folder's name, its neighbourhood, and a command line in an empty place beside a copy of it."""
    neighbourhood, _ = read_neighbourhood(shared_path(f"data/community/{request.param}"))
    shutil.copytree(shared_path(f"data/community/{request.param}"), tmp_path / "given")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sparewatt.results.report.write_report", lambda folder: folder.path)  # takes long
    return request.param, neighbourhood, Here(tmp_path, capsys)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_energy_that_is_covered(given, algorithm):
    name, neighbourhood, sparewatt = given
    write_scenario(sparewatt.folder, name, algorithm)
    said = sparewatt("run", "scenario.toml", "--out", "out", "--db", "runs.db", "--json").json
    kpis = kpis_of(sparewatt.folder / "out")
    covered_wh = 1000 * kpis["covered_kwh"]
    best_wh = contract_wh(name)
    assert said
    assert covered_wh <= best_wh + NEAR_WH
    assert covered_wh > ORIGINAL_WH[name]
    assert covered_wh >= MUST_COVER_WH[name].get(algorithm, 0.0)
    if algorithm in BEST_POSSIBLE:
        assert covered_wh == pytest.approx(best_wh, abs=NEAR_WH)
    copy, _ = read_neighbourhood(sparewatt.folder / "out" / "inputs" / "neighbourhood")
    assert_same(copy, neighbourhood, leave={"name"})


def write_scenario(folder, name, algorithm):
    """A scenario file beside the copied folder."""
    text = SCENARIO.format(name=name, algorithm=algorithm.value)
    (folder / "scenario.toml").write_text(text, encoding="utf-8")


def kpis_of(out):
    """KPIs of a run by their names."""
    outcome = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    return {kpi["name"]: kpi["value"] for kpi in outcome["kpis"]}


def contract_wh(name):
    """The best possible with contracts, as another program's solver proved it [Wh]."""
    told = json.loads(shared_path("reference/community/best_possible.json").read_text())
    (row,) = [row for row in told if (row["ds"], row["kind"]) == (name, "contract")]
    return row["wh"]


def assert_same(one, other, leave=frozenset()):
    """The same numbers and names in every part."""
    for field in fields(one):
        if field.name in leave:
            continue
        a, b = getattr(one, field.name), getattr(other, field.name)
        if is_dataclass(a):
            assert_same(a, b)
        elif isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b, err_msg=field.name)
        else:
            assert a == b, field.name
