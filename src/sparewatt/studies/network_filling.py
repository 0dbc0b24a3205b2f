"""How far the limits of a run can be trusted: zones filled up to them, zones that have none, in findings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.model.clock import clock_slots, slots_of_day
from sparewatt.model.headroom import FlowLimit
from sparewatt.physics.headroom.filling import Filled
from sparewatt.simulate.network_flow import mix_cases
from sparewatt.simulate.network_headroom import find_filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.studies.network_cases import Cases
    from sparewatt.studies.network_work import Work
    from sparewatt.studies.pieces import Arrays

LOG = logging.getLogger(__name__)
MOST_SNAPSHOTS = 1008
"""Snapshots that are filled: a week of ten minutes."""

MOST_DAYS = 7
_NAMED = 4
_COUNTS = ("filled", "together", "alone", "together_pu", "alone_pu")


def study_filling(work: Work, cases: Cases) -> tuple[Finding, ...]:
    """Fill the zones, in the case that each takes, on days spread evenly over the run; say what came of it.

    Parameters
    ----------
    work, cases
        The run.
    """
    kept = work.pieces.read("filled")
    if kept is None:
        kept = _fill(work, cases)
        work.pieces.keep("filled", kept)
    s, ids = work.headroom, work.inputs.zones.ids
    words = (
        ("up", "headroom", f"below {s.voltage_floor_pu:g} pu", s.voltage_floor_pu, -1.0),
        ("down", "footroom", f"above {s.voltage_ceiling_pu:g} pu", s.voltage_ceiling_pu, 1.0),
    )
    findings = []
    for name, room, beyond, bound, sign in words:
        filled = Filled(*(kept[f"{name}.{field}"] for field in _COUNTS))
        fitted = work.inputs.settings.limit_method == "fit"
        findings += filled_finding(filled, ids, room, beyond, bound, sign, fitted=fitted)
    return (*findings, *cases.findings)


def chosen_days(horizon: Horizon) -> tuple[tuple[int, int], ...]:
    """First period and end of the days that are filled: at most `MOST_DAYS`, spread evenly."""
    day, _ = clock_slots(horizon)
    first = np.flatnonzero(np.diff(day, prepend=day[0] - 1))
    edges = np.append(first, horizon.periods)
    most = min(MOST_DAYS, max(1, MOST_SNAPSHOTS // slots_of_day(horizon)), len(first))
    rows = (np.arange(most) * 2 + 1) * len(first) // (2 * most)
    return tuple((int(edges[r]), int(edges[r + 1])) for r in rows)


def _fill(work: Work, cases: Cases) -> Arrays:
    """Counts of both sides over the chosen days, as arrays of a piece."""
    case = mix_cases(work.inputs.cases, cases.taken.case, work.inputs.customers)
    total: tuple[Filled, Filled] | None = None
    for first, end, profiles in work.profiles(chosen_days(work.inputs.horizon)):
        work.check()
        kw, kvar = work.grid.loads(case, profiles)
        limits = (_part(cases.mixed[0], first, end), _part(cases.mixed[1], first, end))
        found = find_filled(work.grid, kw, kvar, limits, work.headroom)
        total = found if total is None else (total[0] + found[0], total[1] + found[1])
    LOG.info("limits: filled on %d days", len(chosen_days(work.inputs.horizon)))
    sides = () if total is None else zip(("up", "down"), total, strict=True)
    return {f"{name}.{field}": getattr(filled, field) for name, filled in sides for field in _COUNTS}


def _part(limit: FlowLimit, first: int, end: int) -> FlowLimit:
    """A limit on some of its periods; one for all times stays as it is."""
    if limit.kva.shape[1] == 1:
        return limit
    return FlowLimit(limit.kva[:, first:end], limit.binding[:, first:end])


def filled_finding(
    filled: Filled,
    ids: Sequence[str],
    room: str,
    beyond: str,
    bound_pu: float,
    sign: float,
    *,
    fitted: bool,
) -> list[Finding]:
    """What breaks when zones use all that their limits leave; nothing where nothing breaks.

    Parameters
    ----------
    filled
        Counts.
    ids
        Names of the zones.
    room, beyond
        ``"headroom"``, ``"below 0.94 pu"``.
    bound_pu, sign
        The bound, and -1 for a floor, 1 for a ceiling.
    fitted
        Whether the limits were read from a line.
    """
    of_all = max(int(filled.filled.sum()), 1)
    if not (filled.together.any() or filled.alone.any()):
        return []
    both, single = filled.together.sum() / of_all, filled.alone.sum() / of_all
    worst = [
        _worst(filled, counts, depth, ids, bound_pu, sign)
        for counts, depth in ((filled.together, filled.together_pu), (filled.alone, filled.alone_pu))
    ]
    message = (
        f"were all zones to take all of their {room} at once, every home the same, they would be {beyond} in "
        f"{_percent(both)} of their steps{worst[0]}; a zone that does so by itself in "
        f"{_percent(single)}{worst[1]}"
    )
    return [
        Finding(
            "network.limit.filled",
            "info",
            f"limits, {room}",
            message,
            f"{both:.4g}, {single:.4g}",
            'limit_method = "per_zone" or "shared", which follow every step' if fitted else "",
            margin=float(max(both, single)),
        )
    ]


def _worst(
    filled: Filled,
    counts: NDArray[np.int64],
    depth_pu: NDArray[np.float64],
    ids: Sequence[str],
    bound_pu: float,
    sign: float,
) -> str:
    """The zone with the largest share, and the worst voltage of any."""
    if not counts.any():
        return ""
    share = counts / np.maximum(filled.filled, 1)
    z = int(share.argmax())
    volt = f", at worst {bound_pu + sign * depth_pu.max():.3f} pu" if depth_pu.any() else ""
    return f" (zone {ids[z]} {_percent(float(share[z]))}{volt})"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def missing_findings(
    missing: NDArray[np.int64], ids: Sequence[str], periods: int, side: str
) -> tuple[Finding, ...]:
    """Zones for which power flow found no flow at all that keeps their bounds.

    Parameters
    ----------
    missing
        Solved periods of all cases without such a flow, shape (zones,).
    ids
        Names of the zones.
    periods
        Solved periods of all cases.
    side
        ``"import"`` or ``"export"``.
    """
    rows = np.flatnonzero(missing).tolist()
    if not len(rows):
        return ()
    named = [f"{ids[z]} ({missing[z]} of {periods})" for z in rows[:_NAMED]]
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    message = (
        f"power flow found no {side} of zones {', '.join(named)}{more} at which their bounds hold together "
        f"with what the others do: the limit of these periods is the nearest that was searched"
    )
    return (
        Finding(
            "network.limit.not_found",
            "warning",
            f"limits, {side}",
            message,
            str(int(missing.sum())),
            "what breaks the bound is another zone, the busbar, or a load on three phases",
            ids=tuple(ids[z] for z in rows),
        ),
    )


def none_fits_finding(
    none: NDArray[np.bool_], ids: Sequence[str], lowest: str, hp_share: float
) -> tuple[Finding, ...]:
    """Zones that have negative headroom in every case, and what is studied there instead.

    Parameters
    ----------
    none
        Whether no case fits, shape (zones,).
    ids
        Names of the zones.
    lowest, hp_share
        The first case, and its share of heat pumps [0-1].
    """
    rows = np.flatnonzero(none).tolist()
    if not len(rows):
        return ()
    named = ", ".join(ids[z] for z in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    who = f"zone {named} takes" if len(rows) == 1 else f"zones {named}{more} take"
    has = f", heat pumps at {_percent(hp_share)} of its customers included" if hp_share > 0 else ""
    return (
        Finding(
            "network.case.none_fits",
            "info",
            "cases",
            f"{who} none of the cases, as headroom is negative at some time of day in each; what is said of "
            f"its headroom, EVs and replay is of the lowest case, {lowest}{has}",
            lowest,
            "a case without heat pumps, such as 0PV0HP, if there is none yet" if hp_share > 0 else "",
            ids=tuple(ids[z] for z in rows),
        ),
    )
