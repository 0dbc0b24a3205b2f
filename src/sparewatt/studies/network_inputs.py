"""Inputs of the network study, checked together; and their copy beside the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.finding import Finding, has_errors, sorted_findings
from sparewatt.inputs.network.read import NetworkSources, read_network_inputs
from sparewatt.studies.run_inputs import write_copies

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.network.read import NetworkInputs
    from sparewatt.inputs.scenario import Scenario

_DSS = frozenset({".dss", ".txt", ".csv"})
_FILES = ("network", "profiles", "heat_pump_profiles", "pv_profiles", "temperature", "diaries", "prices")


def check_network(scenario: Scenario) -> tuple[Finding, ...]:
    """All findings of the inputs of a scenario; nothing is run and nothing is written."""
    return read_network_scenario(scenario)[1]


def read_network_scenario(scenario: Scenario) -> tuple[NetworkInputs | None, tuple[Finding, ...]]:
    """What a scenario asks for, and all findings, errors first.

    The inputs are ``None`` where any finding is an error.
    """
    given = scenario.inputs
    sources = NetworkSources(
        given.master,
        given.network,
        given.simbench,
        given.profiles,
        given.heat_pump_profiles,
        given.pv_profiles,
        given.temperature,
        given.diaries,
        given.prices,
    )
    inputs, findings = read_network_inputs(sources, scenario.network, scenario.base_dir, seed=scenario.seed)
    more = [
        Finding(
            "network.limit",
            "error",
            f"limits.{key}",
            "a network run makes limits, it takes none",
            source.run,
            "leave [limits] to depot and cluster scenarios",
        )
        for key, source in scenario.limits.items()
    ]
    findings = sorted_findings([*findings, *more])
    return (None if has_errors(findings) else inputs), findings


def copy_network_inputs(scenario: Scenario, directory: Path) -> None:
    """Keep scenario file and inputs of a run beside its outcome, for whoever wants to run it again."""
    given, base = scenario.inputs, scenario.base_dir
    files: list[tuple[Path, str]] = []
    sources: dict[str, str] = {}
    if given.master is not None:
        master = base / given.master
        master = master / "Master.dss" if master.is_dir() else master
        sources["master"] = f"inputs/grid/{master.name}"
        found = (p for p in sorted(master.parent.rglob("*")) if p.suffix.lower() in _DSS and p.is_file())
        names = [p.relative_to(master.parent) for p in found]
        files += [(master.parent / name, f"inputs/grid/{name.as_posix()}") for name in names]
    if given.simbench is not None:
        sources["simbench"] = given.simbench
    for key in _FILES:
        source = getattr(given, key)
        if source is None:
            continue
        path = base / source
        sources[key] = f"inputs/{key}{path.suffix.lower()}"
        files.append((path, sources[key]))
        if key == "diaries" and path.suffix.lower() == ".csv":
            sources[key] = f"inputs/diaries/{path.name}"
            stem = path.name[: -len(path.suffix)]
            pair = (
                path,
                path.with_name(f"{stem}TD{path.suffix}"),
                path.with_name(f"{stem.removesuffix('TD')}{path.suffix}"),
            )
            files[-1:] = [(p, f"inputs/diaries/{p.name}") for p in dict.fromkeys(pair) if p.is_file()]
    if scenario.network.zones is not None:
        files.append((base / scenario.network.zones, "inputs/zones.csv"))
        changed = scenario.network.model_copy(update={"zones": "inputs/zones.csv"})
        scenario = scenario.model_copy(update={"network": changed})
    write_copies(scenario, directory, sources, files)
