"""What the numbers on the cards of a run mean."""

from __future__ import annotations

from sparewatt.results.kpi_meanings import kpi_meaning

CARD_KPIS = {
    "depot": {
        "Cost change by smart charging": "saving_share",
        "Electricity cost": "cost",
        "Excess-capacity cost": "excess_capacity_cost",
        "Peak site demand": "peak_site_kw",
        "Energy unserved": "energy_unserved_kwh",
        "Days above the planned limit": "num_breach_days",
        "Energy delivered": "energy_delivered_kwh",
    },
    "cluster": {
        "Connected": "admitted",
        "Turned away": "turned_away",
        "Charged": "g2v_kwh",
        "Short of target": "short_of_target_kwh",
        "Peak": "peak_kw",
        "Steps beyond a limit": "over_limit_steps",
        "Units occupied": "occupancy",
        "V2G": "v2g_kwh",
        "Energy cost": "energy_cost",
        "Contract payments": "contract_revenue",
        "Waiting, mean": "waiting_mean_h",
    },
    "network": {
        "EVs that fit": "evs_realised",
        "Heat pumps": "heat_pumps",
        "Headroom": "headroom_kwh_per_day",
        "Steps with a violation": "violating_steps",
        "Lowest voltage": "lowest_voltage_v",
        "Transformer, at most": "transformer_peak",
        "Energy missing": "unserved_kwh",
        "V2G delivered": "v2g_delivered_kwh",
        "Hosting capacity": "hosting_capacity",
    },
    "community": {
        "Jobs covered": "covered_kwh",
        "Share of the best": "share_of_best_contract",
        "All houses pay": "cost",
        "Saved by sharing": "saved",
        "Self-sufficiency": "self_sufficiency",
        "Self-consumption": "self_consumption",
        "From neighbours": "peer_kwh",
        "Jobs with a producer": "contracts_producer",
        "Peak to average": "par_consumption",
        "Above the import limit": "over_import_limit_minutes",
        "Import peak": "import_peak_kw",
    },
}
"""The KPI behind each card of `study_results.StudyResults.cards`."""


def card_meaning(study: str, label: str) -> str:
    """What the number on a card means."""
    return kpi_meaning(study, CARD_KPIS.get(study, {}).get(label, ""))
