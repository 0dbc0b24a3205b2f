"""What each KPI means, in a sentence for people; ``docs/outputs.md`` has the same, with more."""

from __future__ import annotations

_DEPOT = {
    "energy_delivered_kwh": "Energy charged, as the meter of the site counts it.",
    "energy_unserved_kwh": "Energy that routes asked for and vehicles did not get, battery side.",
    "cost": "Energy charged in each half-hour times its price, added up.",
    "excess_capacity_cost": "Every planning day's highest half-hour above the agreed supply capacity, "
    "times the price of excess capacity, added up.",
    "num_breach_days": "Planning days on which charging went above the planned limit.",
    "num_magic_days": "Planning days on which vehicles needed more energy than they could be given.",
    "num_timed_out_days": "Planning days whose solve reached its deadline before its gap was closed.",
    "breach_kwh": "Charging above the planned limit. The planned limit is what the site's own load leaves of "
    "the part of the agreed capacity that may be used.",
    "max_breach_kw": "Highest charging power above the planned limit.",
    "peak_site_kw": "Highest mean of a period of site load and charging together.",
    "lowest_soc": "Lowest state of charge of any vehicle at any time.",
    "highest_soc": "Highest state of charge of any vehicle at any time.",
    "gap_median": "By how much the plan of the median day could still be improved at most, as proven. "
    "Unmanaged charging is no plan and proves nothing.",
    "gap_worst": "By how much the plan of the worst day could still be improved at most, as proven.",
    "solve_seconds": "Processor time of planning.",
    "saving": "Cost of unmanaged charging less cost of smart charging, excess capacity included.",
    "saving_share": "What smart charging saves, as a share of the cost of unmanaged charging.",
}
_OVER = "beyond the upper limit and its tolerance"
_UNDER = "below the lower limit and its tolerance"
_CLUSTER = {
    "net_kwh": "Net energy from the grid; negative where more was given than drawn.",
    "g2v_kwh": "Energy charged into batteries, as the batteries count it.",
    "v2g_kwh": "Energy taken out of batteries, as the batteries count it.",
    "short_of_target_kwh": "Energy missing to the targets of vehicles that left or are due to.",
    "short_of_target": "Vehicles that left, or should have, below their target.",
    "contracted_kwh": "Net energy that contracts promise, also to those who never came.",
    "short_of_contract_kwh": "Energy promised in contracts and not given.",
    "peak_kw": "Highest power of a step, at the grid.",
    "min_kw": "Lowest power of a step, at the grid; negative where energy was given back.",
    "over_limit_steps": f"Steps {_OVER}.",
    "over_limit_kwh": f"Energy {_OVER}.",
    "over_limit_kw": f"Worst power {_OVER}.",
    "under_limit_steps": f"Steps {_UNDER}.",
    "under_limit_kwh": f"Energy {_UNDER}.",
    "under_limit_kw": f"Worst power {_UNDER}.",
    "visits": "All visits.",
    "admitted": "Visits that were connected.",
    "turned_away": "Visits without a connection, for whatever reason.",
    "no_free_evse": "Turned away: nothing was free on arrival.",
    "reservation_refused": "Turned away: nothing was free when it booked, so it did not come.",
    "no_offer": "Turned away: no smart schedule met target, limits and bookings.",
    "left_queue": "Turned away: gave up waiting.",
    "too_short": "Turned away: no whole step between arrival and departure.",
    "no_show": "Booked and never came.",
    "not_yet": "Comes after the end, or waits at the end.",
    "still_connected": "Connected at the end.",
    "utilisation": "Energy charged over what all units could have charged in the time.",
    "occupancy": "Time with a vehicle connected over the time of all units.",
    "energy_cost": "Grid energy at the tariff; energy given back is paid at the same tariff.",
    "contract_revenue": "Payments agreed with vehicles that were connected.",
    "waited": "Visits that waited in the queue.",
    "waiting_mean_h": "Mean wait of those who waited.",
    "waiting_worst_h": "Longest wait.",
    "system_over_limit_steps": f"Steps in which the sum of all clusters was {_OVER}.",
    "system_over_limit_kwh": f"Energy of the sum of all clusters {_OVER}.",
    "system_over_limit_kw": f"Worst power of the sum of all clusters {_OVER}.",
    "system_under_limit_steps": f"Steps in which the sum of all clusters was {_UNDER}.",
    "system_under_limit_kwh": f"Energy of the sum of all clusters {_UNDER}.",
    "system_under_limit_kw": f"Worst power of the sum of all clusters {_UNDER}.",
    "imbalance_steps": "Steps beyond the limits on the difference of two clusters.",
    "imbalance_kwh": "Energy beyond the limits on the difference of two clusters.",
    "imbalance_kw": "Worst power beyond the limits on the difference of two clusters.",
    "timed_out_steps": "Steps whose solve met its deadline.",
    "infeasible_steps": "Steps for which no plan meets all limits.",
    "gap_worst": "By how much the worst plan could still be improved at most, as proven.",
}
_NETWORK = {
    "customers": "All customers; of a zone those on its phase, so one on three phases is in none.",
    "headroom_kwh_per_day": "Energy of a day that the headroom at the chosen risk lets through.",
    "evs_without_shifting": "EVs that this energy feeds, whenever they charge.",
    "evs_realised": "EVs that were placed and planned with their stays.",
    "heat_pumps": "Customers with a heat pump in the case that their zone takes.",
    "v2g_zones": "Zones whose case has negative headroom that EVs are to fill from their batteries.",
    "evs_per_customer": "EVs that were placed, per customer.",
    "limit_violating_share": "Snapshots up to the fitted limit that are below the planning floor all the "
    "same, in the worst zone; empty for limits by power flow.",
    "violating_steps": "Replayed steps with an overload, a voltage beyond the statutory bounds, an "
    "overloaded transformer or no solution.",
    "overload_steps": "Replayed steps in which a cable is above its rating.",
    "undervoltage_steps": "Replayed steps in which a node is below the statutory voltage.",
    "overvoltage_steps": "Replayed steps in which a node is above the statutory voltage.",
    "below_floor_steps": "Replayed steps in which a node is below the floor that limits were made for.",
    "transformer_steps": "Replayed steps in which the transformer is above its rating.",
    "unsolved_steps": "Replayed steps for which the power flow found no solution; they count as violations.",
    "lowest_voltage_v": "Lowest voltage of any node, phase to neutral.",
    "highest_voltage_v": "Highest voltage of any node, phase to neutral.",
    "transformer_peak": "Highest apparent power of the transformer over its rating.",
    "ev_peak_kw": "Highest power of all EVs together.",
    "unserved_kwh": "Energy missing to what EVs wanted by their departures, as the batteries count it.",
    "headroom_left_kwh_per_day": "Energy of a day that the headroom still lets through with these EVs.",
    "v2g_asked_kwh": "Energy that zones asked of their EVs on the planned days.",
    "v2g_delivered_kwh": "Energy that EVs gave when they were asked, up to what was asked at that moment.",
    "hosting_capacity": "Highest tried share of customers with an EV up to which the probability of a "
    "violation never exceeds the risk; empty where the first share that was tried does.",
    "hosting_capacity_sure": "The same, with the upper end of the 95 % interval within the risk.",
    "hosting_least_tried": "Least share of customers with an EV that was tried.",
    "hosting_violating": "Samples that break a limit without any EV.",
    "forecast_pinball_kva": "Mean pinball loss of the forecast: how far it was off, quantile by quantile.",
    "forecast_skill": "What the best forecast saves of the loss of persistence.",
    "forecast_least_kva": "Where the median forecast of the day after the run falls lowest.",
    "forecast_sure_kva": "Headroom that is left at that time of day with 90 % probability.",
}
_COMMUNITY = {
    "covered_kwh": "Energy of contracts that production really covered, minute by minute.",
    "whole_kwh": "Energy of the jobs that their producer covered from the first minute to the last.",
    "share_of_best_contract": "Jobs covered whole, over the most that any choice of one producer per job "
    "could cover.",
    "share_of_best_pool": "Energy covered, over the most that could be covered with all sun in one pool.",
    "own_kwh": "Energy used from the own roof or battery, base load too.",
    "peer_kwh": "Energy used from neighbours, base load too.",
    "given_kwh": "Energy given to neighbours.",
    "grid_kwh": "Energy used from the grid, base load too.",
    "feed_in_kwh": "Energy given to the grid.",
    "production_kwh": "Energy produced.",
    "load_kwh": "Energy used, batteries left out.",
    "asked_kwh": "Energy of the jobs that were simulated.",
    "self_consumption": "Share of the production that was not fed in; what a battery stores counts as used.",
    "self_sufficiency": "Share of the load that did not come from the grid.",
    "par_consumption": "Peak to average of the load: its highest mean of an interval over the mean of all.",
    "par_production": "Peak to average of the production.",
    "cost": "What is paid with the sharing rule; negative where it earns.",
    "tariff_cost": "What would be paid with nothing shared.",
    "saved": "Cost with nothing shared less cost with the sharing rule.",
    "houses_worse_off": "Houses that pay more with the sharing rule than on the tariff.",
    "import_peak_kw": "Highest minute of what all houses together buy.",
    "jobs": "Jobs that were simulated.",
    "jobs_not_asked": "Jobs that were registered after the simulated days.",
    "contracts_producer": "Jobs that ran on a contract with a producer.",
    "contracts_grid": "Jobs that ran on the grid.",
    "cancelled": "Contracts that were cancelled.",
    "renegotiated": "Jobs that had to ask again after their contract was cancelled.",
    "handed_over": "Jobs that one producer handed over to another.",
    "called_back": "Jobs that a producer called back from the grid.",
    "requests": "Answers of all producers.",
    "over_import_limit_minutes": "Minutes in which all houses together buy more than the import limit.",
    "over_import_limit_kwh": "Energy above the import limit.",
    "charge_kwh": "Energy into home batteries.",
    "discharge_kwh": "Energy out of home batteries.",
    "bound_contract_kwh": "The most that could be covered with jobs whole, on one producer or the grid.",
    "bound_pool_kwh": "The most that could be covered with all sun in one pool.",
    "bound_gap_contract": "What of that bound is not known to be possible.",
    "bound_gap_pool": "What of that bound is not known to be possible.",
    "repetitions": "How often the days were simulated; values are means over them.",
}
KPI_MEANINGS = {"depot": _DEPOT, "cluster": _CLUSTER, "network": _NETWORK, "community": _COMMUNITY}
"""Meaning by study and by the name of the KPI without the way of charging behind it."""

_WAYS = {
    "_BAU": " Unmanaged charging.",
    "_opt": " Smart charging.",
    "_none": " Without EVs.",
    "_optimised": " EVs with optimised charging.",
    "_unmanaged": " EVs with unmanaged charging.",
    "_sd": " Standard deviation over the repetitions.",
}


def kpi_meaning(study: str, name: str) -> str:
    """What a KPI of a study means; empty where nothing is known of it."""
    known = KPI_MEANINGS.get(study, {})
    if name in known:
        return known[name]
    for way, words in _WAYS.items():
        if name.endswith(way):
            meaning = known.get(name.removesuffix(way), "")
            return meaning + words if meaning else ""
    return next((known[kpi] for kpi in known if name.startswith(f"{kpi}_")), "")
