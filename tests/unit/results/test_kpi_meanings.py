"""Every KPI that a study has is explained, and nothing is explained that no study has."""

from __future__ import annotations

import re
from pathlib import Path

from sparewatt.results.card_meanings import CARD_KPIS, card_meaning
from sparewatt.results.kpi_meanings import KPI_MEANINGS, kpi_meaning

_DOCS = Path(__file__).parents[3] / "docs" / "outputs.md"
_HEADS = {"hub": "cluster", "network": "network", "neighbourhood": "community"}
_TIMES = {"depot": {"saving", "saving_share"}, "community": {"given_kwh"}}
"""Names that the documentation has outside the table that is read here."""


def _documented() -> dict[str, set[str]]:
    """Names of KPIs in the documentation, by study, without the way of charging behind them."""
    found: dict[str, set[str]] = {study: set() for study in KPI_MEANINGS}
    study = ""
    for line in _DOCS.read_text(encoding="utf-8").splitlines():
        head = re.match(r"### KPIs of a (\w+)", line)
        if line.startswith("## KPIs"):
            study = "depot"
        elif head:
            study = _HEADS[head.group(1)]
        elif line.startswith("#"):
            study = ""
        elif study and line.startswith("| `"):
            names = re.findall(r"`([^`]+)`", line.split("|")[1])
            found[study] |= {re.sub(r"_<\w+>$", "", name) for name in names}
    return found


def test_every_documented_kpi_is_explained_and_no_other() -> None:
    for study, names in _documented().items():
        assert names | _TIMES.get(study, set()) == set(KPI_MEANINGS[study]), study


def test_what_a_kpi_means_is_told_with_the_way_of_charging() -> None:
    assert kpi_meaning("depot", "cost_BAU").endswith("Unmanaged charging.")
    assert kpi_meaning("network", "violating_steps_none").endswith("Without EVs.")
    assert kpi_meaning("network", "forecast_pinball_kva_persistence") == kpi_meaning(
        "network", "forecast_pinball_kva"
    )
    assert kpi_meaning("community", "cost_sd").endswith("repetitions.")
    assert kpi_meaning("depot", "no_such_kpi") == ""


def test_every_card_has_a_kpi_that_is_explained() -> None:
    for study, cards in CARD_KPIS.items():
        assert all(card_meaning(study, label) for label in cards)
