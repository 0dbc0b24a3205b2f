"""EV scheduling optima of the original model, rebuilt from the blocks of the matrix builder.

The workbooks and ``ev_schedule.json`` lie outside the repository, in ``$SPAREWATT_SHARED``. The original
differs from ours in what is put together here: energies of departure are exact and others unbounded, the
taper may be passed by a slack, and a period counts as one hour in the objective.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest

from sparewatt.decide.optimise.matrix import INFINITY, Deadline, Matrix
from sparewatt.decide.optimise.network_charging import plan_zone_charging
from sparewatt.decide.optimise.network_matrix import add_grid, add_stays
from sparewatt.decide.optimise.network_task import ChargingRoom
from sparewatt.model.ev_sessions import EvSessions
from sparewatt.model.limit import Limit
from support.shared_folder import ROOT, shared_path

if TYPE_CHECKING:
    from pathlib import Path

SHARE = 0.99
FREE = "global taper slack free of cost (the original)"
PRICED = "taper slack priced 10000 in every period"


def read_problems() -> dict[str, dict]:
    """The problems of the reference file, none where it is absent."""
    path = ROOT / os.environ.get("SPAREWATT_SHARED", "../shared") / "reference/network/ev_schedule.json"
    return json.loads(path.read_text()) if path.exists() else {}


PROBLEMS = read_problems()


def read_workbook(path: Path) -> tuple[EvSessions, ChargingRoom]:
    """Cars and room of one workbook."""
    book = openpyxl.load_workbook(path, data_only=True, read_only=True)

    def rows(sheet: str) -> list[tuple]:
        return [row for row in book[sheet].iter_rows(min_row=2, values_only=True) if row[0] is not None]

    upper, lower = (np.array([r[1] for r in rows(s)], dtype=float) for s in ("genseries", "genmin"))
    price = np.array([r[2] for r in rows("timeseriesGen")], dtype=float)
    cars, stays = rows("EVs"), rows("EVsTravelDiary")
    place = {row[0]: n for n, row in enumerate(cars)}
    stays.sort(key=lambda row: (place[row[0]], row[1]))
    book.close()
    battery = np.array([r[5] for r in cars], dtype=float)
    power = np.array([r[4] for r in cars], dtype=float)
    sessions = EvSessions(
        step_h=1 / 6,
        periods=len(upper),
        ids=tuple(str(r[0]) for r in cars),
        battery_kwh=battery,
        reserve_kwh=0.0 * battery,
        charge_kw=power,
        discharge_kw=power,
        efficiency=np.full(len(cars), 0.88),
        car=np.array([place[r[0]] for r in stays]),
        arrival=np.array([r[1] for r in stays], dtype=np.int64),
        departure=np.array([r[2] for r in stays], dtype=np.int64),
        start_kwh=np.array([r[3] for r in stays], dtype=float),
        wanted_kwh=np.array([r[4] for r in stays], dtype=float),
    )
    return sessions, ChargingRoom(Limit(lower, upper, path.name), price, np.zeros(len(upper)))


def solve_variant(
    sessions: EvSessions, room: ChargingRoom, model: str, *, most_slack: float = INFINITY
) -> tuple[str, float, float]:
    """Status, Σ π·g and slack of a variant of the original model."""
    s, matrix = sessions, Matrix()
    lowest, highest = np.full(s.entries, -INFINITY), np.full(s.entries, INFINITY)
    lowest[s.offset[1:] - 1] = highest[s.offset[1:] - 1] = SHARE * s.wanted_kwh
    block = add_stays(matrix, s, lowest, highest)
    limits = room.limit.lower_kw[None, :], room.limit.upper_kw[None, :]
    grid = add_grid(matrix, s, block, np.zeros(s.cars, dtype=np.int64), *limits)[0]
    slack = matrix.add_columns(1 if model == FREE else s.periods, 0.0, most_slack)
    chosen = slack[np.zeros(s.entries, dtype=np.int64)] if model == FREE else slack[s.entry_period]
    matrix.put(block.taper, chosen, -1.0)
    cost = np.zeros(matrix.columns)
    cost[grid] = room.price_per_kwh
    cost[slack] = 0.0 if model == FREE else 1e4
    solver = matrix.solver()
    solver.change_costs(cost)
    found = solver.solve(Deadline(60.0))
    if found.x is None:
        return found.status, np.inf, np.inf
    return found.status, found.objective, float(found.x[slack].sum())


@pytest.mark.parametrize("name", PROBLEMS or ["none"])
def test_original_optimum(name: str):
    if not PROBLEMS:
        pytest.skip("no reference/network/ev_schedule.json in $SPAREWATT_SHARED")
    expected = PROBLEMS[name]
    assert expected["model"] in {FREE, PRICED}
    sessions, room = read_workbook(shared_path(f"data/ev/{name}"))
    status, objective, slack = solve_variant(sessions, room, expected["model"])
    assert status == "optimal"
    assert objective == pytest.approx(expected["objective"], rel=1e-6)
    if expected["slack"] == 0.0:
        assert slack == pytest.approx(0.0, abs=1e-7)
    if "infeasible with slack = 0" in expected.get("note", ""):
        assert solve_variant(sessions, room, expected["model"], most_slack=0.0)[0] == "infeasible"


@pytest.mark.parametrize("name", PROBLEMS or ["none"])
def test_ours_keeps_what_the_slack_let_pass(name: str):
    if not PROBLEMS:
        pytest.skip("no reference/network/ev_schedule.json in $SPAREWATT_SHARED")
    sessions, room = read_workbook(shared_path(f"data/ev/{name}"))
    plan = plan_zone_charging(sessions, room)
    assert plan.status == "optimal"
    # What is impossible for a car alone is said, and nothing else is short.
    infeasible = "infeasible with slack = 0" in PROBLEMS[name].get("note", "")
    assert (plan.unreachable_kwh.sum() + plan.short_kwh.sum() > 1e-3) == infeasible
    assert plan.gap <= 1e-5
