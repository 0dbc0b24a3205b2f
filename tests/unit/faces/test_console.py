"""Tables and findings as the console shows them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from sparewatt.faces.cli.console import count_text, local_text, print_findings, print_table
from sparewatt.finding import Finding

HEADER = ("", "KPI", "unit", "unmanaged", "smart", "difference", "relative")
ROWS = [
    ("allocation 1", "Energy delivered", "kWh", "1,345", "356", "+11.2", "+3.2 %"),
    ("allocation 1", "Proven gap, worst day", "%", "–", "< 0.001 %", "–", "–"),
    ("allocation 2", "Peak [kW] of the site", "kW", "80.0", "54.0", "−26.0", "−32.5 %"),
]


def shown(width: int, print_it) -> list[str]:
    out = io.StringIO()
    print_it(Console(file=out, width=width, highlight=False))
    return out.getvalue().splitlines()


def test_a_table_groups_its_rows_and_lines_up_numbers():
    lines = shown(100, lambda c: print_table(HEADER, ROWS, c))
    assert sum("allocation 1" in line for line in lines) == 1
    assert "Peak [kW] of the site" in "\n".join(lines)  # brackets are no markup
    ends = {line.index(n) + len(n) for line in lines for n in ("+11.2", "−26.0") if n in line}
    assert len(ends) == 1


@pytest.mark.parametrize("width", range(20, 101, 8))
def test_no_number_is_cut_or_broken_at_any_width(width):
    text = "\n".join(shown(width, lambda c: print_table(HEADER, ROWS, c)))
    for number in ("1,345", "+11.2", "−32.5"):
        assert number in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_a_table_without_rows():
    assert any("KPI" in line for line in shown(80, lambda c: print_table(HEADER, [], c)))


@pytest.mark.parametrize("width", [30, 60, 99, 100, 160])
def test_findings_hold_every_word_at_any_width(width):
    finding = Finding(
        "depot.value.negative",
        "error",
        "t_sites row 2, column asc_kw",
        "is [below] zero",
        "-60",
        "at least 0 kW",
    )
    text = "\n".join(shown(width, lambda c: print_findings([finding], c)))
    for word in ("error", "t_sites", "asc_kw", "[below]", "-60", "least"):
        assert word in text
    assert max(map(len, text.splitlines())) <= width


def test_counts_in_words():
    f = Finding("a", "error", "b", "c")
    assert count_text([]) == "no findings"
    assert count_text([f]) == "1 error"
    assert count_text([f, f, Finding("a", "warning", "b", "c")]) == "2 errors, 1 warning"


def test_paths_below_the_working_folder_are_short(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert local_text(f"Cannot open {tmp_path}/a/b.db now") == "Cannot open a/b.db now"
    assert local_text("Cannot open /elsewhere/b.db") == "Cannot open /elsewhere/b.db"
