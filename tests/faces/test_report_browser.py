"""report.html in a real browser: offline, quiet, on a phone, in the dark."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.command_line import sparewatt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

CONTRAST = """
() => {
  const light = c => {
    const [r, g, b] = c.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = s => s.match(/[\\d.]+/g).map(Number);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0.5) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const found = [];
  const kinds = 'h1, h2, h3, p, li, td, th, figcaption, summary, a, strong, span';
  for (const e of document.querySelectorAll(kinds)) {
    const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const box = e.getBoundingClientRect();
    if (!text || !box.width || e.closest('svg')) continue;
    const a = light(parse(getComputedStyle(e).color).slice(0, 3)), b = light(behind(e));
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.tagName, e.textContent.trim()]);
  }
  return found.sort((x, y) => x[0] - y[0]).slice(0, 5);
}
"""


class Told(NamedTuple):
    """A report and what it must tell."""

    path: Path
    title: str
    headline: str
    pictures: tuple[str, ...]
    least_pictures: int


TOLD = {
    "depot": (
        "Four vans, one limit",
        r"Smart charging cuts the cost .* by 12\.9 %",
        ("Site load under the agreed supply capacity", "Every vehicle, half-hour by half-hour"),
        5,
    ),
    "cluster": (
        "Two car parks, one substation",
        r"10 of 14 visitors were connected in 2 clusters",
        ("Load of each cluster under its limits", "Occupation of the units", "State of charge, vehicle by"),
        3,
    ),
}


def made(tmp_path_factory: pytest.TempPathFactory, study: str) -> Path:
    """The report of an example, as `run` writes it."""
    folder = tmp_path_factory.mktemp(study)
    sparewatt("init", study, "mine", cwd=folder)
    sparewatt("run", "mine", "--quiet", "--out", "out", cwd=folder)
    return folder / "out" / "report.html"


@pytest.fixture(scope="module", params=["depot", "cluster"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    path = made(tmp_path_factory, request.param)
    return Told(path, *TOLD[request.param])


@pytest.fixture
def report(told: Told) -> Path:
    return told.path


@contextmanager
def opened(browser: Browser, report: Path, **options: object) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The page, what the console complained about, and every address that was asked for."""
    context = browser.new_context(offline=False, **options)  # online: a request would be seen, not refused
    page, complaints, asked = context.new_page(), [], []
    page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri(), wait_until="load")
    yield page, complaints, asked
    context.close()


def test_it_opens_from_a_file_alone_and_says_the_headline_first(chromium, told):
    with opened(chromium, told.path, viewport={"width": 1280, "height": 900}) as (page, complaints, asked):
        assert told.title in page.title()
        assert page.locator("h1").count() == 1
        headline = page.get_by_text(re.compile(told.headline)).first
        assert headline.is_visible()
        assert headline.bounding_box()["y"] < 900  # seen without scrolling
        assert page.locator("figure svg").count() >= told.least_pictures
        for word in told.pictures:
            assert page.get_by_role("heading", name=word).or_(page.get_by_text(word)).first.is_visible()
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(100)
        assert complaints == []
        assert asked == [told.path.as_uri()]


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_does_not_scroll_sideways(chromium, report, width):
    with opened(chromium, report, viewport={"width": width, "height": 844}) as (page, complaints, _):
        wide = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.body.scrollWidth, window.innerWidth]"
        )
        assert max(wide[:2]) <= wide[2] == width
        page.evaluate("() => window.scrollTo(500, 0)")
        assert page.evaluate("() => window.scrollX") == 0
        assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_light_and_dark(chromium, report, scheme):
    with opened(chromium, report, color_scheme=scheme) as (page, complaints, _):
        background = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        brightness = sum(map(int, re.findall(r"\d+", background)[:3])) / 3
        assert (brightness < 80) == (scheme == "dark")
        worst = page.evaluate(CONTRAST)
        assert worst[0][0] >= 4.5, worst  # WCAG AA
        assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_pictures_can_be_read_too(chromium, report, scheme):
    with opened(chromium, report, color_scheme=scheme) as (page, _, _):
        background = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        dark = sum(map(int, re.findall(r"\d+", background)[:3])) / 3 < 80
        fills = page.evaluate(
            "() => [...document.querySelectorAll('figure svg text')].map(t => getComputedStyle(t).fill)"
        )
        colours = [[int(n) for n in re.findall(r"\d+", fill)[:3]] for fill in fills]
        # aside: names of lines in the colours of the lines, and white numbers on bars
        grey = [c for c in colours if max(c) - min(c) < 40 and c != [255, 255, 255]]
        assert len(grey) > 50
        shades = [sum(c) / 3 for c in grey]
        assert (min(shades) > 120) if dark else (max(shades) < 140)


@pytest.mark.parametrize("study", ["depot", "cluster"])
def test_a_name_that_is_markup_stays_text(chromium, tmp_path, study):
    sparewatt("init", study, "vans", cwd=tmp_path)
    path = tmp_path / "vans" / "scenario.toml"
    text = path.read_text(encoding="utf-8").replace(
        f'"{TOLD[study][0]}"', "'<img src=x onerror=alert(1)> & \"vans\"'"
    )
    assert "onerror" in text
    path.write_text(text, encoding="utf-8")
    sparewatt("run", "vans", "--quiet", "--out", "out", cwd=tmp_path)
    with opened(chromium, tmp_path / "out" / "report.html") as (page, complaints, asked):
        assert '<img src=x onerror=alert(1)> & "vans"' in page.locator("body").inner_text()
        assert page.locator("img").count() == 0
        assert complaints == []
        assert len(asked) == 1
