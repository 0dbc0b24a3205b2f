"""Calls in a process of their own: answers, refusals, crashes and calls without end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sparewatt.errors import InputError, TaskError
from sparewatt.tasks import Apart
from support import apart_tasks
from support.command_line import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def apart() -> Iterator[Apart]:
    one = Apart()
    yield one
    one.close()


def test_answers_and_refusals_come_back_from_one_process_that_is_not_this_one(apart: Apart) -> None:
    first = apart.call(apart_tasks.process_id)
    assert first != os.getpid()
    assert apart.call(apart_tasks.process_id) == first
    with pytest.raises(InputError) as refused:
        apart.call(apart_tasks.refuse, "van 3")
    assert [(f.where, f.value) for f in refused.value.findings] == [("van 3", "7")]
    with pytest.raises(TimeoutError, match="of its own"):
        apart.call(apart_tasks.time_out)
    assert apart.call(apart_tasks.process_id) == first


def test_a_crash_costs_its_own_answer_and_nothing_else(apart: Apart, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="crash, twice"):
        apart.call(apart_tasks.crash)
    assert apart.call(apart_tasks.process_id) != os.getpid()
    assert apart.call(apart_tasks.crash_once, tmp_path / "mark") == "second time"


def test_a_call_without_end_is_given_up_and_the_next_is_answered() -> None:
    apart = Apart(limit_s=1.5)
    try:
        apart.call(apart_tasks.process_id)
        began = time.monotonic()
        with pytest.raises(TaskError, match=r"given up after 1\.5 s"):
            apart.call(apart_tasks.wait_for, 60.0)
        assert time.monotonic() - began < 30.0
        apart.limit_s = 60.0
        assert apart.call(apart_tasks.process_id) != os.getpid()
    finally:
        apart.close()


def test_it_can_be_begun_before_it_is_asked(apart: Apart, tmp_path: Path) -> None:
    apart.begin(apart_tasks.crash_once, tmp_path / "mark")  # nobody waits for that, nor for how it ends
    assert apart.call(apart_tasks.process_id) != os.getpid()
    assert apart.call(apart_tasks.crash_once, tmp_path / "mark") == "second time"


def test_it_outlives_the_thread_that_began_it(apart: Apart) -> None:
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.append(apart.call(apart_tasks.process_id)))
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert seen == [apart.call(apart_tasks.process_id)]


def test_the_process_ends_with_its_parent_however_that_dies() -> None:
    words = (
        "import os, signal\n"
        "from sparewatt.tasks import Apart\n"
        "from support.apart_tasks import process_id\n"
        "if __name__ == '__main__':\n"
        "    print(Apart().call(process_id), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, env=clean_environment(), check=False
    )
    number = int(told.stdout)
    until = time.monotonic() + 20
    while Path(f"/proc/{number}").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
