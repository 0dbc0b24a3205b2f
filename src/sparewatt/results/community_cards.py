"""The numbers that neighbours ask for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.community_words import IN_PART, OPEN, count_text, count_words, rounded_down
from sparewatt.results.kpis import number_text
from sparewatt.results.page import Card

if TYPE_CHECKING:
    from sparewatt.results.outcome import Outcome


def community_cards(outcome: Outcome) -> list[Card]:
    """The numbers that neighbours ask for first."""
    by_name = {k.name: k for k in outcome.kpis}

    def number(name: str) -> str:
        return number_text(by_name[name].value, by_name[name].unit)

    def value(name: str) -> float:
        return float(outcome.value(name) or 0.0)

    def spread(name: str, beside: str) -> str:
        deviation = deviation_of(outcome, name)
        if deviation is None:
            return beside
        return f"± {number_text(deviation, by_name[name].unit)}, {beside}"

    share, gap = outcome.value("share_of_best_contract"), outcome.value("bound_gap_contract")
    worse, saved = value("houses_worse_off"), value("saved")
    cards = [
        Card(
            "Jobs covered",
            number("covered_kwh"),
            "kWh",
            spread("covered_kwh", f"of {number('asked_kwh')} kWh"),
            "",
        ),
    ]
    if share is not None:
        least = "" if float(gap or 0.0) <= OPEN else "at least; "
        in_part = value("covered_kwh") - value("whole_kwh") > IN_PART * value("covered_kwh")
        what = " of whole jobs" if in_part and "whole_kwh" in by_name else ""
        words = f"{least}up to {number('bound_contract_kwh')} kWh{what} could be covered"
        cards.append(Card("Share of the best", rounded_down(float(share)), "", words, ""))
    cards += [
        Card(
            "All houses pay", number("cost"), "", spread("cost", f"{number('tariff_cost')} on the tariff"), ""
        ),
        Card(
            "Saved by sharing",
            number("saved"),
            "",
            f"{count_words(worse, 'house')} worse off" if worse else "no house worse off",
            "worse" if worse else "better" if saved > 0 else "",
        ),
        Card(
            "Self-sufficiency", number("self_sufficiency"), "", f"{number('grid_kwh')} kWh from the grid", ""
        ),
        Card("Self-consumption", number("self_consumption"), "", f"{number('feed_in_kwh')} kWh fed in", ""),
        Card("From neighbours", number("peer_kwh"), "kWh", f"own roof {number('own_kwh')} kWh", ""),
        Card(
            "Jobs with a producer",
            count_text(value("contracts_producer")),
            "",
            f"of {count_text(value('jobs'))}; {count_words(value('cancelled'), 'contract')} cancelled",
            "",
        ),
        Card(
            "Peak to average",
            number("par_consumption"),
            "",
            f"load; production {number('par_production')}",
            "",
        ),
    ]
    minutes = outcome.value("over_import_limit_minutes")
    peak = f"highest {number('import_peak_kw')} kW"
    if minutes is not None:
        cards.append(
            Card(
                "Above the import limit",
                count_text(float(minutes)),
                "min",
                peak,
                "worse" if minutes else "better",
            )
        )
    else:
        cards.append(Card("Import peak", number("import_peak_kw"), "kW", "all houses together", ""))
    return cards


def deviation_of(outcome: Outcome, name: str) -> float | None:
    """Standard deviation of a KPI over the repetitions; ``None`` where there is only one."""
    value = outcome.value(f"{name}_sd")
    return None if value is None else float(value)
