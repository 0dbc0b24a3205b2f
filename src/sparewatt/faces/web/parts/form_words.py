"""Words of the form: how keys are called where their letters do not say it, and which stand together."""

from __future__ import annotations

WORDS = {
    "soc": "state of charge",
    "v2g": "V2G",
    "ev": "EV",
    "pv": "PV",
    "ac": "AC",
    "id": "id",
    "ids": "ids",
    "simbench": "SimBench",
}
"""Parts of keys as people write them."""

LABELS = {
    "seed": "Seed",
    "inputs.tables": "Folder of tables",
    "inputs.workbook": "Workbook",
    "inputs.sessions": "Recorded sessions",
    "inputs.diaries": "EV diaries",
    "inputs.master": "OpenDSS network",
    "inputs.network": "pandapower network",
    "inputs.simbench": "SimBench code",
    "inputs.profiles": "Metered demand",
    "inputs.heat_pump_profiles": "Metered heat pumps",
    "inputs.pv_profiles": "Generation of PV",
    "inputs.temperature": "Outdoor temperature",
    "inputs.prices": "Tariff at home",
    "inputs.folder": "Neighbourhood folder",
    "limits": "Limits from other runs",
    "limits.*.run": "Run",
    "limits.*.zone": "Zone",
    "depot.run_id": "Run of the tables",
    "depot.scenario_ids": "Only these scenarios",
    "depot.utilisation": "Used share of the supply capacity",
    "depot.solve_seconds": "Deadline of a solve",
    "depot.gap": "Gap of a solve",
    "depot.step": "Period",
    "depot.horizon_days": "Days planned ahead",
    "depot.magic_fill": "Book unserved energy",
    "depot.limit_ac_chargers": "Limit AC chargers",
    "cluster.step": "Period",
    "cluster.timezone": "Time zone",
    "cluster.f_markup": "Price rise above the limit",
    "cluster.f_discount": "Price fall below the limit",
    "cluster.penalties.deviation_per_kwh": "Penalty on missed energy",
    "cluster.penalties.excess_per_kw": "Penalty on excess",
    "cluster.limit_tolerance_kw": "Tolerance of limits",
    "cluster.solve_seconds": "Deadline of a solve",
    "cluster.control": "Control rule",
    "cluster.queue": "Vehicles wait in a queue",
    "cluster.reroute": "Try other clusters",
    "cluster.grace": "Booking is kept for",
    "cluster.horizon": "Look-ahead",
    "cluster.arbitrage": "Operator's share",
    "cluster.assumptions": "Recorded sessions: assumptions",
    "cluster.penalties": "Penalties of the optimisers",
    "network.ev_kwh_per_day": "Energy of an EV per day",
    "network.v2g_kwh_per_day": "Energy of a day before V2G",
    "network.validate_days": "Days replayed",
    "network.streak": "Draws served in a row",
    "network.quantile": "Quantile of daily profiles",
    "network.hosting": "Hosting capacity",
    "network.unseen_share": "Trusted share of a fitted limit",
    "network.negative_factor": "Weight of negative headroom",
    "network.judged_floor_pu": "Statutory voltage floor",
    "network.judged_ceiling_pu": "Statutory voltage ceiling",
    "network.zones": "Table of zones",
    "community.allow_partial": "Share from the grid allowed",
    "community.predictions_first": "Forecasts before jobs",
    "community.reset_scores": "Start all scores at 10",
    "community.sharing": "Price among neighbours",
    "community.tariff": "Price from the grid, or a file",
    "community.feed_in": "Price of feeding in",
    "network.step": "Period",
    "network.timezone": "Time zone",
    "network.engine": "Power-flow engine",
    "community.eps": "Step of the searches",
    "community.tol": "Tolerance of the searches",
    "community.solve_s": "Deadline of a solve",
    "community.bound": "Compute the best possible",
    "community.interval": "Interval of the peak",
    "community.time_zone": "Time zone of prices",
}
"""Labels of fields by path; ``*`` stands for the name or number of a row."""

HELPS = {"name": "What people call it; empty: named after the study"}
"""Help that reads otherwise where there is no scenario file in sight."""

GROUPS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "depot": (
        ("Planning", ("step", "horizon_days", "utilisation", "availability")),
        ("Vehicles and chargers", ("efficiency", "initial_soc", "min_power_kw", "limit_ac_chargers")),
        ("Prices", ("default_price",)),
    ),
    "cluster": (
        ("Time", ("start", "end", "step", "timezone")),
        ("How the hub is run", ("control", "reservation", "queue", "reroute", "grace")),
        ("Limits", ("limit_tolerance_kw", "system_limits", "imbalance_limits")),
    ),
    "network": (
        ("What is studied", ("cases", "start", "days", "step", "timezone")),
        ("Limits that are kept", ("limit_method", "voltage_floor_pu", "voltage_ceiling_pu", "quantile")),
        ("Electric vehicles", ("ev_kwh_per_day", "v2g", "ev_planning", "placement")),
        ("Proof and hosting capacity", ("validate_days", "hosting", "forecasts")),
    ),
    "community": (
        ("Who decides", ("algorithm", "days", "repetitions", "bound")),
        ("Prices", ("tariff", "feed_in", "sharing", "import_limit_kw", "time_zone")),
        ("Trading", ("allow_partial", "predictions_first", "reset_scores")),
    ),
}
"""Settings that most people look at, by study; all others are advanced."""
_SUFFIXES = ("_per_kwh", "_per_kw", "_kwh", "_kw", "_pu", "_s")


def label_of(key: str, path: str) -> str:
    """The words of a key: ``default_price`` is "Default price"."""
    if path in LABELS:
        return LABELS[path]
    bare = next((key.removesuffix(s) for s in _SUFFIXES if key.endswith(s) and key != s), key)
    words = " ".join(WORDS.get(word, word) for word in bare.split("_"))
    return words[:1].upper() + words[1:]
