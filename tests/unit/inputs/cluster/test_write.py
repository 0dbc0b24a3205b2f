"""What is written reads as the same; the template is runnable."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sparewatt.errors import InputError
from sparewatt.inputs.cluster.input_hash import hash_cluster_inputs
from sparewatt.inputs.cluster.read import ClusterInputs, ClusterSources, read_cluster
from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.inputs.cluster.sheet_records import cluster_suffix
from sparewatt.inputs.cluster.template import example_hub, write_cluster_template
from sparewatt.inputs.cluster.write import write_cluster_tables, write_cluster_workbook
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.cluster_system import ClusterSystem, Traffic
from sparewatt.model.evses import Evses
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE, Fleet
from sparewatt.model.horizon import Horizon
from sparewatt.model.limit import Limit
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.power_table import PowerTable


def drawn(seed):
    """A hub and fleet of random numbers, over the night when Berlin's clocks go back."""
    rng = np.random.default_rng(seed)
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    horizon = Horizon(start, timedelta(minutes=5), 72, "Europe/Berlin", (0, 72))
    clusters, units, visits = 3, 7, 25
    evses = Evses(
        tuple(f"=u{n}" for n in range(units)),
        np.sort(np.append(np.arange(clusters), rng.integers(0, clusters, units - clusters))),
        rng.uniform(0, 50, units),
        rng.uniform(0, 50, units),
        rng.uniform(0.5, 1, units),
    )

    def steps(low, high):
        return np.repeat(rng.uniform(low, high, 6), 12)

    limits = tuple(Limit(steps(-50, 0), steps(0, 50), f"drawn {c}") for c in range(clusters))
    system = ClusterSystem(
        horizon,
        ("cluster1", "cluster2", "cluster10"),
        evses,
        limits,
        steps(-0.1, 0.5),
        Traffic.none(clusters),
    )
    arrival = horizon.start_s + rng.integers(0, 5 * 3600, visits)
    departure = arrival + rng.integers(600, 7200, visits)
    books, come = rng.random(visits) < 0.5, rng.random(visits) < 0.8
    come |= ~books
    soc = rng.uniform(0, 0.5, visits)
    counts = rng.integers(0, 3, visits)
    edges = [e for c in counts for e in ([0.25, 1.0] if c == 2 else [1.0] * c)]
    fleet = Fleet(
        tuple(f"ev {n}" for n in range(visits)),
        rng.uniform(20, 90, visits),
        rng.uniform(1, 50, visits),
        rng.uniform(0, 50, visits),
        rng.uniform(0, 0.2, visits),
        rng.uniform(0.9, 1, visits),
        PowerTable(np.append(0, np.cumsum(counts)), np.array(edges), rng.uniform(1, 50, len(edges))),
        np.where(books, arrival - rng.integers(0, 3600, visits), NO_TIME),
        np.where(books, arrival, NO_TIME),
        departure,
        np.where(books, soc, NO_SOC),
        rng.uniform(0.5, 0.9, visits),
        rng.uniform(0, 20, visits),
        np.where(come, arrival, NO_TIME),
        np.where(come, departure + 60, NO_TIME),
        np.where(come, soc, NO_SOC),
        rng.integers(NOWHERE, clusters, visits),
    )
    return system, fleet


def settings_of(system):
    horizon = system.horizon
    return ClusterSettings(start=horizon.start, end=horizon.end, timezone=horizon.timezone)


def assert_same(inputs, system, fleet):
    for field in fields(fleet):
        if field.name not in {"ids", "power_table"}:
            assert np.array_equal(getattr(inputs.fleet, field.name), getattr(fleet, field.name)), field.name
    assert inputs.fleet.ids == fleet.ids
    assert np.array_equal(inputs.fleet.power_table.soc_to, fleet.power_table.soc_to)
    assert np.array_equal(inputs.fleet.power_table.max_kw, fleet.power_table.max_kw)
    assert inputs.system.evses.ids == system.evses.ids
    expected = ClusterInputs(system, fleet, OperatingRules(), ())
    assert hash_cluster_inputs(inputs) == hash_cluster_inputs(expected)


@pytest.mark.parametrize("seed", range(4))
def test_workbook_and_tables_read_as_what_was_written(tmp_path, seed):
    system, fleet = drawn(seed)
    write_cluster_workbook(tmp_path / "hub.xlsx", system, fleet)
    write_cluster_tables(tmp_path / "tables", system, fleet)
    for sources in (ClusterSources(workbook="hub.xlsx"), ClusterSources(tables="tables")):
        inputs, findings = read_cluster(sources, settings_of(system), tmp_path)
        assert {f.rule for f in findings} <= {
            "cluster.fleet.reach",
            "cluster.fleet.soc_outside",
            "cluster.fleet.short",
        }
        assert_same(inputs, system, fleet)


def test_bounds_that_are_none_are_a_gigawatt(tmp_path):
    system, fleet = drawn(1)
    open_ = Limit(np.full(72, -np.inf), np.full(72, np.inf), "none")
    write_cluster_tables(tmp_path / "t", replace(system, limits=(open_, *system.limits[1:])), fleet)
    inputs, _ = read_cluster(ClusterSources(tables="t"), settings_of(system), tmp_path)
    assert inputs.system.limits[0].lower_kw[0] == -1e9
    assert inputs.system.limits[0].upper_kw[0] == 1e9


def test_the_same_hub_gives_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_cluster_workbook(tmp_path / name, *example_hub())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("name", ["north", "Cluster1", "cluster 1", ""])
def test_names_that_no_sheet_can_have(name):
    with pytest.raises(ValueError, match="cannot be the name of a sheet"):
        cluster_suffix(name)


def test_the_template_is_runnable_without_a_finding(tmp_path):
    paths = write_cluster_template(tmp_path / "new" / "hub")
    assert [p.name for p in paths] == ["scenario.toml", "hub.xlsx"]
    scenario = read_scenario(paths[0])
    assert (scenario.study, scenario.name) == ("cluster", "Two car parks, one substation")
    inputs, findings = read_cluster(scenario.inputs, scenario.cluster, scenario.base_dir)
    assert findings == ()
    assert_same(replace(inputs, rules=OperatingRules()), *example_hub())


def test_a_template_overwrites_nothing(tmp_path):
    (tmp_path / "hub.xlsx").write_text("mine")
    with pytest.raises(InputError) as caught:
        write_cluster_template(tmp_path)
    assert [f.rule for f in caught.value.findings] == ["scenario.exists"]
    assert [p.name for p in tmp_path.iterdir()] == ["hub.xlsx"]
