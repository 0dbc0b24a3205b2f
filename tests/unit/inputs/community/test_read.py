"""A folder that is right is read number by number; what stands in it is counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.inputs.community.names import read_job_id, read_producer_id, unique_names
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.scaled_text import read_thousandth, thousandfold_text
from sparewatt.model.jobs import FLEXIBLE
from sparewatt.model.neighbourhood import Device
from support.neighbourhood_folders import ORIGIN, small_files, write_files


@pytest.fixture
def small(tmp_path):
    neighbourhood, findings = read_neighbourhood(write_files(tmp_path / "lane", small_files()))
    assert neighbourhood is not None, "\n".join(map(str, findings))
    assert findings == ()
    return neighbourhood


def test_houses_devices_and_time_0(small):
    assert (small.name, small.origin_s, small.house_ids) == ("Lane", ORIGIN, ("57", "58"))
    assert small.devices == (
        Device("57", "1", "219", "Washer & dryer", "wash", "consumer"),
        Device("57", "1", "230", "Car", "", "ev"),
        Device("58", "1", "220", "", "", "producer"),
        Device("58", "1", "kettle", "", "", ""),
    )


def test_jobs_with_profiles_and_evs(small):
    jobs = small.jobs
    assert jobs.ids == ("[57]:[219]:[1]", "[58]:kettle", "[57]:[219]:[2]", "[57]:[230]:[1]")
    assert jobs.house.tolist() == [0, 1, 0, 0]
    assert jobs.device == ("219", "kettle", "219", "230")
    assert jobs.registered_s.tolist() == [600, 660, 900, 100]
    assert jobs.earliest_s.tolist() == [3600, 660, 7200, 3600]
    # 7,400 Wh at 3,700 W take two hours, so the EV has to begin at 28,800 - 7,200 s.
    assert jobs.latest_s.tolist() == [7200, 680, 9000, 21600]
    assert jobs.end_s.tolist() == [10800, 860, 12600, 28800]
    assert jobs.profile.tolist() == [0, 1, 0, FLEXIBLE]
    assert len(jobs.profiles) == 2
    assert jobs.energy_kwh.tolist() == [0.70025, 0.1, 0.70025, 7.4]
    assert jobs.min_kw.tolist() == [0, 0, 0, 1.38]
    assert jobs.max_kw.tolist() == [0, 0, 0, 3.7]
    time_s, energy_kwh = jobs.profiles.points(0)
    assert time_s.tolist() == [0, 60, 1800, 3600]
    assert energy_kwh.tolist() == [0, 0.03, 0.6205, 0.70025]


def test_producers_forecasts_batteries_base_load_and_scores(small):
    assert small.producers.ids == ("pv_producer[58]:[220]",)
    assert (small.producers.house.tolist(), small.producers.device) == ([1], ("220",))
    assert small.forecasts.producer.tolist() == [0, 0]
    assert small.forecasts.issued_s.tolist() == [0, 21600]
    assert small.forecasts.curves.points(0)[1].tolist() == [0, 0.2505, 1.0]
    assert small.forecasts.curves.points(1)[0].tolist() == [21600, 25200]
    battery = small.batteries
    assert [x.tolist() for x in (battery.house, battery.capacity_kwh, battery.charge_kw)] == [
        [1],
        [7.5],
        [3.0],
    ]
    assert [x.tolist() for x in (battery.discharge_kw, battery.efficiency, battery.start_soc)] == [
        [2.5005],
        [0.95],
        [0.2],
    ]
    assert small.base_load.house.tolist() == [0]
    assert [x.tolist() for x in small.base_load.curves.points(0)] == [[0, 90000], [0.01, 4.0]]
    assert small.scores.tolist() == [8.25]


def test_scores_can_be_reset_and_may_be_missing(tmp_path):
    files = small_files()
    folder = write_files(tmp_path, files)
    assert read_neighbourhood(folder, reset_scores=True)[0].scores.tolist() == [10.0]
    (folder / "producer_scores.json").unlink()
    assert read_neighbourhood(folder)[0].scores.tolist() == [10.0]


def test_only_the_two_event_files_are_needed(tmp_path):
    files = {k: v for k, v in small_files().items() if "event" in k or k.startswith(("loads", "pred"))}
    neighbourhood, findings = read_neighbourhood(write_files(tmp_path / "lane", files))
    # Without the EV nothing can run after the second forecast's first hour.
    assert [f.rule for f in findings] == ["community.predictions.no_job"]
    assert (neighbourhood.name, neighbourhood.devices) == ("lane", ())
    assert (len(neighbourhood.jobs), len(neighbourhood.batteries), len(neighbourhood.base_load)) == (3, 0, 0)


def test_producers_stand_in_the_order_of_their_first_forecast_forecasts_in_that_of_the_file(tmp_path):
    files = small_files()
    files["producer_event.csv"] = (
        f"{ORIGIN + 21600};pv_producer[58]:[220];a_2.csv\n"
        f"{ORIGIN + 3600};pv_producer[57]:[9];a_1.csv\n"
        f"{ORIGIN};pv_producer[58]:[220];a_1.csv\n"
        f"{ORIGIN + 3600};pv_producer[57]:[8];a_1.csv\n"
    )
    n, findings = read_neighbourhood(write_files(tmp_path, files))
    assert {f.severity for f in findings} == {"info"}
    assert n.producers.ids == ("pv_producer[58]:[220]", "pv_producer[57]:[9]", "pv_producer[57]:[8]")
    assert n.forecasts.producer.tolist() == [0, 1, 0, 2]
    assert n.forecasts.issued_s.tolist() == [21600, 3600, 0, 3600]
    np.testing.assert_array_equal(n.forecasts.curves.points(1)[1], n.forecasts.curves.points(2)[1])


def test_ids_that_repeat_are_made_unique_with_a_finding(tmp_path):
    files = small_files()
    files["consumer_event.csv"] += (
        f"{ORIGIN + 900};{ORIGIN + 7200};{ORIGIN + 9000};[57]:[219]:[1];wash.csv\n"
        f"{ORIGIN + 900};{ORIGIN + 7200};{ORIGIN + 9000};[57]:[219]:[1];wash.csv\n"
    )
    files["ev_jobs.csv"] += f"[58]:kettle,{ORIGIN + 100},{ORIGIN + 3600},{ORIGIN + 28800},7400,1380,3700\n"
    n, findings = read_neighbourhood(write_files(tmp_path, files))
    assert n.jobs.ids[3:5] == ("[57]:[219]:[1]#2", "[57]:[219]:[1]#3")
    assert n.jobs.ids[-1] == "[58]:kettle#2"
    assert n.jobs.device[-1] == "kettle"
    told = [(f.rule, f.severity, f.where, f.value) for f in findings]
    assert told == [
        ("community.jobs.twice", "warning", "consumer_event.csv row 4, column job_id", "[57]:[219]:[1]"),
        ("community.jobs.twice", "warning", "consumer_event.csv row 5, column job_id", "[57]:[219]:[1]"),
        ("community.jobs.twice", "warning", "ev_jobs.csv row 3, column job_id", "[58]:kettle"),
    ]


def test_a_name_that_is_made_unique_is_never_one_that_is_there():
    unique, changed = unique_names(["a", "a", "a#2", "a", "a#2", "b"])
    assert unique == ("a", "a#3", "a#2", "a#4", "a#5", "b")
    assert changed == [1, 3, 4]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[57]:[219]:[3]", ("57", "219", True)),
        ("[57]:[219]:[3]#2", ("57", "219", True)),
        ("[h 7]:[wash-er]:[back_3]", ("h 7", "wash-er", True)),
        ("[57]:kettle", ("57", "kettle", False)),
        ("57:219:3", None),
        ("[57]:[219]", None),
        ("[57]:[219]:3", None),
        ("[]:[219]:[3]", None),
        ("[57]:[219]:[3]\n", None),
        ("[57]:", None),
        ("pv_producer[57]:[220]", None),
    ],
)
def test_ids_of_jobs(text, place):
    assert read_job_id(text) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("pv_producer[57]:[220]", ("57", "220", True)),
        ("producer[57]:[220]", None),
        ("pv_producer[57]", None),
        ("[57]:[220]", None),
    ],
)
def test_ids_of_producers(text, place):
    assert read_producer_id(text) == place


def test_blank_lines_and_other_line_ends_say_nothing(tmp_path):
    files = small_files()
    files["consumer_event.csv"] = "\r\n" + files["consumer_event.csv"].replace("\n", "\r\n") + "\r\n\r\n"
    files["loads/wash.csv"] = "\n\t0\t0 \n\n 60 30\n1800   620.5\n3600 700.25"
    n, findings = read_neighbourhood(write_files(tmp_path, files))
    assert findings == ()
    assert n.jobs.energy_kwh[0] == 0.70025


def test_a_number_of_wh_is_divided_once():
    """2.1 / 1000 is the double above 0.0021, as 2.1 is rounded before."""
    assert read_thousandth("2.1") == 0.0021 != 2.1 / 1000
    assert read_thousandth("1e3") == 1.0
    rng = np.random.default_rng(1)
    for value in [0.0, 1.0, 1e-9, 123456.789, *rng.uniform(0, 50, 300).tolist()]:
        text = thousandfold_text(value)
        assert read_thousandth(text) == value
        assert "e" not in text
