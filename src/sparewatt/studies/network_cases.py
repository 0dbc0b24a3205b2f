"""Power flow of all cases without EVs, their limits, headroom and daily profiles."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.headroom import FlowLimit
from sparewatt.model.zonal import join_series
from sparewatt.results.network_view import CaseResult, ZoneFinds, ZoneLimits
from sparewatt.simulate.network_flow import limits_by_power_flow
from sparewatt.simulate.network_headroom import (
    daily_profile_of,
    find_taken,
    fit_limits,
    headroom_of,
    mix_limits,
)
from sparewatt.studies.network_arrays import limit_arrays, limit_of, series_arrays, series_of
from sparewatt.studies.network_filling import missing_findings, none_fits_finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.simulate.network_headroom import Sides, Taken
    from sparewatt.studies.network_work import Work
    from sparewatt.studies.pieces import Arrays

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cases:
    """What came of the cases.

    Parameters
    ----------
    results
        Per case.
    limits, taken
        Per zone.
    mixed
        Limits of every zone in the case that it takes.
    imbalance_kw
        Largest broken balance of the power flows [kW].
    findings
        Zones without a limit, and zones that take no case.
    """

    results: tuple[CaseResult, ...]
    limits: ZoneLimits
    taken: Taken
    mixed: Sides
    imbalance_kw: float
    findings: tuple[Finding, ...]

    def finds(self, evs_realised: NDArray[np.int64]) -> ZoneFinds:
        """What every zone can have, once its EVs are known, shape (zones,)."""
        t = self.taken
        return ZoneFinds(t.heat_pumps, t.case, t.energy_kwh, t.evs, evs_realised, t.binding)


def study_cases(work: Work, share: float) -> Cases:
    """Solve all cases block by block, and read limits and headroom from them.

    Parameters
    ----------
    work
        The run.
    share
        Part of the run that this is, for the progress [0-1].
    """
    inputs, settings = work.inputs, work.headroom
    blocks = work.blocks(0, inputs.horizon.periods)
    done = [work.pieces.read(_name(first)) for first, _ in blocks]
    missing = [block for block, piece in zip(blocks, done, strict=True) if piece is None]
    solved = {}
    for first, end, profiles in work.profiles(missing):
        arrays: Arrays = {}
        worst = 0.0
        for row, case in enumerate(inputs.cases):
            work.check()
            kw, kvar = work.grid.loads(case, profiles)
            series, off = work.grid.solve(kw, kvar)
            worst = max(worst, off)
            arrays |= series_arrays(series, f"case{row}")
            if inputs.settings.limit_method != "fit":
                up, down = limits_by_power_flow(work.grid, kw, kvar, inputs.settings.limit_method, settings)
                arrays |= limit_arrays(up.limit, f"up{row}") | limit_arrays(down.limit, f"down{row}")
                for name, found in (("up", up.found), ("down", down.found)):
                    arrays[f"{name}{row}.missing"] = (~found & series.converged).sum(axis=1)
        arrays["imbalance_kw"] = np.array(worst)
        work.pieces.keep(_name(first), arrays)
        solved[first] = arrays
        work.tell(share * end / inputs.horizon.periods)
    LOG.info("cases: %d blocks solved, %d kept from before", len(missing), len(blocks) - len(missing))
    whole = [solved[b[0]] if p is None else p for b, p in zip(blocks, done, strict=True)]
    return _read_headroom(work, whole)


def _name(first: int) -> str:
    return f"cases-{first}"


def _read_headroom(work: Work, blocks: list[Arrays]) -> Cases:
    """Limits, headroom and profiles from the series of all blocks."""
    inputs, settings = work.inputs, work.headroom
    count = len(inputs.cases)
    series = [join_series([series_of(b, f"case{row}") for b in blocks]) for row in range(count)]
    fitted = fit_limits(join_series(series), count, settings)
    limits: list[Sides] = [(fitted[0].limit, fitted[1].limit)] * count
    if inputs.settings.limit_method != "fit":
        limits = [(_joined(blocks, f"up{row}"), _joined(blocks, f"down{row}")) for row in range(count)]
    headrooms = [headroom_of(work.grid, s, sides, settings) for s, sides in zip(series, limits, strict=True)]
    profiles = [daily_profile_of(h, inputs.horizon, settings) for h in headrooms]
    zone = inputs.customers.zone[inputs.customers.zone >= 0]
    customers = np.bincount(zone, minlength=len(inputs.zones)).astype(np.int64)
    taken = find_taken(headrooms, profiles, customers, settings)
    mixed = (
        mix_limits([up for up, _ in limits], taken.case),
        mix_limits([down for _, down in limits], taken.case),
    )
    return Cases(
        tuple(CaseResult(*parts) for parts in zip(inputs.cases, series, headrooms, profiles, strict=True)),
        ZoneLimits(mixed[0].kva.min(axis=1), mixed[1].kva.min(axis=1), *fitted),
        taken,
        mixed,
        max(float(b["imbalance_kw"]) for b in blocks),
        _findings(work, blocks, taken, sum(int(s.converged.sum()) for s in series)),
    )


def _findings(work: Work, blocks: list[Arrays], taken: Taken, solved: int) -> tuple[Finding, ...]:
    """What limits and cases leave without."""
    ids, cases = work.inputs.zones.ids, work.inputs.cases
    findings: list[Finding] = []
    if work.inputs.settings.limit_method != "fit":
        for name, side in (("up", "import"), ("down", "export")):
            counts = [b[f"{name}{row}.missing"] for b in blocks for row in range(len(cases))]
            findings += missing_findings(np.sum(counts, axis=0), ids, solved, side)
    none = taken.heat_pumps.case < 0
    return (*findings, *none_fits_finding(none, ids, cases[0].name, cases[0].hp_share))


def _joined(blocks: list[Arrays], name: str) -> FlowLimit:
    parts = [limit_of(b, name) for b in blocks]
    return FlowLimit(
        np.concatenate([p.kva for p in parts], axis=1), np.concatenate([p.binding for p in parts], axis=1)
    )
