"""Generated hubs as folders: what the reader of the cluster study makes of them, seeds and kinds."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.support.shared_folder import shared_path
from tests.support.visit_bins import independent, models

from sparewatt.inputs.cluster.read import ClusterSources, read_cluster
from sparewatt.inputs.cluster.sheet_records import sheet_records
from sparewatt.inputs.generate.bin_workbook import read_bin_workbook
from sparewatt.inputs.generate.demo_hub import draw_demo_hub, write_demo_hub
from sparewatt.inputs.generate.hub_plan import DriverHabits
from sparewatt.inputs.generate.site_kinds import SITES
from sparewatt.inputs.generate.sites import draw_sites, generate_sites
from sparewatt.inputs.generate.visit_bins import (
    IndependentBins,
    VisitChances,
    find_soc_gaps,
    find_stay_gaps,
)
from sparewatt.inputs.generate.visit_histograms import HISTOGRAM_COLUMNS, visit_histograms
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.fleet import NO_TIME
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.simulate.hub import simulate_hub

EXACT = ("battery_kwh", "max_charge_kw", "max_discharge_kw", "min_soc", "max_soc", "target_soc")
EXACT += ("declared_soc", "real_soc", "v2g_allowance_kwh", "target_cluster")
TIMES = ("reservation_s", "declared_arrival_s", "declared_departure_s", "real_arrival_s", "real_departure_s")


def read_back(path):
    scenario = read_scenario(path)
    sources = ClusterSources(scenario.inputs.workbook, scenario.inputs.tables)
    return read_cluster(sources, scenario.cluster, scenario.base_dir)


def assert_same_hub(inputs, drawn):
    fleet, system = inputs.fleet, inputs.system
    assert fleet.ids == drawn.fleet.ids
    for name in (*EXACT, *TIMES):
        assert np.array_equal(getattr(fleet, name), getattr(drawn.fleet, name)), name
    assert system.cluster_ids == drawn.system.cluster_ids
    assert system.evses.ids == drawn.system.evses.ids
    assert np.array_equal(system.evses.max_charge_kw, drawn.system.evses.max_charge_kw)
    for read, made in zip(system.limits, drawn.system.limits, strict=True):
        assert np.array_equal(read.upper_kw, made.upper_kw)
        assert np.array_equal(read.lower_kw, made.lower_kw)
    assert system.price_per_kwh == pytest.approx(drawn.system.price_per_kwh)
    assert (system.horizon.start, system.horizon.periods) == (
        drawn.system.horizon.start,
        drawn.system.horizon.periods,
    )


@pytest.mark.parametrize("as_tables", [False, True])
def test_the_reader_finds_nothing_and_reads_what_was_drawn(tmp_path, as_tables):
    options = {"seed": 3, "clusters": 4, "kind": tuple(SITES), "units": (9, 4, 6, 12), "visits_per_day": 12}
    path = generate_sites(tmp_path, as_tables=as_tables, **options)
    inputs, findings = read_back(path)
    assert [f for f in findings if f.severity == "error"] == []
    assert_same_hub(inputs, draw_sites(**options))


@pytest.mark.parametrize("first_day", [date(2026, 3, 27), date(2026, 10, 23)])
def test_hubs_over_a_clock_change_are_read_as_drawn(tmp_path, first_day):
    """Also arrivals in the hour that comes twice, or never."""
    bins = independent()
    night = replace(
        bins,
        arrival=replace(
            bins.arrival, lower_min=np.array([0, 60, 120.0]), upper_min=np.array([60, 120, 180.0])
        ),
    )
    options = {
        "seed": 1,
        "clusters": 1,
        "units": 30,
        "visits_per_day": 40,
        "first_day": first_day,
        "chances": VisitChances(night, models()),
    }
    path = generate_sites(tmp_path, **options)
    inputs, findings = read_back(path)
    assert [f for f in findings if f.severity == "error"] == []
    assert_same_hub(inputs, draw_sites(**options))
    hours = inputs.system.horizon.periods / 12
    assert hours == (119 if first_day.month == 3 else 121)


def test_same_seed_same_bytes_and_another_seed_another_hub(tmp_path):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        generate_sites(tmp_path / name, seed=seed, days=2)
        time.sleep(0.01)
    for file in ("scenario.toml", "hub.xlsx", "histograms.csv"):
        a, b, c = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert a == b
        assert a != c


def test_more_clusters_leave_the_visits_to_the_first_as_they_were():
    one = draw_sites(seed=5, clusters=1, units=9, visits_per_day=20)
    two = draw_sites(seed=5, clusters=2, units=9, visits_per_day=20)
    first = two.fleet.target_cluster == 0
    assert np.array_equal(one.fleet.declared_arrival_s, two.fleet.declared_arrival_s[first])
    assert np.array_equal(one.fleet.real_soc, two.fleet.real_soc[first])
    assert np.array_equal(one.system.limits[0].upper_kw, two.system.limits[0].upper_kw)


@pytest.mark.parametrize("kind", sorted(SITES))
def test_every_visit_of_a_kind_is_possible(kind):
    site = SITES[kind]
    bins = site.chances.bins
    if isinstance(bins, IndependentBins):
        assert [len(g) for g in find_stay_gaps(bins, site.min_stay_min)] == [0, 0]
        assert len(find_soc_gaps(bins)) == 0
        tables = [*bins.arrival_probability, *bins.departure_probability]
        tables += [bins.arrival_soc_probability, bins.departure_soc_probability]
    else:
        tables = [*bins.time_probability, bins.soc_probability]
        assert not np.tril(bins.soc_probability, -1).any()
    assert [t.sum() for t in (*tables, site.chances.models.probability)] == pytest.approx(
        [1] * (len(tables) + 1)
    )
    assert len(site.limit) == 24


def test_all_columns_of_the_fleet_are_filled_where_everybody_books_and_comes():
    drawn = draw_sites(seed=1, habits=DriverHabits())
    name, header, records = next(sheet_records(drawn.system, drawn.fleet))
    rows = list(records)
    assert (name, len(header), len(rows)) == ("Fleet", 16, len(drawn.fleet))
    assert not [row for row in rows if None in row]
    assert {row[13] for row in rows} == {"cluster1", "cluster2"}


def test_distributions_of_a_generator_workbook_take_the_place_of_a_kind():
    chances, findings = read_bin_workbook(shared_path("data/cluster/input_generator_simple_pdfs.xlsx"))
    assert findings == ()
    drawn = draw_sites(seed=2, chances=chances, visits_per_day=2000, days=5, clusters=1, units=9)
    arrivals = next(
        h for h in visit_histograms(drawn.fleet, "Europe/London", chances) if h.quantity == "arrival"
    )
    assert arrivals.group == "weekday"
    # real arrivals spread by 8 minutes about the declared ones, so shares move a little between hours
    assert np.abs(arrivals.shares - arrivals.expected).sum() / 2 < 0.05


def test_histograms_count_every_visit(tmp_path):
    options = {"seed": 4, "visits_per_day": (50, 30), "days": 7, "habits": DriverHabits()}
    path = generate_sites(tmp_path, **options)
    with (path.parent / "histograms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HISTOGRAM_COLUMNS
    visits = {}
    for r in rows:
        visits.setdefault((r["cluster_id"], r["quantity"]), []).append(int(r["visits"]))
    assert sum(visits["cluster1", "arrival"]) == 5 * 50 + 2 * 10  # a fifth at weekends
    assert sum(visits["cluster2", "arrival"]) == 5 * 30 + 2 * 39
    assert sum(visits["cluster1", "stay"]) == sum(visits["cluster1", "arrival_soc"]) == 270
    shares = [float(r["share"]) for r in rows if r["cluster_id"] == "cluster1" and r["quantity"] == "stay"]
    assert sum(shares) == pytest.approx(1, abs=1e-4)


def test_given_shares_stand_beside_what_was_drawn():
    drawn = draw_sites(seed=4, clusters=2, visits_per_day=3000, habits=DriverHabits())
    for row, chances in enumerate(drawn.chances):
        told = visit_histograms(drawn.fleet, "Europe/London", chances, target_cluster=row)
        given = [
            h for h in told if h.expected is not None and h.group != "weekend" and h.quantity != "departure"
        ]
        assert {h.quantity for h in given} >= {"arrival", "arrival_soc"}
        for h in given:
            assert h.expected.sum() == pytest.approx(1)
            assert np.abs(h.shares - h.expected).sum() / 2 < 0.03, (row, h.quantity)


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"clusters": 0}, {"units": 0}, {"visits_per_day": 0}, {"kind": ()}, {"units": ()}]
)
def test_nothing_to_generate_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="at least one"):
        generate_sites(tmp_path / "x", seed=1, **wrong)
    assert not (tmp_path / "x").exists()


def test_a_step_of_a_minute_and_a_zone_of_ones_own(tmp_path):
    path = generate_sites(tmp_path, seed=1, days=1, step=timedelta(minutes=1), timezone="Asia/Kathmandu")
    inputs, findings = read_back(path)
    assert [f for f in findings if f.severity == "error"] == []
    assert inputs.system.horizon.periods == 1440
    assert inputs.system.horizon.timezone == "Asia/Kathmandu"


def test_the_demo_hub_is_what_its_words_say(tmp_path):
    path = write_demo_hub(tmp_path, seed=7)
    inputs, findings = read_back(path)
    assert findings == ()
    assert_same_hub(inputs, draw_demo_hub(7))
    system, fleet = inputs.system, inputs.fleet
    assert np.bincount(system.evses.cluster).tolist() == [24, 8]
    assert len(fleet) == 5 * 58
    assert 0.4 < np.mean(fleet.reservation_s != NO_TIME) < 0.6
    back = np.flatnonzero(system.limits[0].upper_kw < 0)
    assert [system.horizon.local(t).isoformat() for t in (int(back[0]), int(back[-1]) + 1)] == [
        "2026-10-14T15:00:00+01:00",
        "2026-10-14T16:00:00+01:00",
    ]
    cheap = np.flatnonzero(system.price_per_kwh < 0)
    assert {system.horizon.local(int(t)).strftime("%a %H") for t in cheap} == {"Thu 12", "Thu 13"}


def test_rules_differ_on_the_demo_hub():
    """Without control the limits are broken; least laxity leaves less short than first come first served."""
    drawn = draw_demo_hub(7)
    short, over, given = {}, {}, {}
    for control in ("uncontrolled", "first_come_first_served", "least_laxity_first", "equal_share"):
        rules = OperatingRules(control=control, reservation="simple", queue=True)
        trace = simulate_hub(drawn.system, drawn.fleet, rules)
        k, fleet = trace.connections, drawn.fleet
        missing = np.maximum(fleet.target_soc[k.vehicle] - k.soc_last, 0) * fleet.battery_kwh[k.vehicle]
        short[control] = missing.sum()
        over[control] = np.count_nonzero(trace.cluster_kw[0] > drawn.system.limits[0].upper_kw + 1e-6)
        given[control] = k.v2g_kwh.sum()
    assert over["uncontrolled"] > 100
    assert max(over[c] for c in over if c != "uncontrolled") == 0
    assert short["first_come_first_served"] > 1.5 * short["least_laxity_first"]
    assert short["equal_share"] > 1.2 * short["least_laxity_first"]
    assert short["uncontrolled"] < short["least_laxity_first"]
    assert given["least_laxity_first"] == pytest.approx(25 / 0.93, abs=1e-6)  # an hour of 25 kW grid side
    assert given["uncontrolled"] == 0
