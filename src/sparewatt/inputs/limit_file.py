"""Limit file: what another run lets a connection draw, as Parquet, read onto the periods of a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.finding import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

COLUMNS = ("datetime", "lower_kw", "upper_kw")
"""Left edge (UTC), and the bounds on the power from there to the next stamp [kW]."""

ROW_LIMIT = 20_000_000
_US = 1_000_000


@dataclass(frozen=True)
class LimitRules:
    """Ids of what may be told about a limit that comes from another run.

    Parameters
    ----------
    target
        The key names nothing that can be limited.
    run, zone
        There is no such run or zone, or it offers nothing.
    file, stamps
        The file is none of a limit, or does not cover the horizon.
    lower
        The lower bound cannot be kept.
    shared
        Several connections take the same limit, each the whole of it.
    """

    target: str
    run: str
    zone: str
    file: str
    stamps: str
    lower: str
    shared: str


DEPOT_RULES = LimitRules(
    "depot.limit.site",
    "depot.limit.run",
    "depot.limit.zone",
    "depot.limit.file",
    "depot.limit.stamps",
    "depot.limit.lower",
    "depot.limit.shared",
)
CLUSTER_RULES = LimitRules(
    "cluster.limit.target",
    "cluster.limit.run",
    "cluster.limit.zone",
    "cluster.limit.file",
    "cluster.limit.stamps",
    "cluster.limit.lower",
    "cluster.limit.shared",
)


@dataclass(frozen=True)
class LimitPeriods:
    """Bounds on the periods of a horizon.

    Parameters
    ----------
    lower_kw, upper_kw
        Shape (periods,) [kW].
    """

    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]


def read_limit_periods(
    path: Path, horizon: Horizon, where: str, rules: LimitRules
) -> tuple[LimitPeriods | None, tuple[Finding, ...]]:
    """Bounds of a limit file on the periods of a horizon.

    A value holds from its stamp for one step of the file, the smallest distance of two stamps. A period
    that sees several values gets the tightest of them; every period must be covered whole.

    Parameters
    ----------
    path
        Parquet with the columns ``datetime`` (left edge, UTC), ``lower_kw``, ``upper_kw``.
    horizon
        The periods.
    where
        What people call the limit, for findings.
    rules
        What findings are called.

    Returns
    -------
    The bounds, or ``None`` where any finding is an error; and all findings.
    """
    table, problem = _read(path, where, rules)
    if table is None:
        return None, (problem,) if problem is not None else ()
    try:
        at_s, lower, upper = _columns(table)
    except ValueError as error:
        return None, (_finding(rules.file, where, str(error), "the limits that a finished run wrote"),)
    findings = [f for f in (_stamp_problem(at_s, where, rules),) if f is not None]
    for name, values in (("lower_kw", lower), ("upper_kw", upper)):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            message = f"{len(bad)} of {len(values)} values of {name} are no finite numbers"
            findings.append(
                _finding(rules.file, where, message, "a number of kW per stamp", str(values[bad[0]]))
            )
    if findings:
        return None, tuple(findings)
    periods, uncovered = _hold(at_s, lower, upper, horizon)
    if len(uncovered):
        return None, (_gap(uncovered, at_s, horizon, where, rules),)
    return periods, ()


def _finding(rule: str, where: str, message: str, remedy: str, value: str = "") -> Finding:
    return Finding(rule, "error", where, message, value, remedy)


def _read(path: Path, where: str, rules: LimitRules) -> tuple[pa.Table | None, Finding | None]:
    """The table, or what is wrong with the file."""
    remedy = "run the study that makes the limit again"
    try:
        if pq.read_metadata(path).num_rows > ROW_LIMIT:
            return None, _finding(
                rules.file, where, f"the file has more than {ROW_LIMIT:,} rows", remedy, path.name
            )
        names = pq.read_schema(path).names
        missing = [c for c in COLUMNS if c not in names]
        if missing:
            message = f"the file has no column {', '.join(missing)}"
            return None, _finding(rules.file, where, message, f"the columns {', '.join(COLUMNS)}", path.name)
        return pq.read_table(path, columns=list(COLUMNS), partitioning=None), None
    except FileNotFoundError:
        return None, _finding(rules.file, where, "the file of the limit is not there", remedy, path.name)
    except (pa.ArrowException, OSError):
        return None, _finding(rules.file, where, "the file is not readable as Parquet", remedy, path.name)


def _columns(table: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Stamps [s since the epoch] and bounds [kW]; a misfit is a ValueError with words for people."""
    stamps = table["datetime"]
    if not pa.types.is_timestamp(stamps.type):
        raise ValueError(f"datetime holds {stamps.type}, not times")
    if stamps.null_count:
        raise ValueError(f"{stamps.null_count} stamps are empty")
    us = np.asarray(
        stamps.cast(pa.timestamp("us", stamps.type.tz)).cast(pa.int64()).to_numpy(), dtype=np.int64
    )
    if (us % _US).any():
        raise ValueError("stamps are not on whole seconds")
    values: list[NDArray[Any]] = []
    for name in COLUMNS[1:]:
        column = table[name]
        if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
            raise ValueError(f"{name} holds {column.type}, not numbers")
        filled = column.cast(pa.float64()).fill_null(float("nan"))
        values.append(np.asarray(filled.to_numpy(), dtype=np.float64))
    return us // _US, values[0], values[1]


def _stamp_problem(at_s: NDArray[np.int64], where: str, rules: LimitRules) -> Finding | None:
    """Stamps rise, none stands twice."""
    if not len(at_s):
        return _finding(rules.stamps, where, "the limit has no stamps", "one stamp per step")
    back = np.flatnonzero(np.diff(at_s) <= 0)
    if not len(back):
        return None
    stamp = _utc(int(at_s[back[0] + 1]))
    return _finding(
        rules.stamps,
        where,
        "stamps do not rise, or one stands twice",
        "each stamp once, in order",
        stamp,
    )


def _hold(
    at_s: NDArray[np.int64], lower: NDArray[np.float64], upper: NDArray[np.float64], horizon: Horizon
) -> tuple[LimitPeriods, NDArray[np.int64]]:
    """Tightest values that each period sees, and the periods that are not covered whole."""
    step = int(np.diff(at_s).min()) if len(at_s) > 1 else horizon.step_s
    left, right = horizon.boundaries_s[:-1], horizon.boundaries_s[1:]
    first = np.searchsorted(at_s, left, side="right") - 1
    end = np.searchsorted(at_s, right, side="left")
    holes = np.concatenate([[0], np.cumsum(np.diff(at_s) > step)])  # holes before each stamp
    last = np.clip(end - 1, 0, len(at_s) - 1)
    start = np.clip(first, 0, len(at_s) - 1)
    whole = (first >= 0) & (at_s[last] + step >= right) & (holes[last] == holes[start])
    seen = [slice(a, max(a + 1, b)) for a, b in zip(start, end, strict=True)]
    periods = LimitPeriods(
        np.array([lower[rows].max() for rows in seen]), np.array([upper[rows].min() for rows in seen])
    )
    return periods, np.flatnonzero(~whole)


def _gap(
    uncovered: NDArray[np.int64], at_s: NDArray[np.int64], horizon: Horizon, where: str, rules: LimitRules
) -> Finding:
    """Periods that the limit says nothing about."""
    count, first = len(uncovered), horizon.local(int(uncovered[0]))
    message = (
        f"{count} of {horizon.periods} periods of the run are not covered, the first at "
        f"{first:%Y-%m-%d %H:%M%z}; the limit goes from {_utc(int(at_s[0]))} to {_utc(int(at_s[-1]))}"
    )
    remedy = "a limit for the same days, or days that it covers"
    return _finding(rules.stamps, where, message, remedy, str(count))


def _utc(seconds: int) -> str:
    return f"{np.datetime64(seconds, 's')!s}Z".replace("T", " ")
