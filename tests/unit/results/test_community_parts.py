"""Parts of the files of a community run: means over steps, contracts in lanes."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.errors import InputError
from sparewatt.results.community_contract_spans import find_lanes, read_contract_spans
from sparewatt.results.community_part_reading import read_community_facts, read_energy, read_house_energy
from sparewatt.results.community_results import community_outcome, write_community_folder
from sparewatt.results.run_folder import SERIES
from support.hand_community import HALF_HOUR_S, ORIGIN_S, hand_run


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    run = hand_run()
    outcome = community_outcome(run, name="by hand", seed=7, input_hash="ab" * 32)
    path = tmp_path_factory.mktemp("parts") / "run"
    return write_community_folder(path, outcome, run, simulate_s=1.0).path / SERIES


def test_a_run_says_what_it_is(directory) -> None:
    run, facts = hand_run(), read_community_facts(directory)
    assert (facts.house_ids, facts.origin_s, facts.minutes) == (("a", "=b"), ORIGIN_S, 120)
    assert facts.repetitions == (1, 2)
    assert set(facts.flow_steps) == set(run.flows)
    assert run.bounds is not None
    assert (facts.pool_kwh, facts.contract_kwh) == (
        run.bounds.pool.upper_kwh,
        run.bounds.contract.upper_kwh,
    )
    assert facts.time_zone == run.setting.time_zone


def test_means_of_all_houses_are_those_of_the_hand_reckoned_blocks(directory) -> None:
    facts = read_community_facts(directory)
    found = read_energy(directory, facts, 1, (0, 120), 4)
    assert (found.edges_s - ORIGIN_S).tolist() == [HALF_HOUR_S * k for k in range(5)]
    values = {name: np.round(v, 9).tolist() for name, v in found.values.items()}
    assert values["produced_kw"] == [2, 2, 0, 0]
    assert values["load_kw"] == [1, 3, 2.2, 0.2]
    assert values["own_kw"] == [1, 0, 0.2, 0.2]
    assert values["peer_kw"] == [0, 2, 0, 0]
    assert values["grid_kw"] == [0, 1, 2, 0]
    later = read_energy(directory, facts, 1, (60, 120), 1)
    assert later.values["grid_kw"].tolist() == [1.0]
    whole = read_energy(directory, facts, 2, (0, 120), 1_000)
    assert len(whole.values["load_kw"]) == 120


def test_one_house_is_read_without_the_others(directory) -> None:
    run, facts = hand_run(), read_community_facts(directory)
    number, step = min(facts.flow_steps.items())
    found = read_house_energy(directory, facts, number, "=b", (0, 120), 120)
    np.testing.assert_allclose(found.values["grid_kw"], run.flows[number].grid_kw[1])
    assert len(found.edges_s) == 120 // step + 1
    with pytest.raises(InputError):
        read_house_energy(directory, facts, 99, "=b", (0, 120), 10)
    with pytest.raises(InputError):
        read_house_energy(directory, facts, number, "nobody", (0, 120), 10)


def test_contracts_have_names_times_and_energies(directory) -> None:
    run, facts = hand_run(), read_community_facts(directory)
    found, own = read_contract_spans(directory, facts, 1), hand_run().repetitions[0].contracts
    assert len(found.job) == len(own)
    assert found.start_s.tolist() == (ORIGIN_S + own.start_s).tolist()
    assert found.end_s.tolist() == (ORIGIN_S + own.end_s).tolist()
    assert found.is_cancelled.tolist() == (~own.is_valid).tolist()
    for k in range(len(own)):
        assert found.job[k] == run.neighbourhood.jobs.ids[own.job[k]]
        assert found.house[k] == run.house_ids[run.neighbourhood.jobs.house[own.job[k]]]
        assert (found.producer[k] == "grid") == bool(own.is_with_grid[k])
    np.testing.assert_array_equal(found.peer_kwh, own.peer_kwh)


def test_spans_that_overlap_lie_in_lanes_of_their_own() -> None:
    start, end = np.array([0, 5, 10, 2, 11]), np.array([10, 8, 12, 4, 15])
    assert find_lanes(["a", "a", "a", "b", "a"], start, end).tolist() == [0, 1, 0, 0, 1]
    assert not len(find_lanes([], np.zeros(0, np.int64), np.zeros(0, np.int64)))


def test_files_that_are_not_there_are_findings(tmp_path) -> None:
    with pytest.raises(InputError):
        read_community_facts(tmp_path)
