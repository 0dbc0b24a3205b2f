"""What the KPIs of the community study mean: words, unit, and which way is better."""

from __future__ import annotations

from typing import NamedTuple

from sparewatt.results.kpis import MONEY_UNIT, SHARE_UNIT, Better

JOBS, CONTRACTS, HOUSES = "jobs", "contracts", "houses"
RATIO = "ratio"
"""Unit of the peak-to-average ratio."""


class Meaning(NamedTuple):
    """What a KPI means."""

    label: str
    unit: str
    better: Better | None = None


COMMUNITY_KPIS: dict[str, Meaning] = {
    "covered_kwh": Meaning("Covered by contracts", "kWh", "higher"),
    "whole_kwh": Meaning("Jobs covered whole", "kWh", "higher"),
    "share_of_best_contract": Meaning("Share of the best, by contracts", SHARE_UNIT, "higher"),
    "share_of_best_pool": Meaning("Share of the best, one pool", SHARE_UNIT, "higher"),
    "own_kwh": Meaning("Used from the own roof", "kWh"),
    "peer_kwh": Meaning("Used from neighbours", "kWh"),
    "grid_kwh": Meaning("Bought from the grid", "kWh", "lower"),
    "feed_in_kwh": Meaning("Fed into the grid", "kWh", "lower"),
    "production_kwh": Meaning("Produced", "kWh"),
    "load_kwh": Meaning("Used", "kWh"),
    "asked_kwh": Meaning("Asked for by jobs", "kWh"),
    "self_consumption": Meaning("Self-consumption", SHARE_UNIT, "higher"),
    "self_sufficiency": Meaning("Self-sufficiency", SHARE_UNIT, "higher"),
    "par_consumption": Meaning("Peak to average, load", RATIO, "lower"),
    "par_production": Meaning("Peak to average, production", RATIO),
    "cost": Meaning("Cost, shared", MONEY_UNIT, "lower"),
    "tariff_cost": Meaning("Cost on the tariff", MONEY_UNIT, "lower"),
    "saved": Meaning("Saved by sharing", MONEY_UNIT, "higher"),
    "houses_worse_off": Meaning("Houses worse off", HOUSES, "lower"),
    "import_peak_kw": Meaning("Highest import", "kW", "lower"),
    "jobs": Meaning("Jobs", JOBS),
    "jobs_not_asked": Meaning("Jobs after the simulated days", JOBS),
    "contracts_producer": Meaning("Jobs with a producer", JOBS, "higher"),
    "contracts_grid": Meaning("Jobs with the grid", JOBS, "lower"),
    "cancelled": Meaning("Contracts cancelled", CONTRACTS, "lower"),
    "renegotiated": Meaning("Jobs that asked again", JOBS, "lower"),
    "handed_over": Meaning("Jobs handed over", JOBS),
    "called_back": Meaning("Jobs called back from the grid", JOBS),
    "requests": Meaning("Answers of producers", "answers"),
}
"""KPIs of every run, in order."""
LIMIT_KPIS: dict[str, Meaning] = {
    "over_import_limit_minutes": Meaning("Minutes above the import limit", "min", "lower"),
    "over_import_limit_kwh": Meaning("Energy above the import limit", "kWh", "lower"),
}
"""Only where there is an import limit."""
BATTERY_KPIS: dict[str, Meaning] = {
    "charge_kwh": Meaning("Into home batteries", "kWh"),
    "discharge_kwh": Meaning("Out of home batteries", "kWh"),
}
"""Only where there are batteries."""
BOUND_KPIS: dict[str, Meaning] = {
    "bound_contract_kwh": Meaning("Most by contracts", "kWh"),
    "bound_pool_kwh": Meaning("Most with one pool", "kWh"),
    "bound_gap_contract": Meaning("Gap of the most by contracts", SHARE_UNIT, "lower"),
    "bound_gap_pool": Meaning("Gap of the most with one pool", SHARE_UNIT, "lower"),
}
"""Only where the best possible was asked for."""
RUN_KPIS: dict[str, Meaning] = {"repetitions": Meaning("Repetitions", "repetitions")}
HOUSE_KPIS: dict[str, Meaning] = {
    "production_kwh": Meaning("Produced", "kWh"),
    "load_kwh": Meaning("Used", "kWh"),
    "own_kwh": Meaning("Used from the own roof", "kWh"),
    "peer_kwh": Meaning("Used from neighbours", "kWh"),
    "grid_kwh": Meaning("Bought from the grid", "kWh", "lower"),
    "given_kwh": Meaning("Given to neighbours", "kWh"),
    "feed_in_kwh": Meaning("Fed into the grid", "kWh", "lower"),
    "charge_kwh": Meaning("Into the battery", "kWh"),
    "discharge_kwh": Meaning("Out of the battery", "kWh"),
    "self_consumption": Meaning("Self-consumption", SHARE_UNIT, "higher"),
    "self_sufficiency": Meaning("Self-sufficiency", SHARE_UNIT, "higher"),
    "par_consumption": Meaning("Peak to average, load", RATIO, "lower"),
    "par_production": Meaning("Peak to average, production", RATIO),
    "cost": Meaning("Cost, shared", MONEY_UNIT, "lower"),
    "tariff_cost": Meaning("Cost on the tariff", MONEY_UNIT, "lower"),
    "saved": Meaning("Saved by sharing", MONEY_UNIT, "higher"),
    "jobs": Meaning("Jobs", JOBS),
}
"""KPIs of a house, in order."""
SD_KPIS = (
    "covered_kwh",
    "share_of_best_contract",
    "share_of_best_pool",
    "own_kwh",
    "peer_kwh",
    "grid_kwh",
    "feed_in_kwh",
    "self_consumption",
    "self_sufficiency",
    "par_consumption",
    "par_production",
    "cost",
    "saved",
)
"""KPIs whose standard deviation over the repetitions is told as ``<name>_sd``."""
