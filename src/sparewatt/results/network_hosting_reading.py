"""Hosting curves of a network run, from what it tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.results.network_hosting import CaseRisk, Hosting, HostingResult
from sparewatt.results.network_state_files import finite_numbers, known_charging

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_hosting(told: Mapping[str, Any]) -> HostingResult:
    """Hosting curves of what a run tells of them; any misfit is a ValueError, KeyError or TypeError."""
    curves = []
    for charging, penetration, samples, violating in told["curves"]:
        count = len(penetration)
        drawn, broken = (finite_numbers(v, count).astype(np.int64) for v in (samples, violating))
        if (broken > drawn).any() or (broken < 0).any():
            raise ValueError("more samples with violations than samples")
        curves.append(Hosting(known_charging(charging), finite_numbers(penetration, count), drawn, broken))
    without = []
    for case, pv_share, hp_share, samples, violating in told.get("without_evs", ()):
        drawn_once, broken_once = int(samples), int(violating)
        if not 0 <= broken_once <= drawn_once:
            raise ValueError("more samples with violations than samples")
        without.append(CaseRisk(str(case), float(pv_share), float(hp_share), drawn_once, broken_once))
    own = str(told.get("case", ""))
    return HostingResult(tuple(curves), float(told["risk"]), str(told["what"]), own, tuple(without))
