"""Cases: ``25PV50HP`` is PV at a quarter of the customers and heat pumps at half of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.finding import Finding
from sparewatt.inputs.profiles.draw_order import stratified_order
from sparewatt.inputs.profiles.seeds import HEAT_PUMP_ORDER, PV_ORDER, stream_rng
from sparewatt.model.customers import Case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.customers import Customers

Pattern = Literal["drawn", "every_kth"]
"""Who has PV or a heat pump: drawn and spread over the zones, or every k-th customer of each class."""

_NAME = re.compile(
    r"([0-9]{1,3}(?:\.[0-9]+)?)\s*PV\s*[_ ,+/-]?\s*([0-9]{1,3}(?:\.[0-9]+)?)\s*HP", re.IGNORECASE
)
_FORM = "per cent of the customers with PV and with a heat pump, such as 25PV50HP"
_LONGEST = 40
_ALL = 100.0


@dataclass(frozen=True)
class CaseName:
    """What the name of a case says.

    Parameters
    ----------
    name
        Without what can be left out: ``"25PV50HP"``.
    pv_share, hp_share
        Penetrations [0-1].
    """

    name: str
    pv_share: float
    hp_share: float


def read_case_name(text: str, where: str) -> tuple[CaseName | None, tuple[Finding, ...]]:
    """Read the name of a case: ``25PV50HP``, also in small letters or with a space, ``_`` or ``-`` between.

    Parameters
    ----------
    text
        The name.
    where
        The place of the name, for findings.

    Returns
    -------
    ``None`` with a finding where it is no name of a case.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        shown = text[:_LONGEST]
        return None, (
            Finding(
                "network.case.name", "error", where, f"{shown!r} is not the name of a case", shown, _FORM
            ),
        )
    pv, hp = float(match[1]), float(match[2])
    findings = tuple(
        Finding(
            "network.case.share",
            "error",
            where,
            f"{value:g} % {what} is more than all",
            text[:_LONGEST],
            _FORM,
        )
        for value, what in ((pv, "PV"), (hp, "heat pumps"))
        if value > _ALL
    )
    return (None if findings else CaseName(f"{pv:g}PV{hp:g}HP", pv / _ALL, hp / _ALL)), findings


def read_case_names(texts: Sequence[str], where: str) -> tuple[tuple[CaseName, ...], tuple[Finding, ...]]:
    """Read all cases of a study; a case that stands twice and an empty list are findings too."""
    names: dict[str, CaseName] = {}
    findings: list[Finding] = []
    if not texts:
        message = "there is no case to study"
        findings.append(Finding("network.case.none", "error", where, message, "", _FORM))
    for n, text in enumerate(texts):
        place = f"{where}[{n}]"
        case, wrong = read_case_name(text, place)
        findings.extend(wrong)
        if case is None:
            continue
        if case.name in names:
            message = f"the case {case.name} stands twice"
            findings.append(Finding("network.case.twice", "error", place, message, text, "each case once"))
        names.setdefault(case.name, case)
    return tuple(names.values()), tuple(findings)


def find_cases(
    customers: Customers, names: Sequence[CaseName], *, seed: int, pattern: Pattern = "drawn"
) -> tuple[Case, ...]:
    """Who has PV and who has a heat pump in every case.

    Parameters
    ----------
    customers, names
        Who there is, and the penetrations.
    seed
        Same seed, same customers; PV and heat pumps are drawn apart from each other.
    pattern
        ``"drawn"``: the first round(share·customers) of an order drawn once for all cases and spread over
        the zones (`stratified_order`): a zone of n customers gets share·n of them within 1, and the
        customers of a smaller share are among those of a greater one.
        ``"every_kth"``: of each demand class, in the order of the customers, every k-th for a share of
        1/k: the i-th where floor(i·share) rises.
    """
    if pattern == "every_kth":
        return tuple(
            Case(
                n.name,
                n.pv_share,
                n.hp_share,
                _every_kth(customers, n.pv_share),
                _every_kth(customers, n.hp_share),
            )
            for n in names
        )
    pv = stratified_order(customers.zone, stream_rng(seed, PV_ORDER))
    hp = stratified_order(customers.zone, stream_rng(seed, HEAT_PUMP_ORDER))
    return tuple(
        Case(n.name, n.pv_share, n.hp_share, _first_of(pv, n.pv_share), _first_of(hp, n.hp_share))
        for n in names
    )


def _first_of(order: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """The first round(share·rows) of an order, half rounded up."""
    has = np.zeros(len(order), dtype=np.bool_)
    has[order[: int(np.floor(share * len(order) + 0.5))]] = True
    return has


def _every_kth(customers: Customers, share: float) -> NDArray[np.bool_]:
    has = np.zeros(len(customers), dtype=np.bool_)
    for kind in np.unique(customers.demand_class):
        rows = np.flatnonzero(customers.demand_class == kind)
        # A billionth lifts products such as 3·(1/3) that fall short of a whole number by rounding.
        done = np.floor(np.arange(len(rows) + 1) * share + 1e-9)
        has[rows] = np.diff(done) > 0
    return has
