"""Bad input of a network as a user meets it: file, line and object, exit 1, nothing written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from support.dss_folders import FILES, write_little_network
from support.shared_folder import shared_path

if TYPE_CHECKING:
    from pathlib import Path

    from support.command_line import Here, Said

LINES, LOADS = FILES["lines.txt"], FILES["loads.txt"]
T1 = "New Line.T1 Bus1=b Bus2=d phases=3 Linecode=main Length=50 Units=m\n"
ONE_PHASE = (
    "New Line.S2 Bus1=b Bus2=h2 phases=3 Linecode=service",
    "New Line.S2 Bus1=b.1 Bus2=h2.1 phases=1 R1=0.8 X1=0.08 Normamps=100",
)
KW = "step,L1,L2,L3,L4\n0,1,1,1,1\n1,2,2,2,3\n"


def write_scenario(
    folder: Path, inputs: str = "", network: str = "", **changes: tuple[str, str] | str
) -> None:
    """The little network with a scenario of two days and a table for a power flow, and one thing wrong."""
    write_little_network(folder / "grid", **changes)
    (folder / "kw.csv").write_text(KW, encoding="utf-8")
    (folder / "scenario.toml").write_text(
        'version = 1\nstudy = "network"\nname = "bad"\nseed = 4\n'
        f'[inputs]\nmaster = "grid/Master.dss"\n{inputs}\n'
        f'[network]\ncases = ["0PV0HP", "50PV50HP"]\nstart = 2026-01-12\ndays = 2\nstep = "60min"\n'
        f"{network}\nvalidate_days = 1\nstreak = 1\nforecasts = false\nworkers = 1\n"
        "hosting = { samples = 0, managed_samples = 0, penetrations = [0.5], days = 1 }\n",
        encoding="utf-8",
    )


def files_of(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def error_rows(said: Said) -> list[str]:
    """Rows of the table of findings that are errors."""
    return [" ".join(row.split()) for row in (said.out + said.err).splitlines() if row.startswith("│ error")]


@pytest.fixture
def no_pictures(monkeypatch):
    """Runs without a report: its pictures take longer than all else of a small run."""
    monkeypatch.setattr(
        "sparewatt.results.report.write_report", lambda folder, target=None: target or folder.path / "none"
    )


BAD_NETWORKS = {
    "missing redirect": (
        {"Master_dss": ("Redirect loads.txt", "Redirect load.txt")},
        ("Master.dss line 9", "no file load.txt", "did you mean loads.txt?"),
    ),
    "unknown bus": (
        {"loads_txt": ("h2.2", "h22.2")},
        ("loads.txt line 2, load L2", "bus h22", "did you mean h2?"),
    ),
    "unknown linecode": (
        {"lines_txt": ("Linecode=service Length=12", "Linecode=servce Length=12")},
        ("lines.txt line 6, line S2", "no linecode servce", "did you mean service?"),
    ),
    "island": (
        {"lines_txt": ("Bus1=d Bus2=h3", "Bus1=y Bus2=h3")},
        (
            "lines.txt line 7, line S3",
            "2 nodes (y, h3) with 1 loads have no path to the busbar Bar",
            "join them",
        ),
    ),
    "load on a missing phase": (
        {"lines_txt": ONE_PHASE},
        (
            "loads.txt line 2, load L2",
            "hangs on phase 2 of node h2, which has phase 1",
            "a phase that its line",
        ),
    ),
    "zero length": (
        {"lines_txt": ("Length=60", "Length=0")},
        ("lines.txt line 3, line M2", "the length is 0 m", "a length above 0"),
    ),
    "kV of a load": (
        {"loads_txt": ("h1.1 kV=0.23", "h1.1 kV=0.11")},
        ("loads.txt line 1, load L1", "0.11 kV, the network's there 0.2402 kV", "kV=0.24"),
    ),
    "kV of the source": (
        {"Master_dss": ("BasekV=11", "BasekV=33")},
        ("Master.dss line 4, vsource source", "transformer TR1 11 kV", "BasekV=11"),
    ),
}


@pytest.mark.parametrize(("changes", "told"), BAD_NETWORKS.values(), ids=BAD_NETWORKS)
def test_each_bad_network_is_one_finding_for_check_run_and_powerflow(here: Here, tmp_path, changes, told):
    write_scenario(tmp_path, **changes)
    before = files_of(tmp_path)
    for command in (
        ("check", "."),
        ("run", ".", "--out", "out"),
        ("powerflow", "grid", "--kw", "kw.csv", "--out", "out"),
    ):
        said = here(*command, code=1)
        (row,) = error_rows(said)
        assert all(words in row for words in told), row
        assert (command[0] == "check") != ("nothing was written" in said.words)
        assert files_of(tmp_path) == before


def test_a_loop_is_named_and_the_engines_that_are_suggested_take_it(here: Here, tmp_path, no_pictures):
    write_scenario(tmp_path, lines_txt=LINES + T1)
    for command in (("check", "."), ("run", ".", "--out", "out")):
        (row,) = error_rows(here(*command, code=1))
        assert "lines.txt line 8, line T1" in row
        assert "4 branches form a loop" in row
        assert all(name in row for name in ("T1", "M1", "M2", "N1"))
        assert 'engine = "opendss" or "power_grid_model"' in row
    refused = here("powerflow", "grid", "--kw", "kw.csv", "--out", "pf", code=1)
    assert "T1" in error_rows(refused)[0]
    assert not (tmp_path / "pf").exists()
    lowest = []
    for engine in ("opendss", "power_grid_model"):
        here("check", ".", "--set", f"network.engine={engine}")
        said = here("powerflow", "grid", "--kw", "kw.csv", "--engine", engine, "--out", engine, "--json")
        lowest.append(said.json["lowest_pu"])
        assert said.json["converged"] == 2
    assert lowest[0] == pytest.approx(lowest[1], abs=1e-7)
    said = here("run", ".", "--set", "network.engine=opendss", "--out", "out", "--quiet", "--json")
    assert said.json["level"] == "normal"
    assert not any(f["rule"] == "network.flow.unsolved" for f in said.json["findings"])
    assert said.json["kpis"]["lowest_voltage_v_none"] > 200


def write_long(path: Path, *, skip=(), step_min=None, shift=(), twice=(), negative=(), days=2) -> None:
    """Half-hourly kWh of the four customers from midnight on; what is wrong by (customer, k)."""
    rows = ["time,customer,kwh"]
    for name in ("L1", "L2", "L3", "L4"):
        every = (step_min or {}).get(name, 30)
        for k in range(days * 1440 // every):
            if (name, k) in skip:
                continue
            at = datetime(2026, 1, 12, tzinfo=UTC) + timedelta(minutes=every * k + 7 * ((name, k) in shift))
            value = -0.3 if (name, k) in negative else 0.3
            rows += [f"{at:%Y-%m-%d %H:%M},{name},{value}"] * (2 if (name, k) in twice else 1)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


# L1 stands in rows 2 to 97, L2 from row 98 on.
BAD_PROFILES = {
    "gap": (
        {"skip": {("L2", k) for k in range(10, 20)}},
        (
            "p.csv after row 107",
            "10 values of L2 are missing, 5 h from 2026-01-12 05:00",
            "a value every 30 min",
        ),
    ),
    "another step": (
        {"step_min": {"L2": 15}},
        ("p.csv row 98", "L2 comes every 15 min, most others every 30 min", "one step for all"),
    ),
    "off the axis": (
        {"shift": {("L1", 3)}},
        ("p.csv row 5", "1 stamp of L1 is not on the axis", "all values every 30 min"),
    ),
    "twice": ({"twice": {("L2", 7)}}, ("p.csv row 106", "of L2 stands in row 105 already", "one value")),
    "negative": ({"negative": {("L2", 7)}}, ("p.csv row 105", "demand of L2 is negative", "at least 0")),
    "too short": ({"days": 1}, ("p.csv after row 49", "24 h from 2026-01-13 00:00", "days without the gap")),
}


@pytest.mark.parametrize(("wrong", "told"), BAD_PROFILES.values(), ids=BAD_PROFILES)
def test_profiles_that_are_wrong_name_file_row_and_customer(here: Here, tmp_path, wrong, told):
    write_scenario(tmp_path, 'profiles = "p.csv"')
    write_long(tmp_path / "p.csv", **wrong)
    before = files_of(tmp_path)
    for command in (("check", "."), ("run", ".", "--out", "out")):
        rows = error_rows(here(*command, code=1))
        assert any(all(words in row for words in told) for row in rows), rows
        assert files_of(tmp_path) == before


def test_a_diary_that_is_wrong_is_told_whole(here: Here, tmp_path):
    write_scenario(tmp_path, 'diaries = "cars.csv"')
    (tmp_path / "cars.csv").write_text(
        "name,capacity(kW),battery(kWh),ChargingEfficiency(%)\na,7,40,88\nb,7,40,88\n", encoding="utf-8"
    )
    (tmp_path / "carsTD.csv").write_text(
        "name,t_in,t_out,EStart,EEnd\na,40,40,10,30\nb,50,45,10,30\na,60,100,50,30\nb,60,100,10,400\n",
        encoding="utf-8",
    )
    before = files_of(tmp_path)
    for command in (("check", "."), ("run", ".", "--out", "out")):
        rows = error_rows(here(*command, code=1))
        assert [next(r for r in rows if place in r) for place in (
            "carsTD.csv row 2, column t_out │ a leaves in step 40",
            "carsTD.csv row 3, column t_out │ b leaves in step 45",
            "carsTD.csv row 4, column EStart │ EStart 50 kWh of a is beyond its battery of 40 kWh",
            "carsTD.csv row 5, column EEnd │ EEnd 400 kWh of b is beyond its battery of 40 kWh",
        )] == sorted(rows, key=lambda r: r.split("row ")[1])  # fmt: skip
        assert files_of(tmp_path) == before


def test_everything_that_is_not_there_is_told_at_once(here: Here, tmp_path):
    inputs = 'profiles = "p.csv"\ndiaries = "d.csv"\nprices = "x.csv"\ntemperature = "t.csv"'
    write_scenario(tmp_path, inputs, 'zones = "z.csv"', loads_txt=("h1.1", "h11.1"))
    rows = error_rows(here("check", ".", code=1))
    for words in (
        "no file p.csv",
        "no file d.csv",
        "no file x.csv",
        "no file t.csv",
        "no file z.csv",
        "bus h11",
    ):
        assert any(words in row for row in rows), words
    assert len(rows) == 6


@pytest.mark.parametrize("link", ["grid", "p.csv"])
def test_links_out_of_the_folder_are_told_as_such(here: Here, tmp_path, link):
    folder = tmp_path / "study"
    folder.mkdir()
    write_scenario(folder, 'profiles = "p.csv"')
    write_long(folder / "p.csv")
    here("check", folder)
    (folder / link).rename(tmp_path / f"elsewhere-{link}")
    (folder / link).symlink_to(tmp_path / f"elsewhere-{link}")
    (row,) = error_rows(here("check", folder, code=1))
    assert f"{link} is a link that leads out of the folder of the scenario file" in row
    assert "copy what it links to into the folder" in row
    # What is named on the command line itself may be a link.
    here("powerflow", folder / "grid", "--kw", folder / "kw.csv", "--out", tmp_path / "pf")


def test_snapshots_without_a_solution_are_named_with_the_voltage_elsewhere(here: Here, tmp_path):
    write_scenario(tmp_path)
    (tmp_path / "kw.csv").write_text(f"{KW}2,5000,2,2,3\n", encoding="utf-8")
    said = here("powerflow", "grid", "--kw", "kw.csv", "--out", "pf")
    assert "2 of 3 snapshots solved" in said.words
    assert "no solution in 1 of 3 steps; elsewhere the lowest voltage is 1.0" in said.words
    (tmp_path / "kw.csv").write_text("step,L1,L2,L3,L4\n7,5000,2,2,3\n", encoding="utf-8")
    said = here("powerflow", "grid", "--kw", "kw.csv", "--out", "pf2")
    assert "0 of 1 snapshots solved" in said.words
    assert "no solution in 1 of 1 steps │ 7" in said.words
    assert "None" not in said.words


def test_a_run_says_which_steps_have_no_solution(here: Here, tmp_path, no_pictures):
    far = LINES.replace("Length=80", "Length=80000").replace("Length=40", "Length=60000")
    write_scenario(tmp_path, lines_txt=far)
    said = here("run", ".", "--out", "out")
    assert "case 0PV0HP" in said.words
    assert "the power flow found no solution in" in said.words
    assert "the first at 2026-01-12" in said.words
    assert "elsewhere the lowest voltage is 0." in said.words


def test_a_real_network_with_one_wrong_load_says_which(here: Here, tmp_path):
    (tmp_path / "enwl").mkdir()
    for path in shared_path("data/networks/enwl_1").iterdir():
        text = path.read_text(encoding="utf-8")
        (tmp_path / "enwl" / path.name).write_text(text.replace("1349.1 kV", "99999.1 kV"), encoding="utf-8")
    said = here("powerflow", "enwl", "--kw", "none.csv", "--out", "out", code=1)
    (row,) = error_rows(said)
    assert "Loads.txt line 20, load LOAD120 │ load LOAD120 stands at bus 99999, which no line reaches" in row
