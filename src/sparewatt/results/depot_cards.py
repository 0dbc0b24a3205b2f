"""The numbers a planner asks for first: smart charging, with unmanaged charging beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.compare import share_text
from sparewatt.results.kpis import number_text, unit_text
from sparewatt.results.page import Card

if TYPE_CHECKING:
    from sparewatt.results.outcome import Outcome

_CARDS = (
    ("cost", "Electricity cost"),
    ("excess_capacity_cost", "Excess-capacity cost"),
    ("peak_site_kw", "Peak site demand"),
    ("energy_unserved_kwh", "Energy unserved"),
    ("num_breach_days", "Days above the planned limit"),
    ("energy_delivered_kwh", "Energy delivered"),
)


def depot_cards(outcome: Outcome) -> list[Card]:
    """The numbers a planner asks for first."""
    cards = []
    share = outcome.value("saving_share")
    if share is not None:
        saving = number_text(outcome.value("saving"), "currency")
        verdict = "better" if share > 0 else "worse" if share < 0 else "same"
        cards.append(
            Card("Cost change by smart charging", share_text(-share), "", f"{saving} saved", verdict)
        )
    for name, label in _CARDS:
        bau, opt = (next((k for k in outcome.kpis if k.name == f"{name}_{m}"), None) for m in ("BAU", "opt"))
        shown = opt or bau
        if shown is None or (name == "excess_capacity_cost" and not any(k and k.value for k in (bau, opt))):
            continue
        beside, verdict = "", ""
        if opt is not None and bau is not None and opt.value is not None and bau.value is not None:
            beside = f"unmanaged {number_text(bau.value, bau.unit)} {unit_text(bau.unit)}".strip()
            lower = opt.value < bau.value
            same = abs(opt.value - bau.value) <= 1e-9 * max(1.0, abs(bau.value))
            if opt.better is not None:
                verdict = "same" if same else "better" if lower == (opt.better == "lower") else "worse"
        cards.append(
            Card(label, number_text(shown.value, shown.unit), unit_text(shown.unit), beside, verdict)
        )
    return cards
