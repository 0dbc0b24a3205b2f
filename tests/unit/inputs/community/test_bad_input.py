"""Every bad input of the spec and the obvious others: one finding each, with file, line, value and remedy."""

from __future__ import annotations

import json

import pytest

from sparewatt.inputs.community.read import read_neighbourhood
from support.neighbourhood_folders import ORIGIN, small_files, write_files

FIRST_JOB = f"{ORIGIN + 600};{ORIGIN + 3600};{ORIGIN + 7200};[57]:[219]:[1];wash.csv"
EV = f"[57]:[230]:[1],{ORIGIN + 100},{ORIGIN + 3600},{ORIGIN + 28800},7400,1380,3700"
BATTERY = "58,7500,3000,2500.5,0.95,0.2"


def found(tmp_path, **changes):
    """Findings of the small folder with some files changed; ``None`` takes a file away."""
    files = small_files()
    for name, change in changes.items():
        if change is None:
            del files[name]
        else:
            files[name] = change(files[name]) if callable(change) else change
    folder = write_files(tmp_path / "lane", files)
    neighbourhood, findings = read_neighbourhood(folder)
    assert (neighbourhood is None) == any(f.severity == "error" for f in findings)
    assert all(f.message and f.where for f in findings)
    assert all(f.remedy for f in findings if f.severity == "error" and "more findings" not in f.message)
    assert not any(str(tmp_path) in str(f) for f in findings)
    return findings


def swap(old, new):
    def change(text):
        assert old in text
        return text.replace(old, new, 1)

    return change


def job(registered=600, earliest=3600, latest=7200, name="[57]:[219]:[1]", load="wash.csv"):
    times = (registered, earliest, latest)
    return ";".join([*(str(ORIGIN + t) if isinstance(t, int) else t for t in times), name, load])


CASES = [
    # file, change, rule, severity, where, value
    (
        *("consumer_event.csv", swap(FIRST_JOB, job(earliest=7201)), "community.jobs.window", "error"),
        *("consumer_event.csv row 1, column latest_start", str(ORIGIN + 7200)),
    ),
    (
        *("consumer_event.csv", swap(FIRST_JOB, job(registered=7201)), "community.jobs.registered", "error"),
        *("consumer_event.csv row 1, column registered", str(ORIGIN + 7201)),
    ),
    (
        *("consumer_event.csv", swap(FIRST_JOB, job(registered="noon")), "community.value.stamp", "error"),
        *("consumer_event.csv row 1, column registered", "noon"),
    ),
    (
        *("consumer_event.csv", swap(FIRST_JOB, job(latest="")), "community.value.missing", "error"),
        *("consumer_event.csv row 1, column latest_start", ""),
    ),
    (
        *("consumer_event.csv", swap(FIRST_JOB, job(latest="1460246400000")), "community.value.stamp"),
        *("error", "consumer_event.csv row 1, column latest_start", "1460246400000"),
    ),
    (
        *("consumer_event.csv", swap(FIRST_JOB, job(latest="1460253600.5")), "community.value.stamp"),
        *("error", "consumer_event.csv row 1, column latest_start", "1460253600.5"),
    ),
    (
        *("consumer_event.csv", swap("[58]:kettle", "58:kettle"), "community.id.job", "error"),
        *("consumer_event.csv row 2, column job_id", "58:kettle"),
    ),
    (
        *("consumer_event.csv", swap(FIRST_JOB, FIRST_JOB + ";7"), "community.row.fields", "error"),
        *("consumer_event.csv row 1", FIRST_JOB + ";7"),
    ),
    (
        *("consumer_event.csv", swap("boil.csv", "99.csv"), "community.file.missing", "error"),
        *("consumer_event.csv row 2, column load_file", "99.csv"),
    ),
    (
        *("consumer_event.csv", swap("boil.csv", ""), "community.value.missing", "error"),
        *("consumer_event.csv row 2, column load_file", ""),
    ),
    (
        *("consumer_event.csv", swap("boil.csv", "../batteries.csv"), "community.file.outside", "error"),
        *("consumer_event.csv row 2, column load_file", "../batteries.csv"),
    ),
    (
        *("consumer_event.csv", swap("boil.csv", "/etc/hostname"), "community.file.outside", "error"),
        *("consumer_event.csv row 2, column load_file", "/etc/hostname"),
    ),
    (
        *("consumer_event.csv", swap("boil.csv", "a\0b"), "community.file.unreadable", "error"),
        *("consumer_event.csv row 2, column load_file", "a\0b"),
    ),
    (
        *("consumer_event.csv", swap("[58]:kettle", "[58]:[219]:[1]"), "community.device.two_houses"),
        *("warning", "consumer_event.csv row 2, column job_id", "[58]:[219]:[1]"),
    ),
    (*("consumer_event.csv", swap("[58]:kettle", "[58]:toaster"), None, "", "", ""),),
    (
        *("consumer_event.csv", swap("[58]:kettle", "[58]:[300]:[1]"), "community.device.unnamed", "info"),
        *("consumer_event.csv row 2, column job_id", "[58]:[300]:[1]"),
    ),
    (
        *("producer_event.csv", swap("pv_producer[58]:[220];a_1", "pv[58]:[220];a_1")),
        *("community.id.producer", "error", "producer_event.csv row 1, column producer_id", "pv[58]:[220]"),
    ),
    (
        *("producer_event.csv", swap("a_1.csv", "b.csv"), "community.file.missing", "error"),
        *("producer_event.csv row 1, column prediction_file", "b.csv"),
    ),
    (
        *("loads/boil.csv", swap("180 100", "180 100\n240 99.5"), "community.curve.falls", "error"),
        *("loads/boil.csv row 3", "99.5"),
    ),
    ("loads/boil.csv", swap("0 0", "0 5"), "community.curve.start", "error", "loads/boil.csv row 1", "0 5"),
    ("loads/boil.csv", swap("0 0", "60 0"), "community.curve.start", "error", "loads/boil.csv row 1", "60 0"),
    (
        *("loads/boil.csv", "0 0\n60 1\n60 2\n", "community.curve.time", "error"),
        *("loads/boil.csv row 3", "60"),
    ),
    ("loads/boil.csv", " \n", "community.curve.empty", "error", "loads/boil.csv", ""),
    (
        *("loads/boil.csv", "0 0\n60 1 2\n", "community.curve.fields", "error"),
        *("loads/boil.csv row 2", "60 1 2"),
    ),
    (
        *("loads/boil.csv", "0 0\n60 nan\n", "community.value.number", "error"),
        *("loads/boil.csv row 2", "60 nan"),
    ),
    (
        *("loads/boil.csv", "0 0\n60 1_0\n", "community.value.number", "error"),
        *("loads/boil.csv row 2", "60 1_0"),
    ),
    (
        *("loads/boil.csv", "0 0\n6.5 1\n", "community.value.stamp", "error"),
        *("loads/boil.csv row 2", "6.5 1"),
    ),
    (
        *("loads/boil.csv", b"0 0\n60 \xff\n", "community.file.encoding", "error"),
        *("loads/boil.csv row 2", repr(b"\xff")),
    ),
    (
        *("loads/boil.csv", "0 0\n180 0\n", "community.loads.no_energy", "warning"),
        *("consumer_event.csv row 2, column load_file", "boil.csv"),
    ),
    (
        *("predictions/a_1.csv", swap("1000", "250"), "community.curve.falls", "error"),
        *("predictions/a_1.csv row 3", "250"),
    ),
    (
        *("predictions/a_1.csv", swap(" 0\n", " -1\n"), "community.curve.start", "error"),
        *("predictions/a_1.csv row 1", "-1"),
    ),
    (
        *("predictions/a_2.csv", f"{ORIGIN + 18000} 0\n{ORIGIN + 25200} 1\n"),
        *("community.predictions.first_row", "info", "producer_event.csv row 2, column issued"),
        str(ORIGIN + 21600),
    ),
    (
        *("ev_jobs.csv", swap(EV, EV.replace("7400", "-1")), "community.value.range", "error"),
        *("ev_jobs.csv row 2, column energy_wh", "-1"),
    ),
    (
        *("ev_jobs.csv", swap(EV, EV.replace("1380", "3701")), "community.ev.power", "error"),
        *("ev_jobs.csv row 2, column min_w", "3701"),
    ),
    (
        *("ev_jobs.csv", swap(EV, EV.replace("7400", "25901")), "community.ev.energy", "error"),
        *("ev_jobs.csv row 2, column energy_wh", "25901"),
    ),
    (
        *("ev_jobs.csv", swap(EV, EV.replace("7400", "22")), "community.ev.energy", "error"),
        *("ev_jobs.csv row 2, column energy_wh", "22"),
    ),
    (
        *("ev_jobs.csv", swap(str(ORIGIN + 28800), str(ORIGIN + 3600)), "community.ev.window", "error"),
        *("ev_jobs.csv row 2, column ready_by", str(ORIGIN + 3600)),
    ),
    ("ev_jobs.csv", "", "community.file.empty", "error", "ev_jobs.csv", ""),
    (
        *("ev_jobs.csv", swap(EV, EV + ",1"), "community.row.fields", "error"),
        *("ev_jobs.csv row 2", EV + ",1"),
    ),
    (*("ev_jobs.csv", swap(EV, '"' + EV), "community.file.form", "error", "ev_jobs.csv row 2", ""),),
    (
        *("batteries.csv", swap(BATTERY, "58,0,3000,2500,0.95,0.2"), "community.value.range", "error"),
        *("batteries.csv row 2, column capacity_wh", "0"),
    ),
    (
        *("batteries.csv", swap(BATTERY, "58,7500,3000,2500,1.05,0.2"), "community.value.range", "error"),
        *("batteries.csv row 2, column efficiency", "1.05"),
    ),
    (
        *("batteries.csv", swap(BATTERY, "58,7500,3000,2500,0.95,20"), "community.value.range", "error"),
        *("batteries.csv row 2, column start_soc", "20"),
    ),
    (
        *("batteries.csv", swap(BATTERY, "58,7500,-3,2500,0.95,0.2"), "community.value.range", "error"),
        *("batteries.csv row 2, column charge_w", "-3"),
    ),
    (
        *("batteries.csv", swap(BATTERY, "58,many,3000,2500,0.95,0.2"), "community.value.number", "error"),
        *("batteries.csv row 2, column capacity_wh", "many"),
    ),
    (
        *("batteries.csv", swap(BATTERY, f"{BATTERY}\n{BATTERY}"), "community.house.twice", "error"),
        *("batteries.csv row 3, column house", "58"),
    ),
    (
        *("batteries.csv", swap(BATTERY, BATTERY.replace("58", "5;8")), "community.value.name", "error"),
        *("batteries.csv row 2, column house", "5;8"),
    ),
    (
        *("base_load.csv", swap("57.csv", "58.csv"), "community.file.missing", "error"),
        *("base_load.csv row 2, column file", "58.csv"),
    ),
    (
        *("base_loads/57.csv", swap("4000", "9"), "community.curve.falls", "error"),
        *("base_loads/57.csv row 2", "9"),
    ),
    (
        *("producer_scores.json", "{\n1: 2}", "community.scores.json", "error"),
        *("producer_scores.json row 2", "1: 2}"),
    ),
    ("producer_scores.json", "", "community.scores.json", "error", "producer_scores.json row 1", ""),
    ("producer_scores.json", "[10]", "community.scores.json", "error", "producer_scores.json", "[10]"),
    (
        *("producer_scores.json", "[" * 100_000, "community.scores.json", "error"),
        *("producer_scores.json", ""),
    ),
    (
        *("producer_scores.json", '{"pv_producer[58]:[220]": "ten"}', "community.scores.value", "error"),
        *("producer_scores.json, pv_producer[58]:[220]", "ten"),
    ),
    (
        *("producer_scores.json", '{"pv_producer[58]:[220]": NaN}', "community.scores.value", "error"),
        *("producer_scores.json, pv_producer[58]:[220]", "nan"),
    ),
    (
        *("producer_scores.json", '{"pv_producer[59]:[1]": 3}', "community.scores.unknown", "warning"),
        *("producer_scores.json, pv_producer[59]:[1]", "pv_producer[59]:[1]"),
    ),
]


@pytest.mark.parametrize(("file", "change", "rule", "severity", "where", "value"), CASES)
def test_each_is_one_finding_with_its_place_and_value(tmp_path, file, change, rule, severity, where, value):
    findings = found(tmp_path, **{file: change})
    expected = [] if rule is None else [(rule, severity, where, value)]
    told = [(f.rule, f.severity, f.where, f.value) for f in findings]
    assert told == expected


@pytest.mark.parametrize("name", ["consumer_event.csv", "producer_event.csv"])
def test_a_missing_event_file_is_named(tmp_path, name):
    assert ("community.file.missing", name, name) in [
        (f.rule, f.where, f.value) for f in found(tmp_path, **{name: None})
    ]


def test_a_column_that_is_misspelt(tmp_path):
    findings = found(tmp_path, **{"ev_jobs.csv": swap("max_w", "maximum")})
    assert [(f.rule, f.where, f.value) for f in findings] == [
        ("community.column.unknown", "ev_jobs.csv row 1", "maximum"),
        ("community.column.missing", "ev_jobs.csv row 1", "max_w"),
    ]


def test_a_forecast_of_a_time_in_which_no_job_can_run(tmp_path):
    """The last job of all is the EV, which has to be ready at 28,800 s."""
    for issued, rules in ((28800 + 3600, ["community.predictions.no_job"]), (28800, [])):
        findings = found(
            tmp_path,
            **{
                "producer_event.csv": swap(f"{ORIGIN + 21600};", f"{ORIGIN + issued};"),
                "predictions/a_2.csv": f"{ORIGIN + issued} 0\n{ORIGIN + issued + 3600} 1\n",
            },
        )
        assert [f.rule for f in findings] == rules
        assert all(f.ids == ("pv_producer[58]:[220]",) and f.value == "a_2.csv" for f in findings)


def test_nobody_produces(tmp_path):
    findings = found(tmp_path, **{"producer_event.csv": "", "producer_scores.json": None})
    assert [(f.rule, f.severity) for f in findings] == [("community.producers.none", "warning")]


def test_a_folder_that_is_not_there_or_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    for name, words in (("nowhere", "there is no such folder"), ("file", "is not a folder")):
        neighbourhood, (finding,) = read_neighbourhood(tmp_path / name)
        assert neighbourhood is None
        assert (finding.rule, finding.message, finding.value) == ("community.source.path", words, name)


def test_nothing_at_all_to_simulate(tmp_path):
    folder = write_files(tmp_path, {"consumer_event.csv": "", "producer_event.csv": "\n"})
    neighbourhood, findings = read_neighbourhood(folder)
    assert neighbourhood is None
    assert [f.rule for f in findings] == ["community.nothing"]


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path):
    files = small_files()
    secret = tmp_path / "secret.csv"
    secret.write_text("0 0\n60 1\n")
    folder = write_files(tmp_path / "lane", files)
    (folder / "loads" / "boil.csv").unlink()
    (folder / "loads" / "boil.csv").symlink_to(secret)
    neighbourhood, findings = read_neighbourhood(folder)
    assert neighbourhood is None
    assert [f.rule for f in findings] == ["community.file.outside"]


def test_a_linked_folder_is_not_followed(tmp_path):
    elsewhere = write_files(tmp_path / "elsewhere", {"boil.csv": "0 0\n60 1\n", "wash.csv": "0 0\n60 1\n"})
    files = {k: v for k, v in small_files().items() if not k.startswith("loads")}
    folder = write_files(tmp_path / "lane", files)
    (folder / "loads").symlink_to(elsewhere, target_is_directory=True)
    _, findings = read_neighbourhood(folder)
    assert {f.rule for f in findings} == {"community.file.outside"}


def test_all_are_told_at_once_and_many_of_a_kind_are_counted(tmp_path):
    files = small_files()
    bad = "".join(job(latest=3000, name=f"[57]:[219]:[{n}]") + "\n" for n in range(3, 203))
    findings = found(
        tmp_path,
        **{
            "consumer_event.csv": files["consumer_event.csv"] + bad,
            "loads/boil.csv": "0 0\n60 x\n",
            "producer_scores.json": "x",
            "batteries.csv": "house\n",
        },
    )
    rules = [f.rule for f in findings]
    assert rules.count("community.jobs.window") == 51
    assert any(f.message == "150 more findings of this kind" for f in findings)
    assert {"community.value.number", "community.scores.json", "community.column.missing"} <= set(rules)


def test_a_file_that_many_jobs_name_is_told_once(tmp_path):
    findings = found(tmp_path, **{"loads/wash.csv": None})
    assert [(f.rule, f.where) for f in findings] == [
        ("community.file.missing", "consumer_event.csv row 1, column load_file")
    ]


def test_scores_are_never_unpickled(tmp_path):
    folder = write_files(tmp_path / "lane", {**small_files(), "producer_scores.pickle": b"cos\nsystem\n."})
    neighbourhood, findings = read_neighbourhood(folder)
    assert neighbourhood is not None
    assert findings == ()
    assert json.loads(small_files()["producer_scores.json"]) == {"pv_producer[58]:[220]": 8.25}
