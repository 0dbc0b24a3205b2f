"""What the README tells people to type works, in that order, and what it links to is there."""

from __future__ import annotations

import contextlib
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from support.command_line import clean_environment, sparewatt, wait_for

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\.venv/bin/sparewatt ([^#\n]+)", README, re.MULTILINE)


def test_links_lead_somewhere():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert len(links) > 15
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.slow
def test_commands_run_one_after_the_other(tmp_path):
    said = {}
    assert len(COMMANDS) >= 9
    assert "serve" in {command.strip() for command in COMMANDS}
    for command in COMMANDS:
        if command.strip() == "serve":  # it goes on until it is told to end
            check_that_it_serves(tmp_path)
            continue
        said[command.strip()] = sparewatt(*shlex.split(command), cwd=tmp_path).words
    assert "Electricity cost" in said["compare latest"]
    assert "Steps above the limit" in said["compare 2 3"]
    assert (tmp_path / "office" / "scenario.toml").is_file()


def check_that_it_serves(folder):
    """The server of the README, on any free port: it answers with its page, and ends in peace."""
    words = [sys.executable, "-m", "sparewatt", "serve", "--port", "0"]
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    address = process.stdout.readline().split()[-1]
    wait_for(lambda: answers(address), 120)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said


def answers(address):
    with contextlib.suppress(httpx.TransportError):
        page = httpx.get(address)
        return page.status_code == 200 and "<title>Sparewatt</title>" in page.text
    return False
