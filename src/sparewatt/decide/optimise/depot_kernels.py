"""Compiled kernels of the depot planner; the plain meaning stands in each docstring."""

# ruff: noqa: ANN001, ANN201 - numba infers the types; the docstrings say what the arrays hold
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np

from sparewatt.kernel import kernel


@kernel()
def fill_periods(order, cost, most_cost, begin, stop, upto, first, end, offset, rate, asked, slack, energy):
    """Give energy in the cheapest periods until ``asked`` is reached; returns its cost and what it gave.

    Plain meaning: walk through the periods by rising cost while the cost is below ``most_cost``, and
    give each of the sessions ``begin..upto-1`` as much as its rate, every room from it on (``slack``,
    lowered here) and what is still asked allow.
    """
    total, left = 0.0, asked
    for t in order:
        if cost[t] >= most_cost or left <= 0.0 or slack[stop - 1] <= 0.0:
            break
        for s in range(begin, upto):
            if first[s] <= t < end[s]:
                i = offset[s] + t - first[s]
                give = min(rate[i] - energy[i], left)
                for k in range(s, stop):
                    give = min(give, slack[k])
                if give > 0.0:
                    total += cost[t] * give
                    energy[i] += give
                    left -= give
                    for k in range(s, stop):
                        slack[k] -= give
    return total, asked - left


@kernel()
def fill_vehicle(order, cost, penalty, begin, stop, first, end, offset, rate, room, need, slack, energy):
    """Cheapest fill of one vehicle at given costs per period; returns its cost.

    Sessions ``begin..stop-1`` of one vehicle, in time order; all sessions up to s together take at
    most ``room[s]`` and at least ``need[s]``. Plain meaning: first meet the needs in order, each from
    the cheapest periods so far (what cannot be met costs ``penalty``); then take every period of
    negative cost, the cheapest first, while rates and rooms allow. Rates and nested rooms make a
    polymatroid, so both greedy steps are optimal.

    Parameters
    ----------
    order
        Periods by rising cost.
    cost
        Cost per kWh and period.
    penalty
        Cost per kWh of need that is not met.
    begin, stop
        Sessions of the vehicle.
    first, end, offset
        Periods and entries of the sessions.
    rate
        Most energy per entry, on the charger that the session has [kWh].
    room, need
        Most and least energy up to and with each session [kWh].
    slack, energy
        Work space per session; energy per entry (written) [kWh].
    """
    for i in range(offset[begin], offset[stop]):
        energy[i] = 0.0
    for s in range(begin, stop):
        slack[s] = room[s]
    total, given = 0.0, 0.0
    for s in range(begin, stop):
        asked = need[s] - given
        if asked > 0.0:
            value, gave = fill_periods(
                order, cost, np.inf, begin, stop, s + 1, first, end, offset, rate, asked, slack, energy
            )
            total += value + penalty * (asked - gave)
            given += gave
    value, _ = fill_periods(
        order, cost, 0.0, begin, stop, stop, first, end, offset, rate, np.inf, slack, energy
    )
    return total + value


@kernel()
def set_rates(begin, stop, offset, ac, dc, on_dc, rate):
    """Write the rate of every entry of sessions ``begin..stop-1`` on the charger it has."""
    for s in range(begin, stop):
        for i in range(offset[s], offset[s + 1]):
            rate[i] = dc[i] if on_dc[s] else ac[i]


@kernel()
def set_subset(begin, stop, choose, subset, on_dc):
    """Put the choosing sessions of a vehicle on DC as the bits of ``subset`` say."""
    bit = 0
    for s in range(begin, stop):
        if choose[s]:
            on_dc[s] = (subset >> bit) & 1 == 1
            bit += 1


@kernel()
def best_fills(  # noqa: C901 - one loop nest, compiled as a whole
    order,
    cost,
    penalty,
    rent,
    start,
    first,
    end,
    offset,
    ac,
    dc,
    room,
    need,
    choose,
    on_dc,
    rate,
    slack,
    energy,
    margin,
):
    """Best charger choice and fill of every vehicle at given prices; returns the summed cost.

    Plain meaning: per vehicle, for every subset of its choosing sessions put these on DC, pay
    ``rent`` for each, fill at ``cost`` (``fill_vehicle``), and keep the cheapest subset.

    Parameters
    ----------
    rent
        Price of a DC charger for the whole session, per session.
    start
        First session of each vehicle, and the number of sessions at the end.
    ac, dc
        Most energy per entry on each charger [kWh].
    choose
        Whether a session chooses.
    on_dc
        Written for sessions that choose, read for the others.
    rate, slack
        Work space per entry and per session.
    energy
        Energy per entry (written) [kWh].
    margin
        Per choosing session, the vehicle's best with it on DC minus its best with it on AC (written).
    """
    total = 0.0
    with_dc = np.empty(len(first))
    with_ac = np.empty(len(first))
    for v in range(len(start) - 1):
        begin, stop = start[v], start[v + 1]
        count = 0
        for s in range(begin, stop):
            if choose[s]:
                count += 1
            with_dc[s] = 1e300
            with_ac[s] = 1e300
        best, best_subset = 1e300, 0
        for subset in range(1 << count):
            set_subset(begin, stop, choose, subset, on_dc)
            set_rates(begin, stop, offset, ac, dc, on_dc, rate)
            value = fill_vehicle(
                order, cost, penalty, begin, stop, first, end, offset, rate, room, need, slack, energy
            )
            for s in range(begin, stop):
                if choose[s] and on_dc[s]:
                    value += rent[s]
            for s in range(begin, stop):
                if choose[s]:
                    if on_dc[s]:
                        with_dc[s] = min(with_dc[s], value)
                    else:
                        with_ac[s] = min(with_ac[s], value)
            if value < best - 1e-12:
                best, best_subset = value, subset
        total += best
        for s in range(begin, stop):
            margin[s] = with_dc[s] - with_ac[s] if choose[s] else 0.0
        set_subset(begin, stop, choose, best_subset, on_dc)
        set_rates(begin, stop, offset, ac, dc, on_dc, rate)
        fill_vehicle(order, cost, penalty, begin, stop, first, end, offset, rate, room, need, slack, energy)
    return total


@kernel()
def dc_gains(
    order,
    cost,
    penalty,
    start,
    first,
    end,
    offset,
    ac,
    dc,
    room,
    need,
    choose,
    on_dc,
    rate,
    slack,
    energy,
    gain,
):
    """What DC in place of AC saves per choosing session, the vehicle's others as they are in ``on_dc``.

    Plain meaning: fill the vehicle with the session on AC and again on DC; the difference of cost.
    Parameters as in ``best_fills``; ``on_dc`` is read and left as it was, ``gain`` is written.
    """
    for v in range(len(start) - 1):
        begin, stop = start[v], start[v + 1]
        for s in range(begin, stop):
            if not choose[s]:
                continue
            kept = on_dc[s]
            on_dc[s] = False
            set_rates(begin, stop, offset, ac, dc, on_dc, rate)
            slow = fill_vehicle(
                order, cost, penalty, begin, stop, first, end, offset, rate, room, need, slack, energy
            )
            on_dc[s] = True
            set_rates(begin, stop, offset, ac, dc, on_dc, rate)
            fast = fill_vehicle(
                order, cost, penalty, begin, stop, first, end, offset, rate, room, need, slack, energy
            )
            gain[s] = slow - fast
            on_dc[s] = kept
