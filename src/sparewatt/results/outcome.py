"""Outcome: what a run came to, as one small JSON file with the same bytes for the same inputs."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping  # noqa: TC003 - read at run time to check what is read
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from typing import TYPE_CHECKING, Any

from sparewatt import __version__
from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.model.schedule import Level  # noqa: TC001 - read at run time to check what is read
from sparewatt.results.depot_kpis import TIMING_KPIS, depot_kpis, depot_run_kpis, depot_summary
from sparewatt.results.kpis import Kpi  # noqa: TC001 - read at run time to check what is read
from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.results.depot_view import DepotView

LEVELS: tuple[Level, ...] = ("normal", "breach", "magic")
"""Levels from best to worst."""

OUTCOME_VERSION = 1
SIZE_LIMIT = 50_000_000
"""A larger outcome.json is refused [bytes]."""

_VERSIONED = ("numpy", "highspy", "pyarrow", "scipy")


@dataclass(frozen=True)
class ScenarioOutcome:
    """What one scenario came to.

    Parameters
    ----------
    scenario_id, allocation_id, site_id, mode
        Which scenario.
    level
        The worst level of any day.
    kpis
        Its summary.
    """

    scenario_id: int
    allocation_id: str
    site_id: str
    mode: str
    level: Level
    kpis: tuple[Kpi, ...]

    @classmethod
    def of_view(cls, view: DepotView) -> ScenarioOutcome:
        """What a planned scenario came to."""
        kpis = depot_kpis(depot_summary(view))
        return cls(view.scenario_id, view.allocation_id, view.site_id, view.mode, view.level, kpis)

    def value(self, name: str) -> float | int | None:
        """The value of one KPI, ``None`` where it is not there."""
        return next((k.value for k in self.kpis if k.name == name), None)


@dataclass(frozen=True)
class PartOutcome:
    """What one part of a run came to: a cluster of a hub; other studies have other parts.

    Parameters
    ----------
    kind
        What it is, in one word: ``"cluster"``.
    id
        Its id as the user wrote it.
    kpis
        Its KPIs, names as in the KPIs of the run where they mean the same.
    """

    kind: str
    id: str
    kpis: tuple[Kpi, ...]

    def value(self, name: str) -> float | int | None:
        """The value of one KPI, ``None`` where it is not there."""
        return next((k.value for k in self.kpis if k.name == name), None)


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Parameters
    ----------
    study, name, seed
        From the scenario file.
    versions
        Versions of what decides on the numbers.
    input_hash
        sha256 of settings and tables.
    level
        Depot: worst level of the smart scenarios, or of all where none is smart. Cluster: ``breach``
        where a limit was left by more than its tolerance, else ``normal``.
    kpis
        KPIs of the run.
    findings
        Findings of inputs and checks.
    scenarios
        Depot: one per scenario, by id; empty in other studies.
    parts
        Other studies: one per part, in the order of the input; empty in the depot study.
    """

    study: str
    name: str
    seed: int
    versions: Mapping[str, str]
    input_hash: str
    level: Level
    kpis: tuple[Kpi, ...]
    findings: tuple[Finding, ...]
    scenarios: tuple[ScenarioOutcome, ...] = ()
    parts: tuple[PartOutcome, ...] = ()

    def value(self, name: str) -> float | int | None:
        """The value of one KPI of the run, ``None`` where it is not there."""
        return next((k.value for k in self.kpis if k.name == name), None)

    def without_times(self) -> Outcome:
        """The same outcome without measured times: what must have the same bytes on every run."""
        return replace(
            self,
            kpis=tuple(k for k in self.kpis if not _is_time(k.name)),
            scenarios=tuple(
                replace(s, kpis=tuple(k for k in s.kpis if not _is_time(k.name))) for s in self.scenarios
            ),
        )


def _is_time(name: str) -> bool:
    """Whether a KPI is a measured time, of a scenario or (with its mode behind) of a run."""
    return name in TIMING_KPIS or name.rpartition("_")[0] in TIMING_KPIS


def depot_outcome(
    scenarios: Sequence[ScenarioOutcome],
    *,
    name: str,
    seed: int,
    input_hash: str,
    findings: Sequence[Finding] = (),
    versions: Mapping[str, str] | None = None,
) -> Outcome:
    """The outcome of a depot run from its scenarios."""
    ordered = tuple(sorted(scenarios, key=lambda s: s.scenario_id))
    judged = [s for s in ordered if s.mode == "opt"] or list(ordered)
    level: Level = max((s.level for s in judged), key=LEVELS.index, default="normal")
    summaries = ((s.allocation_id, s.mode, {k.name: k.value for k in s.kpis}) for s in ordered)
    return Outcome(
        study="depot",
        name=name,
        seed=seed,
        versions=dict(versions) if versions is not None else find_versions(),
        input_hash=input_hash,
        level=level,
        kpis=depot_run_kpis(summaries),  # type: ignore[arg-type]  # mode is text in an outcome
        findings=tuple(findings),
        scenarios=ordered,
    )


def find_versions() -> dict[str, str]:
    """Versions of Sparewatt, Python and the packages that decide on the numbers."""
    versions = {"sparewatt": __version__, "python": platform.python_version()}
    for package in _VERSIONED:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # pragma: no cover - all are dependencies
            continue
    return versions


def outcome_json(outcome: Outcome) -> str:
    """``outcome.json``: sorted keys, shortest exact numbers, no time of day, no measured time.

    Measured times stand in ``timing.json`` beside it, see :func:`timing_json`.
    """
    content = _content(outcome.without_times())
    content["version"] = OUTCOME_VERSION
    return json.dumps(_plain(content), sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _content(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain values: ``scenarios`` in the depot study, ``parts`` in others."""
    content = asdict(outcome)
    del content["parts" if outcome.study == "depot" else "scenarios"]
    return content


def _plain(value: object) -> object:
    """NumPy numbers and tuples as what JSON knows; anything else is left for ``json`` to judge."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def write_outcome(outcome: Outcome, path: Path) -> None:
    """Write ``outcome.json``, whole or not at all."""
    write_whole_text(path, outcome_json(outcome))


def read_outcome(path: Path) -> Outcome:
    """Read ``outcome.json``, checked as any input.

    Raises
    ------
    InputError
        The file is missing, too large, no JSON, or does not hold an outcome.
    """
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise _refused(path, f"more than {SIZE_LIMIT:,} bytes")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _refused(path, "the file is not there") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path, f"not readable ({type(error).__name__})") from None
    return parse_outcome(text, path)


def parse_outcome(text: str, path: Path) -> Outcome:
    """An outcome from JSON text; ``path`` names it in findings."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - only reading needs it

    try:
        content: Any = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise _refused(path, f"not JSON: {error}") from None
    if not isinstance(content, dict) or content.pop("version", None) != OUTCOME_VERSION:
        raise _refused(path, f"not an outcome of version {OUTCOME_VERSION}")
    needed = "scenarios" if content.get("study") == "depot" else "parts"
    if needed not in content:
        raise _refused(path, f"{needed} is missing")
    try:
        outcome: Outcome = TypeAdapter(Outcome).validate_python(content)
    except ValidationError as error:
        problems = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()[:20]]
        raise InputError([_finding(path, p) for p in problems]) from None
    if _plain(_content(outcome)) != content:  # an unknown key, or text where a number belongs
        raise _refused(path, "it holds keys or values that an outcome does not have")
    return outcome


def _finite(text: str) -> float:
    """A JSON number, refused where it is not finite."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text} is no finite number")
    return value


def _finding(path: Path, message: str) -> Finding:
    """One finding about an outcome file."""
    return Finding("results.outcome", "error", path.name, message, remedy="export or write the run again")


def _refused(path: Path, message: str) -> InputError:
    """One finding about an outcome file, raised."""
    return InputError([_finding(path, message)])


def timing_json(views: Sequence[tuple[int, Sequence[float]]]) -> str:
    """``timing.json``: solve seconds per planning day of each scenario; left out of byte comparison."""
    return json.dumps({"solve_s": {str(i): list(s) for i, s in sorted(views)}}, indent=1) + "\n"


def read_timing(path: Path) -> dict[int, list[float]]:
    """Solve seconds per planning day of each scenario; empty where the file is missing or odd."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {int(i): [float(x) for x in s] for i, s in content["solve_s"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
