"""Whether the arrays of a market fit together, which every other rule relies on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.model.contract import GRID, Answer, ContractState, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sparewatt.model.contract import MarketTrace
    from sparewatt.model.market_rules import Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.settlement import Bills, DeviceBills, Settlement

    Array = NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8] | NDArray[np.float64]
    Sizes = list[tuple[str, Array, tuple[int, ...]]]

SHAPE = "community.judge.shape"
_HOUSE_FLOWS = (
    "production_kw",
    "load_kw",
    "own_kw",
    "peer_in_kw",
    "peer_out_kw",
    "grid_kw",
    "feed_in_kw",
    "battery_charge_kw",
    "battery_discharge_kw",
)


def check_trace_shape(neighbourhood: Neighbourhood, grid: MinuteGrid, trace: MarketTrace) -> list[Finding]:
    """Lengths, rows and minutes of contracts and answers can be followed; all numbers are finite."""
    c, d, producers = trace.contracts, trace.decisions, len(neighbourhood.producers)
    sizes: Sizes = [
        *((f"contracts.{n}", getattr(c, n), (len(c.job),)) for n in ("producer", "start_s", "agreed_s")),
        *((f"contracts.{n}", getattr(c, n), (len(c.job),)) for n in ("state", "cancelled_s", "minute")),
        ("contracts.offset", c.offset, (len(c.job) + 1,)),
        *((f"decisions.{n}", getattr(d, n), (len(d.time_s),)) for n in ("job", "producer")),
        *((f"decisions.{n}", getattr(d, n), (len(d.time_s),)) for n in ("answer", "reason")),
        ("production_kw", trace.production_kw, (producers, grid.minutes)),
        ("start_scores", trace.start_scores, (producers,)),
        ("end_scores", trace.end_scores, (producers,)),
    ]
    wrong = [*_lengths(sizes)]
    wrong = wrong or [*_rows(neighbourhood, grid, trace)]
    numbers = (("contracts.kw", c.kw), ("production_kw", trace.production_kw), ("scores", trace.end_scores))
    return wrong or [*_finite(numbers)]


def check_settlement_shape(
    neighbourhood: Neighbourhood, grid: MinuteGrid, trace: MarketTrace, settlement: Settlement
) -> list[Finding]:
    """Lengths of a settlement; all numbers are finite."""
    houses, producers = len(neighbourhood.house_ids), len(neighbourhood.producers)
    sizes: Sizes = [(name, getattr(settlement, name), (houses, grid.minutes)) for name in _HOUSE_FLOWS]
    sizes += [("battery_kwh", settlement.battery_kwh, (len(neighbourhood.batteries), grid.minutes + 1))]
    for part in ("own", "peer", "grid"):
        name = f"contract_{part}_kwh"
        sizes.append((name, getattr(settlement, name), (len(trace.contracts),)))
    for part in ("own", "peer", "stored", "feed_in"):
        name = f"producer_{part}_kwh"
        sizes.append((name, getattr(settlement, name), (producers,)))
    wrong = [*_lengths(sizes)]
    return wrong or [*_finite([(name, array) for name, array, _ in sizes])]


def check_bill_shape(
    neighbourhood: Neighbourhood, grid: MinuteGrid, tariff: Tariff, bills: Bills
) -> list[Finding]:
    """Lengths of prices and bills; all numbers are finite."""
    houses = len(neighbourhood.house_ids)
    sizes: Sizes = [
        ("tariff_cost", bills.tariff_cost, (houses,)),
        ("shared_cost", bills.shared_cost, (houses,)),
        ("import_per_kwh", tariff.import_per_kwh, (grid.minutes,)),
        ("feed_in_per_kwh", tariff.feed_in_per_kwh, (grid.minutes,)),
    ]
    wrong = [*_lengths(sizes)]
    numbers = [(name, array) for name, array, _ in sizes]
    return wrong or [*_finite([*numbers, ("grid_account", np.array([bills.grid_account]))])]


def check_device_bill_shape(
    neighbourhood: Neighbourhood, trace: MarketTrace, devices: DeviceBills
) -> list[Finding]:
    """Lengths of the costs of devices, and the houses with base load; all numbers are finite."""
    houses = np.unique(neighbourhood.base_load.house)
    counts = {
        "contracts": len(trace.contracts),
        "producers": len(neighbourhood.producers),
        "batteries": len(neighbourhood.batteries),
        "base_loads": len(houses),
    }
    sizes: Sizes = [
        (f"{kind}.{way}", getattr(getattr(devices, kind), way), (count,))
        for kind, count in counts.items()
        for way in ("tariff", "shared")
    ]
    for name in ("base_house", "base_own_kwh", "base_grid_kwh"):
        sizes.append((name, getattr(devices, name), (len(houses),)))
    wrong = [*_lengths(sizes)]
    if not wrong and (devices.base_house != houses).any():
        wrong.append(_wrong("base_house", "they are not the houses with base load", "those houses, rising"))
    return wrong or [*_finite([(name, array) for name, array, _ in sizes])]


def _lengths(sizes: Sizes) -> Iterator[Finding]:
    for name, array, shape in sizes:
        if array.shape != shape:
            yield _wrong(name, f"its shape is {array.shape}, not {shape}", f"the shape {shape}", array.shape)


def _rows(neighbourhood: Neighbourhood, grid: MinuteGrid, trace: MarketTrace) -> Iterator[Finding]:
    c, d = trace.contracts, trace.decisions
    jobs, producers = len(neighbourhood.jobs), len(neighbourhood.producers)
    bounds: list[tuple[str, Array, int, int]] = [
        ("contracts.job", c.job, 0, jobs),
        ("contracts.producer", c.producer, GRID, producers),
        ("contracts.state", c.state, 0, len(ContractState)),
        ("decisions.job", d.job, 0, jobs),
        ("decisions.producer", d.producer, 0, producers),
        ("decisions.answer", d.answer, 0, len(Answer)),
        ("decisions.reason", d.reason, 0, len(Reason)),
        ("not_asked", trace.not_asked, 0, jobs),
    ]
    for name, rows, least, end in bounds:
        bad = np.flatnonzero((rows < least) | (rows >= end))
        if len(bad):
            at = f"{name}[{bad[0]}]"
            yield _wrong(at, f"{len(bad)} rows lead nowhere", f"{least} to {end - 1}", rows[bad[0]])
    steps = np.diff(c.offset)
    if c.offset[0] != 0 or c.offset[-1] != len(c.kw) or (steps < 1).any():
        yield _wrong("contracts.offset", "it does not cut the powers into loads", "rising, from 0 to the end")
        return
    bad = np.flatnonzero((c.minute < 0) | (c.minute + steps > grid.minutes))
    if len(bad):
        message = f"{len(bad)} loads leave the {grid.minutes} minutes"
        yield _wrong(f"contracts.minute[{bad[0]}]", message, "loads that end in time", c.minute[bad[0]])
    for name, times in (("contracts.agreed_s", c.agreed_s), ("decisions.time_s", d.time_s)):
        back = np.flatnonzero(np.diff(times) < 0)
        if len(back):
            message = f"{len(back)} are earlier than the one before them"
            yield _wrong(f"{name}[{back[0] + 1}]", message, "in the order of time", times[back[0] + 1])


def _finite(numbers: Iterable[tuple[str, Array]]) -> Iterator[Finding]:
    for name, array in numbers:
        if not np.isfinite(np.sum(array)):
            bad = int((~np.isfinite(array)).sum())
            if bad:
                message = f"{bad} values are no finite numbers"
                remedy = "a finite number everywhere"
                yield Finding("community.judge.finite", "error", name, message, str(bad), remedy)


def _wrong(where: str, message: str, remedy: str, value: object = "") -> Finding:
    return Finding(SHAPE, "error", where, message, str(value), remedy)
