"""Pictures of networks and communities: every choice is drawn from what the files of the run say."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import numpy as np
import pytest

from sparewatt.faces.web.pictures import (
    community_contracts,
    community_houses,
    community_pictures,
    network_pictures,
)
from sparewatt.faces.web.pictures.figure_table import figure_rows
from sparewatt.faces.web.pictures.overlay import compared_pictures
from sparewatt.faces.web.pictures.picture import Look
from sparewatt.faces.web.pictures.style import unpacked
from sparewatt.results.community_results import community_outcome, write_community_folder
from sparewatt.results.network_results import network_outcome, write_network_folder
from support.hand_community import hand_run, quiet_run
from support.network_views import bare_view, hand_view

TOLD = {"name": "by hand", "seed": 7, "input_hash": "ab" * 32}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    at = tmp_path_factory.mktemp("pictures")
    out = {}
    for name, view in (("network", hand_view()), ("bare", bare_view())):
        out[name] = write_network_folder(at / name, network_outcome(view, **TOLD), view, simulate_s=1.0)
    for name, run in (("community", hand_run()), ("quiet", quiet_run())):
        out[name] = write_community_folder(at / name, community_outcome(run, **TOLD), run, simulate_s=1.0)
    return out


def named(pictures, name):
    return next(p for p in pictures if p.name == name)


def trace(figure, name):
    return next(t for t in figure["data"] if t.get("name") == name)


@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("network", network_pictures.PICTURES),
        ("bare", network_pictures.PICTURES),
        ("community", community_pictures.PICTURES),
        ("quiet", community_pictures.PICTURES),
    ],
)
def test_every_choice_of_every_picture_is_drawn(folders, name, pictures) -> None:
    folder, drawn = folders[name], 0
    for picture in pictures:
        if not picture.is_there(folder):
            continue
        assert picture.words
        choices = picture.choices(folder)
        assert all(choice.options for choice in choices)
        for combination in itertools.product(*([v for v, _ in c.options] for c in choices)):
            look = Look(chosen=dict(zip([c.name for c in choices], combination, strict=True)))
            figure = picture.draw(folder, look)
            json.dumps(figure, allow_nan=False)
            assert all(t["type"] in {"scatter", "bar", "heatmap"} for t in figure["data"])
            figure_rows(figure)
            drawn += 1
        assert picture.draw(folder, Look())["layout"]
        for file in picture.behind(folder):
            assert (folder.path / file).is_file(), file
    assert drawn >= (15 if name in {"network", "community"} else 4)


def test_violations_are_the_shares_of_the_replays(folders) -> None:
    picture = named(network_pictures.PICTURES, "violations")
    figure = picture.draw(folders["network"], Look(chosen={"zone": "1/1"}))
    bar = trace(figure, "unmanaged charging")
    shares = dict(zip(bar["y"], unpacked(bar["x"]).tolist(), strict=True))
    assert shares["undervoltage"] == 50.0  # two of four steps below 0.9
    assert "transformer overload" not in shares


def test_a_zone_over_time_has_its_flow_limit_and_gaps(folders) -> None:
    picture, view = named(network_pictures.PICTURES, "zone_flow"), hand_view()
    look = Look(chosen={"zone": "1/1", "over": "replay"})
    figure = picture.draw(folders["network"], look)
    flow = unpacked(trace(figure, "unmanaged charging")["y"])
    assert flow.tolist() == [12.0, 40.0, 50.0, 10.0]
    lost = unpacked(trace(figure, "optimised charging")["y"])
    assert np.isnan(lost[-1])
    case = view.cases[1]
    limit = unpacked(trace(figure, "limit")["y"])
    wanted = (case.headroom.headroom_kva[0] + case.series.flow_kva[0])[view.replays[0].periods]
    np.testing.assert_allclose(limit, wanted)
    start = view.horizon.start + timedelta(hours=6)
    seen = picture.draw(folders["network"], Look(start, start + timedelta(hours=6), look.chosen))
    assert len(unpacked(trace(seen, "unmanaged charging")["y"])) == 2


def test_the_curve_of_the_transformer_begins_with_its_peak(folders) -> None:
    figure = named(network_pictures.PICTURES, "transformer").draw(folders["network"], Look())
    assert unpacked(trace(figure, "unmanaged charging")["y"])[0] == pytest.approx(102.0)  # 510 of 500 kVA


def test_hosting_has_curves_risk_and_the_cases_without_evs(folders) -> None:
    figure = named(network_pictures.PICTURES, "hosting").draw(folders["network"], Look())
    assert unpacked(trace(figure, "unmanaged charging")["y"]).tolist() == [0.0, 60.0, 100.0]
    assert unpacked(trace(figure, "without EVs, by case")["y"]).tolist() == [0.0, 35.0]
    assert any("risk, 5 %" in t["name"] for t in figure["data"] if "name" in t)


def test_the_houses_together_are_the_hand_reckoned_blocks(folders) -> None:
    figure = named(community_pictures.PICTURES, "energy").draw(folders["community"], Look(points=8))
    assert np.round(unpacked(trace(figure, "neighbours")["y"]), 9).tolist() == [0, 2, 0, 0, 0]
    assert np.round(unpacked(trace(figure, "own roof")["y"]), 9).tolist() == [1, 0, 0, 0, 0]
    assert np.round(unpacked(trace(figure, "own battery")["y"]), 9).tolist() == [0, 0, 0.2, 0.2, 0.2]


def test_costs_and_repetitions_are_those_of_the_tables(folders) -> None:
    houses = named(community_pictures.PICTURES, "houses")
    figure = houses.draw(folders["community"], Look(chosen={"what": "cost", "repetition": "1"}))
    shared = trace(figure, "as shared")
    cost = dict(zip(shared["x"], unpacked(shared["y"]).tolist(), strict=True))
    assert any(v == pytest.approx(0.65) for v in cost.values())
    assert any(v == pytest.approx(-0.225) for v in cost.values())
    several = named(community_pictures.PICTURES, "repetitions")
    assert several.is_there(folders["community"])
    dots = several.draw(folders["community"], Look(chosen={"kpi": "covered_kwh"}))["data"][-1]
    run = hand_run()
    np.testing.assert_allclose(unpacked(dots["y"]), [r.covered_kwh for r in run.repetitions])


def test_contracts_that_overlap_stand_in_lanes(folders) -> None:
    figure = named(community_pictures.PICTURES, "contracts").draw(folders["community"], Look())
    rows = figure["layout"]["yaxis"]["categoryarray"]
    drawn = {y for t in figure["data"] for y in t["y"]}
    assert drawn <= set(rows)
    assert rows[0].startswith("grid")
    assert {t["name"] for t in figure["data"]} >= {"cancelled"}


@pytest.mark.parametrize("study", ["network", "community"])
def test_runs_are_laid_over_each_other(folders, study) -> None:
    pictures = compared_pictures([("one", folders[study]), ("two", folders[study])], study)
    figures = {picture.name: picture.draw(folders[study], Look()) for picture in pictures}
    assert [t["name"] for t in figures["lines"]["data"]] == ["one", "two"]
    json.dumps(figures, allow_nan=False)
    if "bars" in figures:
        assert all(t["y"] == ["one", "two"] for t in figures["bars"]["data"])


def test_of_many_houses_and_producers_some_are_shown(folders, monkeypatch) -> None:
    folder, pictures = folders["community"], community_pictures.PICTURES
    houses = named(pictures, "houses")
    whole = houses.draw(folder, Look(chosen={"what": "used"}))
    totals: dict[str, float] = {}
    for t in whole["data"]:
        for house, kwh in zip(t["x"], unpacked(t["y"]), strict=True):
            totals[house] = totals.get(house, 0.0) + kwh
    ordered = sorted(totals, key=totals.__getitem__)
    monkeypatch.setattr(community_houses, "MANY", 1)
    for which, first in (("most", ordered[-1]), ("least", ordered[0])):
        few = houses.draw(folder, Look(chosen={"what": "used", "which": which}))
        assert {house for t in few["data"] for house in t["x"]} == {first}
    for what in ("used", "made", "cost", "share", "par"):
        ranked = houses.draw(folder, Look(chosen={"what": what, "which": "ranked"}))
        assert all(len(unpacked(t["y"])) == len(totals) for t in ranked["data"])
        assert "ranked by" in ranked["layout"]["xaxis"]["title"]["text"]
    ranked = houses.draw(folder, Look(chosen={"what": "used", "which": "ranked"}))
    summed = np.sum([unpacked(t["y"]) for t in ranked["data"]], axis=0)
    np.testing.assert_allclose(summed, sorted(totals.values(), reverse=True))
    assert {name for t in ranked["data"] for name in t["text"]} == {f"house {house}" for house in totals}

    contracts = named(pictures, "contracts")
    monkeypatch.setattr(community_contracts, "_MOST_ROWS", 1)
    few = contracts.draw(folder, Look(chosen={"by": "producer"}))
    (name,) = few["layout"]["yaxis"]["tickvals"]
    assert name != "grid"
    for house in totals:
        own = contracts.draw(folder, Look(chosen={"by": "house", "house": house}))
        assert {y.partition(" (")[0] for t in own["data"] for y in t["y"]} <= {house}

    monkeypatch.setattr(community_contracts, "_MOST_LINES", 0)
    scores = named(pictures, "scores")
    who = scores.choices(folder)[0]
    ids = hand_run().neighbourhood.producers.ids
    assert (who.name, [value for value, _ in who.options]) == ("who", ["all", *ids])
    (line,) = scores.draw(folder, Look(chosen={"who": ids[0]}))["data"]
    assert line["name"] == ids[0]
    kept = hand_run().repetitions[0].scores.score[0]
    assert unpacked(line["y"]).tolist()[:: len(kept)] == [kept[0], kept[-1]]
