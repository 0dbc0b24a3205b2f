"""The numbers an operator of hubs asks for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.cluster_kpis import LIMIT_KPIS
from sparewatt.results.cluster_words import duration_words
from sparewatt.results.kpis import number_text
from sparewatt.results.page import Card

if TYPE_CHECKING:
    from sparewatt.results.outcome import Outcome


def cluster_cards(outcome: Outcome) -> list[Card]:
    """The numbers an operator asks for first."""

    def number(name: str) -> str:
        kpi = next(k for k in outcome.kpis if k.name == name)
        return number_text(kpi.value, kpi.unit)

    broken = any(outcome.value(name) for name in LIMIT_KPIS)
    away, short = outcome.value("turned_away") or 0, outcome.value("short_of_target") or 0
    worst = max(float(outcome.value(n) or 0.0) for n in ("over_limit_kw", "under_limit_kw"))
    steps = sum(int(outcome.value(name) or 0) for name in LIMIT_KPIS)
    cards = [
        Card("Connected", number("admitted"), "", f"of {number('visits')} visits", ""),
        Card("Turned away", number("turned_away"), "", "", "worse" if away else "better"),
        Card("Charged", number("g2v_kwh"), "kWh", f"net from the grid {number('net_kwh')} kWh", ""),
        Card(
            "Short of target",
            number("short_of_target_kwh"),
            "kWh",
            f"{short:,.0f} vehicles" if short != 1 else "1 vehicle",
            "worse" if short else "better",
        ),
        Card("Peak", number("peak_kw"), "kW", f"lowest {number('min_kw')} kW", ""),
        Card(
            "Steps beyond a limit",
            f"{steps:,}",
            "",
            f"at worst {number_text(worst)} kW" if broken else "all kept",
            "worse" if broken else "better",
        ),
        Card("Units occupied", number("occupancy"), "", f"power used {number('utilisation')}", ""),
    ]
    if outcome.value("v2g_kwh"):
        cards.append(Card("V2G", number("v2g_kwh"), "kWh", "taken from batteries", ""))
    if outcome.value("energy_cost"):
        cards.append(Card("Energy cost", number("energy_cost"), "", "grid energy at the tariff", ""))
    if outcome.value("contract_revenue"):
        cards.append(Card("Contract payments", number("contract_revenue"), "", "agreed in reservations", ""))
    if outcome.value("waited"):
        mean = duration_words(float(outcome.value("waiting_mean_h") or 0.0))
        worst_wait = duration_words(float(outcome.value("waiting_worst_h") or 0.0))
        cards.append(Card("Waiting, mean", mean, "", f"{number('waited')} waited, {worst_wait} at worst", ""))
    return cards
