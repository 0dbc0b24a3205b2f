"""Rules on jobs: each runs once, inside its window, uncut; an EV within its power and with its energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import ContractState
from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.verify.community_facts import MarketFacts

NO_TIME = -1
"""Time of cancellation of a contract that was not cancelled."""


def check_one_contract(facts: MarketFacts) -> Iterator[Finding]:
    """Every simulated job has exactly one valid contract in the end, other jobs have none at all."""
    held = np.bincount(facts.contracts.job[facts.valid], minlength=len(facts.jobs))
    ever = np.bincount(facts.contracts.job, minlength=len(facts.jobs))
    right = facts.simulated.astype(np.int64)
    off = np.where(facts.simulated, np.abs(held - 1), ever)
    tally = Tally("community.judge.one_contract", "one valid contract for each job of the simulated days")

    def place(job: int) -> Place:
        message = f"{held[job]} valid contracts of {ever[job]}, right is {right[job]}"
        return Place(facts.job_name(job), message, str(held[job]), (facts.jobs.ids[job],))

    tally.look(off.astype(np.float64), 0.5, place)
    yield from tally.findings()

    told = np.zeros(len(facts.jobs), np.bool_)
    told[facts.trace.not_asked] = True
    left_out = Tally(
        "community.judge.not_asked", "the jobs registered after the simulated days, and no others"
    )
    left_out.look(
        (told == facts.simulated).astype(np.float64),
        0.5,
        lambda job: Place(
            facts.job_name(job),
            f"registered {facts.stamp(int(facts.jobs.registered_s[job]))}, "
            f"{'left out' if told[job] else 'not told as left out'}",
            facts.jobs.ids[job],
            (facts.jobs.ids[job],),
        ),
    )
    yield from left_out.findings()


def check_states(facts: MarketFacts) -> Iterator[Finding]:
    """Contracts are fulfilled, or cancelled before their start; a cancelled job comes back at once."""
    c = facts.contracts
    cancelled = ~facts.valid
    told = c.cancelled_s != NO_TIME
    state = Tally("community.judge.state", "fulfilled; or cancelled, between agreement and start")
    broken: list[tuple[str, NDArray[np.bool_]]] = [
        ("it is not fulfilled in the end", c.state == ContractState.AGREED),
        ("it has a time of cancellation", ~cancelled & told),
        ("it has no time of cancellation", cancelled & ~told),
        ("it is cancelled before it was agreed", cancelled & told & (c.cancelled_s < c.agreed_s)),
        ("it is cancelled after its load started", cancelled & told & (c.cancelled_s > c.start_s)),
    ]
    for message, where in broken:

        def place(row: int, message: str = message) -> Place:
            name = ContractState(int(c.state[row])).name
            return Place(facts.contract_name(row), f"its state is {name}, but {message}", name)

        state.look(where.astype(np.float64), 0.5, place)
    yield from state.findings()

    next_row = np.full(len(c), NO_TIME, np.int64)
    last: dict[int, int] = {}
    for row, job in enumerate(c.job.tolist()):
        if job in last:
            next_row[last[job]] = row
        last[job] = row
    next_s = np.where(next_row == NO_TIME, NO_TIME, c.agreed_s[next_row])
    back = Tally("community.judge.cancelled", "another contract, agreed when the old one was cancelled")
    back.look(
        (cancelled & told & (next_s != c.cancelled_s)).astype(np.float64),
        0.5,
        lambda row: Place(
            facts.contract_name(row),
            f"cancelled {facts.stamp(int(c.cancelled_s[row]))}, and its job has "
            + ("no contract after that" if next_row[row] == NO_TIME else "its next one at another time"),
            facts.jobs.ids[int(c.job[row])],
            (facts.jobs.ids[int(c.job[row])],),
        ),
    )
    yield from back.findings()


def check_windows(facts: MarketFacts) -> Iterator[Finding]:
    """A contract is agreed when its job is known; its load starts then or later, inside the window."""
    c, jobs = facts.contracts, facts.jobs
    least = np.maximum(jobs.earliest_s[c.job], c.agreed_s)
    most = np.where(jobs.is_flexible[c.job], jobs.end_s[c.job], jobs.latest_s[c.job])
    early = np.maximum(least - c.start_s, jobs.registered_s[c.job] - c.agreed_s)
    off = np.maximum(np.maximum(early, c.start_s - most), 0)
    minute = (c.start_s // MINUTE_S != c.minute) & (off == 0)
    tally = Tally(
        "community.judge.window", "a start inside the window, not before registration and agreement"
    )

    def place(row: int) -> Place:
        job = int(c.job[row])
        message = (
            f"agreed {facts.stamp(int(c.agreed_s[row]))}, starts {facts.stamp(int(c.start_s[row]))} in "
            f"minute {c.minute[row]}; registered {facts.stamp(int(jobs.registered_s[job]))}, may start "
            f"{facts.stamp(int(jobs.earliest_s[job]))} to {facts.stamp(int(most[row]))}"
        )
        return Place(facts.contract_name(row), message, str(c.start_s[row]), (jobs.ids[job],))

    tally.look(off + minute.astype(np.float64), 0.5, place)
    yield from tally.findings()


def check_loads(facts: MarketFacts, tolerance_kw: float) -> Iterator[Finding]:
    """A job with a profile runs it whole: every minute draws what the profile says, nothing is cut off."""
    c, jobs = facts.contracts, facts.jobs
    tally = Tally("community.judge.load", "the whole profile from the start on")
    right: dict[tuple[int, int, int], NDArray[np.float64]] = {}
    for row in np.flatnonzero(~jobs.is_flexible[c.job]):
        job, start_s = int(c.job[row]), int(c.start_s[row])
        kw = c.kw[c.offset[row] : c.offset[row + 1]]
        key = (int(jobs.profile[job]), start_s % MINUTE_S, len(kw))
        if key not in right:
            # One minute more, which takes in whatever would come later.
            shifted = facts.profile_kw(job, start_s, len(kw) + 1)
            total = float(jobs.profiles.points(key[0])[1][-1]) * 60.0
            shifted[-1] = total - shifted[:-1].sum()
            right[key] = shifted
        off = np.abs(np.append(kw, 0.0) - right[key])
        if off.max() > tolerance_kw:
            at = int(np.argmax(off))
            message = (
                f"{kw[at]:.9g} kW in its minute {at}, its profile draws {right[key][at]:.9g} kW"
                if at < len(kw)
                else f"cut off after {len(kw)} minutes, {right[key][at] / 60.0:.9g} kWh are to come"
            )
            tally.add(facts.contract_name(int(row)), message, float(off[at]), ids=(jobs.ids[job],))
    yield from tally.findings()


def check_charging(facts: MarketFacts, tolerance_kw: float, tolerance_kwh: float) -> Iterator[Finding]:
    """A flexible job draws nothing or a power in its range, inside its window, and its energy in all.

    In one minute, the one that completes the energy, the power may lie below the range; minutes that the
    window only touches give that part of the range.
    """
    c, jobs = facts.contracts, facts.jobs
    power = Tally("community.judge.charging", "nothing, or least to greatest power, inside the window")
    energy = Tally("community.judge.charging_energy", "the energy that was asked for")
    for row in np.flatnonzero(jobs.is_flexible[c.job]):
        job = int(c.job[row])
        kw = c.kw[c.offset[row] : c.offset[row + 1]]
        edges = (int(c.minute[row]) + np.arange(len(kw) + 1)) * MINUTE_S
        begin_s = max(int(jobs.earliest_s[job]), int(c.start_s[row]))
        inside = np.clip(edges, begin_s, int(jobs.end_s[job]))
        share = np.diff(inside) / MINUTE_S
        over = np.maximum(kw - share * float(jobs.max_kw[job]), -kw)
        below = np.where(kw > tolerance_kw, share * float(jobs.min_kw[job]) - kw, 0.0)
        if len(below) > 1:
            below[np.argmax(below)] = 0.0
        else:
            below[:] = 0.0
        off = np.maximum(over, below)
        at = int(np.argmax(off))
        name, ids = facts.contract_name(int(row)), (jobs.ids[job],)
        if off[at] > tolerance_kw:
            message = (
                f"{kw[at]:.9g} kW {facts.stamp(int(edges[at]))}; it may draw {float(jobs.min_kw[job]):.6g} "
                f"to {float(jobs.max_kw[job]):.6g} kW from {facts.stamp(int(jobs.earliest_s[job]))} to "
                f"{facts.stamp(int(jobs.end_s[job]))}"
            )
            power.add(name, message, float(off[at]), value=f"{kw[at]:.9g}", ids=ids)
        missing = abs(float(kw.sum()) / 60.0 - float(jobs.energy_kwh[job]))
        if missing > tolerance_kwh:
            message = (
                f"{kw.sum() / 60.0:.9g} kWh in all, {float(jobs.energy_kwh[job]):.9g} kWh were asked for"
            )
            energy.add(name, message, missing, value=f"{kw.sum() / 60.0:.9g}", ids=ids)
    yield from power.findings()
    yield from energy.findings()
