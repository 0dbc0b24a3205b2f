"""outcome.json: the same bytes for the same run, and checked like any input when read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sparewatt.errors import InputError
from sparewatt.results.outcome import find_versions, outcome_json, parse_outcome, read_outcome, write_outcome


def test_round_trip(outcome, tmp_path):
    path = tmp_path / "outcome.json"
    write_outcome(outcome, path)
    assert read_outcome(path) == outcome.without_times()


def test_measured_times_do_not_reach_the_file(outcome):
    slow = replace(
        outcome,
        scenarios=tuple(
            replace(s, kpis=tuple(replace(k, value=99.0) if k.name == "solve_seconds" else k for k in s.kpis))
            for s in outcome.scenarios
        ),
        kpis=tuple(replace(k, value=9.0) if k.name.startswith("solve_") else k for k in outcome.kpis),
    )
    assert outcome_json(slow) == outcome_json(outcome)
    assert "solve_seconds" not in outcome_json(outcome)


def test_level_is_that_of_the_smart_scenarios(outcome):
    assert outcome.level == "magic"
    assert [s.level for s in outcome.scenarios] == ["breach", "magic"]


def test_bytes_do_not_depend_on_the_order_of_scenarios(outcome):
    from sparewatt.results.outcome import depot_outcome  # noqa: PLC0415 - used here only

    again = depot_outcome(
        outcome.scenarios[::-1],
        name=outcome.name,
        seed=outcome.seed,
        input_hash=outcome.input_hash,
        findings=outcome.findings,
        versions=outcome.versions,
    )
    assert outcome_json(again) == outcome_json(outcome)


def test_content_is_sorted_and_plain(outcome):
    content = json.loads(outcome_json(outcome))
    assert list(content) == sorted(content)
    assert content["seed"] == 7
    costs = [k["value"] for k in content["scenarios"][1]["kpis"] if k["name"] == "cost"]
    assert costs == [pytest.approx(7.4)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update(seed="seven"), "seed"),
        (lambda c: c.update(extra=1), "does not have"),
        (lambda c: c["kpis"][0].update(value="1"), "does not have"),
        (lambda c: c.update(version=9), "version 1"),
        (lambda c: c.update(level="fine"), "level"),
        (lambda c: c.pop("scenarios"), "scenarios"),
    ],
)
def test_odd_content_is_a_finding(outcome, tmp_path, change, words):
    content = json.loads(outcome_json(outcome))
    change(content)
    with pytest.raises(InputError, match=words):
        parse_outcome(json.dumps(content), tmp_path / "outcome.json")


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 1, "seed": NaN}', '{"version": 1e999}', "[" * 100_000]
)
def test_what_is_no_outcome_is_a_finding(text, tmp_path):
    with pytest.raises(InputError, match=r"outcome\.json"):
        parse_outcome(text, tmp_path / "outcome.json")


def test_missing_file_is_a_finding(tmp_path):
    with pytest.raises(InputError, match="not there"):
        read_outcome(tmp_path / "outcome.json")


def test_versions_name_what_decides():
    assert {"sparewatt", "python", "numpy", "highspy"} <= set(find_versions())
