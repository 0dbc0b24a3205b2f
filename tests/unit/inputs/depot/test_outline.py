"""What depot tables amount to, as far as they can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparewatt.inputs.depot.outline import DepotOutline, RouteClock, outline_depot
from sparewatt.inputs.depot.template import write_depot_template

if TYPE_CHECKING:
    from pathlib import Path

MARCH_2 = 20_514
"""2026-03-02 as days since 1970-01-01."""


def test_the_example_by_hand(tmp_path: Path) -> None:
    write_depot_template(tmp_path)
    outline = outline_depot(tmp_path / "tables")
    assert (outline.vehicles, outline.trips) == (4, 10)
    first = 31.5 + 22 + 40 + 44.5 + 52
    second = 28 + 24.5 + 37 + 41
    assert outline.energy_kwh == pytest.approx({MARCH_2: first, MARCH_2 + 1: second})
    assert outline.asc_kw == {"1": 60.0}
    assert (outline.ac_chargers, outline.dc_chargers) == (4, 1)
    assert outline.clocks[0] == RouteClock("1", 6.5, 14 + 10 / 60, 2)
    assert outline.clocks[-1] == RouteClock("5", 22.5, 28.25, 2)
    load = dict(outline.load_kw["1"])
    assert (len(load), load[0.0], load[8.5], load[12.0]) == (48, 14.0, 38.0, 30.0)
    assert dict(outline.price_per_kwh["10"])[16.5] == pytest.approx(0.34)


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.csv").write_text(text)

    write("t_sites", "site_id;asc_kw\n1;abc\n2;70\n")
    write("t_route_master", "route_id,departure_time,arrival_time\n7,22:00,04:00\n8,late,05:00\n")
    write(
        "T_Route_Allocated",
        "route_id,allocated_vehicle_id,date,energy_required_kwh\n7,9,2026-03-02,x\n7,9,,3\n",
    )
    write(
        "t_site_load", "site_id,datetime,clean_load\n2,2026-03-02 10:00,4\n2,2026-03-03 10:00,8\n2,soon,1\n"
    )
    write("t_electricity_price", "")
    outline = outline_depot(tmp_path)
    assert outline.asc_kw == {"2": 70.0}
    assert outline.clocks == (RouteClock("7", 22.0, 28.0, 2),)
    assert (outline.vehicles, outline.trips, outline.energy_kwh) == (1, 2, {})
    assert outline.load_kw == {"2": ((10.0, 6.0),)}
    assert outline.price_per_kwh == {}
    assert outline_depot(tmp_path / "nowhere") == DepotOutline()
