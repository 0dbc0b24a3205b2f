"""What the README tells people to type works, in that order, and what it links to is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from support.command_line import sparewatt

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
    for command in COMMANDS:
        said[command.strip()] = sparewatt(*shlex.split(command), cwd=tmp_path).words
    assert "Electricity cost" in said["compare latest"]
    assert "Steps above the limit" in said["compare 2 3"]
    assert (tmp_path / "office" / "scenario.toml").is_file()
