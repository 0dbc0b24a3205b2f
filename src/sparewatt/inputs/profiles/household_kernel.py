"""The household kernel: uses of appliances put down on periods; each customer and day draws for itself."""

# ruff: noqa: ANN001, ANN201 - numba infers the types; the docstrings say what the arrays hold
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np

from sparewatt.kernel import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S11, _S27, _S30, _S31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)
_UNIT = 2.0**-53
_TRIES = 8
_MOST_USES = 60


@kernel()
def mixed(state):
    """Finaliser of splitmix64 (Steele, Lea & Flood, OOPSLA 2014): a 64-bit number from a 64-bit state.

    ``state`` moves on by `GOLDEN` from draw to draw; arithmetic is modulo 2^64.
    """
    z = (state ^ (state >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


@kernel()
def unit(state):
    """A number in [0, 1) from a state: the upper 53 bits of `mixed`."""
    return np.float64(mixed(state) >> _S11) * _UNIT


@kernel()
def put_down(row, at_s, length_s, kw, step_s):
    """Add ``kw`` over [at, at + length) to the mean powers of ``row``, whose first period begins at 0.

    Periods outside the row are left out. Times are whole seconds, so that what a period gets does not hang on
    where the row begins.
    """
    end_s = at_s + length_s
    for t in range(max(at_s // step_s, 0), min(-(-end_s // step_s), len(row))):
        row[t] += kw * (min(end_s, (t + 1) * step_s) - max(at_s, t * step_s)) / step_s


@kernel()
def switch_on(  # noqa: C901, PLR0912, PLR0915 - one loop nest, compiled as a whole
    out,
    step_s,
    keys,
    ordinal,
    begin_s,
    reading_s,
    weekend,
    dark,
    scale,
    rate,
    appliance_kw,
    appliance_s,
    needs,
    starts,
    habits,
):
    """Put down all uses of some days.

    For each customer and day, with numbers drawn from (key, day) alone:

    * the clock times of waking, leaving, coming back and going to bed; away all day on 3 % of days;
    * of each appliance Poisson(rate·scale of the day) uses; each draws its clock time from the start table,
      again (at most 8 times) while nobody is in and awake if it needs somebody, and is left out if it
      needs darkness and finds light; its length is 0.6-1.4 of the mean, its power that of this home's own;
      above 1 kW it waits for the use drawn before it of the same appliance.

    Parameters
    ----------
    out
        Mean powers, added to, shape (customers, periods) [kW]; its first period begins at time 0.
    step_s
        Length of a period [s].
    keys
        Shape (customers,), uint64.
    ordinal, begin_s, reading_s, weekend, dark
        Per day: number, midnight [s], seconds from midnight of each clock reading (days, 48), whether it is
        a weekend, and how dark it is at each reading (days, 48) [0-1].
    scale
        Uses over the mean, shape (days, appliances).
    rate
        Mean uses per day, shape (customers, appliances).
    appliance_kw, appliance_s
        Powers of both parts, shape (customers, appliances, 2) [kW]; mean lengths, (appliances, 2) [s].
    needs
        0 nothing, 1 somebody in and awake, 2 also darkness, shape (appliances,).
    starts
        Start tables, shape (2, appliances, 49).
    habits
        Clock hours of waking, leaving, coming back, bed; chance of going out on a weekday and at a
        weekend, shape (customers, 6).
    """
    tables = starts.shape[2] - 1
    for c in range(out.shape[0]):
        row = out[c]
        for d in range(len(ordinal)):
            state = mixed(keys[c] ^ (np.uint64(ordinal[d]) * GOLDEN))
            w = 1 if weekend[d] else 0
            wake = habits[c, 0] + 1.2 * w + 1.2 * (unit(state) - 0.5)
            state += GOLDEN
            bed = habits[c, 3] + 0.5 * w + 1.4 * (unit(state) - 0.5)
            state += GOLDEN
            leave, back = 48.0, 48.0
            goes = unit(state) < habits[c, 4 + w]
            state += GOLDEN
            if goes:
                if w == 0:
                    leave = max(habits[c, 1], wake + 0.5) + 0.6 * (unit(state) - 0.5)
                    state += GOLDEN
                    back = max(leave, habits[c, 2]) + 1.6 * (unit(state) - 0.5)
                else:
                    leave = 10.0 + 5.0 * unit(state)
                    state += GOLDEN
                    back = leave + 1.0 + 4.0 * unit(state)
                state += GOLDEN
            if unit(state) < 0.03:  # noqa: PLR2004 - a day away
                leave, back = 0.0, 24.0
            state += GOLDEN
            for a in range(len(needs)):
                mean = rate[c, a] * scale[d, a]
                if mean <= 0.0:
                    continue
                # Poisson by the product of uniforms (Knuth): small means.
                floor, product, uses = np.exp(-mean), unit(state), 0
                state += GOLDEN
                while product > floor and uses < _MOST_USES:
                    uses += 1
                    product *= unit(state)
                    state += GOLDEN
                busy_from = busy_to = np.int64(-(1 << 62))
                for _ in range(uses):
                    hour, slot, found = 0.0, 0, False
                    for _try in range(_TRIES):
                        u = unit(state)
                        state += GOLDEN
                        low, high = 0, tables
                        while high - low > 1:
                            middle = (low + high) // 2
                            if starts[w, a, middle] <= u:
                                low = middle
                            else:
                                high = middle
                        slot = low
                        width = starts[w, a, low + 1] - starts[w, a, low]
                        hour = (slot + min((u - starts[w, a, low]) / width, 1.0)) * 24.0 / tables
                        late = hour + 24.0 if hour < wake and hour + 24.0 < bed else hour
                        awake = wake <= hour <= bed or late > hour
                        if needs[a] == 0 or (awake and not leave <= hour < back):
                            found = True
                            break
                    if needs[a] == 2:  # noqa: PLR2004 - darkness
                        found = found and unit(state) < dark[d, slot]
                        state += GOLDEN
                    elif leave == 0.0 and needs[a] == 1:
                        found = False
                    elif needs[a] == 1:
                        found = True  # whoever hardly is in does it all the same
                    stretch = 0.6 + 0.8 * unit(state)
                    state += GOLDEN
                    if not found:
                        continue
                    into = (hour * tables / 24.0 - slot) * 86400.0 / tables
                    at = begin_s[d] + reading_s[d, slot] + np.int64(into)
                    first_s = np.int64(appliance_s[a, 0] * stretch + 0.5)
                    tail_s = np.int64(appliance_s[a, 1] * stretch + 0.5)
                    alone = appliance_kw[c, a, 0] > 1.0
                    if alone and at < busy_to and busy_from < at + first_s + tail_s:
                        at = busy_to
                    busy_from, busy_to = at, at + first_s + tail_s
                    put_down(row, at, first_s, appliance_kw[c, a, 0], step_s)
                    if tail_s > 0:
                        put_down(row, at + first_s, tail_s, appliance_kw[c, a, 1], step_s)


@kernel()
def keep_cold(out, step_s, from_s, phase_s, cycle_s, on_s, kw):
    """Put down refrigerators: ``kw`` for ``on`` of every ``cycle``, begun at ``phase`` after the epoch.

    Parameters
    ----------
    out
        Mean powers, added to, shape (customers, periods) [kW].
    step_s, from_s
        Length of a period, begin of the first [s; s since the epoch].
    phase_s, cycle_s, on_s, kw
        Shape (customers,) [s, s, s, kW].
    """
    for c in range(out.shape[0]):
        first = (from_s - phase_s[c]) // cycle_s[c] * cycle_s[c] + phase_s[c] - from_s
        for at in range(first, out.shape[1] * step_s, cycle_s[c]):
            put_down(out[c], at, on_s[c], kw[c], step_s)
