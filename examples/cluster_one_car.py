"""One car, one evening, two prices: the cheapest schedule, and what giving energy back is worth."""

# ruff: noqa: INP001, T201 - an example is no package, has plain numbers, and prints

from __future__ import annotations

import numpy as np

from sparewatt import ChargingTask, plan_cheapest, plan_two_prices

# Six hours; the price is low, high, and low again. The car is half full and wants to be full again.
price = np.array([0.10, 0.10, 0.40, 0.40, 0.10, 0.10])
car = ChargingTask(
    battery_kwh=40.0, soc=0.5, target_soc=0.75, charge_kw=10.0, discharge_kw=10.0, v2g_allowance_kwh=15.0
)

only_charging = ChargingTask(battery_kwh=40.0, soc=0.5, target_soc=0.75, charge_kw=10.0)
for name, plan in (
    ("charging only", plan_cheapest(only_charging, price, 1.0)),
    ("one price, V2G", plan_cheapest(car, price, 1.0)),
    ("paid half for V2G", plan_two_prices(car, price, 0.5 * price, 1.0)),
):
    powers = " ".join(f"{p:+6.1f}" for p in plan.battery_kw)
    print(f"{name:18} {powers} kW, costs {plan.objective:+.2f}")
