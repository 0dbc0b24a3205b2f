"""HubSimulation: a hub in closed loop, advanced period by period, kept and carried on at will."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import RunCancelled, SolverError, StoreError
from sparewatt.model.operating_rules import KERNEL_CONTROLS
from sparewatt.model.trace import NONE, StepNote
from sparewatt.simulate.belief import Belief
from sparewatt.simulate.book import free_units
from sparewatt.simulate.checkpoint import fingerprint, moment_of, pack, restore, unpack
from sparewatt.simulate.contracting import booked_kw, reserve_smartly
from sparewatt.simulate.facts import new_hub
from sparewatt.simulate.loop import decide_period, run_periods
from sparewatt.simulate.operations import (
    Operations,
    cancel_booking,
    check_row,
    reserve_by_hand,
    undone,
    with_limit,
    with_room,
)
from sparewatt.simulate.plant import apply_powers, refresh
from sparewatt.simulate.protocol import admit, open_period, reserve_simply
from sparewatt.simulate.record import trace_of
from sparewatt.simulate.state import KW, LOGGED, NEXT_RESERVATION, PERIOD, VEHICLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.control_view import Decider
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.limit import Limit
    from sparewatt.model.operating_rules import OperatingRules
    from sparewatt.model.reservation import Contract
    from sparewatt.model.trace import Trace
    from sparewatt.simulate.checkpoint import Moment, Unpacked
    from sparewatt.simulate.state import Records
    from sparewatt.tasks import Cancel

MARK_PERIODS = 96
"""Deciders that keep solver state forget it at multiples of this, wherever `advance` stops."""
LOG_ENTRIES = 1 << 20
BLOCK_PERIODS, BLOCK_STEPS = 4096, 2_000_000
"""Most periods, and most units times periods, between two looks at progress and cancel."""


class HubSimulation:
    """A hub that is being simulated.

    The same inputs give the same bytes, in whatever pieces it is advanced, and whether or not it was
    kept and restored between them. All present rules are deterministic: the seed is kept for rules
    that will draw.

    Parameters
    ----------
    system, fleet, rules
        What is simulated, and how it is run.
    seed
        Of random choices.
    decider
        What decides in place of the rule that ``rules.control`` names.
    """

    def __init__(
        self,
        system: ClusterSystem,
        fleet: Fleet,
        rules: OperatingRules,
        *,
        seed: int = 0,
        decider: Decider | None = None,
    ) -> None:
        self.system, self.fleet, self.rules, self.seed = system, fleet, rules, seed
        self._given = system
        self._operations = Operations()
        units = len(system.evses)
        self._hub = new_hub(system, fleet, rules, max(LOG_ENTRIES, units))
        self._log: list[Records] = []
        self._contracts: list[Contract] = []
        self._notes: list[StepNote] = []
        self._stride = max(1, min(BLOCK_PERIODS, BLOCK_STEPS // max(1, units)))
        self._belief = Belief(system, fleet, rules.horizon_periods)
        self._decider = decider
        if decider is None and rules.control not in KERNEL_CONTROLS:
            from sparewatt.decide.deciders import decider_for  # noqa: PLC0415 - solvers load late

            self._decider = decider_for(rules)
        self._control = KERNEL_CONTROLS.index(rules.control) if self._decider is None else NONE
        self._mark: Moment | None = None
        self._fingerprint: str | None = None

    @property
    def period(self) -> int:
        """The next period; the number of periods when all are done."""
        return int(self._hub.counts[PERIOD])

    def advance(
        self,
        until: int,
        *,
        on_progress: Callable[[float], None] | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Simulate up to a period.

        Parameters
        ----------
        until
            Period before which to stop.
        on_progress
            Told the share of all periods that is done [0-1], every now and then.
        cancel
            Looked at as often; when it is set, `RunCancelled` is raised and the state stays whole.
        """
        until = min(until, self._hub.periods)
        while self.period < until:
            if cancel is not None and cancel.is_set():
                raise RunCancelled(f"cancelled before period {self.period} of {self._hub.periods}")
            if self._decider is not None:
                self._step(self._decider)
            else:
                self._run_block(min(until, self.period + self._stride))
            if on_progress is not None:
                on_progress(self.period / self._hub.periods)
        if self.period == self._hub.periods:
            open_period(
                self._hub, self.period
            )  # those who leave, and bookings that end, with the last boundary

    def free_evses(self, cluster: int, first: int, end: int) -> NDArray[np.int64]:
        """Availability: units of a cluster that nothing stands in the way of booking over a window.

        Parameters
        ----------
        cluster
            Its row.
        first, end
            Periods of the window, half-open; ``first`` is the present period or a later one.

        Returns
        -------
        Rows of the units, weakest first.
        """
        return np.asarray(free_units(self._hub, cluster, first, end, self.period))

    def occupied(self) -> NDArray[np.bool_]:
        """Present occupation: whether a vehicle is plugged in at each unit, shape (evses,)."""
        return np.asarray(self._hub.taken[self._hub.units["place"]] == 1)

    def booked_kw(self, cluster: int, first: int, end: int) -> NDArray[np.float64]:
        """Power of all live contracts of a cluster over a window, grid side, shape (end - first,) [kW]."""
        return booked_kw(self._hub, self.system, cluster, first, end, self._contracts)

    def set_limit(self, cluster: int, limit: Limit) -> None:
        """Replace a cluster's limit from the present period on; what held before stays in ``system``.

        Contracts that were made under the old limit stay.

        Parameters
        ----------
        cluster
            Its row.
        limit
            Over the whole horizon; what it says of past periods is not looked at. Its tolerance can
            differ from the present one before the first period only, since it is one for all.
        """
        now = self._present()
        check_row("cluster", cluster, len(self.system.limits))
        old = self.system.limits[cluster]
        new = with_limit(old, limit, now, self.system.horizon)
        change = undone(old, int(cluster), now, self._contracts)
        if change is not None:
            self._operations.limit_changes.append(change)
        self._operations.limits[int(cluster)] = new
        self._hold(cluster, new)
        self._touched()

    def reserve(
        self,
        vehicle: int,
        cluster: int | None = None,
        evse: int | None = None,
        first: int | None = None,
        end: int | None = None,
    ) -> int | None:
        """Book for a visit that has not come yet and has no booking; no contract comes with it.

        Its own request, if it has not been heard yet, is then passed over. One whose request was
        refused now comes.

        Parameters
        ----------
        vehicle
            Row of the visit.
        cluster, evse
            Where; without them as a simple reservation chooses.
        first, end
            Periods, half-open; without them the declared stay with the traffic of the cluster.

        Returns
        -------
        Row of the unit that is booked; ``None`` where nothing is free.
        """
        now = self._present()
        check_row("vehicle", vehicle, len(self.fleet))
        self._hub = with_room(self._hub, len(self._operations.by_hand) + 1)
        booking = reserve_by_hand(self._hub, vehicle, cluster, evse, (first, end), now)
        if booking is None:
            return None
        made = self._hub.bookings[booking]
        self._operations.by_hand.append((booking, int(made["first"])))
        self._touched()
        return int(made["evse"])

    def cancel(self, vehicle: int) -> bool:
        """Give the booking of a visit free, before its use has begun; it then comes as a walk-in.

        Parameters
        ----------
        vehicle
            Row of the visit.

        Returns
        -------
        Whether there was one.
        """
        now = self._present()
        check_row("vehicle", vehicle, len(self.fleet))
        there_was = cancel_booking(self._hub, vehicle, now)
        if there_was:
            self._touched()
        return there_was

    def _present(self) -> int:
        """The present period; there is none when all are done."""
        if self.period == self._hub.periods:
            raise ValueError(f"all {self._hub.periods} periods have been simulated")
        return self.period

    def _hold(self, cluster: int, limit: Limit) -> None:
        """Have a limit hold from now on."""
        limits = (*self.system.limits[:cluster], limit, *self.system.limits[cluster + 1 :])
        self.system = replace(self.system, limits=limits)
        self._belief = Belief(self.system, self.fleet, self.rules.horizon_periods)

    def _touched(self) -> None:
        """After an operation: a kept run begins here, so that what it changed is in it."""
        if self._decider is not None:
            self._decider.reset()
            self._mark = moment_of(self._hub, self._logged(), len(self._contracts), len(self._notes))

    def _run_block(self, end: int) -> None:
        """Advance with a compiled rule; requests for smart reservations are answered in between."""
        hub, begin = self._hub, self.period
        lower = np.stack([limit.lower_kw[begin:end] for limit in self.system.limits], axis=1)
        upper = np.stack([limit.upper_kw[begin:end] for limit in self.system.limits], axis=1)
        lower, upper = lower.astype(np.float64, order="C"), upper.astype(np.float64, order="C")
        smart = self.rules.reservation == "smart"
        while self.period < end:
            self._empty_log()
            at = self.period
            if smart and self._next_request() <= at:
                self._open(at)
                decide_period(hub, self._control, lower[at - begin], upper[at - begin])
                self._apply(at)
                continue
            stop = min(end, self._next_request()) if smart else end
            books = self.rules.reservation == "simple"
            broken = run_periods(hub, self._control, books, stop, lower[at - begin :], upper[at - begin :])
            if broken != NONE:
                self._refuse_power(broken)

    def _step(self, decider: Decider) -> None:
        """Advance one period with a decider that is given a view."""
        at = self.period
        if at % MARK_PERIODS == 0:
            decider.reset()
            self._mark = moment_of(self._hub, self._logged(), len(self._contracts), len(self._notes))
        self._empty_log()
        self._open(at)
        places = self._belief.places(self._hub)
        if len(places):
            view = self._belief.view(self._hub, places, at, self._contracts)
            decided = decider.decide(view)
            if decided.battery_kw.shape != places.shape:
                raise SolverError(
                    f"{type(decider).__name__} gave {decided.battery_kw.shape} powers in period {at}, where "
                    f"{len(places)} vehicles are connected"
                )
            self._hub.plug_kw[KW, places] = decided.battery_kw
            if decided.timed_out:
                self._notes.append(StepNote(at, "timed_out", decided.gap))
            if decided.note:
                self._notes.append(StepNote(at, decided.note, decided.gap))
        self._apply(at)

    def _open(self, at: int) -> None:
        """All of a period that comes before control."""
        open_period(self._hub, at)
        if self.rules.reservation == "simple":
            reserve_simply(self._hub, at)
        elif self.rules.reservation == "smart" and self._next_request() <= at:
            reserve_smartly(self._hub, self.system, self.fleet, self.rules, at, self._contracts)
        admit(self._hub, at)
        refresh(self._hub, at)

    def _apply(self, at: int) -> None:
        """All of a period that comes after control."""
        broken = apply_powers(self._hub, at)
        if broken != NONE:
            self._refuse_power(broken)
        self._hub.counts[PERIOD] = at + 1

    def _next_request(self) -> int:
        """Period in which the next request to book is heard; the number of periods if there is none."""
        heard, n = self._hub.reservations["period"], self._hub.counts[NEXT_RESERVATION]
        return int(heard[n]) if n < len(heard) else self._hub.periods

    def _refuse_power(self, place: int) -> None:
        """Say whose power breaks its bounds."""
        vehicle = self.fleet.ids[self._hub.plug_row[VEHICLE, place]]
        who = self.rules.control if self._decider is None else type(self._decider).__name__
        raise SolverError(
            f"{who} gave vehicle {vehicle} {self._hub.plug_kw[KW, place]:g} kW in period {self.period}, "
            "which unit, battery or V2G allowance do not permit"
        )

    def _logged(self) -> int:
        """Entries of the log so far."""
        return sum(len(piece) for piece in self._log) + int(self._hub.counts[LOGGED])

    def _empty_log(self) -> None:
        """Put the log aside where there is no room for another period."""
        hub, n = self._hub, int(self._hub.counts[LOGGED])
        if n + len(hub.taken) > len(hub.log):
            self._log.append(hub.log[:n].copy())
            hub.counts[LOGGED] = 0

    def _pieces(self) -> list[Records]:
        """The whole log."""
        hub, n = self._hub, int(self._hub.counts[LOGGED])
        return [*self._log, hub.log[:n]]

    def trace(self) -> Trace:
        """What happened; all periods must have been simulated."""
        if self.period < self._hub.periods:
            raise ValueError(f"period {self.period} of {self._hub.periods} has not been simulated yet")
        return trace_of(
            self._hub,
            self.system,
            self.fleet,
            self.rules,
            self._pieces(),
            self._contracts,
            self._notes,
            self._operations,
        )

    def to_bytes(self) -> bytes:
        """The state, to be kept; the same whatever the pieces in which it was reached.

        With a decider that keeps solver state it is the state at the last multiple of `MARK_PERIODS`,
        from which on everything repeats.
        """
        moment = self._mark
        if self._decider is None or moment is None or self.period == self._hub.periods:
            moment = moment_of(self._hub, self._logged(), len(self._contracts), len(self._notes))
        log = np.concatenate(self._pieces())
        return pack(moment, self._hub, log, self._contracts, self._notes, self._operations, self._facts())

    def _facts(self) -> dict[str, str | int]:
        """What a checkpoint must share with the run that it is restored to."""
        if self._fingerprint is None:
            self._fingerprint = fingerprint(self._given, self.fleet, self.rules)
        return {"inputs": self._fingerprint, "seed": self.seed}

    @classmethod
    def from_bytes(
        cls,
        data: bytes,
        system: ClusterSystem,
        fleet: Fleet,
        rules: OperatingRules,
        *,
        seed: int = 0,
        decider: Decider | None = None,
    ) -> HubSimulation:
        """A simulation that carries on from `to_bytes`; `StoreError` where that was of another run.

        Parameters
        ----------
        data
            What `to_bytes` gave.
        system, fleet, rules, seed, decider
            As they were.
        """
        simulation = cls(system, fleet, rules, seed=seed, decider=decider)
        found = unpack(data)
        if found.facts != simulation._facts():
            raise StoreError(
                "the checkpoint is of a run with other inputs, rules or seed; run again without resuming"
            )
        simulation._carry_on(found)
        return simulation

    def _carry_on(self, found: Unpacked) -> None:
        """Take over what a checkpoint held."""
        self._operations = found.operations
        self._hub = with_room(self._hub, len(found.operations.by_hand))
        self._log = [restore(self._hub, found.arrays)]
        self._hub.counts[LOGGED] = 0
        self._contracts, self._notes = found.contracts, found.notes
        for cluster, limit in found.operations.limits.items():
            self._hold(cluster, limit)


def simulate_hub(
    system: ClusterSystem,
    fleet: Fleet,
    rules: OperatingRules,
    *,
    seed: int = 0,
    decider: Decider | None = None,
    on_progress: Callable[[float], None] | None = None,
    cancel: Cancel | None = None,
) -> Trace:
    """Simulate a hub over its whole horizon.

    Parameters
    ----------
    system, fleet, rules
        What is simulated, and how it is run.
    seed
        Of random choices; the present rules make none.
    decider
        What decides in place of the rule that ``rules.control`` names.
    on_progress
        Told the share of all periods that is done [0-1], every now and then.
    cancel
        When it is set, `RunCancelled` is raised before the next block of periods.
    """
    simulation = HubSimulation(system, fleet, rules, seed=seed, decider=decider)
    simulation.advance(system.horizon.periods, on_progress=on_progress, cancel=cancel)
    return simulation.trace()
