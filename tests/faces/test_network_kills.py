"""A network run killed at some moments: --resume gives the same bytes and leaves nothing behind."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sparewatt.results.store import Store
from support.command_line import query, run_files, wait_for
from support.network_scenarios import write_network_scenario

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="dead owners are known on Linux"),
    pytest.mark.slow,
]
OUT = ("run", ".", "--out", "out", "--quiet")


@pytest.fixture(scope="module")
def undisturbed(forks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    write_network_scenario(folder)
    forks.start(*OUT, cwd=folder).end()
    return run_files(folder / "out")


@pytest.mark.parametrize("pieces", [1, 3, 8])
def test_killed_and_carried_on(forks, undisturbed, tmp_path, pieces):
    write_network_scenario(tmp_path)
    run = forks.start(*OUT, cwd=tmp_path)
    kept = tmp_path / "out" / "pieces"
    wait_for(lambda: len(list(kept.glob("*.bin"))) >= pieces or (tmp_path / "out" / "report.html").exists())
    time.sleep(0.02 * pieces)
    with suppress(ProcessLookupError):
        run.send(signal.SIGKILL)
    run.end(code=None)
    forks.start(*OUT, "--resume", cwd=tmp_path).end()
    assert run_files(tmp_path / "out") == undisturbed
    assert not kept.exists()
    assert not list((tmp_path / "out").rglob("*.partial"))
    assert query(tmp_path / "sparewatt.db", "SELECT count(*), max(state) FROM runs") == [(1, "done")]
    assert Store.check(tmp_path / "sparewatt.db") == ()
