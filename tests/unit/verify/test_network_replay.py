"""The judge of replays."""

from __future__ import annotations

import numpy as np
from tests.support.customers import make_horizon
from tests.unit.simulate.test_network_days import PLAIN

from sparewatt.model.zonal import ZonalSeries
from sparewatt.verify.network_replay import (
    BrokenShares,
    check_balance,
    check_charging,
    check_landing,
    check_solved,
)

HORIZON = make_horizon(PLAIN, 1, 60)
NONE = BrokenShares(0.01, (0.01, 0.0), {"undervoltage": 0.01})


def series(converged):
    n = len(converged)
    z, b = np.zeros((2, n)), np.zeros((3, n))
    return ZonalSeries(z, z + 0.9, z + 1.0, z.astype(np.int32), b, b, np.zeros(n), np.array(converged))


def test_balance():
    assert check_balance("cases", 1e-4) == ()
    assert [f.rule for f in check_balance("cases", 0.5)] == ["network.replay.balance"]


def test_landing_names_the_step():
    planned = np.zeros(24)
    planned[5] = 3.0
    assert check_landing("x", planned, planned, HORIZON) == ()
    (found,) = check_landing("x", np.roll(planned, 1), planned, HORIZON)
    assert found.rule == "network.replay.landing"
    assert "05:00" in found.where


def test_steps_without_a_solution():
    every = np.arange(4)
    assert check_solved("x", series([True] * 4), HORIZON, every) == ()
    (found,) = check_solved("x", series([True, False, True, False]), HORIZON, every)
    assert "2 of 4 steps, the first at 2026-01-12 01:00+0000, 2026-01-12 03:00+0000" in found.message
    assert "0.900 pu" in found.message
    (found,) = check_solved("x", series([False]), HORIZON, every[:1])
    assert "voltage" not in found.message


def test_optimised_charging_within_the_risk_and_better_than_unmanaged():
    optimised = BrokenShares(0.03, (0.02, 0.01), {"undervoltage": 0.03})
    unmanaged = BrokenShares(0.5, (0.5, 0.2), {"undervoltage": 0.5})
    assert check_charging(NONE, optimised, unmanaged, ("1/1", "1/2"), 0.02) == ()


def test_optimised_charging_that_breaks_more():
    optimised = BrokenShares(0.3, (0.01, 0.3), {"undervoltage": 0.01, "overvoltage": 0.29})
    unmanaged = BrokenShares(0.2, (0.2, 0.2), {})
    found = {f.rule: f for f in check_charging(NONE, optimised, unmanaged, ("1/1", "1/2"), 0.02)}
    risk = found["network.replay.risk"]
    assert risk.severity == "warning"
    assert "zone 1/2 (30.0 % more steps)" in risk.message
    assert "zone 1/1" not in risk.message
    assert "what: overvoltage;" in risk.message
    assert round(risk.margin, 9) == 0.27
    assert risk.remedy == 'a smaller quantile, limit_method = "shared" or v2g_use = "asked"'
    assert "network.replay.no_better" in found


def test_nothing_is_broken_at_all():
    clean = BrokenShares(0.0, (0.0, 0.0), {})
    assert check_charging(clean, clean, clean, ("1/1", "1/2"), 0.0) == ()


def test_not_far_fewer_than_unmanaged_says_that_the_network_was_broken_before_and_where():
    none = BrokenShares(0.195, (0.01, 0.187), {"undervoltage": 0.19, "transformer": 0.02})
    optimised = BrokenShares(0.196, (0.01, 0.19), {"undervoltage": 0.19})
    unmanaged = BrokenShares(0.246, (0.1, 0.2), {"undervoltage": 0.24})
    (finding,) = check_charging(none, optimised, unmanaged, ("1/1", "7/3"), 0.02)
    assert finding.rule == "network.replay.no_better"
    assert "19.6 % of the steps, which is not far fewer than the 24.6 %" in finding.message
    assert "19.5 % are broken without EVs already" in finding.message
    assert "zone 7/3 in 18.7 %" in finding.message


def test_half_as_many_as_unmanaged_is_far_fewer():
    none = BrokenShares(0.0, (0.0, 0.0), {})
    half, all_of_it = BrokenShares(0.01, (0.01, 0.0), {}), BrokenShares(0.02, (0.02, 0.0), {})
    assert check_charging(none, half, all_of_it, ("1/1", "7/3"), 0.02) == ()
    more = BrokenShares(0.011, (0.011, 0.0), {})
    assert [f.rule for f in check_charging(none, more, all_of_it, ("1/1", "7/3"), 0.02)] == [
        "network.replay.no_better"
    ]


def test_the_remedy_speaks_of_overvoltage_only_where_there_is_some():
    optimised = BrokenShares(0.3, (0.3, 0.0), {"undervoltage": 0.3})
    found = check_charging(NONE, optimised, optimised, ("1/1", "1/2"), 0.02)
    assert found[0].remedy == 'a smaller quantile or limit_method = "shared"'
