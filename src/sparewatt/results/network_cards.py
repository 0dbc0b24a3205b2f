"""The numbers of a network to see first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.kpis import number_text
from sparewatt.results.network_view import CHARGING_WORDS
from sparewatt.results.network_words import capacity_text
from sparewatt.results.page import Card

if TYPE_CHECKING:
    from sparewatt.results.network_view import Charging
    from sparewatt.results.outcome import Outcome


def network_cards(outcome: Outcome) -> list[Card]:
    """The numbers to see first."""

    def text(name: str) -> str:
        kpi = next((k for k in outcome.kpis if k.name == name), None)
        return "–" if kpi is None else number_text(kpi.value, kpi.unit)

    cards = [
        Card("EVs that fit", text("evs_realised"), "", f"{text('evs_without_shifting')} by energy alone", ""),
        Card("Heat pumps", text("heat_pumps"), "", f"among {text('customers')} customers", ""),
        Card("Headroom", text("headroom_kwh_per_day"), "kWh/day", "all zones, at the chosen risk", ""),
    ]
    optimised = outcome.value("violating_steps_optimised")
    if optimised is not None:
        plain, none = outcome.value("violating_steps_unmanaged"), outcome.value("violating_steps_none")
        beside = [
            f"{text(f'violating_steps_{c}')} {words}"
            for c, words, value in (("unmanaged", "unmanaged", plain), ("none", "without EVs", none))
            if value is not None
        ]
        better = plain is not None and optimised < plain
        verdict = "worse" if outcome.level == "breach" else "better" if better else ""
        cards.append(
            Card("Steps with a violation", text("violating_steps_optimised"), "", ", ".join(beside), verdict)
        )
        cards.append(
            Card(
                "Lowest voltage",
                text("lowest_voltage_v_optimised"),
                "V",
                f"{text('lowest_voltage_v_unmanaged')} V unmanaged",
                "",
            )
        )
        cards.append(
            Card(
                "Transformer, at most",
                text("transformer_peak_optimised"),
                "",
                f"{text('transformer_peak_unmanaged')} unmanaged",
                "",
            )
        )
        short = float(outcome.value("unserved_kwh_optimised") or 0.0)
        cards.append(
            Card(
                "Energy missing",
                text("unserved_kwh_optimised"),
                "kWh",
                "to what EVs asked for",
                "worse" if short else "better",
            )
        )
    if outcome.value("v2g_asked_kwh"):
        asked = f"of {text('v2g_asked_kwh')} kWh asked"
        cards.append(Card("V2G delivered", text("v2g_delivered_kwh"), "kWh", asked, ""))
    if any(k.name.startswith("hosting_capacity") for k in outcome.kpis):
        tried = {k.name for k in outcome.kpis}
        shown: list[tuple[str, Charging]] = [
            (capacity_text(outcome, c), c)
            for c in ("optimised", "unmanaged")
            if f"hosting_capacity_{c}" in tried
        ]
        first, rest = shown[0], shown[1:]
        others = "".join(f"; {value} {CHARGING_WORDS[c]}" for value, c in rest)
        told = f"EVs per customer, {CHARGING_WORDS[first[1]]}{others}"
        cards.append(Card("Hosting capacity", first[0], "", told, ""))
    return cards
