"""The 54 units of acnportal's Caltech site, sessions drawn for it, and acnportal's simulation of them."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for pkg_resources when it is imported
    from acnportal import acnsim
    from acnportal.acnsim.network.current import Current
    from acnportal.algorithms import SortedSchedulingAlgo, UncontrolledCharging
    from acnportal.algorithms import first_come_first_served as peer_arrival
    from acnportal.algorithms import least_laxity_first as peer_laxity

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2019, 5, 6, tzinfo=UTC)
STEP_MINUTES = 5
PER_DAY = 24 * 60 // STEP_MINUTES
VOLTAGE = 208.0
MAX_A = 32.0
MAX_KW = VOLTAGE * MAX_A / 1000
BATTERY_KWH = 100.0


@dataclass(frozen=True)
class Session:
    """A stay at one unit.

    Parameters
    ----------
    name
        Begins with the number of the unit, so that among those who come in one period the order of
        names is acnportal's, which is the order of units.
    station
        Number of the unit.
    arrival, departure
        Periods, half-open.
    kwh
        Energy asked for [kWh].
    """

    name: str
    station: int
    arrival: int
    departure: int
    kwh: float


def caltech(*, kw: float, single: bool) -> Any:  # noqa: ANN401 - acnportal has no types
    """The network of the Caltech site.

    Parameters
    ----------
    kw
        Limit: of the sum of all powers, or of the site's transformer [kW].
    single
        One limit on the sum (all units in phase, any current up to 32 A) instead of the site's eight
        constraints on three phases and its units' steps of current.
    """
    site = acnsim.sites.caltech_acn(basic_evse=single, voltage=VOLTAGE, transformer_cap=kw)
    if not single:
        return site
    network = acnsim.ChargingNetwork()
    for name in site.station_ids:
        network.register_evse(acnsim.get_evse_by_type(name, "BASIC"), VOLTAGE, 0)
    network.add_constraint(Current(site.station_ids), kw * 1000 / VOLTAGE, name="all")
    return network


def draw_sessions(days: int, stations: int, seed: int = 1) -> list[Session]:
    """50 to 60 sessions a day at a workplace; who finds no unit free drives on (hardly ever)."""
    rng = np.random.default_rng(seed)
    free_from = np.zeros(stations, dtype=np.int64)
    sessions: list[Session] = []
    for day in range(days):
        n = int(rng.integers(50, 61))
        early = rng.random(n) < 0.75
        hour = np.clip(np.where(early, rng.normal(8.5, 1.2, n), rng.normal(13.0, 2.0, n)), 5.0, 20.0)
        arrivals = day * PER_DAY + np.sort((hour * 60 / STEP_MINUTES).astype(np.int64))
        stays = (np.clip(rng.normal(6.5, 2.5, n), 0.5, 14.0) * 60 / STEP_MINUTES).astype(np.int64)
        kwh = np.clip(rng.lognormal(2.4, 0.7, n), 1.0, 60.0)
        for a, stay, energy in zip(arrivals.tolist(), stays.tolist(), kwh.tolist(), strict=True):
            free = np.flatnonzero(free_from <= a)
            if len(free):
                station = int(rng.choice(free))
                free_from[station] = a + stay
                most = stay * STEP_MINUTES / 60 * MAX_KW
                name = f"{station:02d}-{len(sessions):04d}"
                sessions.append(Session(name, station, a, a + stay, round(min(energy, most), 3)))
    return sessions


def relative_laxity(evs: list[Any], face: Any) -> list[Any]:  # noqa: ANN401 - acnportal has no types
    """Sort as our rule does, through acnportal's own face for sorting functions."""

    def key(ev: Any) -> float:  # noqa: ANN401 - acnportal has no types
        need = face.remaining_amp_periods(ev) / face.max_pilot_signal(ev.station_id)
        return 1.0 - float(need) / (ev.estimated_departure - face.current_time)

    return sorted(evs, key=key)


def deadline(evs: list[Any], face: Any) -> list[Any]:  # noqa: ANN401, ARG001 - acnportal's face
    """Its earliest deadline first with our rule for ties, which it leaves to the order of units."""
    return sorted(evs, key=lambda ev: (ev.estimated_departure, ev.arrival))


SORTS: dict[str, Callable[[list[Any], Any], list[Any]] | None] = {
    "uncontrolled": None,
    "first_come_first_served": peer_arrival,
    "earliest_deadline_first": deadline,
    "least_laxity_first": relative_laxity,
    "its own least laxity": peer_laxity,
}


@dataclass(frozen=True)
class PeerRun:
    """What acnportal took and did.

    Parameters
    ----------
    cpu_s
        CPU time of ``Simulator.run`` alone [s].
    kwh
        Energy delivered, by name of the session [kWh].
    peak_kw
        Greatest sum of powers [kW].
    """

    cpu_s: float
    kwh: dict[str, float]
    peak_kw: float


def simulate_peer(rule: str, sessions: list[Session], kw: float, *, single: bool = True) -> PeerRun:
    """One run of acnportal; building it is not in the time."""
    network, sort = caltech(kw=kw, single=single), SORTS[rule]
    names = network.station_ids
    events = acnsim.EventQueue()
    for s in sessions:
        battery = acnsim.Battery(BATTERY_KWH, BATTERY_KWH - s.kwh, MAX_KW)
        ev = acnsim.EV(s.arrival, s.departure, s.kwh, names[s.station], s.name, battery)
        events.add_event(acnsim.PluginEvent(s.arrival, ev))
    scheduler = UncontrolledCharging() if sort is None else SortedSchedulingAlgo(sort)
    naive_start = START.replace(tzinfo=None)
    simulator = acnsim.Simulator(network, scheduler, events, naive_start, STEP_MINUTES, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # uncontrolled charging is told in every period that it exceeds
        started = time.process_time()
        simulator.run()
        cpu_s = time.process_time() - started
    kwh = {name: float(ev.energy_delivered) for name, ev in simulator.ev_history.items()}
    return PeerRun(cpu_s, kwh, float(simulator.peak) * VOLTAGE / 1000)


def connected_steps(sessions: list[Session]) -> int:
    """Periods in which a vehicle is connected, summed over vehicles."""
    return sum(s.departure - s.arrival for s in sessions)


def most_at_once(sessions: list[Session]) -> int:
    """Most vehicles connected in one period."""
    change = Counter(s.arrival for s in sessions)
    change.subtract(Counter(s.departure for s in sessions))
    return int(np.cumsum([change[t] for t in sorted(change)]).max())
