"""Rules on energy: what goes in is what the battery holds, inside its bounds and the V2G allowance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.verify.cluster_part import parts
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.finding import Finding
    from sparewatt.verify.cluster_facts import TraceFacts
    from sparewatt.verify.cluster_part import Part


def check_energy(facts: TraceFacts, tolerance_kwh: float) -> Iterator[Finding]:
    """Energy of the settings, SoC and what is reported agree, battery side.

    With p[t] the power in force in period t, E the battery::

        Σ Δ·p[t] = E·(soc_last - soc_first)
        Σ Δ·max(p[t], 0) = g2v_kwh,   Σ Δ·max(-p[t], 0) = v2g_kwh ≤ allowance
        min_soc ≤ soc_first + Σ_{u<t} Δ·p[u]/E ≤ max_soc        on every boundary

    A vehicle that arrives outside its bounds goes no further out.
    """
    rules = _Rules()
    for part in parts(facts):
        rules.look_at_sums(part, tolerance_kwh)
        rules.look_at_bounds(part, tolerance_kwh)
    for tally in (rules.change, rules.totals, rules.bounds, rules.allowance):
        yield from tally.findings()


class _Rules:
    """The rules, and the places found so far."""

    def __init__(self) -> None:
        self.change = Tally(
            "cluster.trace.soc_change", "SoC at the end = SoC at the beginning + energy / battery"
        )
        self.totals = Tally("cluster.trace.energy", "g2v and v2g are the sums of the powers in force")
        self.bounds = Tally("cluster.trace.soc_bounds", "SoC between the vehicle's min and max SoC")
        self.allowance = Tally("cluster.trace.v2g_allowance", "at most the vehicle's V2G allowance")

    def look_at_sums(self, part: Part, tolerance_kwh: float) -> None:
        """Sums over each connection."""
        facts, c, rows = part.facts, part.facts.trace.connections, part.rows
        fleet = facts.trace.fleet
        battery = fleet.battery_kwh[c.vehicle[rows]]
        net = part.sum_of(part.kwh)
        taken = part.sum_of(np.minimum(part.kwh, 0.0))
        stated = (c.soc_last[rows] - c.soc_first[rows]) * battery
        allowed = fleet.v2g_allowance_kwh[c.vehicle[rows]]
        g2v, v2g = c.g2v_kwh[rows], c.v2g_kwh[rows]

        def place(k: int, message: str, value: float) -> Place:
            row = part.first + k
            return Place(facts.connection_name(row), message, f"{value:.9g}", facts.connection_ids(row))

        self.change.look(
            np.abs(stated - net),
            tolerance_kwh,
            lambda k: place(
                k,
                f"SoC goes from {c.soc_first[rows][k]:.9g} to {c.soc_last[rows][k]:.9g}, which is "
                f"{stated[k]:.9g} kWh, while {net[k]:.9g} kWh went in",
                c.soc_last[rows][k],
            ),
        )
        self.totals.look(
            np.maximum(np.abs(g2v - (net - taken)), np.abs(v2g + taken)),
            tolerance_kwh,
            lambda k: place(
                k,
                f"g2v {g2v[k]:.9g} kWh and v2g {v2g[k]:.9g} kWh are stated, the powers give "
                f"{net[k] - taken[k]:.9g} and {-taken[k]:.9g} kWh",
                g2v[k],
            ),
        )
        self.allowance.look(
            -taken - allowed,
            tolerance_kwh,
            lambda k: place(
                k, f"{-taken[k]:.9g} kWh taken from a vehicle that allows {allowed[k]:.9g} kWh", -taken[k]
            ),
        )

    def look_at_bounds(self, part: Part, tolerance_kwh: float) -> None:
        """SoC at the end of every setting; within one it is between those of its ends."""
        facts, c, fleet = part.facts, part.facts.trace.connections, part.facts.trace.fleet
        arrived = c.soc_first[part.connection]
        most = np.maximum(fleet.max_soc[part.vehicle], arrived) * part.battery_kwh
        least = np.minimum(fleet.min_soc[part.vehicle], arrived) * part.battery_kwh
        stored = part.stored_kwh + part.kwh
        out = np.maximum(stored - most, least - stored)
        worst = np.maximum.reduceat(out, part.begin)

        def place(k: int) -> Place:
            row, begin = part.first + k, int(part.begin[k])
            end = int(part.begin[k + 1]) if k + 1 < len(part.begin) else len(out)
            i = begin + int(np.argmax(out[begin:end]))
            soc, battery = stored[i] / part.battery_kwh[i], part.battery_kwh[i]
            return Place(
                facts.connection_name(row, int(part.until[i])),
                f"SoC is {soc:.9g} where {least[i] / battery:.6g} to {most[i] / battery:.6g} are allowed, "
                f"{out[i]:.6g} kWh outside",
                f"{soc:.9g}",
                facts.connection_ids(row),
            )

        self.bounds.look(worst, tolerance_kwh, place)
