"""The peer of the benchmarks describes the same physics as the planner: same ranks where both are exact."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.__main__ import find_benchmarks, run_benchmarks
from benchmarks.cvxpy_depot import PeerProcess, period_model, solve_here
from benchmarks.depot_planner import Line, broken_by, first_difference, in_words, ranks_of
from benchmarks.windows import find_windows, plan_timed

from sparewatt.decide.optimise.depot_problem import UNDECIDED, ChargingProblem
from sparewatt.decide.optimise.depot_ranks import Ranks
from sparewatt.model.schedule import DC

ROOT = Path(__file__).resolve().parents[3]


def one_van(**changes) -> ChargingProblem:
    """A van that misses 10 kWh, plugged in for 4 periods of at most 2 kWh on AC and 6 kWh on DC."""
    problem = ChargingProblem(
        periods=4,
        price=np.array([0.3, 0.1, 0.2, 0.4]),
        earliness=np.arange(4.0),
        free_kwh=np.full(4, 100.0),
        breach_kwh=np.full(4, 10.0),
        num_ac=None,
        num_dc=1,
        vehicle=np.array([0]),
        first=np.array([0]),
        end=np.array([4]),
        use=np.array([0.0]),
        offset=np.array([0, 4]),
        period=np.arange(4),
        ac_kwh=np.full(4, 2.0),
        dc_kwh=np.full(4, 6.0),
        held=np.array([UNDECIDED], dtype=np.int8),
        least_kwh=np.zeros(4),
        battery=np.array([40.0]),
        deficit=np.array([10.0]),
        floor=np.array([40.0]),
    )
    return replace(problem, **changes)


@pytest.mark.parametrize("form", ["session", "period"])
def test_one_van_by_hand(form):
    # All 10 kWh need DC: 6 at 0.1 and 4 at 0.2.
    plan = solve_here(one_van(), "HIGHS", 10.0, 1e-10, form)
    assert plan.finished
    assert plan.energy == pytest.approx([0.0, 6.0, 4.0, 0.0], abs=1e-6)
    assert plan.on_dc is not None
    assert plan.on_dc.tolist() == [True]


@pytest.mark.parametrize("form", ["session", "period"])
def test_held_charger_is_kept(form):
    plan = solve_here(one_van(held=np.array([1], dtype=np.int8)), "HIGHS", 10.0, 1e-10, form)
    assert plan.energy == pytest.approx([2.0, 2.0, 2.0, 2.0], abs=1e-6)


def test_unserved_before_breach_before_delivery():
    # A second stay whose route takes 12 of at most 10 kWh: 2 + what was not charged before is missing.
    two = one_van(
        vehicle=np.array([0, 0]),
        first=np.array([0, 2]),
        end=np.array([1, 4]),
        use=np.array([0.0, 12.0]),
        offset=np.array([0, 1, 3]),
        period=np.array([0, 2, 3]),
        ac_kwh=np.full(3, 2.0),
        dc_kwh=np.full(3, 2.0),
        held=np.full(2, UNDECIDED, dtype=np.int8),
        least_kwh=np.zeros(3),
        battery=np.array([10.0]),
        floor=np.array([10.0]),
        deficit=np.array([5.0]),
        free_kwh=np.array([1.0, 1.0, 1.0, 1.0]),
        breach_kwh=np.full(4, 0.5),
    )
    plan = solve_here(two, "HIGHS", 10.0, 1e-10)
    assert plan.energy is not None
    # 1.5 at once (0.5 of it breach), since each saves unserved energy; afterwards no breach.
    assert plan.energy == pytest.approx([1.5, 1.0, 1.0], abs=1e-6)
    ranks = ranks_of(two, plan.energy)
    assert (ranks.unserved, ranks.breach, ranks.delivered) == pytest.approx((5.5, 0.5, 3.5), abs=1e-6)


@pytest.mark.parametrize("kind", ["vans", "tight_vans", "hgv"])
def test_same_ranks_as_the_planner(kind):
    for window in find_windows(kind, 8, 2):
        ours, _ = plan_timed(window.problem, gap=0.0)
        mine = ranks_of(window.problem, ours.energy)
        assert broken_by(window.problem, ours.energy, ours.charger == DC) <= 1e-6
        for form in ("session", "period"):
            peer = solve_here(window.problem, "HIGHS", 30.0, 1e-12, form)
            assert peer.energy is not None
            assert peer.on_dc is not None
            assert broken_by(window.problem, peer.energy, peer.on_dc) <= 1e-5
            rank, worse = first_difference(mine, ranks_of(window.problem, peer.energy))
            assert rank == "equal" or worse < 0.0, (rank, worse)
            assert rank in {"equal", "cost"}
            assert abs(worse) < 1e-4


def test_glpk_agrees():
    plan = solve_here(one_van(), "GLPK_MI", 10.0, None)
    assert plan.finished
    assert plan.energy == pytest.approx([0.0, 6.0, 4.0, 0.0], abs=1e-6)


def test_a_solver_that_overruns_its_limit_is_ended_and_its_time_known():
    (window,) = find_windows("vans", 60, 1)
    with PeerProcess(patience=0.01) as process:
        stopped = process.solve(window.problem, "GLPK_MI", limit_s=10.0)
        assert stopped.energy is None
        assert not stopped.finished
        assert 0.0 < stopped.cpu_s < 5.0
        again = process.solve(one_van(), "HIGHS", limit_s=2000.0)
    assert again.energy == pytest.approx([0.0, 6.0, 4.0, 0.0], abs=1e-6)


def test_a_form_it_does_not_know_is_refused():
    with pytest.raises(ValueError, match="scarce AC"):
        period_model(one_van(num_ac=1))


def test_first_difference_goes_by_rank():
    mine, theirs = Ranks(0.0, 0.0, 10.0, 2.0), Ranks(0.0, 1.0, 11.0, 1.0)
    assert first_difference(mine, theirs) == ("breach", -1.0)
    assert first_difference(theirs, mine) == ("breach", 1.0)
    assert first_difference(mine, Ranks(0.0, 0.0, 10.0005, 2.000001)) == ("equal", 0.0)


def test_a_worse_plan_is_called_worse():
    (window,) = find_windows("vans", 4, 1)
    good, bad = (
        Line(window, "x", 1.0, 1.0, finished=True, ranks=Ranks(0.0, 0.0, 10.0, cost), proven=proven)
        for cost, proven in ((1.0, None), (1.1, 0.2))
    )
    assert in_words(bad, good).startswith("OURS WORSE by 10.0000 % of cost")


def test_every_file_with_a_main_is_found():
    folder = ROOT / "benchmarks"
    with_main = {
        path.stem
        for path in folder.glob("*.py")
        if path.stem != "__main__"
        and any(
            isinstance(node, ast.FunctionDef) and node.name == "main"
            for node in ast.parse(path.read_text(encoding="utf-8")).body
        )
    }
    assert {b.module for b in find_benchmarks()} == {f"benchmarks.{stem}" for stem in with_main}


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    assert run_benchmarks(["depot_plannr"]) == 2
    assert "depot_planner, depot_year" in capsys.readouterr().err
