"""Inputs of the community study, checked together; and their copy beside the outcome."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding, has_errors, sorted_findings
from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.input_hash import hash_community_inputs
from sparewatt.inputs.community.inputs import read_community
from sparewatt.inputs.community.own_files import read_scores
from sparewatt.inputs.community.tariff import tariff_text
from sparewatt.inputs.community.write import write_neighbourhood
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.scenario_text import COPY_MARK
from sparewatt.model.market_rules import START_SCORE, Algorithm
from sparewatt.results.whole_file import write_whole_text
from sparewatt.studies.run_files import SCENARIO_COPY
from sparewatt.studies.run_inputs import write_copies

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.community.inputs import CommunityInputs
    from sparewatt.inputs.scenario import Scenario

COPY_FOLDER = "inputs/neighbourhood"
"""The neighbourhood's copy beside the outcome."""
COPY_TARIFF = "inputs/tariff.csv"
"""Prices beside the outcome, where the scenario names a file of prices."""


def check_community(scenario: Scenario) -> tuple[Finding, ...]:
    """All findings of the inputs of a scenario; nothing is run and nothing is written."""
    return read_community_scenario(scenario)[1]


def read_community_scenario(scenario: Scenario) -> tuple[CommunityInputs | None, tuple[Finding, ...]]:
    """What a scenario asks for, and all findings, errors first.

    The inputs are ``None`` where any finding is an error.
    """
    inputs, findings = read_community(scenario)
    more = [
        Finding(
            "community.limit",
            "error",
            f"limits.{key}",
            "a community run takes no limit from another run",
            source.run,
            "community.import_limit_kw = 20, and no [limits]",
        )
        for key, source in scenario.limits.items()
    ]
    findings = sorted_findings([*findings, *more])
    return (None if has_errors(findings) else inputs), findings


def hash_run(inputs: CommunityInputs, seed: int) -> str:
    """SHA-256 over the inputs of a run and its seed, as hexadecimal digits."""
    return hashlib.sha256(f"{hash_community_inputs(inputs)} seed {seed}".encode()).hexdigest()


def copy_community_inputs(scenario: Scenario, inputs: CommunityInputs, directory: Path) -> None:
    """Keep scenario file and neighbourhood of a run beside its outcome, for whoever wants to run it again.

    The neighbourhood is written as it was read, with the scores that the run begins with.
    """
    settings = scenario.community
    named = isinstance(settings.tariff, str)
    if named:
        settings = settings.model_copy(update={"tariff": COPY_TARIFF})
        scenario = scenario.model_copy(update={"community": settings})
    copies = [p.relative_to(directory).as_posix() for p in (directory / COPY_FOLDER).rglob("*")]
    write_copies(
        scenario, directory, {"folder": f"{COPY_FOLDER}/"}, [], kept=[*copies, *[COPY_TARIFF] * named]
    )
    if named:
        write_whole_text(directory / COPY_TARIFF, tariff_text(inputs.steps))
    steps = None if settings.tariff is not None else inputs.steps
    write_neighbourhood(inputs.neighbourhood, directory / COPY_FOLDER, steps=steps, mark=inputs.mark)


def with_copied_scores(inputs: CommunityInputs, directory: Path) -> CommunityInputs | None:
    """The inputs with the scores that a run began with, from its copy; ``None`` where there is no copy."""
    folder, log = directory / COPY_FOLDER, FindingLog()
    if not folder.is_dir():
        return None
    ids = inputs.neighbourhood.producers.ids
    known = read_scores(FolderFiles(folder, log), ids, log)
    scores = np.array([known.get(name, START_SCORE) for name in ids], np.float64)
    return None if log.errors else replace(inputs, neighbourhood=replace(inputs.neighbourhood, scores=scores))


def is_copy(scenario: Scenario) -> bool:
    """Whether a scenario is the copy of a run, whose scores stay as that run had them."""
    try:
        with (scenario.base_dir / SCENARIO_COPY).open(encoding="utf-8") as file:
            marked = file.readline().rstrip("\n") == COPY_MARK
    except (OSError, UnicodeDecodeError):
        return False
    return marked and (scenario.inputs.folder or "").strip("/") == COPY_FOLDER


def find_algorithm(directory: Path) -> str:
    """The algorithm of a run, from the copy of its scenario; empty where that is not readable."""
    try:
        content = tomllib.loads((directory / SCENARIO_COPY).read_text(encoding="utf-8"))
        return Algorithm(content["community"]["algorithm"]).value
    except (OSError, ValueError, KeyError, TypeError):
        return ""
