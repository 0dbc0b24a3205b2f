"""Moments of a finished run solved again from its files: the same numbers as kept, anywhere in it."""

from __future__ import annotations

import shutil
from unittest.mock import patch

import numpy as np
import pytest

from sparewatt.errors import InputError
from sparewatt.results.network_grid_state import read_grid_state
from sparewatt.results.network_part_reading import read_zonal
from sparewatt.results.run_folder import SERIES
from sparewatt.studies.network_steps import block_periods, shown_periods, solve_steps
from sparewatt.studies.network_strip import find_strip
from sparewatt.studies.study import study_of
from support.network_scenarios import place_in, small_network

HALF_STEP = 2e-6
"""What single precision leaves of a voltage or a loading."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steps")
    scenario = small_network(folder / "net", hosting="{ samples = 0, managed_samples = 0 }")
    with patch("sparewatt.results.report.write_report", lambda folder: folder.path / "report.html"):
        return study_of(scenario).run(scenario, place_in(folder)).folder.path


def test_the_kept_moments_come_out_again(directory) -> None:
    state = read_grid_state(directory / SERIES)
    assert len(state.moments) == 3
    for moment in state.moments:
        steps = solve_steps(directory, moment.charging, moment.period, moment.period + 1)
        assert steps.first == moment.period
        np.testing.assert_allclose(steps.node_pu[:, :, 0], moment.node_pu, atol=HALF_STEP)
        np.testing.assert_allclose(steps.branch_loading[:, :, 0], moment.branch_loading, atol=HALF_STEP)
        assert steps.transformer_loading[0] == pytest.approx(moment.transformer_loading, abs=HALF_STEP)
        assert steps.converged.tolist() == [True]


@pytest.mark.parametrize("shown", ["none", "optimised", "unmanaged", "case:0", "case:1"])
def test_a_block_has_the_zonal_voltages_of_the_run(directory, shown) -> None:
    state = read_grid_state(directory / SERIES)
    case = state.cases[int(shown[5:])].name if ":" in shown else ""
    part = read_zonal(
        directory / SERIES,
        state.horizon,
        zones=state.zones.ids,
        case=case,
        charging="" if case else shown,
    )
    periods = shown_periods(state, shown)
    assert periods.tolist() == part.periods.tolist()
    steps = solve_steps(directory, shown, int(periods[0]), int(periods[-1]) + 1)
    assert steps.node_pu.shape == (len(state.network.nodes), 3, len(periods))
    for z in range(len(state.zones)):
        own = steps.node_pu[state.feeders.node_feeder == state.zones.feeder[z], state.zones.phase[z]]
        np.testing.assert_allclose(own.min(axis=0), part.series.min_pu[z], atol=HALF_STEP)
        np.testing.assert_allclose(own.max(axis=0), part.series.max_pu[z], atol=HALF_STEP)
    rating = state.network.transformer.rating_kva
    np.testing.assert_allclose(
        steps.transformer_loading, part.series.transformer_kva / rating, atol=HALF_STEP
    )


def test_a_block_is_bounded_and_stays_inside_the_run(directory) -> None:
    state = read_grid_state(directory / SERIES)
    with patch("sparewatt.studies.network_steps.MOST_VALUES", 6 * len(state.network.nodes) * 5):
        most = block_periods(state)
        steps = solve_steps(directory, "case:0", 90, 10_000)
        assert 0 < most < 20
        assert steps.node_pu.shape[2] == min(most, state.horizon.periods - 90)
    for shown, first in (("case:9", 0), ("nothing", 0), ("case:x", 0), ("case:0", 10_000)):
        with pytest.raises(InputError):
            solve_steps(directory, shown, first, first + 1)


def test_the_strip_has_the_worst_moment(directory) -> None:
    state = read_grid_state(directory / SERIES)
    kept = {m.charging: m for m in state.moments}
    for shown in ("unmanaged", "none"):
        strip = find_strip(directory, state, shown)
        assert strip.worst == kept[shown].period
        lowest = int(np.nanargmin(strip.lowest_pu))
        assert strip.lowest_pu[lowest] <= kept[shown].node_pu.min() + HALF_STEP
    whole = find_strip(directory, state, "case:1")
    assert len(whole.times_s) == state.horizon.periods
    assert whole.times_s[0] == state.horizon.start_s


def test_a_run_without_its_inputs_says_so(directory, tmp_path) -> None:
    shutil.copytree(directory / SERIES, tmp_path / SERIES)
    with pytest.raises(InputError, match="not kept beside it"):
        solve_steps(tmp_path, "case:0", 0, 1)
