"""What a community run was made of and came to, as Parquet files beside its series."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sparewatt.results.cluster_series import write_parquet
from sparewatt.results.series_files import META

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.community_bounds import Bounds
    from sparewatt.model.curves import Curves
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

STATE = (
    "jobs",
    "profiles",
    "producers",
    "devices",
    "batteries",
    "base_load",
    "prices",
    "contracts",
    "decisions",
    "scores",
    "house_totals",
    "consumer_totals",
    "producer_totals",
    "answers_by_job",
    "answers_by_producer",
    "device_costs",
    "base_totals",
)
"""Files beside ``energy`` and ``house_energy``; rows of houses, jobs and producers are counted from 0."""


LATER = frozenset(("device_costs", "base_totals"))
"""Those that runs of earlier versions do not have."""


def with_meta(run: CommunityRun, table: pa.Table) -> pa.Table:
    """The table with what the run is in its metadata."""
    return table.replace_schema_metadata({META: json.dumps(_meta(run), sort_keys=True).encode()})


def _meta(run: CommunityRun) -> dict[str, object]:
    """What no column holds."""
    rules = asdict(run.setting.rules)
    limit = rules["import_limit_kw"]
    return {
        "name": run.neighbourhood.name,
        "house_ids": list(run.house_ids),
        "origin_s": run.grid.origin_s,
        "minutes": run.grid.minutes,
        "days": run.grid.days,
        "rules": rules | {"import_limit_kw": limit if isfinite(limit) else None},
        "sharing": run.setting.sharing.value,
        "interval_s": run.setting.interval_s,
        "time_zone": run.setting.time_zone,
        "not_asked": run.not_asked.tolist(),
        "bounds": _bounds_meta(run.bounds),
        "flow_steps": {str(number): flows.step_minutes for number, flows in sorted(run.flows.items())},
        "repetitions": [
            {
                "number": r.number,
                "covered_kwh": r.covered_kwh,
                "grid_account": r.grid_account,
                "has_decisions": r.decisions is not None,
            }
            for r in run.repetitions
        ],
    }


def _bounds_meta(bounds: Bounds | None) -> dict[str, dict[str, float]] | None:
    """Both bounds without the time that they took: it differs from run to run."""
    if bounds is None:
        return None
    return {
        name: {"best_kwh": b.best_kwh, "upper_kwh": b.upper_kwh, "deadline_s": b.deadline_s}
        for name, b in (("pool", bounds.pool), ("contract", bounds.contract))
    }


def write_community_state(run: CommunityRun, directory: Path) -> None:
    """Write the files of ``STATE``; each is whole or not there."""
    for name, tables in _state_tables(run).items():
        write_parquet(tables, directory / f"{name}.parquet")


def _state_tables(run: CommunityRun) -> dict[str, Iterator[pa.Table]]:
    n, each = run.neighbourhood, run.repetitions
    one: dict[str, pa.Table] = {
        "jobs": _columns(n.jobs),
        "profiles": _curves(n.jobs.profiles, "profile"),
        "producers": _columns(n.producers).append_column("score", pa.array(n.scores)),
        "devices": _rows(n.devices, ("house", "user", "device_id", "name", "template", "kind")),
        "batteries": _columns(n.batteries),
        "base_load": pa.table({"house": n.base_load.house}),
        "prices": pa.table(
            {
                "import_per_kwh": run.tariff.import_per_kwh,
                "feed_in_per_kwh": run.tariff.feed_in_per_kwh,
            }
        ),
    }
    one["producers"] = one["producers"].append_column("kept_score", pa.array(run.scores))
    return {name: iter([table]) for name, table in one.items()} | {
        "contracts": _by_repetition(each, lambda r: _columns(r.contracts)),
        "decisions": _by_repetition(each, _decisions),
        "scores": _by_repetition(each, _scores),
        "house_totals": _by_repetition(each, lambda r: _columns(r.houses)),
        "consumer_totals": _by_repetition(each, lambda r: _columns(r.consumers)),
        "producer_totals": _by_repetition(each, lambda r: _columns(r.producers)),
        "answers_by_job": _by_repetition(each, lambda r: _counts(r.counts.by_job)),
        "answers_by_producer": _by_repetition(each, lambda r: _counts(r.counts.by_producer)),
        **_later_tables(each),
    }


def _later_tables(repetitions: Sequence[Repetition]) -> dict[str, Iterator[pa.Table]]:
    """What not every run has: costs of devices, and base load."""
    if any(r.costs is None or r.base_loads is None for r in repetitions):
        return {}
    return {
        "device_costs": _by_repetition(repetitions, lambda r: _columns(r.costs)),
        "base_totals": _by_repetition(repetitions, lambda r: _columns(r.base_loads)),
    }


def _by_repetition(repetitions: Sequence[Repetition], made: Any) -> Iterator[pa.Table]:  # noqa: ANN401 - a table of a repetition
    """A table per repetition, its number first."""
    for r in repetitions:
        table = made(r)
        yield table.add_column(0, "repetition", pa.array(np.full(len(table), r.number, np.int32)))


def _columns(noun: object) -> pa.Table:
    """The arrays and texts of a struct of arrays as columns; curves stand elsewhere."""
    out: dict[str, pa.Array] = {}
    for f in fields(noun):  # type: ignore[arg-type]  # called with our dataclasses only
        value = getattr(noun, f.name)
        if isinstance(value, np.ndarray):
            out[f.name] = pa.array(np.ascontiguousarray(value))
        elif isinstance(value, tuple):
            out[f.name] = pa.array(value, pa.string())
    return pa.table(out)


def _rows(nouns: Sequence[object], names: Sequence[str]) -> pa.Table:
    """Objects with texts as a table."""
    return pa.table({name: pa.array([getattr(n, name) for n in nouns], pa.string()) for name in names})


def _curves(curves: Curves, name: str) -> pa.Table:
    """The points of curves, with the row of the curve."""
    return pa.table(
        {
            name: np.repeat(np.arange(len(curves)), np.diff(curves.offset)),
            "time_s": curves.time_s,
            "energy_kwh": curves.energy_kwh,
        }
    )


def _decisions(r: Repetition) -> pa.Table:
    """Every answer; none where they were not kept."""
    nothing = np.zeros(0)
    d = r.decisions
    kinds = {"time_s": np.int64, "job": np.int32, "producer": np.int32, "answer": np.int8, "reason": np.int8}
    return pa.table(
        {
            name: np.asarray(nothing if d is None else getattr(d, name), dtype=kind)
            for name, kind in kinds.items()
        }
    )


def _scores(r: Repetition) -> pa.Table:
    """Scores over time, producer by producer."""
    producers, points = r.scores.score.shape
    return pa.table(
        {
            "producer": np.repeat(np.arange(producers, dtype=np.int32), points),
            "time_s": np.tile(r.scores.time_s, producers),
            "score": np.ascontiguousarray(r.scores.score).ravel(),
        }
    )


def _counts(counts: NDArray[np.int64]) -> pa.Table:
    """Answers by reason, where there are any."""
    row, reason = np.nonzero(counts)
    return pa.table(
        {"row": row.astype(np.int64), "reason": reason.astype(np.int8), "answers": counts[row, reason]}
    )
