"""Network runs through the library: whole, stopped and carried on, damaged; limits taken by others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.support.command_line import run_files
from tests.support.network_scenarios import place_in, small_network, write_network_scenario

from sparewatt.errors import InputError, RunCancelled, StoreError
from sparewatt.inputs.generate.fleet import generate_fleet
from sparewatt.inputs.network.input_hash import hash_network_inputs
from sparewatt.inputs.network.settings import NetworkSettings
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.network_reading import read_network_view
from sparewatt.results.store import Store
from sparewatt.studies.depot import run_depot
from sparewatt.studies.depot_inputs import read_depot
from sparewatt.studies.network import run_network
from sparewatt.studies.network_inputs import check_network, read_network_scenario
from sparewatt.studies.pieces import PIECES, Pieces
from sparewatt.tasks import Cancel


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody disturbs: its folder, what it came to, and the progress that it told."""
    folder = tmp_path_factory.mktemp("whole")
    told = []
    finished = run_network(
        small_network(folder / "in"),
        place_in(folder),
        on_progress=lambda part, share: told.append((part, share)),
    )
    return folder, finished, told


def view_of(folder):
    return read_network_view(folder / "out" / "series")


def test_everything_is_written_and_nothing_is_left(whole):
    folder, finished, told = whole
    out = folder / "out"
    assert (out / "report.html").exists()
    tables = {p.stem for p in out.glob("tables/*.csv")}
    assert {"zones", "limits", "violations", "hosting", "customers", "findings"} <= tables
    series = {p.stem for p in out.glob("series/*.parquet")}
    assert {"zone_flow", "zone_voltage", "headroom", "ev_schedule", "limit_1"} <= series
    assert not (out / PIECES).exists()
    assert not list(out.rglob("*.partial"))
    shares = [share for _, share in told]
    assert shares[-1] == 1.0
    assert max(shares) <= 1.0
    assert finished.outcome.study == "network"
    assert [f for f in finished.outcome.findings if f.severity == "error"] == []


def test_replays_are_of_the_days_that_were_planned(whole):
    view = view_of(whole[0])
    horizon = view.ev_horizon
    assert horizon.days == 2
    assert horizon.local(0).hour == 12
    for replay in view.replays:
        assert np.array_equal(view.horizon.boundaries_s[replay.periods], horizon.boundaries_s[:-1])
    assert [r.charging for r in view.replays] == ["none", "optimised", "unmanaged"]
    assert view.evs
    for zone in view.evs:
        assert np.all(zone.optimised.total_kw <= zone.upper_kw + 1e-6)
        assert np.all(zone.optimised.total_kw >= zone.lower_kw - 1e-6)
        assert len(set(zone.customer.tolist())) == len(zone.customer)
        assert np.all(view.customers.zone[zone.customer] == zone.zone)


def test_limits_are_offered_in_the_store(whole):
    folder, finished, _ = whole
    view = view_of(folder)
    with Store.open(str(folder / "sparewatt.db")) as store:
        offered = store.read_limits(finished.run_id)
    assert [limit.zone for limit in offered] == list(view.zone_ids)
    table = pq.read_table(folder / "out" / offered[0].path)
    assert table.schema.names == ["datetime", "lower_kw", "upper_kw"]
    assert len(table) == view.horizon.periods
    row = int(view.finds.case[0])
    expected = np.maximum(view.cases[row].headroom.headroom_kva[0], 0.0) * 0.98
    assert np.array(table["upper_kw"]) == pytest.approx(expected)


@pytest.mark.slow
def test_two_processes_come_to_the_same_bytes(whole, tmp_path):
    run_network(small_network(tmp_path / "in"), place_in(tmp_path, workers=2))
    assert run_files(tmp_path / "out") == run_files(whole[0] / "out")


@pytest.mark.parametrize("share", [0.35, 0.7])
def test_stopped_and_carried_on(whole, tmp_path, share):
    scenario, place, cancel = small_network(tmp_path / "in"), place_in(tmp_path), Cancel()

    def stop(_part, done):
        if done >= share:
            cancel.set()

    with pytest.raises(RunCancelled):
        run_network(scenario, place, on_progress=stop, cancel=cancel)
    kept = list((tmp_path / "out" / PIECES).glob("*.bin"))
    assert kept
    kept[0].write_bytes(kept[0].read_bytes()[:-3])  # cut: that piece is worked out again
    finished = run_network(scenario, place, resume=True)
    assert finished.outcome == whole[1].outcome
    assert run_files(tmp_path / "out") == run_files(whole[0] / "out")
    assert not (tmp_path / "out" / PIECES).exists()
    if len(kept) > 1:
        assert " kept from before" in (tmp_path / "out" / "run.log").read_text()


def test_carried_on_in_another_folder(whole, tmp_path):
    scenario, cancel = small_network(tmp_path / "in"), Cancel()
    cancel.set()
    with pytest.raises(RunCancelled):
        run_network(scenario, place_in(tmp_path), cancel=cancel)
    finished = run_network(scenario, place_in(tmp_path, "other"), resume=True)
    assert finished.folder.path.name == "other"
    assert run_files(tmp_path / "other") == run_files(whole[0] / "out")


def test_a_run_that_is_done_is_handed_on(whole):
    folder, finished, _ = whole
    again = run_network(read_scenario(folder / "in" / "scenario.toml"), place_in(folder), resume=True)
    assert again.is_old
    assert again.run_id == finished.run_id


def test_nothing_to_resume_and_changed_inputs(tmp_path):
    cancel = Cancel()
    cancel.set()
    with pytest.raises(RunCancelled):
        run_network(small_network(tmp_path / "in"), place_in(tmp_path), cancel=cancel)
    with pytest.raises(StoreError, match="changed since"):
        run_network(small_network(tmp_path / "in", quantile="0.1"), place_in(tmp_path), resume=True)


def test_the_copy_beside_the_outcome_runs_again(whole, tmp_path):
    folder = whole[0]
    copy = tmp_path / "copy"
    shutil.copytree(folder / "out" / "inputs", copy / "inputs")
    shutil.copy(folder / "out" / "scenario.toml", copy / "scenario.toml")
    inputs, findings = read_network_scenario(read_scenario(copy / "scenario.toml"))
    assert [f for f in findings if f.severity == "error"] == []
    assert hash_network_inputs(inputs, 4) == whole[1].outcome.input_hash


@pytest.mark.parametrize("method", ["per_zone", "shared"])
def test_limits_by_power_flow(tmp_path, method):
    settings = {"limit_method": f'"{method}"', "cases": '["0PV0HP"]', "days": "2", "validate_days": "1"}
    scenario = small_network(
        tmp_path / "in", **settings, hosting="{ samples = 0, managed_samples = 0 }", forecasts="false"
    )
    finished = run_network(scenario, place_in(tmp_path))
    view = view_of(tmp_path)
    assert view.setting.limit_method == method
    assert view.hosting is None
    # a limit found by power flow is never below the flow that is within all bounds already
    series = view.cases[0].series
    fine = (series.min_pu > 0.941).all() and (series.overloads == 0).all()
    assert not fine or np.all(view.cases[0].headroom.headroom_kva > -1e-6)
    assert finished.outcome.level in {"normal", "breach"}


def test_zones_planned_together_stopped_and_carried_on(tmp_path, monkeypatch):
    """All zones under the transformer's headroom: judged, kept zone by zone, the same after a stop."""
    settings = {
        "ev_planning": '"together"',
        "cases": '["0PV0HP"]',
        "days": "3",
        "validate_days": "1",
        "hosting": "{ samples = 0, managed_samples = 0 }",
        "forecasts": "false",
    }
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole = run_network(small_network(tmp_path / "a" / "in", **settings), place_in(tmp_path / "a"))
    assert not [f for f in whole.outcome.findings if f.rule.startswith("network.schedule")]
    assert len(view_of(tmp_path / "a").evs) > 1

    keep, names = Pieces.keep, []

    def keep_one(self, name, arrays):
        keep(self, name, arrays)
        names.append(name)
        if name.startswith("together-"):
            raise KeyboardInterrupt

    scenario, place = small_network(tmp_path / "b" / "in", **settings), place_in(tmp_path / "b")
    with monkeypatch.context() as patch:
        patch.setattr(Pieces, "keep", keep_one)
        with pytest.raises(RunCancelled):
            run_network(scenario, place)
    assert names[-1].startswith("together-")
    assert run_network(scenario, place, resume=True).outcome == whole.outcome
    assert run_files(tmp_path / "b" / "out") == run_files(tmp_path / "a" / "out")


def test_no_validation_no_evs_planned(tmp_path):
    scenario = small_network(
        tmp_path / "in", validate_days="0", hosting="{ samples = 0, managed_samples = 0 }", forecasts="false"
    )
    run_network(scenario, place_in(tmp_path))
    view = view_of(tmp_path)
    assert view.replays == ()
    assert view.evs == ()
    assert view.finds.evs_realised.sum() > 0
    assert len(view.moments) == 1


def test_all_findings_at_once(tmp_path):
    path = write_network_scenario(
        tmp_path,
        cases='["120PV0HP", "nonsense"]',
        voltage_floor_pu="1.2",
        validate_days="9",
        hosting='{ case = "9PV9HP" }',
    )
    text = path.read_text().replace("[inputs]\n", '[inputs]\ndiaries = "none.csv"\nprices = "none2.csv"\n')
    path.write_text(f'{text}[limits]\nx = {{ run = "1" }}\n')
    rules = {f.rule for f in check_network(read_scenario(path))}
    assert {
        *("network.case.share", "network.case.name", "network.bounds", "network.days"),
        *("network.hosting.case", "network.limit"),
    } <= rules
    assert len(rules) >= 8  # and what is said of the two files that are not there
    with pytest.raises(InputError):
        run_network(read_scenario(path), place_in(tmp_path))
    assert not (tmp_path / "out").exists()


def test_every_setting_has_a_description_and_its_unit():
    for name, field in NetworkSettings.model_fields.items():
        assert field.description, name
        if name.endswith(("_pu", "_share", "_factor", "_kwh", "_per_day", "_per_kwh", "quantile", "_value")):
            assert "[" in field.description, name


def test_a_depot_plans_inside_the_headroom_of_a_zone(whole, tmp_path):
    folder = whole[0]
    zone = view_of(folder).zone_ids[0]
    generate_fleet(
        tmp_path / "tables",
        seed=3,
        kind=("vans",),
        vehicles=2,
        allocations=1,
        days=1,
        first_day=date(2026, 1, 13),
    )
    path = tmp_path / "scenario.toml"
    path.write_text(
        'version = 1\nstudy = "depot"\nname = "vans"\n[inputs]\ntables = "tables/"\n'
        f'[limits]\nsite_1 = {{ run = "latest:small net", zone = "{zone}" }}\n'
    )
    store = str(folder / "sparewatt.db")
    place = place_in(tmp_path)
    done = run_depot(read_scenario(path), replace(place, store_url=store))
    assert not [f for f in done.outcome.findings if f.severity == "error"]
    # The limit that the depot had is the one that was offered, hours on the half-hours of the depot.
    (depot,) = read_depot(read_scenario(path), store)[0].depots
    offered = pq.read_table(folder / "out" / "series" / "limit_1.parquet")
    at_s = np.array(offered["datetime"].cast("int64")) // 10**6
    upper = np.array(offered["upper_kw"])
    row = np.searchsorted(at_s, depot.horizon.boundaries_s[:-1], side="right") - 1
    assert depot.limit_kw == pytest.approx(upper[row])
