"""The heat-pump kernel: rooms, thermostat and hot water, step by step through one day and the day before."""

# ruff: noqa: ANN001, ANN201 - numba infers the types; the docstrings say what the arrays hold
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np

from sparewatt.inputs.profiles.household_kernel import GOLDEN, mixed, unit
from sparewatt.kernel import kernel

_TURN_DOWN = 0.3
_REACT_H = 2.0


@kernel()
def heat_day(  # noqa: C901 - one loop, compiled as a whole
    out,
    lead,
    part_h,
    outside_c,
    cop,
    hot_water_cop,
    clock_h,
    heating,
    keys,
    ordinal,
    loss_kw_per_k,
    capacity_kwh_per_k,
    gain_kw,
    set_c,
    setback_k,
    night_h,
    band_k,
    most_kw,
    water_kwh,
    water_h,
):
    """Electric power of heat pumps through one local day.

    The rooms of a home are one mass: C·dT/dt = q + gain - UA·(T - T_out). Wanted is
    q = UA·(T_set - T_out) - gain + C·(T_set - T)/2 h, up to what the machine can at this COP. Below 30 % of
    that it switches: off above T_set + band/2, on below T_set - band/2, and runs at 30 % between. At the
    home's hour it makes hot water first, at full power, as much as was drawn for the day. Each day is begun
    a day before at the set temperature, so that it can be told alone.

    Parameters
    ----------
    out
        Set, shape (customers, parts of the day) [kW].
    lead
        Parts of the day before.
    part_h
        Length of a part [h].
    outside_c, cop, hot_water_cop, clock_h
        Outdoor temperature, COP for rooms and for hot water, clock hour, shape (lead + parts,).
    heating
        Whether rooms are heated, same shape.
    keys, ordinal
        Keys of the customers (customers,), and number of the day.
    loss_kw_per_k, capacity_kwh_per_k, gain_kw
        UA, C, and heat gains, shape (customers,).
    set_c, setback_k, night_h, band_k
        Set temperature, by how much it falls at night, from and to when (customers, 2), dead band,
        shape (customers,).
    most_kw
        Electric power at full load, shape (customers,) [kW].
    water_kwh, water_h
        Mean heat for hot water per day [kWh], clock hour at which it is made, shape (customers,).
    """
    parts = len(outside_c)
    for c in range(out.shape[0]):
        state = mixed(keys[c] ^ (np.uint64(ordinal) * GOLDEN))
        inside = set_c[c] + band_k[c] * (unit(state) - 0.5)
        state += GOLDEN
        running = unit(state) < 0.5  # noqa: PLR2004 - half of them
        state += GOLDEN
        left_kwh, wanted_kwh, waits = 0.0, 0.0, True
        for t in range(parts):
            if t == 0 or clock_h[t] < clock_h[t - 1] - 12.0:
                wanted_kwh = water_kwh[c] * (0.5 + unit(state))
                state += GOLDEN
                waits = True
            if waits and clock_h[t] >= water_h[c]:
                left_kwh, waits = wanted_kwh, False
            night = clock_h[t] >= night_h[c, 0] or clock_h[t] < night_h[c, 1]
            goal = set_c[c] - (setback_k[c] if night else 0.0)
            used_kw, free_h = 0.0, part_h
            if left_kwh > 0.0:
                hours = min(left_kwh / (most_kw[c] * hot_water_cop[t]), part_h)
                left_kwh = left_kwh - hours * most_kw[c] * hot_water_cop[t] if hours == part_h else 0.0
                used_kw += most_kw[c] * hours / part_h
                free_h -= hours
            heat_kw = 0.0
            if heating[t]:
                most = most_kw[c] * cop[t]
                asked = loss_kw_per_k[c] * (goal - outside_c[t]) - gain_kw[c]
                asked += capacity_kwh_per_k[c] * (goal - inside) / _REACT_H
                if inside > goal + band_k[c] / 2:
                    running = False
                elif inside < goal - band_k[c] / 2:
                    running = True
                if asked >= _TURN_DOWN * most:
                    running = True
                if running:
                    heat_kw = min(max(asked, _TURN_DOWN * most), most) * free_h / part_h
                    used_kw += heat_kw / cop[t]
            else:
                running = False
            flow = heat_kw + gain_kw[c] - loss_kw_per_k[c] * (inside - outside_c[t])
            inside += flow * part_h / capacity_kwh_per_k[c]
            if t >= lead:
                out[c, t - lead] = used_kw
