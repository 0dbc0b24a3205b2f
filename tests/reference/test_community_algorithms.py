"""The sample neighbourhoods of the shared folder with every negotiating algorithm: energy really covered.

21,000 Wh of a proven 22,144.4 is what each local search has to cover on ``test``; the original program
covers 11,740 in the mean of its runs.
"""

from __future__ import annotations

import json

import pytest

from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.model.market_rules import Algorithm, MarketRules
from support.community_runs import run_neighbourhood
from support.shared_folder import shared_path

SEARCHES = (Algorithm.L_BFGS_B, Algorithm.SLSQP, Algorithm.TNC)
LEAST_WH = 21_000


def sample(name: str):
    neighbourhood, findings = read_neighbourhood(shared_path(f"data/community/{name}"))
    assert neighbourhood is not None, "\n".join(map(str, findings))
    return neighbourhood


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("algorithm", SEARCHES)
def test_local_searches_cover_what_they_must(algorithm, seed):
    run = run_neighbourhood(sample("test"), MarketRules(algorithm=algorithm), seed=seed)
    assert run.settlement.covered_kwh * 1000 >= LEAST_WH
    assert run.findings() == ()


@pytest.mark.parametrize("algorithm", [*SEARCHES, Algorithm.GREEDY, Algorithm.FIFTY_FIFTY])
@pytest.mark.parametrize("name", ["small_test", "test"])
def test_nobody_covers_more_than_the_best_possible(name, algorithm):
    run = run_neighbourhood(sample(name), MarketRules(algorithm=algorithm), seed=3)
    bounds = json.loads(shared_path("reference/community/best_possible.json").read_text())
    best = next(entry["wh"] for entry in bounds if (entry["ds"], entry["kind"]) == (name, "contract"))
    assert 0 < run.settlement.covered_kwh * 1000 <= best + 1e-6
    assert run.findings() == ()
    if algorithm != Algorithm.FIFTY_FIFTY:
        assert run.settlement.covered_kwh * 1000 >= 0.95 * best
