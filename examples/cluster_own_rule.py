"""A control rule of your own: it sees what a rule may know, and runs in the same loop as ours."""

# ruff: noqa: INP001, T201 - an example is no package, and prints

from __future__ import annotations

import numpy as np

from sparewatt import (
    ClusterView,
    ControlView,
    OperatingRules,
    Setpoints,
    check_trace,
    simulate_hub,
)
from sparewatt.inputs.generate.demo_hub import draw_demo_hub
from sparewatt.results.cluster_kpis import hub_kpis


class SmallestNeedFirst:
    """Whoever needs the least energy goes first, so that as many as possible are done."""

    def decide(self, view: ControlView) -> Setpoints:
        """Share out the upper limit of each cluster for the present period."""
        power_kw = np.zeros(len(view))
        need_kwh = np.maximum(0.0, (view.target_soc - view.soc) * view.battery_kwh)
        for cluster, limit_kw in enumerate(view.upper_kw[:, 0]):
            left_kw = max(0.0, limit_kw)
            here = np.flatnonzero(view.cluster == cluster)
            for row in here[np.argsort(need_kwh[here], kind="stable")]:
                wanted_kw = min(view.charge_kw[row], need_kwh[row] / view.step_h)  # at the battery
                grid_kw = min(wanted_kw / view.efficiency[row], left_kw)
                power_kw[row] = grid_kw * view.efficiency[row]
                left_kw -= grid_kw
        return Setpoints(power_kw)

    def reset(self) -> None:
        """It keeps nothing from step to step."""


drawn = draw_demo_hub(seed=7)  # the hub of `sparewatt demo`
system = drawn.system
print(f"{len(drawn.fleet)} visits to {len(system.evses)} units in {system.horizon.periods} steps")
for name, rules, decider in (
    ("first come first served", OperatingRules(control="first_come_first_served"), None),
    ("least laxity first", OperatingRules(control="least_laxity_first"), None),
    ("smallest need first", OperatingRules(), SmallestNeedFirst()),
):
    trace = simulate_hub(system, drawn.fleet, rules, decider=decider)
    kpi = {k.name: k.value for k in hub_kpis(ClusterView(trace))}
    errors = [f for f in check_trace(trace) if f.severity == "error"]
    print(
        f"{name:24} charged {kpi['g2v_kwh']:5.0f} kWh, {kpi['short_of_target']:3} short of the target "
        f"by {kpi['short_of_target_kwh']:5.1f} kWh, errors {len(errors)}"
    )
