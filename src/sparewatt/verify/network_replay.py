"""Judge of replays: the balance, that EVs landed on their steps, what was solved, what charging broke."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.model.zonal import ZonalSeries

BALANCE_KW = 1e-3
LANDED_KW = 1e-6
_NAMED = 3
_FAR_FEWER = 0.5
"""Optimised charging breaks far fewer steps than unmanaged charging up to this share of them."""


def check_balance(what: str, imbalance_kw: float) -> tuple[Finding, ...]:
    """The busbar gives what loads and losses take.

    Parameters
    ----------
    what
        Whose power flow it is.
    imbalance_kw
        By how much it does not at most [kW].
    """
    if imbalance_kw <= BALANCE_KW:
        return ()
    message = f"busbar, loads and losses differ by up to {imbalance_kw:.3g} kW"
    return (
        Finding(
            "network.replay.balance", "error", what, message, f"{imbalance_kw:.3g} kW", margin=imbalance_kw
        ),
    )


def check_landing(
    what: str, added_kw: NDArray[np.float64], planned_kw: NDArray[np.float64], horizon: Horizon
) -> tuple[Finding, ...]:
    """What a replay had more than the one without EVs is what was planned, step by step.

    Parameters
    ----------
    what
        Whose charging it is.
    added_kw
        Load of the replay less that of the one without EVs, shape (periods,) [kW].
    planned_kw
        Sum of the schedules, shape (periods,) [kW].
    horizon
        The periods.
    """
    off = np.abs(added_kw - planned_kw)
    if off.max(initial=0.0) <= LANDED_KW:
        return ()
    at = int(off.argmax())
    message = f"EVs draw {added_kw[at]:.3f} kW in the replay and {planned_kw[at]:.3f} kW in their schedules"
    where = f"{what}, {horizon.local(at):%Y-%m-%d %H:%M%z}"
    return (Finding("network.replay.landing", "error", where, message, f"{off[at]:.3g} kW"),)


def check_solved(
    what: str, series: ZonalSeries, horizon: Horizon, periods: NDArray[np.int64]
) -> tuple[Finding, ...]:
    """Which snapshots found no solution, and how low the voltage was in those that did.

    Parameters
    ----------
    what
        Case or replay.
    series
        What came of it, (zones, periods).
    horizon, periods
        Which periods these are, shape (periods,).
    """
    lost = np.flatnonzero(~series.converged)
    if not len(lost):
        return ()
    known = series.min_pu[:, series.converged]
    lowest = f"; elsewhere the lowest voltage is {known.min():.3f} pu" if known.size else ""
    first = ", ".join(f"{horizon.local(int(periods[k])):%Y-%m-%d %H:%M%z}" for k in lost[:_NAMED])
    message = (
        f"the power flow found no solution in {len(lost)} of {series.periods} steps, "
        f"the first at {first}{lowest}"
    )
    remedy = "less load, a stronger network, or another engine; these steps count as violated"
    return (Finding("network.flow.unsolved", "warning", what, message, str(len(lost)), remedy),)


def _remedy(grown: Sequence[str]) -> str:
    """What was measured to help (docs/decisions/network-validation.md) against causes that EVs add to."""
    ways = ["a smaller quantile", 'limit_method = "shared"']
    if "overvoltage" in grown:
        ways.append('v2g_use = "asked"')
    return f"{', '.join(ways[:-1])} or {ways[-1]}"


@dataclass(frozen=True)
class BrokenShares:
    """Shares of the replayed steps that break something [0-1].

    Parameters
    ----------
    total
        Anything anywhere.
    zones
        Per zone, shape (zones,).
    causes
        Share by cause in words, of the whole network.
    """

    total: float
    zones: tuple[float, ...]
    causes: Mapping[str, float]


def check_charging(
    none: BrokenShares, optimised: BrokenShares, unmanaged: BrokenShares, zone_ids: Sequence[str], risk: float
) -> tuple[Finding, ...]:
    """Optimised EVs break no more than the network without EVs plus the risk, and less than unmanaged ones.

    Parameters
    ----------
    none, optimised, unmanaged
        What the replays broke.
    zone_ids
        Names of the zones.
    risk
        Share of the steps that headroom at its quantile allows to be broken [0-1].
    """
    findings = []
    if optimised.total > none.total + risk:
        more = np.asarray(optimised.zones) - np.asarray(none.zones)
        worst = [int(z) for z in np.argsort(-more, kind="stable") if more[z] > 0][:_NAMED]
        zones = ", ".join(f"zone {zone_ids[z]} ({100 * more[z]:.1f} % more steps)" for z in worst)
        grown = {name: share - none.causes.get(name, 0.0) for name, share in optimised.causes.items()}
        why = ", ".join(n for n, g in sorted(grown.items(), key=lambda item: -item[1]) if g > 0)
        message = (
            f"optimised EVs break limits in {100 * optimised.total:.1f} % of the steps, where "
            f"{100 * none.total:.1f} % are broken without EVs and {100 * risk:.1f} % more are accepted; "
            f"where: {zones or 'the transformer'}; what: {why}; a limit is for a load that grows everywhere "
            "in its zone, on days as in the daily profile: EVs at the ends of a feeder, zones that charge at "
            "once and days with less headroom go beyond it"
        )
        remedy = _remedy([name for name, growth in grown.items() if growth > 0])
        margin = optimised.total - none.total - risk
        findings.append(
            Finding(
                "network.replay.risk",
                "warning",
                "replay",
                message,
                f"{optimised.total:.4f}",
                remedy,
                margin=margin,
            )
        )
    if unmanaged.total > 0.0 and optimised.total > _FAR_FEWER * unmanaged.total:
        already = np.asarray(none.zones)
        worst = [int(z) for z in np.argsort(-already, kind="stable") if already[z] > 0][:_NAMED]
        zones = ", ".join(f"zone {zone_ids[z]} in {100 * already[z]:.1f} % of the steps" for z in worst)
        causes = ", ".join(name for name, share in none.causes.items() if share > 0)
        if none.total > _FAR_FEWER * optimised.total:
            why = f"{100 * none.total:.1f} % are broken without EVs already"
            why += (
                f" ({causes or 'any limit'}; {zones or 'the transformer'}), which no charging plan can mend"
            )
        else:
            why = "the limits that EVs were planned inside do not hold together, or hardly bind"
        message = (
            f"optimised EVs break limits in {100 * optimised.total:.1f} % of the steps, which is not far "
            f"fewer than the {100 * unmanaged.total:.1f} % of unmanaged ones: {why}"
        )
        findings.append(Finding("network.replay.no_better", "info", "replay", message))
    return tuple(findings)
