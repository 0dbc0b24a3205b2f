"""`sparewatt work`: runs of the queue are brought to their end; told to end, it puts back what it has."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.studies.submission import submit_run
from support.command_line import clean_environment, query, sparewatt, wait_for, write_fleet, write_hub


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_puts_back_what_it_has(tmp_path, number):
    database = tmp_path / "sparewatt.db"
    hub = read_scenario(write_hub(tmp_path / "in", control="milp", visits=(60, 40), days=6))
    submit_run(hub, str(database), tmp_path / "sparewatt-data")
    process = subprocess.Popen(
        [sys.executable, "-m", "sparewatt", "work"],
        cwd=tmp_path,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_for(lambda: query(database, "SELECT state FROM runs") == [("running",)], 240)
    process.send_signal(number)
    said = process.communicate(timeout=240)[0]
    assert process.returncode == 0, said
    assert "run 1 of small hub: begun" in said
    assert "run 1 of small hub: put back, to be carried on" in said
    assert "0 runs ended." in said
    assert query(database, "SELECT state, owner, deaths FROM runs") == [("queued", "", 0)]


def test_once_ends_when_the_queue_is_empty(tmp_path):
    fleet = read_scenario(write_fleet(tmp_path / "in", kinds=("vans",), days=2))
    submit_run(fleet, str(tmp_path / "sparewatt.db"), tmp_path / "sparewatt-data")
    said = sparewatt("work", "--once", "--workers", 2, cwd=tmp_path)
    assert "run 1 of small: done" in said.words
    assert "1 run ended." in said.words
    assert "0 runs ended." in sparewatt("work", "--once", cwd=tmp_path).words
    assert "the folder" in sparewatt("work", "--db", "no/where.db", cwd=tmp_path, code=1).words
