"""The two real neighbourhoods of the shared folder are read whole."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.write import same_parts, write_neighbourhood
from support.shared_folder import shared_path

SIZES = {
    "small_test": (11, ("57", "59", "60")),
    "test": (22, ("57", "58", "59", "60", "61", "62")),
}


@pytest.fixture(scope="module", params=SIZES)
def case(request):
    folder = shared_path(f"data/community/{request.param}")
    neighbourhood, findings = read_neighbourhood(folder)
    assert neighbourhood is not None, "\n".join(map(str, findings))
    assert findings == ()
    return request.param, folder, neighbourhood


def test_every_job_producer_and_forecast_is_there(case):
    name, folder, n = case
    jobs = [line.split(";") for line in (folder / "consumer_event.csv").read_text().split()]
    told = [line.split(";") for line in (folder / "producer_event.csv").read_text().split()]
    assert (len(n.jobs), n.house_ids) == SIZES[name]
    assert n.origin_s == min(int(row[0]) for row in jobs + told)
    assert n.jobs.ids == tuple(row[3] for row in jobs)
    for column, times in enumerate((n.jobs.registered_s, n.jobs.earliest_s, n.jobs.latest_s)):
        assert (times + n.origin_s).tolist() == [int(row[column]) for row in jobs]
    assert n.producers.ids == tuple(dict.fromkeys(row[1] for row in told))
    assert [n.producers.ids[p] for p in n.forecasts.producer] == [row[1] for row in told]
    assert (n.forecasts.issued_s + n.origin_s).tolist() == [int(row[0]) for row in told]
    assert n.scores.tolist() == [10.0] * 3


def test_loads_and_predictions_are_the_numbers_of_their_files(case):
    _, folder, n = case
    for row, line in enumerate((folder / "consumer_event.csv").read_text().split()):
        expected = np.loadtxt(folder / "loads" / line.split(";")[4])
        time_s, energy_kwh = n.jobs.profiles.points(int(n.jobs.profile[row]))
        np.testing.assert_array_equal(time_s, expected[:, 0])
        np.testing.assert_allclose(1000 * energy_kwh, expected[:, 1], rtol=1e-15)
        assert n.jobs.end_s[row] == n.jobs.latest_s[row] + expected[-1, 0]
        assert n.jobs.energy_kwh[row] == energy_kwh[-1]
    for row, line in enumerate((folder / "producer_event.csv").read_text().split()):
        expected = np.loadtxt(folder / "predictions" / line.split(";")[2])
        time_s, energy_kwh = n.forecasts.curves.points(row)
        np.testing.assert_array_equal(time_s + n.origin_s, expected[:, 0])
        np.testing.assert_allclose(1000 * energy_kwh, expected[:, 1], rtol=1e-15)


def test_the_energy_of_all_jobs_is_what_the_reference_says(case):
    name, _, n = case
    said = json.loads(shared_path("reference/community/best_possible.json").read_text())
    for entry in (e for e in said if e["ds"] == name):
        assert 1000 * n.jobs.energy_kwh.sum() == pytest.approx(entry["load_wh"], rel=1e-12)


def test_it_is_written_so_that_it_reads_as_the_same(case, tmp_path):
    _, _, n = case
    write_neighbourhood(n, tmp_path / "copy")
    read, findings = read_neighbourhood(tmp_path / "copy")
    assert findings == ()
    assert same_parts(read, n)
    # Energies of 12 digits come back as they stood in the files.
    for row, event in enumerate((tmp_path / "copy" / "consumer_event.csv").read_text().split()):
        points = np.loadtxt(tmp_path / "copy" / "loads" / event.split(";")[4])
        np.testing.assert_array_equal(points[:, 0], n.jobs.profiles.points(int(n.jobs.profile[row]))[0])
