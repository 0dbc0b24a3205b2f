"""The report: one page, self-contained, escaped, and small."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

from sparewatt.results.depot_report import render_report
from sparewatt.results.outcome import ScenarioOutcome, depot_outcome
from sparewatt.results.report import write_report
from sparewatt.results.run_folder import write_run_folder


class Page(HTMLParser):
    """Tags, attributes and ids of a page; balance of the tags that must close."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "path", "use", "image", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in {"path", "use", "image", "rect"}:
            return
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


def test_page_is_whole_and_asks_for_nothing(outcome, bau_view, hand_view):
    text = render_report(outcome, [(bau_view, hand_view)])
    page = Page(text)
    assert page.open == []
    assert "script" not in page.tags
    assert page.tags.count("svg") >= 5
    ids = [v for k, v in page.attributes if k == "id"]
    assert len(ids) == len(set(ids))
    for key, value in page.attributes:
        if key in {"href", "src", "xlink:href"}:
            assert value.startswith(("#", "data:image/png;base64,"))
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text


def test_what_users_wrote_is_escaped(outcome, clock_views):
    nasty = "<script>alert(1)</script>"
    views = clock_views(date(2025, 10, 25), 2, ids=("$\\frac{$<i>", nasty))
    views = [replace(v, allocation_id=nasty, site_id=nasty) for v in views]
    made = depot_outcome(
        [ScenarioOutcome.of_view(v) for v in views],
        name=nasty,
        seed=1,
        input_hash=nasty,
        findings=[replace(outcome.findings[0], message=nasty)],
    )
    text = render_report(made, [views])
    assert "<script" not in text
    assert "<i>" not in text
    assert "&lt;script&gt;" in text


def test_numbers_on_the_page_are_those_of_the_hand_calculation(outcome, bau_view, hand_view):
    text = render_report(outcome, [(bau_view, hand_view)])
    assert "Two vans &lt;b&gt;&amp;" in text
    assert re.search(r"Electricity cost</th><td>8\.00</td><td>7\.40</td><td>−0\.60</td><td>−7\.5 %", text)
    assert "Mon 6 Jan 2025 – Tue 7 Jan 2025 (2 planning days" in text
    assert "4.0 kWh unserved, 1.2 kWh above the limit, at the deadline" in text
    assert "t_sites row 2, column asc_kw" in text
    assert "ab" * 32 in text


def test_clock_change_is_named(outcome, clock_views):
    views = clock_views(date(2025, 10, 25), 2)
    scenarios = [ScenarioOutcome.of_view(v) for v in views]
    made = depot_outcome(scenarios, name="n", seed=1, input_hash="h")
    text = render_report(made, [views])
    assert "clocks go back on Sun 26 Oct" in text


def test_report_of_an_old_run_needs_only_its_files(outcome, bau_view, hand_view, tmp_path):
    folder = write_run_folder(tmp_path, outcome, [bau_view, hand_view])
    first = write_report(folder).read_bytes()
    assert write_report(folder).read_bytes() == first
    assert first.decode().count("<figure>") >= 5


def test_one_mode_alone(outcome, hand_view):
    alone = replace(outcome, scenarios=outcome.scenarios[1:], findings=())
    text = render_report(alone, [(hand_view,)])
    assert "Smart against unmanaged" not in text
    assert "nothing to report" in text


def test_a_run_without_scenarios(outcome):
    text = render_report(replace(outcome, scenarios=(), kpis=()), [])
    assert "Nothing was planned." in text
