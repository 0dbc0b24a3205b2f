"""Operations: what an operator does to a hub between two periods (limits, bookings by hand)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.fleet import NO_TIME, NOWHERE
from sparewatt.model.limit import Limit
from sparewatt.model.trace import NONE, Fate, LimitChange
from sparewatt.simulate.book import CANCELLED, OPEN, close, count_free, find_evse, is_free, reserve
from sparewatt.simulate.protocol import booked_stay
from sparewatt.simulate.state import BOOKINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.model.reservation import Contract
    from sparewatt.simulate.state import Hub, Records

HAS_COME = (Fate.ADMITTED, Fate.NO_FREE_EVSE, Fate.TOO_SHORT, Fate.LEFT_QUEUE)


@dataclass
class Operations:
    """What the operator has done so far.

    Parameters
    ----------
    limits
        Present limits of the clusters where they were replaced.
    limit_changes, by_hand
        As in `Trace`.
    """

    limits: dict[int, Limit] = field(default_factory=dict)
    limit_changes: list[LimitChange] = field(default_factory=list)
    by_hand: list[tuple[int, int]] = field(default_factory=list)


def check_row(name: str, row: int, rows: int) -> None:
    """Refuse a row that there is not; negative ones count from nowhere."""
    if not 0 <= row < rows:
        raise ValueError(f"{name} {row} is not one of the {rows} rows from 0 to {rows - 1}")


def with_limit(old: Limit, new: Limit, now: int, horizon: Horizon) -> Limit:
    """The old limit before ``now``, the new one from then on; `ValueError` where that makes no limit."""
    bounds = [np.asarray(bound, dtype=np.float64) for bound in (new.lower_kw, new.upper_kw)]
    for name, bound in zip(("lower_kw", "upper_kw"), bounds, strict=True):
        if bound.shape != (horizon.periods,):
            raise ValueError(f"{name} has shape {bound.shape}, not (periods,) = ({horizon.periods},)")
    lower, upper = (bound[now:] for bound in bounds)
    broken = ~((lower <= upper) & (lower < np.inf) & (upper > -np.inf))
    if broken.any():
        at = int(np.argmax(broken))
        raise ValueError(
            f"the limit goes from {lower[at]:g} to {upper[at]:g} kW in period {now + at}; "
            "it has to leave room for some power"
        )
    if not 0.0 <= new.tolerance_kw < np.inf:
        raise ValueError(f"the tolerance is {new.tolerance_kw:g} kW; it has to be 0 or more")
    if now > 0 and new.tolerance_kw != old.tolerance_kw:
        raise ValueError(
            f"the tolerance is {old.tolerance_kw:g} kW in the periods that are done and cannot become "
            f"{new.tolerance_kw:g} kW"
        )
    reason = new.reason if now == 0 else f"{old.reason}; from {horizon.local(now).isoformat()}: {new.reason}"
    return Limit(
        np.concatenate([old.lower_kw[:now], lower]),
        np.concatenate([old.upper_kw[:now], upper]),
        reason,
        float(new.tolerance_kw),
    )


def undone(old: Limit, cluster: int, now: int, contracts: Sequence[Contract]) -> LimitChange | None:
    """What the judge needs of a limit that is replaced; ``None`` where no contract was made under it."""
    reach = slice(now, max((c.end for c in contracts if c.cluster == cluster), default=now))
    lower, upper = old.lower_kw[reach], old.upper_kw[reach]
    return LimitChange(cluster, now, lower.copy(), upper.copy()) if len(lower) else None


def with_room(hub: Hub, by_hand: int) -> Hub:
    """The hub with room for so many bookings by hand beside those of the protocol."""
    requests = len(hub.reservations) + by_hand
    return hub._replace(
        bookings=_grown(hub.bookings, len(hub.visits) + requests), releases=_grown(hub.releases, 2 * requests)
    )


def _grown(rows: Records | NDArray[np.int64], room: int) -> Records:
    """The rows, with empty ones behind them where there is too little room; half as many again."""
    if len(rows) >= room:
        return rows
    return np.concatenate([rows, np.zeros(room + room // 2 - len(rows), dtype=rows.dtype)])


def reserve_by_hand(
    hub: Hub,
    vehicle: int,
    cluster: int | None,
    evse: int | None,
    stay: tuple[int | None, int | None],
    now: int,
) -> int | None:
    """Book a unit for a visit; see `HubSimulation.reserve`.

    Returns
    -------
    Row of the booking, ``None`` where nothing is free.
    """
    if evse is not None:
        check_row("evse", evse, len(hub.units))
        own = int(hub.units[evse]["cluster"])
        if cluster not in (None, own):
            raise ValueError(f"unit {evse} belongs to cluster {own}, not to {cluster}")
        cluster = own
    if cluster is not None:
        check_row("cluster", cluster, len(hub.clusters))
    _check_visit(hub, vehicle, stay[0], now)
    progress, charge_kw = hub.progress[vehicle], float(hub.visits[vehicle]["charge_kw"])
    for goal in (cluster,) if cluster is not None else _goals(hub, vehicle, stay, now):
        first, end = _stay(hub, vehicle, goal, stay, now)
        found = int(find_evse(hub, goal, charge_kw, first, end, now)) if evse is None else evse
        if found == NONE or not is_free(hub, found, first, end, now):
            continue
        if progress["fate"] in (Fate.RESERVATION_REFUSED, Fate.NO_OFFER):
            progress["fate"] = Fate.NOT_YET
        reserve(hub, vehicle, found, first, end, now, NONE)
        return int(hub.counts[BOOKINGS]) - 1
    return None


def _check_visit(hub: Hub, vehicle: int, first: int | None, now: int) -> None:
    """Refuse to book for who has come, has a booking, or says nothing of when it comes."""
    visit = hub.visits[vehicle]
    if visit["arrival"] < now or hub.progress[vehicle]["fate"] in HAS_COME:
        raise ValueError(f"visit {vehicle} has come already")
    if _is_open(hub, vehicle):
        raise ValueError(f"visit {vehicle} has a booking already; cancel it first")
    if first is None and visit["arrives_s"] == NO_TIME:
        raise ValueError(f"visit {vehicle} declares no arrival: say from when on to book")


def _stay(
    hub: Hub, vehicle: int, cluster: int, stay: tuple[int | None, int | None], now: int
) -> tuple[int, int]:
    """Periods to book in a cluster: as said, else as declared; `ValueError` where that is no stay."""
    declared = booked_stay(hub, vehicle, cluster, now)
    first, end = (own if said is None else said for said, own in zip(stay, declared, strict=True))
    if not now <= first < end:
        raise ValueError(f"periods {first} to {end} are no stay from the present period {now} on")
    return int(first), int(end)


def _goals(hub: Hub, vehicle: int, stay: tuple[int | None, int | None], now: int) -> Iterator[int]:
    """Clusters that a simple reservation tries: its target, then (rerouting) where most is free.

    Without a target all of them in order.
    """
    target = int(hub.visits[vehicle]["cluster"])
    if target == NOWHERE:
        yield from range(len(hub.clusters))
        return
    yield target
    others = [c for c in range(len(hub.clusters)) if c != target]
    if hub.rerouting and others:
        yield max(others, key=lambda c: count_free(hub, c, *_stay(hub, vehicle, c, stay, now), now))


def cancel_booking(hub: Hub, vehicle: int, now: int) -> bool:
    """Give the open booking of a visit free; it goes to its target cluster again. False without one."""
    if not _is_open(hub, vehicle):
        return False
    close(hub, int(hub.progress[vehicle]["booking"]), CANCELLED, now)
    target = int(hub.visits[vehicle]["cluster"])
    hub.progress[vehicle]["goal"] = target
    if target != NOWHERE:
        hub.clusters[target]["freed"] = 1  # if it waits, it has not looked there yet
    return True


def _is_open(hub: Hub, vehicle: int) -> bool:
    """Whether a visit has a booking whose use has not begun."""
    booking = int(hub.progress[vehicle]["booking"])
    return booking != NONE and bool(hub.bookings[booking]["state"] == OPEN)
