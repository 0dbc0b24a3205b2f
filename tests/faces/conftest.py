from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.command_line import Forks, Here
from support.web_pages import open_browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """The command line in this process, in an empty folder."""
    for name in ("DB", "DATA", "LOG"):
        monkeypatch.delenv(f"SPAREWATT_{name}", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    return Here(tmp_path, capsys)


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """Command lines that may be killed."""
    with Forks() as forks:
        yield forks


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, the same for all tests of a process."""
    with open_browser() as browser:
        yield browser
