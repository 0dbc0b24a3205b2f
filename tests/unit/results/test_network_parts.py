"""Parts of the files of a network run: each is what the whole run says, and odd files are findings."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.errors import InputError
from sparewatt.results.kept_drawings import kept_drawing
from sparewatt.results.network_curves import duration_curve, thin_cloud
from sparewatt.results.network_glance import NetworkSize, draw_small_map, read_network_size
from sparewatt.results.network_grid_state import read_grid_state
from sparewatt.results.network_part_reading import (
    read_daily,
    read_daily_of_all,
    read_room,
    read_room_of_all,
    read_tomorrow_levels,
    read_transformer_kva,
    read_zonal,
)
from sparewatt.results.network_results import network_outcome, write_network_folder
from sparewatt.results.network_zone_facts import (
    BANDS,
    read_room_of_taken,
    read_zone_fan,
    read_zone_rows,
)
from sparewatt.results.run_folder import SERIES
from support.network_views import bare_view, hand_view


def written(view, path):
    outcome = network_outcome(view, name="by hand", seed=7, input_hash="ab" * 32)
    return write_network_folder(path, outcome, view, simulate_s=1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(hand_view(), tmp_path_factory.mktemp("parts") / "run")


def test_the_grid_of_a_run_is_what_was_written(folder) -> None:
    view, state = hand_view(), read_grid_state(folder.path / SERIES)
    assert state.network.nodes.ids == view.network.nodes.ids
    assert state.zones.ids == view.zone_ids
    assert [c.name for c in state.cases] == ["0PV0HP", "0PV50HP"]
    assert state.cases[1].has_hp.tolist() == [True, True, False, False]
    assert state.taken.tolist() == [1, 0, 0]
    assert state.charging == ("none", "optimised", "unmanaged")
    assert state.replayed.tolist() == view.replays[0].periods.tolist()
    assert (state.floor_pu, state.ceiling_pu, state.planned_floor_pu) == (0.9, 1.05, 0.94)
    assert state.horizon == view.horizon
    assert len(state.evs) == 1
    moment = state.moments[0]
    assert (moment.label, moment.charging, moment.period) == (
        "lowest voltage, unmanaged charging",
        "unmanaged",
        2,
    )
    np.testing.assert_array_equal(moment.node_pu, view.moments[0].node_pu)
    np.testing.assert_array_equal(moment.branch_loading, view.moments[0].branch_loading)


def test_a_run_at_a_glance_is_its_size_and_its_cables(folder, tmp_path) -> None:
    assert read_network_size(folder.path / SERIES) == NetworkSize(4, 2, 3, 2, 2, is_planned=True)
    bare = read_network_size(written(bare_view(), tmp_path / "bare").path / SERIES)
    assert bare == NetworkSize(4, 2, 3, 2, 2, is_planned=False)
    drawn = draw_small_map(folder.path / SERIES, ("red", "blue"), "grey")
    # without coordinates: busbar, a, b at 8, 160, 312 of 320 across; the feeders below each other
    assert '<path d="M8.0 75.0L160.0 8.0M160.0 8.0L312.0 8.0" stroke="red"/>' in drawn
    assert '<path d="M8.0 75.0L160.0 142.0" stroke="blue"/>' in drawn
    assert '<circle cx="8.0" cy="75.0"' in drawn
    for ask in (read_network_size, lambda where: draw_small_map(where, ("red",), "grey")):
        with pytest.raises(InputError, match=r"zones\.parquet"):
            ask(tmp_path)


def test_a_drawing_is_made_once_and_the_first_ones_go(tmp_path) -> None:
    made: list[str] = []

    def draw(name: str) -> str:
        return kept_drawing(tmp_path / "maps" / f"{name}.svg", lambda: made.append(name) or f"<{name}/>", 2)

    assert [draw(n) for n in "aabca"] == ["<a/>", "<a/>", "<b/>", "<c/>", "<a/>"]
    assert made == ["a", "b", "c", "a"]
    assert sorted(p.name for p in (tmp_path / "maps").iterdir()) == ["a.svg", "c.svg"]
    (tmp_path / "file").write_text("")
    assert kept_drawing(tmp_path / "file" / "x.svg", lambda: "<x/>") == "<x/>"


def test_customers_behind_a_branch_are_those_of_all_nodes_below_it(folder) -> None:
    state = read_grid_state(folder.path / SERIES)
    at = state.node_customers
    assert at.sum() == 4
    for row, head in enumerate(state.feeders.head_branch.tolist()):
        below = at[state.feeders.node_feeder == row].sum()
        assert state.branch_customers[head] == below
    assert (state.branch_customers <= 4).all()
    parent = state.feeders.node_parent
    for branch, outer in enumerate(state.outer_node.tolist()):
        ends = {int(state.network.branches.from_node[branch]), int(state.network.branches.to_node[branch])}
        assert outer in ends
        assert int(parent[outer]) in ends


def test_one_case_or_replay_is_read_without_the_others(folder) -> None:
    view, directory = hand_view(), folder.path / SERIES
    case = view.cases[1]
    every = read_zonal(directory, view.horizon, zones=view.zone_ids, case="0PV50HP")
    np.testing.assert_array_equal(every.series.flow_kva, case.series.flow_kva)
    np.testing.assert_array_equal(every.series.min_pu, case.series.min_pu)
    np.testing.assert_array_equal(every.series.busbar_flow_kva, case.series.busbar_flow_kva)
    assert every.periods.tolist() == list(range(view.horizon.periods))
    one = read_zonal(directory, view.horizon, zones=["1/2"], charging="unmanaged")
    replay = view.replay("unmanaged")
    assert replay is not None
    np.testing.assert_array_equal(one.series.min_pu[0], replay.series.min_pu[1])
    np.testing.assert_array_equal(one.series.overloads[0], replay.series.overloads[1])
    assert one.periods.tolist() == replay.periods.tolist()
    kva = read_transformer_kva(directory, charging="unmanaged")
    np.testing.assert_allclose(kva, replay.series.transformer_kva[replay.series.converged])
    assert len(read_transformer_kva(directory, charging="optimised")) == 3  # the fourth was lost


def test_headroom_of_a_zone_and_of_all(folder) -> None:
    view, directory = hand_view(), folder.path / SERIES
    room = read_room(directory, "0PV50HP", "1/1", 8)
    np.testing.assert_array_equal(room["headroom_kva"], view.cases[1].headroom.headroom_kva[0])
    np.testing.assert_array_equal(room["footroom_kva"], view.cases[1].headroom.footroom_kva[0])
    np.testing.assert_array_equal(
        read_room_of_all(directory, "0PV0HP", 3, 8), view.cases[0].headroom.headroom_kva
    )
    daily = read_daily_of_all(directory, "0PV0HP", 3)
    np.testing.assert_array_equal(daily, view.cases[0].profile.headroom_kva)
    np.testing.assert_array_equal(read_daily(directory, "0PV0HP", "2/3")["headroom_kva"], daily[2])
    taken = read_room_of_taken(directory, read_grid_state(directory))
    np.testing.assert_array_equal(taken[0], view.cases[1].profile.headroom_kva[0])
    np.testing.assert_array_equal(taken[1:], view.cases[0].profile.headroom_kva[1:])
    days = read_room_of_taken(directory, read_grid_state(directory), np.array([0, 4]))
    np.testing.assert_array_equal(days[0, 1], view.cases[1].headroom.headroom_kva[0, 4:].min())


def test_the_fan_of_a_zone_rises_with_its_shares_and_has_what_was_planned_in(folder) -> None:
    view = hand_view()
    fan = read_zone_fan(folder, view.horizon, "0PV0HP", "1/1")
    assert fan.bands_kva.shape == (len(BANDS), 4)
    assert (np.diff(fan.bands_kva, axis=0) >= 0).all()
    assert fan.hours.tolist() == [0.0, 6.0, 12.0, 18.0]
    np.testing.assert_array_equal(fan.planned_kva, view.cases[0].profile.headroom_kva[0])
    rows = read_zone_rows(folder)
    assert (rows[0]["zone_id"], rows[0]["customers"], rows[0]["evs_realised"]) == ("1/1", 1, 2)


def test_tomorrow_is_told_by_the_best_rule_of_the_zone(folder) -> None:
    rule, day, hours, levels = read_tomorrow_levels(folder.path / SERIES, "1/2")
    assert (rule, day, hours.tolist()) == ("typical days", "2024-01-10", [0.0, 6.0, 12.0, 18.0])
    assert levels[0.5].tolist() == [22.0, 20.0, 14.0, 19.0]
    assert levels[0.9].tolist() == [24.0, 22.0, 16.0, 21.0]


def test_what_is_not_there_is_an_input_error(folder, tmp_path) -> None:
    directory = folder.path / SERIES
    horizon = hand_view().horizon
    for zone, asked in (
        (["1/1"], {"case": "none such"}),
        (["9/9"], {"case": "0PV0HP"}),
        (["1/1"], {"charging": "x"}),
    ):
        if asked.get("case") == "none such" or "charging" in asked:
            assert not len(read_zonal(directory, horizon, zones=zone, **asked).periods)
            continue
        with pytest.raises(InputError):
            read_zonal(directory, horizon, zones=zone, **asked)
    with pytest.raises(InputError):
        read_room(directory, "0PV0HP", "9/9", 8)
    with pytest.raises(InputError):
        read_tomorrow_levels(directory, "9/9")
    with pytest.raises(InputError):
        read_grid_state(tmp_path)
    with pytest.raises(InputError):
        read_transformer_kva(tmp_path, case="0PV0HP")
    bare = written(bare_view(), tmp_path / "bare")
    state = read_grid_state(bare.path / SERIES)
    assert (state.charging, len(state.replayed), state.evs) == ((), 0, ())


def test_curves_keep_their_ends() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=20_000), rng.normal(size=20_000)
    kept = thin_cloud(x, y)
    assert len(kept) < 3_100
    assert {int(y.argmin()), int(y.argmax())} <= set(kept.tolist())
    share, load = duration_curve(x)
    assert (share[0], share[-1]) == (0.0, 1.0)
    assert (load[0], load[-1]) == (x.max(), x.min())
    assert (np.diff(load) <= 0).all()
    assert not len(duration_curve(np.zeros(0))[0])
    assert not len(thin_cloud(np.zeros(0), np.zeros(0)))
