"""A community scenario becomes neighbourhood, minutes, rules and prices; what lies beyond is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from sparewatt.inputs.community.input_hash import hash_community_inputs, hash_neighbourhood
from sparewatt.inputs.community.inputs import community_inputs, read_community
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.settings import CommunitySettings
from sparewatt.inputs.community.tariff import read_tariff_steps
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.scenario import Scenario, ScenarioInputs
from support.neighbourhood_folders import ORIGIN, small_files, write_files

DAY_S = 86400


@pytest.fixture
def read(tmp_path):
    """Read the small folder with settings and changed files."""

    def read_it(files=None, source="lane", **settings):
        write_files(tmp_path / "lane", {**small_files(), **(files or {})})
        scenario = Scenario(
            version=1,
            study="community",
            name="x",
            inputs=ScenarioInputs(folder=source),
            community=CommunitySettings(**settings),
            base_dir=tmp_path,
        )
        return read_community(scenario)

    return read_it


def test_all_parts_of_a_run(read, tmp_path):
    inputs, findings = read(algorithm="SLSQP", tol=0.5, time_zone="Europe/London")
    assert findings == ()
    assert (inputs.grid.origin_s, inputs.grid.minutes, inputs.grid.days) == (ORIGIN, 1440, 1)
    assert (inputs.rules.algorithm, inputs.rules.tol) == ("SLSQP", 0.5)
    assert inputs.neighbourhood.name == "Lane"
    assert inputs.folder == (tmp_path / "lane").resolve()
    # London is an hour ahead of UTC in April: 17:00 there is minute 960 from midnight UTC.
    assert inputs.tariff.import_per_kwh.shape == (1440,)
    assert inputs.tariff.import_per_kwh[[0, 959, 960, 1379, 1380]].tolist() == [0.2, 0.2, 0.4, 0.4, 0.2]
    assert set(inputs.tariff.feed_in_per_kwh.tolist()) == {0.05}


def test_prices_of_the_settings_come_before_those_of_the_folder(read):
    inputs, _ = read(tariff=0.5, feed_in=0.1)
    assert set(inputs.tariff.import_per_kwh.tolist()) == {0.5}
    assert set(inputs.tariff.feed_in_per_kwh.tolist()) == {0.1}
    inputs, _ = read(feed_in=0.01)
    assert set(inputs.tariff.import_per_kwh.tolist()) == {0.2, 0.4}
    assert set(inputs.tariff.feed_in_per_kwh.tolist()) == {0.01}


def test_without_any_prices_there_are_usual_ones(tmp_path, read):
    files = small_files()
    write_files(tmp_path / "lane", files)
    read()
    (tmp_path / "lane" / "tariff.csv").unlink()
    scenario = Scenario(version=1, study="community", inputs=ScenarioInputs(folder="lane"), base_dir=tmp_path)
    inputs, findings = read_community(scenario)
    assert findings == ()
    assert (inputs.tariff.import_per_kwh[0], inputs.tariff.feed_in_per_kwh[0]) == (0.3, 0.08)


def test_a_file_of_prices_beside_the_scenario_in_unix_seconds(read, tmp_path):
    rows = f"time,import_per_kwh,feed_in_per_kwh\n{ORIGIN},-0.1,-0.2\n{ORIGIN + 90},0.3,0.1\n"
    (tmp_path / "spot.csv").write_text(rows)
    inputs, findings = read(tariff="spot.csv")
    assert findings == ()
    # The step at 90 s holds from minute 2 on: minute 1 begins at 60 s.
    assert inputs.tariff.import_per_kwh[:3].tolist() == [-0.1, -0.1, 0.3]
    assert inputs.tariff.feed_in_per_kwh[[0, -1]].tolist() == [-0.2, 0.1]


@pytest.mark.parametrize(
    ("text", "rule", "where", "value"),
    [
        ("06:00,0.2,0.1\n", "community.tariff.gap", "t.csv row 2, column time", "06:00"),
        (f"{ORIGIN + 1},0.2,0.1\n", "community.tariff.gap", "t.csv row 2, column time", str(ORIGIN + 1)),
        ("00:00,0.2,0.1\n00:00,0.3,0.1\n", "community.tariff.order", "t.csv row 3, column time", "00:00"),
        ("00:00,0.2,0.1\n25:00,0.3,0.1\n", "community.value.clock", "t.csv row 3, column time", "25:00"),
        (
            *(f"00:00,0.2,0.1\n{ORIGIN},0.3,0.1\n", "community.value.clock"),
            *("t.csv row 3, column time", str(ORIGIN)),
        ),
        ("00:00,cheap,0.1\n", "community.value.number", "t.csv row 2, column import_per_kwh", "cheap"),
        ("00:00,0.2\n", "community.row.fields", "t.csv row 2", "00:00,0.2"),
        ("", "community.file.empty", "t.csv", ""),
    ],
)
def test_gaps_and_other_faults_of_prices(read, tmp_path, text, rule, where, value):
    (tmp_path / "t.csv").write_text("time,import_per_kwh,feed_in_per_kwh\n" + text)
    inputs, findings = read(tariff="t.csv")
    assert inputs is None
    assert [(f.rule, f.severity, f.where, f.value) for f in findings] == [(rule, "error", where, value)]


def test_a_feed_in_price_above_the_price_is_a_warning(read):
    inputs, findings = read(tariff=0.1, feed_in=0.2)
    assert inputs is not None
    assert [(f.rule, f.severity) for f in findings] == [("community.tariff.spread", "warning")]


def test_prices_follow_the_clock_over_its_changes(tmp_path):
    """On 29 March 2026 London's clocks skip 1:00 to 2:00: 17:00 BST is 16:00 UTC."""
    midnight = int(datetime(2026, 3, 29, tzinfo=UTC).timestamp())
    n, _ = read_neighbourhood(write_files(tmp_path / "lane", small_files()))
    settings = CommunitySettings(time_zone="Europe/London", days=1)
    text = "time,import_per_kwh,feed_in_per_kwh\n00:00,0.2,0\n01:30,0.3,0\n17:00,0.4,0\n"
    steps = read_tariff_steps("t.csv", text, FindingLog())
    inputs, _ = community_inputs(replace(n, origin_s=midnight), settings, steps)
    assert inputs.tariff.import_per_kwh[[0, 59, 60, 959, 960]].tolist() == [0.2, 0.2, 0.3, 0.3, 0.4]


def test_times_beyond_the_days_are_counted_and_nothing_is_dropped(read):
    late = DAY_S + 600
    times = f"{ORIGIN + late};{ORIGIN + late};{ORIGIN + late}"
    edge = f"{ORIGIN + DAY_S - 1};{ORIGIN + DAY_S - 1};{ORIGIN + DAY_S - 1}"
    files = small_files()
    changed = {
        "consumer_event.csv": files["consumer_event.csv"]
        + f"{times};[57]:[219]:[3];wash.csv\n{edge};[57]:[219]:[4];wash.csv\n",
        "producer_event.csv": files["producer_event.csv"]
        + f"{ORIGIN + late};pv_producer[58]:[220];a_3.csv\n",
        "predictions/a_3.csv": f"{ORIGIN + late} 0\n{ORIGIN + late + 3600} 5\n",
    }
    inputs, findings = read(changed, days=1)
    told = [(f.rule, f.severity, f.where, f.value, f.ids) for f in findings]
    where = "community.days"
    assert told == [
        ("community.days.jobs", "warning", where, "1", ("[57]:[219]:[3]",)),
        ("community.days.past", "info", where, "1", ("[57]:[219]:[4]",)),
        ("community.days.forecasts", "info", where, "1", ()),
    ]
    assert len(inputs.neighbourhood.jobs) == 6
    # The job that starts in the last second of the day takes an hour: 60 minutes more, one of them begun.
    assert (inputs.grid.minutes, inputs.grid.days) == (1440 + 60, 1)
    inputs, findings = read(changed)
    # Without days there are as many as hold events; base load of 25 h does not reach over two days.
    assert [f.rule for f in findings] == ["community.base_load.gap"]
    assert inputs.grid.days == 2


def test_base_load_that_begins_late_is_told(read):
    inputs, findings = read({"base_loads/57.csv": f"{ORIGIN + 60} 0\n{ORIGIN + 90000} 1\n"})
    assert inputs is not None
    assert [(f.rule, f.severity, f.ids) for f in findings] == [
        ("community.base_load.gap", "warning", ("57",))
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere", "there is no such folder"),
        ("lane/batteries.csv", "is a file, not a folder"),
        ("../lane", "the path leaves the folder of the scenario file"),
        ("/etc", "the path leaves the folder of the scenario file"),
        ("C:\\lane", "the path leaves the folder of the scenario file"),
        ("a\0b", "is not the name of a folder"),
    ],
)
def test_where_the_folder_is(read, source, message):
    inputs, (finding,) = read(source=source)
    assert inputs is None
    assert (finding.rule, finding.where, finding.message) == (
        "community.source.path",
        "inputs.folder",
        message,
    )
    assert finding.remedy


def test_a_link_out_of_the_scenarios_folder_is_not_followed(read, tmp_path, tmp_path_factory):
    elsewhere = write_files(tmp_path_factory.mktemp("elsewhere"), small_files())
    (tmp_path / "link").symlink_to(elsewhere, target_is_directory=True)
    inputs, findings = read(source="link")
    assert inputs is None
    assert [f.rule for f in findings] == ["community.source.path"]
    (tmp_path / "t.csv").symlink_to(elsewhere / "tariff.csv")
    assert [f.rule for f in read(tariff="t.csv")[1]] == ["community.file.outside"]


def test_findings_of_folder_and_prices_come_together(read):
    inputs, findings = read({"batteries.csv": "", "tariff.csv": ""})
    assert inputs is None
    assert [f.where for f in findings] == ["batteries.csv", "tariff.csv"]


def test_the_folder_has_to_be_given(tmp_path):
    scenario = Scenario(version=1, study="community", base_dir=tmp_path)
    inputs, findings = read_community(scenario)
    assert inputs is None
    assert [(f.rule, f.where) for f in findings] == [("scenario.missing_key", "inputs.folder")]


def test_the_hash_tells_whatever_changes_a_result(read, tmp_path):
    base, _ = read()
    first = hash_community_inputs(base)
    assert hash_community_inputs(read()[0]) == first
    assert hash_community_inputs(read(workers=2)[0]) == first
    settings = [{"tol": 0.5}, {"bound": False}, {"tariff": 0.2}, {"days": 2}, {"repetitions": 2}]
    hashes = {hash_community_inputs(read(**change)[0]) for change in settings}
    files = {
        "loads/wash.csv": "0 0\n60 30\n1800 620.5\n3600 700.26\n",
        "predictions/a_1.csv": f"{ORIGIN} 0\n{ORIGIN + 3600} 250.5\n{ORIGIN + 7200} 1000.1\n",
        "producer_scores.json": '{"pv_producer[58]:[220]": 8.26}',
        "base_loads/57.csv": f"{ORIGIN} 10\n{ORIGIN + 90000} 4001\n",
        "batteries.csv": small_files()["batteries.csv"].replace("0.95", "0.96"),
        "tariff.csv": small_files()["tariff.csv"].replace("0.4", "0.41"),
        "ev_jobs.csv": small_files()["ev_jobs.csv"].replace("1380", "1381"),
        "consumer_event.csv": small_files()["consumer_event.csv"].replace("kettle", "pot"),
    }
    hashes |= {hash_community_inputs(read({name: text})[0]) for name, text in files.items()}
    assert len(hashes) == len(settings) + len(files)
    assert first not in hashes
    write_files(tmp_path / "lane", small_files())
    n = base.neighbourhood
    assert hash_neighbourhood(replace(n, name="other", devices=())) == hash_neighbourhood(n)
    assert hash_neighbourhood(replace(n, scores=np.array([1.0]))) != hash_neighbourhood(n)


def test_a_neighbourhood_at_hand_needs_no_folder(tmp_path):
    n, _ = read_neighbourhood(write_files(tmp_path, small_files()))
    inputs, findings = community_inputs(n, CommunitySettings(tariff=0.4))
    assert findings == ()
    assert inputs.folder is None
    assert (inputs.tariff.import_per_kwh[0], inputs.tariff.feed_in_per_kwh[0]) == (0.4, 0.08)
