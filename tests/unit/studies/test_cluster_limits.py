"""Limits from other runs on the clusters of a hub: both bounds, intersected, or findings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparewatt.inputs.cluster.input_hash import hash_cluster_inputs
from sparewatt.inputs.cluster.template import write_cluster_template
from sparewatt.inputs.scenario import LimitSource
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.limit import Limit
from sparewatt.results.store import Store, StoredLimit
from sparewatt.studies.cluster_inputs import read_hub
from sparewatt.studies.cluster_limits import with_cluster_limits
from support.hubs import START, Unit, make_system

FEEDER = LimitSource(run="latest:feeder-17")


@pytest.fixture
def offer(tmp_path):
    """A finished run that offers limits per zone, in half-hours from the beginning of the hub's horizon."""
    folder = tmp_path / "data" / "1-feeder-17"
    folder.mkdir(parents=True)
    with Store.open(tmp_path / "runs.db") as store:
        run = store.create_run(study="network", name="feeder-17")
        store.set_run_state(run.id, "done", directory=str(folder))

    def write(start: datetime = START, **zones: tuple[list[float], list[float]]) -> str:
        for zone, (lower, upper) in zones.items():
            at = [start + k * timedelta(minutes=30) for k in range(len(upper))]
            pq.write_table(
                pa.table(
                    {
                        "datetime": pa.array(at, pa.timestamp("us", "UTC")),
                        "lower_kw": pa.array(lower, pa.float64()),
                        "upper_kw": pa.array(upper, pa.float64()),
                    }
                ),
                folder / f"{zone}.parquet",
            )
        with Store.open(tmp_path / "runs.db") as store:
            store.write_limits(run.id, [StoredLimit("feeder-17", z, f"{z}.parquet") for z in zones])
        return str(tmp_path / "runs.db")

    return write


def hub(**more):
    """Two clusters over two hours in steps of 5 min; limits 20 and 30 kW."""
    lower = [np.full(24, -20.0), np.full(24, -5.0)]
    upper = [np.full(24, 20.0), np.full(24, 30.0)]
    return make_system([[Unit()], [Unit()]], lower_kw=lower, upper_kw=upper, tolerance_kw=0.5, **more)


def test_no_limits_leave_the_system_as_it_is(tmp_path):
    system = hub()
    assert with_cluster_limits(system, {}, str(tmp_path / "nowhere.db")) == (system, ())


@pytest.mark.parametrize("key", ["cluster2", "cluster_cluster2"])
def test_a_cluster_keeps_to_both_limits_and_to_its_own_tolerance(offer, key):
    url = offer(z=([-10.0, -3.0, -3.0, 1.0], [50.0, 8.0, 9.0, 10.0]))
    system, findings = with_cluster_limits(hub(), {key: FEEDER}, url)
    assert findings == ()
    limit = system.limits[1]
    assert limit.upper_kw.tolist() == [30.0] * 6 + [8.0] * 6 + [9.0] * 6 + [10.0] * 6
    assert limit.lower_kw.tolist() == [-5.0] * 6 + [-3.0] * 12 + [1.0] * 6
    assert limit.tolerance_kw == 0.5
    assert limit.reason == "capacity of cluster2; limit from latest:feeder-17"
    assert system.limits[0].upper_kw.tolist() == [20.0] * 24  # the other is as it was


def test_a_limit_on_the_whole_system(offer):
    url = offer(z=([-1.0] * 4, [7.0] * 4))
    system, findings = with_cluster_limits(hub(), {"system": FEEDER}, url)
    assert findings == ()
    assert system.system_limit.upper_kw.tolist() == [7.0] * 24
    assert system.system_limit.lower_kw.tolist() == [-1.0] * 24
    own = Limit(np.full(24, -0.5), np.full(24, 25.0), "of the hub", 2.0)
    system, _ = with_cluster_limits(hub(system_limit=own), {"system": FEEDER}, url)
    both = system.system_limit
    assert (both.lower_kw[0], both.upper_kw[0], both.tolerance_kw) == (-0.5, 7.0, 2.0)


def test_a_chosen_zone(offer):
    url = offer(a=([0.0] * 4, [5.0] * 4), b=([0.0] * 4, [6.0] * 4))
    source = LimitSource(run="1", zone="b")
    system, findings = with_cluster_limits(hub(), {"cluster1": source, "cluster2": source}, url)
    (finding,) = findings
    assert (finding.rule, finding.severity) == ("cluster.limit.shared", "warning")
    assert "cluster1, cluster2 take the same limit, zone b of run 1" in finding.message
    assert "2 times what the zone has" in finding.message
    assert [limit.upper_kw[0] for limit in system.limits] == [6.0, 6.0]


def test_clusters_may_share_a_zone_that_holds_the_whole_hub_too(offer):
    url = offer(a=([0.0] * 4, [5.0] * 4), b=([0.0] * 4, [6.0] * 4))
    one, other = LimitSource(run="1", zone="b"), LimitSource(run="latest:feeder-17", zone="a")
    assert with_cluster_limits(hub(), {"cluster1": one, "cluster2": other}, url)[1] == ()
    limits = {"cluster1": one, "cluster2": LimitSource(run="latest:feeder-17", zone="b")}
    assert [f.rule for f in with_cluster_limits(hub(), limits, url)[1]] == ["cluster.limit.shared"]
    assert with_cluster_limits(hub(), {**limits, "system": one}, url)[1] == ()


@pytest.mark.parametrize(
    ("limits", "rule", "words"),
    [
        ({"cluster3": FEEDER}, "target", "names no cluster of this hub"),
        ({"cluster1": FEEDER, "cluster_cluster1": FEEDER}, "target", "limits the same cluster as cluster1"),
        ({"cluster1": LimitSource(run="9")}, "run", "There is no run '9'"),
        ({"cluster1": LimitSource(run="1", zone="c")}, "zone", "has no zone 'c'"),
        ({"cluster1": FEEDER}, "zone", "limits 2 zones, and none is chosen"),
        ({"cluster1": LimitSource(run="1", zone="short")}, "stamps", "6 of 24 periods of the run are not"),
        ({"cluster1": LimitSource(run="1", zone="a")}, "lower", "leaves nothing together with the limit"),
    ],
)
def test_what_is_wrong_is_told(offer, limits, rule, words):
    url = offer(a=([21.0] * 4, [40.0] * 4), short=([0.0] * 3, [6.0] * 3))
    before = hub()
    system, (finding,) = with_cluster_limits(before, limits, url)
    assert (finding.rule, finding.severity) == (f"cluster.limit.{rule}", "error")
    assert words in finding.message
    assert finding.where.startswith("limits.cluster")
    assert finding.remedy
    assert system.limits == before.limits


def test_a_store_that_is_away_is_a_finding_per_limit(tmp_path):
    limits = {"cluster1": FEEDER, "system": FEEDER}
    _, findings = with_cluster_limits(hub(), limits, str(tmp_path / "nowhere.db"))
    assert [f.rule for f in findings] == ["cluster.limit.run"] * 2
    assert not (tmp_path / "nowhere.db").exists()


def test_a_scenario_takes_its_limit_and_its_hash_tells(tmp_path, offer):
    url = offer(start=datetime(2026, 3, 2, 7, tzinfo=UTC), z=([-9.0] * 24, [12.0] * 24))
    path = write_cluster_template(tmp_path / "hub")[0]
    plain, _ = read_hub(read_scenario(path), url)
    limited, findings = read_hub(read_scenario(path, ['limits.cluster2={run="latest:feeder-17"}']), url)
    assert findings == ()
    assert limited.system.limits[0].upper_kw.tolist() == plain.system.limits[0].upper_kw.tolist()
    assert limited.system.limits[1].upper_kw.max() == 12.0
    assert hash_cluster_inputs(limited) != hash_cluster_inputs(plain)
    nothing, findings = read_hub(read_scenario(path, ['limits.south={run="latest:feeder-17"}']), url)
    assert nothing is None
    assert [f.rule for f in findings] == ["cluster.limit.target"]
