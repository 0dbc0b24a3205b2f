"""Pictures of depot and hub: figures that Plotly takes, true to their series, safe with any id."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import pytest

from sparewatt.faces.api.place import ApiPlace
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.web.pictures import colours
from sparewatt.faces.web.pictures.asked import find_asked
from sparewatt.faces.web.pictures.axes import named_day
from sparewatt.faces.web.pictures.catalogue import pictures_of
from sparewatt.faces.web.pictures.figure_table import figure_grid, figure_rows
from sparewatt.faces.web.pictures.gallery import gallery
from sparewatt.faces.web.pictures.overlay import MOST_RUNS, RunLine, compared_pictures, overlaid, run_look
from sparewatt.faces.web.pictures.packing import packed, unpacked
from sparewatt.faces.web.pictures.picture import Look
from sparewatt.faces.web.pictures.run_tables import table_rows
from sparewatt.faces.web.pictures.style import message
from sparewatt.results.cluster_windows import ClusterWindows
from sparewatt.results.depot_series import write_depot_series
from sparewatt.results.figures import style as report_style
from sparewatt.results.run_folder import SERIES
from sparewatt.results.store import Store
from support.picture_runs import write_depot_run, write_hub_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sparewatt.faces.web.pictures.picture import Figure, Picture
    from sparewatt.results.run_folder import RunFolder

STUDIES = {"depot": write_depot_run, "cluster": write_hub_run}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunFolder]:
    base = tmp_path_factory.mktemp("runs")
    return {study: write(base / study) for study, write in STUDIES.items()}


def draw(folder: RunFolder, picture: Picture, start=None, end=None, **chosen: str) -> Figure:
    first = {c.name: c.options[0][0] for c in picture.choices(folder)}
    return picture.draw(folder, Look(start, end, {**first, **chosen}))


def named(study: str, name: str) -> Picture:
    return next(p for p in pictures_of(study) if p.name == name)


def every_picture() -> Iterator[tuple[str, str]]:
    for study in STUDIES:
        for picture in pictures_of(study):
            yield study, picture.name


@pytest.mark.parametrize(("study", "name"), list(every_picture()))
def test_every_picture_and_choice_is_a_figure_in_the_style_of_the_pages(
    runs: dict[str, RunFolder], study: str, name: str
) -> None:
    folder, picture = runs[study], named(study, name)
    assert picture.words.endswith(".")
    go.Figure(draw(folder, picture))  # a ValueError where Plotly would not know something
    for chosen in [{}] + [{c.name: value} for c in picture.choices(folder) for value, _ in c.options]:
        figure = draw(folder, picture, **chosen)
        assert figure["data"]
        assert {trace["type"] for trace in figure["data"]} <= {"scatter", "bar", "heatmap"}
        assert "color" not in figure["layout"]["font"]
        assert figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
        rows = figure_rows(figure)
        assert rows
        assert all(
            value is None or isinstance(value, str | int | float) for r in rows for value in r.values()
        )
        if picture.is_timed:
            first, last = figure["layout"]["meta"]["whole"]
            assert first < last
            assert figure["layout"]["xaxis"]["ticktext"]
    for file in picture.behind(folder):
        assert (folder.path / file).is_file()


def test_a_zoomed_picture_has_the_peak_of_its_window(runs: dict[str, RunFolder]) -> None:
    folder = runs["depot"]
    view = folder.view(2)
    h = view.horizon
    for lo, hi in ((0, h.periods), (30, 60), (77, 78)):
        start, end = h.start + lo * h.step, h.start + hi * h.step
        figure = draw(folder, named("depot", "site"), start, end)
        traces = {t["name"]: unpacked(t["y"]) for t in figure["data"]}
        total = traces["other load"] + traces["smart charging"]
        assert total.max() == pytest.approx(view.site_kw[lo:hi].max())
        assert total.min() == pytest.approx(view.site_kw[lo:hi].min())
        assert traces["demand if unmanaged"].max() == pytest.approx(folder.view(1).site_kw[lo:hi].max())
        if hi - lo < 40:
            heat = draw(folder, named("depot", "heat_map"), start, end, mode="opt")["data"][0]
            power = np.where(view.energy_kwh[:, lo:hi] > 0, view.energy_kwh[:, lo:hi] / h.step_h, np.nan)
            assert np.allclose(unpacked(heat["z"]), power, equal_nan=True, rtol=1e-6)


def test_over_a_long_time_days_are_told_by_their_extremes(runs: dict[str, RunFolder]) -> None:
    folder = runs["depot"]
    view, few = folder.view(2), Look(chosen={"allocation": "1", "vehicle": "1\nV1"}, points=40)
    edges = list(view.horizon.day_edges)
    shown = {t["name"]: unpacked(t["y"])[:-1] for t in named("depot", "site").draw(folder, few)["data"]}
    days = [view.site_kw[a:b] for a, b in pairwise(edges)]
    assert shown["smart: highest"].tolist() == pytest.approx([d.max() for d in days])
    assert shown["smart: lowest"].tolist() == pytest.approx([d.min() for d in days])
    load = [view.site_load_kw[a:b].mean() for a, b in pairwise(edges)]
    assert shown["other load: mean"].tolist() == pytest.approx(load)
    vehicle = named("depot", "vehicle").draw(folder, few)["data"]
    lowest = [100 * view.soc[1, a + 1 : b + 1].min() for a, b in pairwise(edges)]
    assert unpacked(vehicle[1]["y"]).tolist() == pytest.approx(lowest)


def test_the_load_of_a_hub_is_what_its_clusters_draw(runs: dict[str, RunFolder]) -> None:
    figure = draw(runs["cluster"], named("cluster", "load"), cluster="1")
    names = [t["name"] for t in figure["data"]]
    assert "charging" in names
    assert "upper limit" in names
    limit = unpacked(figure["data"][names.index("upper limit")]["y"])
    assert set(limit.tolist()) == {25.0}


def test_a_hub_over_a_long_time_is_told_by_its_extremes(runs: dict[str, RunFolder]) -> None:
    hub = runs["cluster"]
    near = draw(hub, named("cluster", "load"))
    far = named("cluster", "load").draw(hub, Look(points=20, chosen={"cluster": "all"}))
    lines = {t["name"]: unpacked(t["y"]) for t in far["data"]}
    power = ClusterWindows.of(hub.path / SERIES).power(None, 0, 60).grid_kw.reshape(10, 6)
    assert lines["highest power"][:-1].tolist() == pytest.approx(power.max(axis=1).tolist())
    assert lines["lowest power"][:-1].tolist() == pytest.approx(power.min(axis=1).tolist())
    assert lines["mean power"][:-1].tolist() == pytest.approx(power.mean(axis=1).tolist())
    assert set(lines["upper limits added up: lowest"]) == {50.0}
    assert "charging" in {t["name"] for t in near["data"]}


def test_a_vehicle_of_a_hub_is_followed_from_plug_to_plug(runs: dict[str, RunFolder]) -> None:
    hub = runs["cluster"]
    rows = {str(row["ev_id"]): row for row in table_rows(hub, "vehicles")}
    (choice,) = named("cluster", "vehicle").choices(hub)
    for value, vehicle in choice.options:
        figure, row = draw(hub, named("cluster", "vehicle"), vehicle=value), rows[vehicle]
        lines = {t["name"]: unpacked(t["y"]) for t in figure["data"]}
        if row["soc_departure"] is not None:  # else it is still connected
            assert lines["state of charge"][-1] == pytest.approx(100 * float(row["soc_departure"]))
        assert set(lines["target"]) == {90.0}
    assert {vehicle for _, vehicle in choice.options} == {v for v, row in rows.items() if row["admitted"]}


def test_ids_of_users_are_text_and_no_markup(tmp_path: Path) -> None:
    folder = write_depot_run(tmp_path)
    for number in (1, 2):
        view = folder.view(number)
        write_depot_series(replace(view, vehicle_ids=("<a href='//x'>%{y}&", "b")), tmp_path / SERIES)
    for name in ("heat_map", "stays"):
        figure = draw(folder, named("depot", name))
        assert "<a" not in str(figure)
        assert "<a href='//x'>% {y}&" in str(figure_rows(figure))


def test_too_many_stays_are_said_to_be_so(
    runs: dict[str, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sparewatt.faces.web.pictures.depot_stays.MOST_STAYS", 2)
    figure = draw(runs["depot"], named("depot", "stays"))
    assert "too many to tell apart" in figure["layout"]["annotations"][0]["text"]
    assert figure["layout"]["meta"]["whole"]
    assert figure_grid(message("nothing")) is None


@pytest.fixture(scope="module")
def place(runs: dict[str, RunFolder], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiPlace]:
    base = tmp_path_factory.mktemp("place")
    url = f"sqlite:///{base / 'store.db'}"
    with Store.open(url) as store:
        for study, folder in runs.items():
            directory = str(folder.path)
            store.create_run(
                study=study,
                name=study,
                state="done",
                directory=directory,
                input_hash=folder.outcome().input_hash,
            )
        store.create_run(study="depot", name="not yet")
    place = ApiPlace(url, base)
    yield place
    place.close()


@pytest.mark.parametrize(
    "own",
    [
        None,
        {},
        {"run": "1", "name": "site"},
        {"run": 1, "name": "load"},
        {"run": 2, "name": "site"},
        {"run": 9},
        {"run": 3, "name": "site"},
        {"run": 1, "name": "../site"},
        {"run": "1-2", "name": "lines"},
        {"run": "1-x", "name": "lines"},
        {"run": "", "name": "lines"},
        {"run": "1-3", "name": "lines"},
        {"run": 1.5, "name": "lines"},
    ],
)
def test_what_is_no_picture_of_a_run_that_is_done_is_refused(place: ApiPlace, own: object) -> None:
    with pytest.raises(ProblemError):
        find_asked(place, own, {}, {})


def test_what_a_browser_asks_is_checked(place: ApiPlace) -> None:
    own = {"run": 1, "name": "heat_map"}
    asked = find_asked(place, own, {"width": 1e9}, {"mode": "no such", "what": "soc", "more": "x"})
    assert asked.look.chosen == {"allocation": "1", "mode": "opt", "what": "soc"}
    assert asked.look.start is None
    assert asked.look.points == 1800
    odd: list[dict[str, object]] = [
        {"start": "2026-10-06", "end": "2026-10-06"},
        {"start": "yesterday", "end": "2026-10-06"},
        {"start": 5, "end": []},
        {"end": "2026-10-06"},
    ]
    assert all(find_asked(place, own, window, {}).look.start is None for window in odd)
    both = find_asked(place, {"run": "1-1", "name": "lines"}, {}, {"mode": "BAU"})
    assert both.look.chosen == {"allocation": "1", "mode": "BAU"}
    assert len(both.figure()["data"]) == 3  # a line each, and the capacity that they share
    window = {"start": "2026-10-06 00:00", "end": "2026-10-06T12:00:00.5", "width": 390}
    asked = find_asked(place, own, window, {})
    assert asked.look.points == 780
    first = datetime(2026, 10, 6, tzinfo=UTC)
    assert asked.look.start is not None
    assert timedelta(0) < first - asked.look.start < timedelta(hours=4)
    layout = asked.figure()["layout"]
    assert layout["xaxis"]["range"] == ["2026-10-06T00:00:00", "2026-10-06T12:00:00"]
    assert layout["meta"]["whole"][0] < "2026-10-06"


def test_the_first_label_that_is_seen_names_its_day() -> None:
    labels = ["06:00<br>Mon 5 Oct", "12:00<br>", "00:00<br>Tue 6 Oct"]
    places = ["2026-10-05T06", "2026-10-05T12", "2026-10-06T00"]
    assert named_day(places, labels, ["2026-10-05T08", "2026-10-07"])[1] == "12:00<br>Mon 5 Oct"
    assert named_day(places, labels, ["2026-10-05T01", "2026-10-07"]) == labels
    assert named_day(places, ["Oct", "Nov", "Dec"], ["2026-10-05T08", "x"]) == ["Oct", "Nov", "Dec"]


def test_the_end_of_all_time_is_no_error(place: ApiPlace) -> None:
    window = {"start": "0001-01-01", "end": "9999-12-31"}
    for picture in pictures_of("depot"):
        if picture.is_timed:
            assert find_asked(place, {"run": 1, "name": picture.name}, window, {}).figure()["layout"]


def test_runs_are_laid_over_each_other(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    depot = runs["depot"]
    view = depot.view(2)
    sums, site = compared_pictures([("one", depot), ("two", depot)], "depot")
    costs = next(t for t in draw(depot, sums)["data"] if t.get("name") == "electricity")
    assert unpacked(costs["x"]).tolist() == pytest.approx([depot.outcome().scenarios[1].value("cost")] * 2)
    figure = draw(depot, site)
    assert [t["name"] for t in figure["data"]] == ["one", "two", "limit"]
    assert figure["data"][0]["line"]["dash"] != figure["data"][1]["line"]["dash"]
    assert figure["layout"]["xaxis"]["type"] == "date"
    zoomed = draw(
        depot, site, view.horizon.start + timedelta(hours=20), view.horizon.start + timedelta(hours=30)
    )
    assert len(zoomed["data"][0]["x"]) < len(figure["data"][0]["x"])
    unmanaged = draw(depot, site, mode="BAU")
    assert unpacked(unmanaged["data"][0]["y"]).max() > unpacked(figure["data"][0]["y"]).max()
    values = view.site_kw[: 48 * (view.horizon.periods // 48)].reshape(-1, 48).max(axis=1)
    line = RunLine("one", view.horizon, view.site_kw)
    long = overlaid([line], "demand [kW]", "kW", Look(points=50))
    assert unpacked(long["data"][0]["y"])[: len(values)].tolist() == pytest.approx(values.tolist())
    assert "24 h" in long["layout"]["yaxis"]["title"]["text"]
    limit = RunLine("limit", view.horizon, np.full(view.horizon.periods, 60.0))
    later = replace(view.horizon, start=view.horizon.end + timedelta(days=1))
    apart = overlaid([line, RunLine("two", later, view.site_kw)], "demand [kW]", "kW", Look(), limit)
    assert "since the start" in apart["layout"]["xaxis"]["title"]["text"]
    assert [t["x"][0] for t in apart["data"]] == [0.0, 0.0, 0.0]
    assert compared_pictures([("one", depot)], "no such study") == ()
    assert compared_pictures([], "depot") == ()
    assert len({run_look(k) for k in range(MOST_RUNS)}) == MOST_RUNS


def test_hubs_are_compared_in_bars_and_under_the_limit_that_they_share(
    runs: dict[str, RunFolder], tmp_path: Path
) -> None:
    hub, other = runs["cluster"], write_hub_run(tmp_path, control="equal_share")
    pictures = {p.name: p for p in compared_pictures([("a", hub), ("b", other)], "cluster")}
    sums = draw(hub, pictures["sums"])
    go.Figure(sums)
    charged = next(t for t in sums["data"] if t.get("name") == "charged")
    told = [folder.outcome().value("g2v_kwh") for folder in (hub, other)]
    assert unpacked(charged["x"]).tolist() == pytest.approx(told)
    assert figure_rows(sums)
    whole, one = draw(hub, pictures["lines"]), draw(hub, pictures["lines"], cluster="0")
    assert [t["name"] for t in whole["data"]] == ["a", "b", "upper limit"]
    assert set(unpacked(whole["data"][2]["y"])) == {50.0}  # two clusters of 25 kW
    assert set(unpacked(one["data"][2]["y"])) == {25.0}
    energy = unpacked(draw(hub, pictures["charged"])["data"][0]["y"])
    assert energy[-1] == pytest.approx(hub.outcome().value("net_kwh"))
    assert (np.diff(energy) >= -1e-9).all()


def test_the_gallery_names_every_picture(runs: dict[str, RunFolder]) -> None:
    shown = str(gallery(1, runs["depot"], "depot").to_plotly_json())
    for picture in pictures_of("depot"):
        assert (picture.title in shown) == picture.is_there(runs["depot"])
    assert "/api/runs/1/tables/days/csv" in shown
    assert pictures_of("../x") == ()


@pytest.mark.parametrize(
    "values", [np.arange(6.0), np.ones((2, 3), np.float32), np.arange(3, dtype=np.uint8)]
)
def test_numbers_come_back_from_their_bytes(values: np.ndarray) -> None:
    assert np.array_equal(unpacked(packed(values)), values)
    assert np.array_equal(unpacked([1, 2]), [1, 2])


def test_colours_are_those_of_the_reports() -> None:
    for name in ("BLUE", "SKY", "ORANGE", "VERMILION", "GREEN", "PURPLE", "GREY"):
        assert getattr(colours, name) == getattr(report_style, name)
