"""Rules on stays and numbers: shapes, finite numbers, plugged in only while there, one stay at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.verify.tally import Tally, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.model.schedule import DepotSchedule
    from sparewatt.verify.depot_facts import DepotFacts


def check_shapes(schedule: DepotSchedule) -> Iterator[Finding]:
    """Arrays of a schedule fit its sessions, and the sessions' compressed rows fit their periods."""
    s, h, limit = schedule.depot.sessions, schedule.depot.horizon, schedule.depot.limit_kw
    sessions = len(s.vehicle)
    for name, length, wanted in (
        ("sessions.offset", len(s.offset), sessions + 1),
        ("sessions.fraction", len(s.fraction), int(s.offset[-1]) if len(s.offset) else 0),
        ("energy_kwh", len(schedule.energy_kwh), len(s.fraction)),
        ("charger", len(schedule.charger), sessions),
        ("unserved_kwh", len(schedule.unserved_kwh), sessions),
        ("site_load_kw", len(schedule.depot.site_load_kw), h.periods),
        ("price_per_kwh", len(schedule.depot.price_per_kwh), h.periods),
        ("limit_kw", h.periods if limit is None else len(limit), h.periods),
    ):
        if length != wanted:
            yield Finding(
                "depot.schedule.shape",
                "error",
                name,
                f"{length} values where {wanted} belong",
                str(length),
                f"{wanted} values",
                (schedule.depot.allocation_id,),
                float(abs(length - wanted)),
            )
            return
    rows_fit = np.array_equal(np.diff(s.offset), s.end - s.first)
    inside = bool(np.all((s.first >= 0) & (s.first <= s.end) & (s.end <= h.periods)))
    ordered = bool(np.all(np.diff(s.vehicle) >= 0))
    known = bool(np.all((s.vehicle >= 0) & (s.vehicle < len(schedule.depot.vehicles.ids))))
    for holds, message in (
        (rows_fit, "the rows of a session do not match its periods first..end-1"),
        (inside, "a session lies outside the horizon"),
        (ordered, "sessions are not ordered by vehicle"),
        (known, "a session belongs to no vehicle of the depot"),
        (bool(np.all(np.isin(schedule.charger, (0, 1, 2)))), "a charger kind is none of 0, 1, 2"),
    ):
        if not holds:
            ids = (schedule.depot.allocation_id,)
            yield Finding("depot.schedule.shape", "error", "sessions", message, ids=ids)


def check_finite(schedule: DepotSchedule) -> Iterator[Finding]:
    """No NaN and no infinity anywhere, in the schedule or in what it was planned for."""
    d = schedule.depot
    for name, values in (
        ("energy_kwh", schedule.energy_kwh),
        ("unserved_kwh", schedule.unserved_kwh),
        ("sessions.fraction", d.sessions.fraction),
        ("sessions.use_kwh", d.sessions.use_kwh),
        ("site_load_kw", d.site_load_kw),
        ("price_per_kwh", d.price_per_kwh),
        ("limit_kw", np.zeros(0) if d.limit_kw is None else d.limit_kw),
        ("vehicles.battery_kwh", d.vehicles.battery_kwh),
        ("vehicles.ac_kw", d.vehicles.ac_kw),
        ("vehicles.dc_kw", d.vehicles.dc_kw),
    ):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            yield Finding(
                "depot.schedule.finite",
                "error",
                f"{name}, position {int(bad[0])}",
                f"{len(bad)} of {len(values)} values are no finite numbers",
                str(values[bad[0]]),
                "a finite number",
                (d.allocation_id,),
            )


def check_stays(schedule: DepotSchedule, facts: DepotFacts, tolerance: float) -> Iterator[Finding]:
    """A vehicle charges only while it is plugged in, forwards, and in one stay at a time."""
    s, step_s = schedule.depot.sessions, int(schedule.depot.horizon.step.total_seconds())
    negative = Tally("depot.schedule.negative_energy", "energy of at least 0: charging only")
    for e in worst_first(-schedule.energy_kwh, tolerance):
        energy = float(schedule.energy_kwh[e])
        message = f"{energy:.9g} kWh are taken back out of the battery"
        negative.add(
            facts.entry_name(e), message, -energy, value=f"{energy:.9g}", ids=facts.ids(int(facts.session[e]))
        )
    yield from negative.findings()

    away = Tally("depot.schedule.away", "a plugged-in share only for the time the vehicle is there")
    there_s = np.minimum(facts.left_s + step_s, s.plug_out_s[facts.session]) - np.maximum(
        facts.left_s, s.plug_in_s[facts.session]
    )
    there = np.clip(there_s / step_s, 0.0, 1.0)
    most = np.where((s.fraction == 1.0) & (there > 0), 1.0, there)  # ends may be rounded to the nearest edge
    for e in worst_first(np.maximum(-s.fraction, s.fraction - most), max(tolerance, 1e-9)):
        away.add(
            facts.entry_name(e),
            f"plugged in for {s.fraction[e]:.6g} of a period in which it is there for {there[e]:.6g}",
            float(max(-s.fraction[e], s.fraction[e] - most[e])),
            value=f"{s.fraction[e]:.9g}",
            ids=facts.ids(int(facts.session[e])),
        )
    yield from away.findings()

    twice = Tally("depot.schedule.one_stay", "one stay of a vehicle at a time")
    periods = schedule.depot.horizon.periods
    share = np.zeros(len(schedule.depot.vehicles.ids) * periods)
    np.add.at(share, facts.vehicle * periods + facts.period, s.fraction)
    for cell in worst_first(share - 1.0, max(tolerance, 1e-9)):
        n, t = divmod(cell, periods)
        vehicle = schedule.depot.vehicles.ids[n]
        twice.add(
            f"vehicle {vehicle}, period {t} ({facts.stamp(t)})",
            f"its stays fill {share[cell]:.6g} of one period",
            float(share[cell] - 1.0),
            ids=(schedule.depot.allocation_id, vehicle),
        )
    yield from twice.findings()
